//! Which ops the tests by central differences cover, as a list that other crates can hold their
//! claims to.

use crate::{gradients, second_derivatives, support::covered};
use graph::Op;

/// A line for each op that has a gradient: its name, and how often it is differentiated.
const LIST: &str = include_str!("../differentiated.txt");

#[test]
fn the_list_is_what_the_tests_differentiate() {
    for test in gradients::ALL.iter().chain(&second_derivatives::ALL) {
        test();
    }
    let [once, twice] = covered();
    let often = |op: &&str| match (once.contains(op), twice.contains(op)) {
        (_, true) => Some("twice"),
        (true, false) => Some("once"),
        (false, false) => None,
    };
    let lines = Op::KERNELS.iter().filter_map(|op| Some(format!("{op} {}", often(op)?)));
    let found: Vec<String> = lines.collect();
    let listed: Vec<&str> = LIST.lines().collect();
    assert_eq!(listed, found, "crates/cpu-reference/tests/differentiated.txt is out of date");
}
