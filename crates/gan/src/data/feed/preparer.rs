//! Who fills batches: a thread, or whoever asks.

use super::{BatchSource, DataError};
use futures_channel::oneshot;

/// A batch, or why there is none.
pub(super) type Prepared = Result<Vec<u8>, DataError>;

pub(super) enum Preparer {
    Inline(Box<dyn BatchSource>),
    #[cfg(not(target_arch = "wasm32"))]
    Thread(thread::Worker),
}

impl Preparer {
    pub(super) fn inline(source: impl BatchSource) -> Self {
        Self::Inline(Box::new(source))
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(super) fn thread(source: impl BatchSource) -> Self {
        Self::Thread(thread::Worker::spawn(source))
    }

    /// Has the batch of a step prepared in this memory. Batches are prepared in the order in which
    /// they are asked for; dropping the receiver leaves one out.
    pub(super) fn prepare(&mut self, step: u64, memory: Vec<u8>) -> oneshot::Receiver<Prepared> {
        let (answer, prepared) = oneshot::channel();
        match self {
            Self::Inline(source) => fill(source.as_mut(), Request { step, memory, answer }),
            #[cfg(not(target_arch = "wasm32"))]
            Self::Thread(worker) => worker.send(Request { step, memory, answer }),
        }
        prepared
    }

    /// Panics as the source did, which is why a batch never came.
    pub(super) fn pass_panic_on(&mut self) -> ! {
        match self {
            Self::Inline(_) => unreachable!("its panic has left `prepare`"),
            #[cfg(not(target_arch = "wasm32"))]
            Self::Thread(worker) => worker.pass_panic_on(),
        }
    }
}

struct Request {
    step: u64,
    memory: Vec<u8>,
    answer: oneshot::Sender<Prepared>,
}

fn fill(source: &mut dyn BatchSource, request: Request) {
    let Request { step, mut memory, answer } = request;
    let filled = source.fill(step, &mut memory);
    // Whoever asked may have gone on from another step meanwhile.
    _ = answer.send(filled.map(|()| memory));
}

#[cfg(not(target_arch = "wasm32"))]
mod thread {
    use super::{BatchSource, Request, fill};
    use std::{panic::resume_unwind, sync::mpsc, thread::JoinHandle};

    /// A thread that prepares batches until it is dropped.
    pub(in crate::data::feed) struct Worker {
        /// Taken to end the thread.
        requests: Option<mpsc::Sender<Request>>,
        thread: Option<JoinHandle<()>>,
    }

    impl Worker {
        pub(super) fn spawn(mut source: impl BatchSource) -> Self {
            let (sender, receiver) = mpsc::channel::<Request>();
            let prepare = move || {
                for request in receiver {
                    if !request.answer.is_canceled() {
                        fill(&mut source, request);
                    }
                }
            };
            Self { requests: Some(sender), thread: Some(std::thread::spawn(prepare)) }
        }

        pub(super) fn send(&self, request: Request) {
            if let Some(requests) = &self.requests {
                // A thread that is gone has dropped the answer too, which says so.
                _ = requests.send(request);
            }
        }

        pub(super) fn pass_panic_on(&mut self) -> ! {
            self.requests = None;
            match self.thread.take().map(JoinHandle::join) {
                Some(Err(panic)) => resume_unwind(panic),
                _ => panic!("the source of images has panicked before"),
            }
        }
    }

    impl Drop for Worker {
        fn drop(&mut self) {
            self.requests = None;
            if let Some(thread) = self.thread.take() {
                // A panic there has been printed.
                _ = thread.join();
            }
        }
    }
}
