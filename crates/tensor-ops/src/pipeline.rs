//! Shaders to pipelines, each made once.

use crate::memory::SCALARS;
use std::{borrow::Cow, collections::HashMap};

/// A kernel's text: plain concatenation of shared parts, the op's own part and a few constants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shader {
    /// The op's name.
    pub op: &'static str,
    /// Which of the op's kernels it is, such as `registers k4 n1` (see `shaders/README.md`).
    pub variant: String,
    /// Generated constants and aliases.
    pub constants: String,
    /// The parts, in order.
    pub parts: Vec<&'static str>,
    /// The function to run.
    pub entry_point: &'static str,
    /// What is bound: from binding 2 on, in order; 0 is the parameters.
    pub bindings: Vec<Access>,
    /// Whether binding 1 is the step's scalars.
    pub scalars: bool,
    /// What a planted fault replaces in the text.
    pub edit: Option<Edit>,
}

/// A replacement of text, wherever it occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What is replaced.
    pub from: &'static str,
    /// What it is replaced by.
    pub to: &'static str,
}

/// How a kernel uses a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Only reads it.
    Read,
    /// Writes it, and may read it.
    Write,
}

/// Whether a shader module is compiled with wgpu's bounds and loop checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Checks {
    /// As the browser does it.
    Checked,
    /// Without: shaders are in bounds by construction.
    #[default]
    Unchecked,
}

impl Shader {
    /// The whole WGSL text.
    pub fn source(&self) -> String {
        let mut source = self.constants.clone();
        for part in &self.parts {
            source.push('\n');
            source.push_str(part);
        }
        match self.edit {
            Some(Edit { from, to }) => source.replace(from, to),
            None => source,
        }
    }

    /// The op and the variant.
    pub fn name(&self) -> String {
        format!("{} {}", self.op, self.variant).trim_end().to_owned()
    }
}

const SCALAR_BYTES: u64 = 4 * SCALARS as u64;

/// The pipelines of one device, by everything that they are made of.
#[derive(Debug, Default)]
pub(crate) struct Pipelines {
    made: HashMap<(String, &'static str, Checks), wgpu::ComputePipeline>,
    layouts: HashMap<(Vec<Access>, bool), wgpu::PipelineLayout>,
}

impl Pipelines {
    pub(crate) fn get(
        &mut self,
        device: &wgpu::Device,
        shader: &Shader,
        checks: Checks,
        on_creation: impl FnOnce(),
    ) -> wgpu::ComputePipeline {
        let source = shader.source();
        let key = (source, shader.entry_point, checks);
        if let Some(pipeline) = self.made.get(&key) {
            return pipeline.clone();
        }
        let name = shader.name();
        let module = module(device, &name, &key.0, checks);
        let layout = self.layout(device, shader);
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&name),
            layout: Some(layout),
            module: &module,
            entry_point: Some(shader.entry_point),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        on_creation();
        self.made.insert(key, pipeline.clone());
        pipeline
    }

    /// The layout of a shader, shared by all that bind alike.
    fn layout(&mut self, device: &wgpu::Device, shader: &Shader) -> &wgpu::PipelineLayout {
        let key = (shader.bindings.clone(), shader.scalars);
        self.layouts.entry(key).or_insert_with(|| {
            // Only the parameters differ in size from kernel to kernel: theirs is checked later.
            let uniforms = [(0, wgpu::BufferBindingType::Uniform, None)].into_iter().chain(
                shader.scalars.then_some((1, wgpu::BufferBindingType::Uniform, Some(SCALAR_BYTES))),
            );
            let storage = shader.bindings.iter().enumerate().map(|(place, access)| {
                let read_only = *access == Access::Read;
                // A storage binding is at least one vec4.
                (place as u32 + 2, wgpu::BufferBindingType::Storage { read_only }, Some(16))
            });
            let entries: Vec<wgpu::BindGroupLayoutEntry> = uniforms
                .chain(storage)
                .map(|(binding, ty, least_bytes)| wgpu::BindGroupLayoutEntry {
                    binding,
                    visibility: wgpu::ShaderStages::COMPUTE,
                    ty: wgpu::BindingType::Buffer {
                        ty,
                        has_dynamic_offset: false,
                        min_binding_size: least_bytes.and_then(wgpu::BufferSize::new),
                    },
                    count: None,
                })
                .collect();
            let group = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: None,
                entries: &entries,
            });
            device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: None,
                bind_group_layouts: &[Some(&group)],
                immediate_size: 0,
            })
        })
    }
}

#[expect(unsafe_code, reason = "the one place where modules without injected checks are made")]
fn module(device: &wgpu::Device, name: &str, source: &str, checks: Checks) -> wgpu::ShaderModule {
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: Some(name),
        source: wgpu::ShaderSource::Wgsl(Cow::Borrowed(source)),
    };
    match checks {
        Checks::Checked => device.create_shader_module(descriptor),
        // SAFETY: every shader is the project's own. Each stays within its buffers and ends its
        // loops for all parameters that the wrappers in `ops` make, which the tests hold by
        // running every kernel checked and unchecked, between guard bytes, to the same bits.
        Checks::Unchecked => unsafe {
            device.create_shader_module_trusted(descriptor, wgpu::ShaderRuntimeChecks::unchecked())
        },
    }
}
