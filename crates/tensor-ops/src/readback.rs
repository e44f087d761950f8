//! Reading what is on the device, begun at one time and awaited at another.

use crate::{DeviceError, Gpu, Plan, memory::Slice};
use futures_channel::oneshot;
use graph::StorageId;
use std::sync::{Arc, Mutex, PoisonError};

/// A plan's one buffer for readbacks, while none has it.
pub(crate) type Staging = Arc<Mutex<Option<wgpu::Buffer>>>;

/// Elements on their way from the device, as they were when the reading began: what is run
/// meanwhile changes nothing about them.
#[derive(Debug)]
pub struct Readback {
    gpu: Gpu,
    done: oneshot::Receiver<()>,
    buffer: wgpu::Buffer,
    bytes: u64,
    /// Where the buffer goes afterwards.
    staging: Staging,
}

impl Readback {
    /// The elements of an f32 tensor or storage, as soon as all that was submitted before the
    /// reading began is done.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn reals(self) -> Result<Vec<f32>, DeviceError> {
        Ok(self.bytes().await?.chunks_exact(4).map(f32_of).collect())
    }

    pub(crate) async fn bytes(self) -> Result<Vec<u8>, DeviceError> {
        // A dropped sender means a lost device, which the copy reports.
        _ = self.done.await;
        let mut bytes = self.gpu.copy_mapped(&self.buffer, copied(self.bytes))?;
        bytes.truncate(self.bytes as usize);
        *self.staging.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.buffer);
        Ok(bytes)
    }
}

impl Plan {
    /// Begins to read a storage's elements as they are after all that was run.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn begin_read_storage(&self, storage: StorageId) -> Result<Readback, DeviceError> {
        let bytes = self.graph.storages()[storage.index()].elements as u64 * 4;
        self.begin_read(Slice { buffer: self.buffers.storage(storage), offset: 0, bytes }).await
    }

    pub(crate) async fn read_slice(&self, slice: Slice<'_>) -> Result<Vec<u8>, DeviceError> {
        if slice.bytes == 0 {
            return Ok(Vec::new());
        }
        self.begin_read(slice).await?.bytes().await
    }

    async fn begin_read(&self, slice: Slice<'_>) -> Result<Readback, DeviceError> {
        let Slice { buffer: source, offset, bytes } = slice;
        let copied = copied(bytes);
        let kept = self.staging.lock().unwrap_or_else(PoisonError::into_inner).take();
        let buffer = match kept.filter(|buffer| buffer.size() >= copied) {
            Some(buffer) => buffer,
            // Another readback has it, or an inner tensor is larger than all that is kept.
            None => make_staging(&self.gpu, copied, self.memory().total()).await?,
        };
        let mut encoder = self.gpu.device().create_command_encoder(&Default::default());
        encoder.copy_buffer_to_buffer(source, offset, &buffer, 0, copied);
        let done = self.gpu.submit_to_map(encoder.finish(), &buffer, copied)?;
        let staging = Arc::clone(&self.staging);
        Ok(Readback { gpu: self.gpu.clone(), done, buffer, bytes, staging })
    }
}

/// What readbacks go through.
pub(crate) async fn make_staging(
    gpu: &Gpu,
    bytes: u64,
    live: u64,
) -> Result<wgpu::Buffer, DeviceError> {
    let usage = wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ;
    gpu.buffer("readback", bytes, usage, live).await
}

/// The bytes that are copied to read so many: whole words, and at least one.
fn copied(bytes: u64) -> u64 {
    bytes.next_multiple_of(4).max(4)
}

pub(crate) fn f32_of(bytes: &[u8]) -> f32 {
    f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
