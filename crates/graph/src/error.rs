//! What can be wrong with a graph.

use crate::{Shape, TensorType, Window};

/// A graph that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// The operands do not fit the op.
    #[error("{op}: needs {needs}; found {}", join(found))]
    Operands {
        /// The op's name.
        op: &'static str,
        /// What would fit.
        needs: &'static str,
        /// The operands' types.
        found: Vec<TensorType>,
    },
    /// A tensor would have no elements.
    #[error("{op}: shape {shape} has an extent of zero; every extent must be at least 1")]
    ZeroSized {
        /// The op's name.
        op: &'static str,
        /// The empty shape.
        shape: Shape,
    },
    /// The window cannot slide over this image.
    #[error("{op}: {problem} ({window}); found {}", join(found))]
    Window {
        /// The op's name.
        op: &'static str,
        /// Why not.
        problem: &'static str,
        /// The window asked for.
        window: Window,
        /// The operands' types.
        found: Vec<TensorType>,
    },
    /// An attribute of an op is out of its range.
    #[error("{op}: {attribute} is {value}, but must be {range}")]
    Attribute {
        /// The op's name.
        op: &'static str,
        /// The attribute's name.
        attribute: &'static str,
        /// Its value.
        value: String,
        /// The values allowed.
        range: &'static str,
    },
    /// A view reaches past the end of its storage.
    #[error(
        "view of {length} elements at {offset} does not fit storage `{storage}` of {available}"
    )]
    View {
        /// The storage's name.
        storage: String,
        /// The first element of the view.
        offset: usize,
        /// The elements of the view.
        length: usize,
        /// The elements of the storage.
        available: usize,
    },
    /// The op has no derivative here.
    #[error("{op}: has no gradient with respect to operand {operand}")]
    NotDifferentiable {
        /// The op's name.
        op: &'static str,
        /// The operand asked for, from 0.
        operand: usize,
    },
}

fn join(types: &[TensorType]) -> String {
    let types: Vec<String> = types.iter().map(ToString::to_string).collect();
    if types.is_empty() { "no operands".to_owned() } else { types.join(", ") }
}
