//! Looking into a plan, kernel by kernel: for tests and checks, not for training.

use crate::{
    DeviceError, Gpu, Plan,
    memory::{Slice, padded},
};
use graph::{Kernel, PhaseId, TensorId};
use wgpu::BufferUsages as Usage;

impl Plan {
    /// A phase's kernels, in order.
    pub fn kernels(&self, phase: PhaseId) -> &[Kernel] {
        &self.schedule.phases[phase.index()]
    }

    /// Runs one kernel of a phase alone: for tests and checks that look at every tensor.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn run_kernel(&mut self, phase: PhaseId, kernel: usize) -> Result<(), DeviceError> {
        let dispatches: Vec<usize> = self.kernels[phase.index()][kernel].clone().collect();
        self.submit(&dispatches).await?;
        self.finish().await
    }

    /// Fills the memory of a tensor with NaN, the guard behind it too.
    pub fn poison(&self, tensor: TensorId) {
        let slice = self.slice(tensor);
        let whole = if self.is_pooled(tensor) { slice.buffer.size() } else { slice.bytes };
        self.gpu.queue().write_buffer(slice.buffer, slice.offset, &poison(whole));
    }

    /// Fills all scratch memory with NaN.
    pub fn poison_scratch(&self) {
        for buffer in &self.buffers.scratch {
            self.gpu.queue().write_buffer(buffer, 0, &poison(buffer.size()));
        }
    }

    /// Whether nothing has been written behind a poisoned tensor. A tensor is bound as quads of
    /// 16 bytes, the rest of the last of which is its own.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn guard_holds(&self, tensor: TensorId) -> Result<bool, DeviceError> {
        if !self.is_pooled(tensor) {
            return Ok(true);
        }
        let Slice { buffer, bytes, .. } = self.slice(tensor);
        let offset = padded(bytes);
        let guard = Slice { buffer, offset, bytes: buffer.size() - offset };
        Ok(self.read_slice(guard).await? == poison(guard.bytes))
    }

    fn is_pooled(&self, tensor: TensorId) -> bool {
        let placement = self.schedule.placement(&self.graph, tensor);
        matches!(placement, Some(graph::Placement::Buffer(_)))
    }
}

impl Gpu {
    /// Runs a WGSL text of the caller's own, checked, and returns what it leaves in its only
    /// buffer: `@group(0) @binding(0) var<storage, read_write>`, which begins as these words.
    /// Workgroup memory is not cleared.
    ///
    /// # Errors
    /// If the device fails, or refuses the text.
    pub async fn probe(
        &self,
        text: &str,
        workgroups: u32,
        words: &[u32],
    ) -> Result<Vec<u32>, DeviceError> {
        let device = self.device();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("probe"),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("probe"),
            layout: None,
            module: &module,
            entry_point: None,
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        let bytes = words.len() as u64 * 4;
        let usage = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
        let buffer = self.buffer("a probe", bytes, usage, 0).await?;
        let staging = Usage::COPY_DST | Usage::MAP_READ;
        let staging = self.buffer("a probe's readback", bytes, staging, bytes).await?;
        self.queue().write_buffer(&buffer, 0, bytemuck::cast_slice(words));
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("probe"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: buffer.as_entire_binding() }],
        });
        let mut encoder = device.create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &bind_group, &[]);
            pass.dispatch_workgroups(workgroups, 1, 1);
        }
        encoder.copy_buffer_to_buffer(&buffer, 0, &staging, 0, bytes);
        let found = self.submit_and_map(encoder.finish(), &staging, bytes).await?;
        Ok(found.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect())
    }
}

/// A pattern that is a NaN whichever 4 of its bytes are looked at as a float.
fn poison(bytes: u64) -> Vec<u8> {
    vec![0xff; bytes as usize]
}
