//! An open device: its queue, its pipelines, and the thread that lets its futures finish.

#[cfg(not(target_arch = "wasm32"))]
use crate::poller::Poller;
use crate::{
    DeviceError, Processor, Traits,
    pipeline::{Checks, Pipelines},
};
use futures_channel::oneshot;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// An open device. Clones share it.
#[derive(Clone, Debug)]
pub struct Gpu(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    device: wgpu::Device,
    queue: wgpu::Queue,
    adapter: String,
    subgroups: Option<[u32; 2]>,
    int64: bool,
    processor: Processor,
    pipelines: Mutex<Pipelines>,
    created: [AtomicU64; 4],
    failure: Failure,
    #[cfg(not(target_arch = "wasm32"))]
    poller: Poller,
}

/// How much has been made on a device since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Created {
    /// Buffers.
    pub buffers: u64,
    /// Bind groups.
    pub bind_groups: u64,
    /// Compute pipelines.
    pub pipelines: u64,
    /// Submissions to the queue.
    pub submits: u64,
}

/// The places in [`Inner::created`].
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Buffers,
    BindGroups,
    Pipelines,
    Submits,
}

impl Gpu {
    pub(crate) fn new(
        device: wgpu::Device,
        queue: wgpu::Queue,
        adapter: String,
        subgroups: Option<[u32; 2]>,
        int64: bool,
        processor: Processor,
    ) -> Self {
        let failure = Failure::default();
        let lost = failure.clone();
        device.set_device_lost_callback(move |_, reason| {
            record(&lost, DeviceError::Lost { reason });
        });
        let reported = failure.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            record(&reported, DeviceError::Reported { reason: error.to_string() });
        }));
        Self(Arc::new(Inner {
            subgroups,
            int64,
            processor,
            #[cfg(not(target_arch = "wasm32"))]
            poller: Poller::spawn(device.clone(), failure.clone()),
            device,
            queue,
            adapter,
            pipelines: Mutex::default(),
            created: Default::default(),
            failure,
        }))
    }

    /// The adapter's name.
    pub fn adapter(&self) -> &str {
        &self.0.adapter
    }

    /// Bytes of the largest buffer that a kernel can use.
    pub fn largest_buffer(&self) -> u64 {
        let limits = self.0.device.limits();
        limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)
    }

    /// What has been made so far.
    pub fn created(&self) -> Created {
        let [buffers, bind_groups, pipelines, submits] =
            self.0.created.each_ref().map(|count| count.load(Relaxed));
        Created { buffers, bind_groups, pipelines, submits }
    }

    /// What kernels are chosen by.
    pub fn traits(&self) -> Traits {
        let constant = self.0.subgroups.filter(|[least, greatest]| least == greatest);
        Traits {
            subgroup_width: constant.map(|[width, _]| width),
            int64: self.0.int64,
            processor: self.0.processor,
            variant: None,
        }
    }

    /// The least and the greatest width of a subgroup, if shaders can use subgroups.
    pub fn subgroups(&self) -> Option<[u32; 2]> {
        self.0.subgroups
    }

    pub(crate) fn count(&self, counter: Counter) {
        self.0.created[counter as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn device(&self) -> &wgpu::Device {
        &self.0.device
    }

    pub(crate) fn queue(&self) -> &wgpu::Queue {
        &self.0.queue
    }

    /// The pipeline of a shader, made at its first use.
    pub(crate) fn pipeline(&self, shader: &crate::Shader, checks: Checks) -> wgpu::ComputePipeline {
        let mut pipelines = self.0.pipelines.lock().unwrap_or_else(PoisonError::into_inner);
        pipelines.get(&self.0.device, shader, checks, || self.count(Counter::Pipelines))
    }

    /// Makes a buffer, or says that there is no room for it.
    pub(crate) async fn buffer(
        &self,
        purpose: &str,
        bytes: u64,
        usage: wgpu::BufferUsages,
        live: u64,
    ) -> Result<wgpu::Buffer, DeviceError> {
        let scope = self.0.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = self.0.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(purpose),
            size: bytes,
            usage,
            mapped_at_creation: false,
        });
        self.count(Counter::Buffers);
        match scope.pop().await {
            None => Ok(buffer),
            Some(_) => Err(DeviceError::OutOfMemory { purpose: purpose.to_owned(), bytes, live }),
        }
    }

    /// Submits commands. The receiver resolves when they are done, or the device is lost.
    pub(crate) fn submit(&self, commands: wgpu::CommandBuffer) -> oneshot::Receiver<()> {
        let index = self.0.queue.submit([commands]);
        self.count(Counter::Submits);
        self.done(index)
    }

    /// Submits commands, then copies the first `bytes` bytes of a mappable buffer to the host.
    pub(crate) async fn submit_and_map(
        &self,
        commands: wgpu::CommandBuffer,
        buffer: &wgpu::Buffer,
        bytes: u64,
    ) -> Result<Vec<u8>, DeviceError> {
        _ = self.submit_to_map(commands, buffer, bytes)?.await;
        self.copy_mapped(buffer, bytes)
    }

    /// Submits commands that fill a mappable buffer. Once the receiver resolves,
    /// [`Gpu::copy_mapped`] has its first `bytes` bytes.
    pub(crate) fn submit_to_map(
        &self,
        commands: wgpu::CommandBuffer,
        buffer: &wgpu::Buffer,
        bytes: u64,
    ) -> Result<oneshot::Receiver<()>, DeviceError> {
        self.check()?;
        let index = self.0.queue.submit([commands]);
        self.count(Counter::Submits);
        buffer.map_async(wgpu::MapMode::Read, ..bytes, |_| ());
        Ok(self.done(index))
    }

    pub(crate) fn copy_mapped(
        &self,
        buffer: &wgpu::Buffer,
        bytes: u64,
    ) -> Result<Vec<u8>, DeviceError> {
        self.check()?;
        let reported = |reason: String| DeviceError::Reported { reason };
        // What is not mapped by now never will be, and says why here.
        let range = buffer.get_mapped_range(..bytes).map_err(|e| reported(e.to_string()))?;
        let copy = range.to_vec();
        drop(range);
        buffer.unmap();
        Ok(copy)
    }

    /// Destroys the device, as a driver's reset would: for tests of what follows.
    pub fn lose(&self) {
        self.0.device.destroy();
    }

    /// Fails if the device has.
    pub(crate) fn check(&self) -> Result<(), DeviceError> {
        match &*self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(failure) => Err(failure.clone()),
            None => Ok(()),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn done(&self, index: wgpu::SubmissionIndex) -> oneshot::Receiver<()> {
        self.0.poller.wait(index)
    }

    /// A browser polls by itself.
    #[cfg(target_arch = "wasm32")]
    fn done(&self, _index: wgpu::SubmissionIndex) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        self.0.queue.on_submitted_work_done(move || _ = done.send(()));
        receiver
    }
}

/// Where a device's first failure is kept, which the following ones only echo.
pub(crate) type Failure = Arc<Mutex<Option<DeviceError>>>;

pub(crate) fn record(failure: &Failure, error: DeviceError) {
    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}
