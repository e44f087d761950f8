//! What a run wrote down, line by line.

use crate::leaves::leaves;
use serde_json::Value;
use std::collections::BTreeMap;

/// The numbers and texts of a run over thousands of images seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// How many lines it was read from.
    pub lines: usize,
    /// Every number's course, by the keys that lead to it.
    pub numbers: BTreeMap<Vec<String>, Vec<Point>>,
    /// Every text's course.
    pub texts: BTreeMap<Vec<String>, Vec<Stretch>>,
}

/// A number after so many thousands of images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Thousands of images seen.
    pub kimg: f64,
    /// The number.
    pub value: f64,
}

/// Lines after one another with one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Thousands of images at the first of them.
    pub from: f64,
    /// Thousands of images at the last of them.
    pub to: f64,
    /// The text, as the last line has it.
    pub text: String,
}

impl History {
    /// Reads JSON objects, one a line, each with a number `kimg`; other lines, such as one that is
    /// half written, are left out. Where `kimg` goes back, what was there or further on is forgotten.
    ///
    /// A text that only changes behind a colon, as `mode collapse: fakes vary 6 % of reals` does,
    /// stays one stretch.
    pub fn read(text: &str) -> Self {
        Self::read_all([text])
    }

    /// Reads several files, each of which goes back by itself, as one history in the order of `kimg`.
    pub fn read_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut whole = File::default();
        for text in texts {
            whole.add(File::read(text));
        }
        let File { lines, numbers, texts, .. } = whole;
        let stretches = |(path, course): (_, Vec<(f64, String)>)| (path, stretches(course));
        Self { lines, numbers, texts: texts.into_iter().map(stretches).collect() }
    }

    /// The course of a number of the line itself.
    pub fn number(&self, key: &str) -> &[Point] {
        self.numbers.get([key.to_owned()].as_slice()).map_or(&[], Vec::as_slice)
    }

    /// The last value of a number of the line itself.
    pub fn last(&self, key: &str) -> Option<f64> {
        self.number(key).last().map(|point| point.value)
    }
}

/// What one file says.
#[derive(Default)]
struct File {
    lines: usize,
    /// Thousands of images at the last line.
    last: f64,
    numbers: BTreeMap<Vec<String>, Vec<Point>>,
    texts: BTreeMap<Vec<String>, Vec<(f64, String)>>,
}

impl File {
    fn read(text: &str) -> Self {
        let mut file = Self::default();
        for line in text.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let Some(kimg) = line.get("kimg").and_then(Value::as_f64) else { continue };
            file.lines += 1;
            if kimg < file.last {
                file.forget(kimg);
            }
            file.last = kimg;
            for (path, value) in leaves(&line) {
                let path = path.into_iter().map(str::to_owned).collect();
                if let Some(value) = value.as_f64() {
                    let points = file.numbers.entry(path).or_default();
                    cut(points, kimg, |point| point.kimg);
                    points.push(Point { kimg, value });
                } else if let Some(text) = value.as_str() {
                    let course = file.texts.entry(path).or_default();
                    cut(course, kimg, |(kimg, _)| *kimg);
                    course.push((kimg, text.to_owned()));
                }
            }
        }
        file
    }

    /// Forgets what was said at `kimg` and further on.
    fn forget(&mut self, kimg: f64) {
        self.numbers.retain(|_, points| {
            cut(points, kimg, |point| point.kimg);
            !points.is_empty()
        });
        self.texts.retain(|_, course| {
            cut(course, kimg, |(kimg, _)| *kimg);
            !course.is_empty()
        });
    }

    /// Adds another file, in the order of `kimg`.
    fn add(&mut self, other: Self) {
        self.lines += other.lines;
        for (path, points) in other.numbers {
            let all = self.numbers.entry(path).or_default();
            all.extend(points);
            all.sort_by(|a, b| a.kimg.total_cmp(&b.kimg));
        }
        for (path, course) in other.texts {
            let all = self.texts.entry(path).or_default();
            all.extend(course);
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
    }
}

/// Takes from the end what is at `kimg` or further on.
fn cut<T>(course: &mut Vec<T>, kimg: f64, of: impl Fn(&T) -> f64) {
    while course.last().is_some_and(|last| of(last) >= kimg) {
        course.pop();
    }
}

fn stretches(course: Vec<(f64, String)>) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let kind = |text: &str| text.split(':').next().map(str::to_owned);
    for (kimg, text) in course {
        match stretches.last_mut() {
            Some(last) if kind(&last.text) == kind(&text) => (last.to, last.text) = (kimg, text),
            _ => stretches.push(Stretch { from: kimg, to: kimg, text }),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_keys_are_read_and_torn_lines_left_out() {
        let text = "{\"kimg\":1,\"loss\":2,\"health\":{\"norm\":3}}\n\nnonsense\n{\"loss\":7}\n\
                    {\"kimg\":2,\"loss\":1.5}\n{\"kimg\":3,\"lo";
        let history = History::read(text);
        assert_eq!(history.lines, 2);
        let point = |kimg, value| Point { kimg, value };
        assert_eq!(history.number("loss"), [point(1.0, 2.0), point(2.0, 1.5)]);
        let nested = ["health", "norm"].map(str::to_owned);
        assert_eq!(history.numbers[nested.as_slice()], [point(1.0, 3.0)]);
        assert_eq!((history.last("kimg"), history.last("other")), (Some(2.0), None));
    }

    #[test]
    fn what_was_trained_again_is_there_once() {
        let text = "{\"kimg\":1,\"a\":1}\n{\"kimg\":3,\"a\":2}\n{\"kimg\":2,\"a\":3}\n";
        let kimg: Vec<f64> = History::read(text).number("a").iter().map(|p| p.kimg).collect();
        assert_eq!(kimg, [1.0, 2.0]);
    }

    #[test]
    fn what_does_not_come_back_is_forgotten_too() {
        let text = "{\"kimg\":1,\"a\":1,\"t\":\"fine\"}\n{\"kimg\":2,\"b\":2,\"t\":\"fine\"}\n\
                    {\"kimg\":3,\"b\":3,\"t\":\"stalled\"}\n{\"kimg\":2,\"a\":4}\n";
        let history = History::read(text);
        assert_eq!(history.number("a").len(), 2);
        assert_eq!(history.number("b"), []);
        let fine = Stretch { from: 1.0, to: 1.0, text: "fine".to_owned() };
        assert_eq!(history.texts[["t".to_owned()].as_slice()], [fine]);
    }

    #[test]
    fn a_line_of_the_same_kimg_adds_and_files_go_back_by_themselves() {
        let stats = "{\"kimg\":1,\"a\":1}\n{\"kimg\":2,\"a\":2}\n{\"kimg\":2,\"fd\":9}\n";
        let history = History::read(stats);
        assert_eq!((history.number("a").len(), history.number("fd").len()), (2, 1));
        let metrics = "{\"kimg\":1,\"m\":{\"fd\":8}}\n{\"kimg\":0.5,\"m\":{\"fd\":7}}\n";
        let history = History::read_all([stats, metrics]);
        assert_eq!((history.lines, history.number("a").len()), (5, 2));
        let path = ["m", "fd"].map(str::to_owned);
        assert_eq!(history.numbers[path.as_slice()], [Point { kimg: 0.5, value: 7.0 }]);
        let kimg: Vec<f64> = history.number("kimg").iter().map(|point| point.kimg).collect();
        assert_eq!(kimg, [0.5, 1.0, 2.0]);
    }

    #[test]
    fn long_logs_are_read_at_once() {
        let line = |kimg: u32| format!("{{\"kimg\":{kimg},\"a\":1,\"t\":\"x\"}}\n");
        let text: String = (0..200_000).map(line).collect();
        let start = std::time::Instant::now();
        assert_eq!(History::read(&text).number("a").len(), 200_000);
        // Looking through all lines for each takes minutes.
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn texts_are_stretches() {
        let line = |(kimg, text)| format!("{{\"kimg\":{kimg},\"verdict\":\"{text}\"}}\n");
        let text: String =
            [(1, "healthy"), (2, "healthy"), (3, "collapse: 6 %"), (4, "collapse: 5 %")]
                .into_iter()
                .map(line)
                .collect();
        let stretch = |from, to, text: &str| Stretch { from, to, text: text.to_owned() };
        let history = History::read(&text);
        let found = &history.texts[["verdict".to_owned()].as_slice()];
        assert_eq!(*found, [stretch(1.0, 2.0, "healthy"), stretch(3.0, 4.0, "collapse: 5 %")]);
    }
}
