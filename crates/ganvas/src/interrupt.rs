//! Ctrl-C and SIGTERM: the first asks the loop to stop after its step, the second stops at once.

use crate::progress::Progress;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};
use std::{
    io,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// How soon the user hears that a signal has arrived, however long a step takes.
const SOON: Duration = Duration::from_millis(50);

/// Which signal has arrived, if any.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    signal: Arc<AtomicUsize>,
    announced: Arc<Once>,
}

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen() -> io::Result<Self> {
        let (arrived, signal) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        for number in [SIGINT, SIGTERM] {
            // Actions run in this order, so the first signal passes and the second exits.
            flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&arrived))?;
            flag::register(number, Arc::clone(&arrived))?;
            flag::register_usize(number, Arc::clone(&signal), number as usize)?;
        }
        Ok(Self { signal, announced: Arc::new(Once::new()) })
    }

    /// The number of the signal that asked to stop.
    pub(crate) fn signal(&self) -> Option<u8> {
        u8::try_from(self.signal.load(Ordering::Relaxed)).ok().filter(|&number| number > 0)
    }

    /// Says so as soon as a signal arrives: a signal handler itself may not print.
    pub(crate) fn announce_to(&self, progress: &Progress) {
        let (interrupt, progress) = (self.clone(), progress.clone());
        thread::spawn(move || {
            while interrupt.signal().is_none() {
                thread::sleep(SOON);
            }
            interrupt.announce(&progress);
        });
    }

    /// Says what a signal does, unless that was said.
    pub(crate) fn announce(&self, progress: &Progress) {
        self.announced.call_once(|| {
            progress.say("stopping after this step; again to stop without saving");
        });
    }
}
