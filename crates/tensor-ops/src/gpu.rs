//! An open device: its queue, its pipelines, and the thread that lets its futures finish.

use crate::{
    DeviceError, PlanError,
    ops::Traits,
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
    traits: Traits,
    pipelines: Mutex<Pipelines>,
    created: [AtomicU64; 4],
    failure: Arc<Mutex<Option<DeviceError>>>,
    #[cfg(not(target_arch = "wasm32"))]
    poller: poller::Poller,
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
        subgroup_width: Option<u32>,
    ) -> Self {
        let failure = Arc::new(Mutex::new(None));
        let lost = failure.clone();
        device.set_device_lost_callback(move |_, reason| {
            record(&lost, DeviceError::Lost { reason });
        });
        let reported = failure.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            record(&reported, DeviceError::Reported { reason: error.to_string() });
        }));
        Self(Arc::new(Inner {
            traits: Traits {
                subgroup_width,
                max_workgroups: device.limits().max_compute_workgroups_per_dimension,
            },
            #[cfg(not(target_arch = "wasm32"))]
            poller: poller::Poller::spawn(device.clone()),
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

    /// What has been made so far.
    pub fn created(&self) -> Created {
        let [buffers, bind_groups, pipelines, submits] =
            self.0.created.each_ref().map(|count| count.load(Relaxed));
        Created { buffers, bind_groups, pipelines, submits }
    }

    /// What kernels are chosen by.
    pub fn traits(&self) -> Traits {
        self.0.traits
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
    ) -> Result<wgpu::Buffer, PlanError> {
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
            Some(_) => {
                Err(DeviceError::OutOfMemory { purpose: purpose.to_owned(), bytes, live }.into())
            }
        }
    }

    /// Submits commands. The receiver hears when they are done.
    pub(crate) fn submit(&self, commands: wgpu::CommandBuffer) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        let index = self.0.queue.submit([commands]);
        self.count(Counter::Submits);
        // A receiver that is gone no longer wants to know.
        self.0.queue.on_submitted_work_done(move || _ = done.send(()));
        self.poll_until(index);
        receiver
    }

    /// Submits commands, then copies the first `bytes` bytes of a mappable buffer to the host.
    pub(crate) async fn submit_and_map(
        &self,
        commands: wgpu::CommandBuffer,
        buffer: &wgpu::Buffer,
        bytes: u64,
    ) -> Result<Vec<u8>, DeviceError> {
        let (done, receiver) = oneshot::channel();
        let index = self.0.queue.submit([commands]);
        self.count(Counter::Submits);
        buffer.map_async(wgpu::MapMode::Read, ..bytes, move |result| _ = done.send(result));
        self.poll_until(index);
        let mapped = receiver.await;
        self.check()?;
        let reported = |reason: String| DeviceError::Reported { reason };
        mapped
            .map_err(|_| reported("a readback was dropped".to_owned()))?
            .map_err(|error| reported(error.to_string()))?;
        let range = buffer.get_mapped_range(..bytes).map_err(|e| reported(e.to_string()))?;
        let copy = range.to_vec();
        drop(range);
        buffer.unmap();
        Ok(copy)
    }

    /// Fails if the device has.
    pub(crate) fn check(&self) -> Result<(), DeviceError> {
        match &*self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(failure) => Err(failure.clone()),
            None => Ok(()),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn poll_until(&self, index: wgpu::SubmissionIndex) {
        self.0.poller.poll_until(index);
    }

    #[cfg(target_arch = "wasm32")]
    fn poll_until(&self, _index: wgpu::SubmissionIndex) {}
}

/// Remembers the first failure, which the following ones only echo.
fn record(failure: &Mutex<Option<DeviceError>>, error: DeviceError) {
    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
}

/// Natively, callbacks run only while someone polls the device: a thread does, so that no caller
/// has to block. A browser polls by itself.
#[cfg(not(target_arch = "wasm32"))]
mod poller {
    use std::{sync::mpsc, thread::JoinHandle};

    #[derive(Debug)]
    pub(super) struct Poller {
        /// Taken when the device closes, which ends the thread.
        submissions: Option<mpsc::Sender<wgpu::SubmissionIndex>>,
        thread: Option<JoinHandle<()>>,
    }

    impl Poller {
        pub(super) fn spawn(device: wgpu::Device) -> Self {
            let (sender, receiver) = mpsc::channel();
            let poll = move || {
                for index in receiver {
                    let wait =
                        wgpu::PollType::Wait { submission_index: Some(index), timeout: None };
                    if device.poll(wait).is_err() {
                        // The device is lost: its callback has said so.
                        return;
                    }
                }
            };
            Self { submissions: Some(sender), thread: Some(std::thread::spawn(poll)) }
        }

        pub(super) fn poll_until(&self, index: wgpu::SubmissionIndex) {
            if let Some(submissions) = &self.submissions {
                // The thread is gone only if the device is lost.
                _ = submissions.send(index);
            }
        }
    }

    impl Drop for Poller {
        /// Waits for the thread: a driver that is torn down by it while the process ends crashes.
        fn drop(&mut self) {
            drop(self.submissions.take());
            if let Some(thread) = self.thread.take() {
                // A panic there has been printed.
                _ = thread.join();
            }
        }
    }
}
