use super::*;
use crate::data::{Mirror, Problem};
use pollster::block_on;
use std::{
    path::Path,
    sync::mpsc::{Receiver, Sender, TryRecvError, channel},
    time::Duration,
};

/// Long enough for any thread to be given its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// Fills a batch with its step's number, tells of it, and waits where the test wants it to.
struct Watched {
    filled: Sender<u64>,
    /// Before each batch, if any.
    permits: Option<Receiver<()>>,
    fails_at: Option<u64>,
}

impl Watched {
    fn new() -> (Self, Receiver<u64>) {
        let (filled, seen) = channel();
        (Self { filled, permits: None, fails_at: None }, seen)
    }
}

impl BatchSource for Watched {
    fn fill(&mut self, step: u64, into: &mut Vec<u8>) -> Result<(), DataError> {
        if let Some(permits) = &self.permits {
            // Without a test that permits any more, nothing is held back.
            _ = permits.recv();
        }
        if self.fails_at == Some(step) {
            return Err(DataError::new(Path::new("broken.png"), Problem::NotAnImage));
        }
        into.clear();
        into.extend([step as u8; 3]);
        _ = self.filled.send(step);
        Ok(())
    }
}

fn batch(feed: &mut Feed, step: u64) -> Vec<u8> {
    block_on(feed.batch(step)).unwrap().to_vec()
}

#[test]
fn two_batches_are_prepared_ahead_and_no_more() {
    let (source, seen) = Watched::new();
    let mut feed = Feed::new(source);
    assert_eq!(batch(&mut feed, 0), [0; 3]);
    let prepared: Vec<u64> = (0..3).map(|_| seen.recv_timeout(PATIENCE).unwrap()).collect();
    assert_eq!(prepared, [0, 1, 2]);
    for step in 1..5 {
        assert_eq!(batch(&mut feed, step), [step as u8; 3]);
        assert_eq!(seen.recv_timeout(PATIENCE), Ok(step + 2));
    }
    drop(feed);
    assert_eq!(seen.try_iter().count(), 0, "more than two ahead");
}

/// A batch may be prepared only after the step before it was given its own, as by a slow source; it
/// then is, while that step is under way.
#[test]
fn a_slow_source_works_while_a_step_does() {
    let (mut source, seen) = Watched::new();
    let (permit, permits) = channel();
    source.permits = Some(permits);
    let mut feed = Feed::new(source);
    permit.send(()).unwrap();
    assert_eq!(batch(&mut feed, 0), [0; 3]);
    assert_eq!(seen.recv_timeout(PATIENCE), Ok(0));
    for step in 1..5 {
        permit.send(()).unwrap();
        assert_eq!(seen.recv_timeout(PATIENCE), Ok(step), "before it is asked for");
        assert_eq!(batch(&mut feed, step), [step as u8; 3]);
    }
    // Nothing is held back any more, so that the thread can end.
    drop(permit);
}

#[test]
fn any_order_of_steps_gives_the_same_batches_with_and_without_a_thread() {
    let data = Arc::new(Dataset::digits().unwrap());
    let batches = Batches::new(&data, 16, 3, Mirror::No).unwrap();
    let shuffled = || Shuffled { data: Arc::clone(&data), batches };
    let mut feeds = [Feed::new(shuffled()), Feed::inline(shuffled())];
    let mut expected = Vec::new();
    // On, again, back, far on into another epoch.
    for step in [0, 1, 2, 2, 0, 1, 3, 700, 701, 5] {
        batches.pixels(&data, step, &mut expected).unwrap();
        for feed in &mut feeds {
            assert!(batch(feed, step) == expected, "step {step}");
        }
    }
}

#[test]
fn an_error_comes_at_its_own_step() {
    let (mut source, _seen) = Watched::new();
    source.fails_at = Some(3);
    let mut feed = Feed::new(source);
    for step in 0..3 {
        assert_eq!(batch(&mut feed, step), [step as u8; 3]);
    }
    for _ in 0..2 {
        let error = block_on(feed.batch(3)).unwrap_err().to_string();
        assert!(error.starts_with("broken.png: is not a PNG"), "{error}");
    }
    assert_eq!(batch(&mut feed, 4), [4; 3]);
}

#[test]
fn dropping_it_ends_the_thread() {
    let (source, seen) = Watched::new();
    let mut feed = Feed::new(source);
    batch(&mut feed, 0);
    drop(feed);
    while seen.try_recv().is_ok() {}
    assert_eq!(seen.try_recv(), Err(TryRecvError::Disconnected), "the thread still has the source");
}

#[test]
#[should_panic(expected = "no such step")]
fn a_panic_of_the_source_is_the_callers() {
    struct Panics;
    impl BatchSource for Panics {
        fn fill(&mut self, _: u64, _: &mut Vec<u8>) -> Result<(), DataError> {
            panic!("no such step")
        }
    }
    _ = block_on(Feed::new(Panics).batch(0));
}
