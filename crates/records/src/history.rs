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
    /// half written, are left out. Where `kimg` goes back, what was further on is forgotten.
    ///
    /// A text that only changes behind a colon, as `mode collapse: fakes vary 6 % of reals` does,
    /// stays one stretch.
    pub fn read(text: &str) -> Self {
        let mut history = Self::default();
        for line in text.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let Some(kimg) = line.get("kimg").and_then(Value::as_f64) else { continue };
            history.lines += 1;
            for (path, value) in leaves(&line) {
                let path = path.into_iter().map(str::to_owned).collect();
                if let Some(value) = value.as_f64() {
                    let points = history.numbers.entry(path).or_default();
                    points.retain(|point| point.kimg < kimg);
                    points.push(Point { kimg, value });
                } else if let Some(text) = value.as_str() {
                    extend(history.texts.entry(path).or_default(), kimg, text);
                }
            }
        }
        history
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

fn extend(stretches: &mut Vec<Stretch>, kimg: f64, text: &str) {
    let kind = |text: &str| text.split(':').next().map(str::to_owned);
    match stretches.last_mut() {
        Some(last) if kind(&last.text) == kind(text) => {
            last.to = kimg;
            text.clone_into(&mut last.text);
        }
        _ => stretches.push(Stretch { from: kimg, to: kimg, text: text.to_owned() }),
    }
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
