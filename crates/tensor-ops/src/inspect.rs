//! Looking into a plan, kernel by kernel: for tests and checks, not for training.

use crate::{
    DeviceError, Plan,
    memory::{Slice, padded},
};
use graph::{Kernel, PhaseId, TensorId};

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

/// A pattern that is a NaN whichever 4 of its bytes are looked at as a float.
fn poison(bytes: u64) -> Vec<u8> {
    vec![0xff; bytes as usize]
}
