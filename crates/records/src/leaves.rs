//! JSON of any keys, taken apart.

use serde_json::Value;

/// A number or text, and the keys that lead to it.
pub(crate) type Leaf<'a> = (Vec<&'a str>, &'a Value);

/// Every number and text in objects within objects, in the order of their keys.
pub(crate) fn leaves(value: &Value) -> Vec<Leaf<'_>> {
    let mut found = Vec::new();
    collect(value, &mut Vec::new(), &mut found);
    found
}

fn collect<'a>(value: &'a Value, path: &mut Vec<&'a str>, found: &mut Vec<Leaf<'a>>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                path.push(key);
                collect(value, path, found);
                path.pop();
            }
        }
        Value::Number(_) | Value::String(_) => found.push((path.clone(), value)),
        Value::Null | Value::Bool(_) | Value::Array(_) => {}
    }
}

/// A number in as few digits as tell it from others of its size: three or four, or all of a whole one
/// below a million.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e6).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = match size {
        _ if value.fract() == 0.0 => 0,
        1000.0.. => 0,
        100.0.. => 1,
        10.0.. => 2,
        1.0.. => 3,
        0.01.. => 4,
        _ => 5,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_are_found_at_any_depth() {
        let line =
            json!({"b": 1, "a": {"x": "y", "z": [1], "w": {"v": 2.5}}, "n": null, "t": true});
        let found = leaves(&line);
        let paths: Vec<String> = found.iter().map(|(path, _)| path.join("/")).collect();
        assert_eq!(paths, ["a/w/v", "a/x", "b"]);
        assert_eq!(found[0].1, &json!(2.5));
    }

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (64.0, "64"),
            (1.38629, "1.386"),
            (0.05, "0.0500"),
            (0.001_234, "0.00123"),
            (412.34, "412.3"),
            (4123.4, "4123"),
            (2.5e-7, "2.50e-7"),
            (-3e9, "-3.00e9"),
        ] {
            assert_eq!(number(value), expected);
        }
    }
}
