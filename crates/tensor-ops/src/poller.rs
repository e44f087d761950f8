//! The thread that waits for submissions, so that no caller has to block.
//!
//! Natively, nothing happens to a submission's callbacks and mappings until someone polls the
//! device.

use crate::{
    DeviceError,
    gpu::{Failure, record},
};
use futures_channel::oneshot;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread::JoinHandle,
};

/// A submission, and who wants to know that it is done.
type Waiting = (wgpu::SubmissionIndex, oneshot::Sender<()>);

#[derive(Debug)]
pub(crate) struct Poller {
    /// Taken when the device closes, which ends the thread.
    submissions: Option<mpsc::Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl Poller {
    pub(crate) fn spawn(device: wgpu::Device, failure: Failure) -> Self {
        let (sender, receiver) = mpsc::channel::<Waiting>();
        let poll = move || {
            // Whoever waits for what comes after a failure hears from a dropped sender.
            for (submission_index, done) in receiver {
                let wait = wgpu::PollType::Wait {
                    submission_index: Some(submission_index),
                    timeout: None,
                };
                // wgpu panics where the device is lost while it polls.
                match catch_unwind(AssertUnwindSafe(|| device.poll(wait))) {
                    Ok(Ok(_)) => _ = done.send(()),
                    Ok(Err(error)) => record(&failure, lost(&error.to_string())),
                    Err(_) => record(&failure, lost("the driver stopped answering")),
                }
            }
        };
        Self { submissions: Some(sender), thread: Some(std::thread::spawn(poll)) }
    }

    /// Resolves when the submission is done, or never will be.
    pub(crate) fn wait(&self, index: wgpu::SubmissionIndex) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        if let Some(submissions) = &self.submissions {
            // If the thread were gone, the dropped sender would say so.
            _ = submissions.send((index, done));
        }
        receiver
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

fn lost(reason: &str) -> DeviceError {
    DeviceError::Lost { reason: reason.to_owned() }
}
