//! The graph's differentiation, rules and schedule, held to the reference's own arithmetic.

mod covered;
mod golden;
mod gradients;
mod graph_errors;
mod interpreter;
mod laws;
mod schedule;
mod second_derivatives;
mod support;
