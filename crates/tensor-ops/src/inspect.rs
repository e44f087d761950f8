//! Looking into a plan, kernel by kernel: for tests and checks, not for training.

use crate::{DeviceError, Gpu, Plan, memory::Slice};
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

    /// Fills the memory of a tensor with NaN, and what is behind it in a buffer of its own too.
    pub fn poison(&self, tensor: TensorId) {
        let slice = self.slice(tensor);
        self.gpu.queue().write_buffer(slice.buffer, slice.offset, &poison(slice.bytes));
        if self.is_pooled(tensor) {
            let Slice { buffer, offset, bytes } = behind(slice);
            self.gpu.queue().write_buffer(buffer, offset, &guard(tensor.index(), bytes));
        }
    }

    /// Fills all scratch memory with NaN, the guards behind it too.
    pub fn poison_scratch(&self) {
        for (number, scratch) in self.scratch().enumerate() {
            self.gpu.queue().write_buffer(scratch.buffer, 0, &poison(scratch.bytes));
            let Slice { buffer, offset, bytes } = behind(scratch);
            self.gpu.queue().write_buffer(buffer, offset, &guard(SCRATCH + number, bytes));
        }
    }

    /// Whether nothing has been written behind poisoned scratch memory.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn scratch_guards_hold(&self) -> Result<bool, DeviceError> {
        for (number, scratch) in self.scratch().enumerate() {
            let behind = behind(scratch);
            if self.read_slice(behind).await? != guard(SCRATCH + number, behind.bytes) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Each scratch memory without its guard.
    fn scratch(&self) -> impl Iterator<Item = Slice<'_>> {
        let guard_bytes = self.buffers.guard_bytes;
        self.buffers.scratch.iter().map(move |buffer| Slice {
            buffer,
            offset: 0,
            bytes: buffer.size() - guard_bytes,
        })
    }

    /// Whether nothing has been written behind a poisoned tensor.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn guard_holds(&self, tensor: TensorId) -> Result<bool, DeviceError> {
        if !self.is_pooled(tensor) {
            return Ok(true);
        }
        let behind = behind(self.slice(tensor));
        Ok(self.read_slice(behind).await? == guard(tensor.index(), behind.bytes))
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

/// The number from which guards of scratch memory are told apart: above those of tensors.
const SCRATCH: usize = 1000;

/// What lies behind a slice in its buffer.
fn behind(slice: Slice<'_>) -> Slice<'_> {
    let offset = slice.offset + slice.bytes.next_multiple_of(4);
    Slice { offset, bytes: slice.buffer.size() - offset, ..slice }
}

/// A pattern that is a NaN whichever 4 of its bytes are looked at as a float.
fn poison(bytes: u64) -> Vec<u8> {
    vec![0xff; bytes.next_multiple_of(4) as usize]
}

/// Words that are NaN, each buffer's its own and each place's too, so that one guard copied onto
/// another, or within one, is seen.
fn guard(number: usize, bytes: u64) -> Vec<u8> {
    const QUIET_NAN: u32 = 0x7fc0_0000;
    // No payload is 0 or all ones, as those of NaNs that hardware makes are.
    let number = number as u32 % 1022 + 1;
    let word = |place: u64| QUIET_NAN | (number << 12) | (place as u32 & 0xfff);
    (0..bytes / 4).flat_map(|place| word(place).to_le_bytes()).collect()
}
