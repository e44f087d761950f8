//! A network as a table for people.

use super::{Layer, Network, SampleShape};
use crate::parameters::{Layout, Slot};

/// One layer of a network's table.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// Its place, such as `main.3`.
    pub name: String,
    /// What it is, in words.
    pub layer: String,
    /// The shape of one sample after it.
    pub output: SampleShape,
    /// Trainable parameters.
    pub parameters: usize,
}

impl Network {
    /// One row a layer.
    pub fn table(&self) -> Vec<LayerRow> {
        let layout = Layout::parameters(self);
        let row = |(index, (layer, _, output)): (usize, (&Layer, _, _))| LayerRow {
            name: format!("main.{index}"),
            layer: layer.to_string(),
            output,
            parameters: layout.of_layer(index).map(Slot::elements).sum(),
        };
        self.layers().enumerate().map(row).collect()
    }

    /// Trainable parameters of all layers.
    pub fn parameter_count(&self) -> usize {
        Layout::parameters(self).slots().iter().map(Slot::elements).sum()
    }
}
