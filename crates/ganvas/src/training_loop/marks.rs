//! Where a run leaves lines and snapshots: by images alone, never by time, so that a run that was
//! stopped leaves them where one that was not does.

/// Lines of `stats.jsonl` from one snapshot to the next at least: with the default options one for
/// every thousand images.
const LINES_A_SNAPSHOT: f64 = 20.0;
/// Images from one line to the next at most, so that training is judged however seldom it is saved.
const LINE_IMAGES: f64 = 1000.0;

/// Places between images.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// Images from one snapshot to the next.
    snap: f64,
}

impl Marks {
    /// With a snapshot every so many thousands of images.
    pub(super) fn new(snap_kimg: f64) -> Self {
        Self { snap: snap_kimg * 1000.0 }
    }

    /// Whether a snapshot is due when so many images are done, after so many before.
    pub(super) fn snapshot_between(&self, before: u64, after: u64) -> bool {
        multiple_between(self.snap, before, after)
    }

    /// Whether a line is due; with a snapshot always.
    pub(super) fn line_between(&self, before: u64, after: u64) -> bool {
        let line = (self.snap / LINES_A_SNAPSHOT).min(LINE_IMAGES);
        self.snapshot_between(before, after) || multiple_between(line, before, after)
    }
}

/// Whether a multiple lies in `(before, after]`.
fn multiple_between(of: f64, before: u64, after: u64) -> bool {
    let multiples = |images: u64| (images as f64 / of).floor();
    multiples(after) > multiples(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_and_lines_are_where_multiples_are_passed() {
        let marks = Marks::new(20.0);
        assert!(!marks.line_between(0, 999) && marks.line_between(0, 1000));
        assert!(!marks.line_between(1000, 1064) && marks.line_between(1984, 2048));
        assert!(!marks.snapshot_between(0, 19_999) && marks.snapshot_between(19_968, 20_032));
        let seldom = Marks::new(300.0);
        assert!(seldom.line_between(0, 1000) && !seldom.snapshot_between(0, 299_999));
        // One step can pass many.
        let small = Marks::new(0.002);
        assert!(small.snapshot_between(0, 64) && small.line_between(64, 66));
    }
}
