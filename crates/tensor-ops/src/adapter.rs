//! The adapters of this machine.

use crate::{DeviceError, Gpu, Processor};

/// What sort of device an adapter is, in the order in which they are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdapterKind {
    /// A GPU with its own memory.
    Discrete,
    /// A GPU that shares the CPU's memory.
    Integrated,
    /// A GPU of a virtual machine.
    Virtual,
    /// Not known.
    Other,
    /// A driver that computes on the CPU, such as llvmpipe or SwiftShader.
    Software,
}

impl std::fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Discrete => "discrete GPU",
            Self::Integrated => "integrated GPU",
            Self::Virtual => "virtual GPU",
            Self::Other => "other",
            Self::Software => "software",
        })
    }
}

/// An adapter that Ganvas can compute on.
#[derive(Clone, Debug)]
pub struct Adapter {
    adapter: wgpu::Adapter,
    info: wgpu::AdapterInfo,
    limits: wgpu::Limits,
}

/// The adapters of this machine, the preferred ones first. Empty where there is no driver.
///
/// Only Vulkan, Metal and DX12 are asked: OpenGL has no compute shaders worth the name everywhere,
/// and wgpu's no-op backend would pass for a GPU.
pub async fn adapters() -> Vec<Adapter> {
    let backends = wgpu::Backends::VULKAN
        | wgpu::Backends::METAL
        | wgpu::Backends::DX12
        | wgpu::Backends::BROWSER_WEBGPU;
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        // Validation belongs to the tests, where VK_INSTANCE_LAYERS can ask for it.
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let mut found: Vec<Adapter> = instance
        .enumerate_adapters(backends)
        .await
        .into_iter()
        .filter(|adapter| {
            let capabilities = adapter.get_downlevel_capabilities().flags;
            capabilities.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
        })
        .map(|adapter| Adapter { info: adapter.get_info(), limits: adapter.limits(), adapter })
        .collect();
    found.sort_by_key(Adapter::kind);
    found
}

impl Adapter {
    /// The driver's name for the device.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// What sort of device it is.
    pub fn kind(&self) -> AdapterKind {
        match self.info.device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
            wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
            wgpu::DeviceType::Cpu => AdapterKind::Software,
            wgpu::DeviceType::Other => AdapterKind::Other,
        }
    }

    /// The interface through which it is used.
    pub fn backend(&self) -> &'static str {
        match self.info.backend {
            wgpu::Backend::Vulkan => "Vulkan",
            wgpu::Backend::Metal => "Metal",
            wgpu::Backend::Dx12 => "DX12",
            wgpu::Backend::BrowserWebGpu => "WebGPU",
            wgpu::Backend::Gl => "OpenGL",
            wgpu::Backend::Noop => "none",
        }
    }

    /// The driver and its version.
    pub fn driver(&self) -> String {
        format!("{} {}", self.info.driver, self.info.driver_info).trim().to_owned()
    }

    /// The vendor's and the device's number, of PCI where it is on such a bus.
    pub fn ids(&self) -> [u32; 2] {
        [self.info.vendor, self.info.device]
    }

    /// What the adapter can do at most.
    pub fn limits(&self) -> &wgpu::Limits {
        &self.limits
    }

    /// The least and the greatest width of a subgroup.
    pub fn subgroup_sizes(&self) -> (u32, u32) {
        (self.info.subgroup_min_size, self.info.subgroup_max_size)
    }

    /// Opens the device with all of its limits.
    ///
    /// # Errors
    /// [`DeviceError::Open`] if the driver refuses.
    pub async fn open(&self) -> Result<Gpu, DeviceError> {
        let available = self.adapter.features();
        let subgroups = available & wgpu::Features::SUBGROUP;
        let int64 = available & wgpu::Features::SHADER_INT64;
        let timestamps = available & wgpu::Features::TIMESTAMP_QUERY;
        let (device, queue) = self
            .adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("ganvas"),
                required_features: subgroups | timestamps | int64,
                required_limits: self.limits.clone(),
                memory_hints: wgpu::MemoryHints::MemoryUsage,
                ..Default::default()
            })
            .await
            .map_err(|error| DeviceError::Open {
                adapter: self.name().to_owned(),
                reason: error.to_string(),
            })?;
        let (least, greatest) = self.subgroup_sizes();
        let widths = (!subgroups.is_empty()).then_some([least, greatest]);
        let processor = match self.kind() {
            AdapterKind::Software => Processor::Cpu,
            _ => Processor::Gpu,
        };
        let int64 = !int64.is_empty();
        Ok(Gpu::new(device, queue, self.name().to_owned(), widths, int64, processor))
    }
}
