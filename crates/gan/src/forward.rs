//! A network as ops of a graph.

use crate::{
    networks::{Layer, Network},
    parameters::{Layout, Role, Slot},
    streams::Pass,
};
use graph::{Graph, GraphError, StorageId, TensorId};

/// What a network does beside computing its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Normalises by the batch's statistics, which move the running ones, and drops out by the
    /// masks of this pass.
    Training(Pass),
    /// Normalises by the running statistics and drops nothing.
    Evaluation,
}

/// A network with its parameters and statistics as views of storage.
#[derive(Clone, Debug)]
pub struct BoundNetwork<'a> {
    network: &'a Network,
    parameters: Vec<(Slot, TensorId)>,
    statistics: Vec<(Slot, TensorId)>,
}

impl<'a> BoundNetwork<'a> {
    /// Adds a view of each of the network's parameters and statistics.
    ///
    /// # Errors
    /// [`GraphError::View`] if a storage is too short.
    pub fn new(
        graph: &mut Graph,
        network: &'a Network,
        parameters: StorageId,
        statistics: StorageId,
    ) -> Result<Self, GraphError> {
        let mut views = |layout: &Layout, storage| {
            let view = |slot: &Slot| {
                let view = graph.view(storage, slot.offset, &slot.shape)?;
                Ok((slot.clone(), view))
            };
            layout.slots().iter().map(view).collect::<Result<Vec<_>, GraphError>>()
        };
        Ok(Self {
            network,
            parameters: views(&Layout::parameters(network), parameters)?,
            statistics: views(&Layout::statistics(network), statistics)?,
        })
    }

    /// The trainable parameters' views, in the order of the layout.
    pub fn parameters(&self) -> Vec<TensorId> {
        self.parameters.iter().map(|&(_, view)| view).collect()
    }

    /// The trainable parameters' places, in the order of the layout.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        self.parameters.iter().map(|(slot, _)| slot)
    }

    /// Applies the network to a batch `x`, of the network's input shape.
    ///
    /// # Errors
    /// If `x` does not fit.
    pub fn forward(
        &self,
        graph: &mut Graph,
        x: TensorId,
        mode: Mode,
    ) -> Result<TensorId, GraphError> {
        Ok(self.activations(graph, x, mode)?.last().copied().unwrap_or(x))
    }

    /// As [`BoundNetwork::forward`], with what each layer yields, in order.
    ///
    /// # Errors
    /// If `x` does not fit.
    pub fn activations(
        &self,
        graph: &mut Graph,
        mut x: TensorId,
        mode: Mode,
    ) -> Result<Vec<TensorId>, GraphError> {
        let pass = match mode {
            Mode::Training(pass) => pass.name(),
            Mode::Evaluation => self.network.name(),
        };
        let samples = graph.shape(x).dims().first().copied().unwrap_or(1);
        let mut activations = Vec::new();
        for (index, (layer, _, output)) in self.network.layers().enumerate() {
            graph.set_scope(&format!("{pass}.main.{index}"));
            x = match *layer {
                Layer::Dense { .. } => {
                    let y = graph.dense(x, self.view(index, Role::Weight))?;
                    self.add_bias(graph, index, y)?
                }
                Layer::Conv2d { window, .. } => {
                    let y = graph.conv2d(x, self.view(index, Role::Weight), window)?;
                    self.add_bias(graph, index, y)?
                }
                Layer::ConvTranspose2d { window, output_padding, .. } => {
                    let weight = self.view(index, Role::Weight);
                    let y = graph.conv_transpose2d(x, weight, window, output_padding)?;
                    self.add_bias(graph, index, y)?
                }
                Layer::BatchNorm { epsilon, momentum } => {
                    let running = (
                        self.view(index, Role::RunningMean),
                        self.view(index, Role::RunningVariance),
                    );
                    let statistics = match mode {
                        Mode::Evaluation => running,
                        Mode::Training(_) => {
                            let of_batch = graph.batch_norm_statistics(x)?;
                            let rows = graph.shape(x).rows();
                            graph.batch_norm_running(running, of_batch, momentum, rows)?;
                            of_batch
                        }
                    };
                    let affine = (self.view(index, Role::Scale), self.view(index, Role::Shift));
                    graph.batch_norm(x, statistics, affine, epsilon)?
                }
                Layer::LeakyRelu { slope } => graph.leaky_relu(x, slope)?,
                Layer::Relu => graph.relu(x)?,
                Layer::Tanh => graph.tanh(x)?,
                Layer::Dropout { rate } => match mode {
                    Mode::Training(pass) => graph.dropout(x, rate, pass.dropout(index))?,
                    Mode::Evaluation => x,
                },
                Layer::Reshape { .. } | Layer::Flatten => {
                    graph.reshape(x, &output.batch(samples))?
                }
            };
            activations.push(x);
        }
        Ok(activations)
    }

    fn add_bias(
        &self,
        graph: &mut Graph,
        layer: usize,
        x: TensorId,
    ) -> Result<TensorId, GraphError> {
        match self.find(layer, Role::Bias) {
            Some(bias) => graph.bias(x, bias),
            None => Ok(x),
        }
    }

    /// A parameter that the layer's kind always has.
    fn view(&self, layer: usize, role: Role) -> TensorId {
        self.find(layer, role).expect("the layout gives each layer its parameters")
    }

    fn find(&self, layer: usize, role: Role) -> Option<TensorId> {
        let all = self.parameters.iter().chain(&self.statistics);
        let mut found = all.filter(|(slot, _)| slot.layer == layer && slot.role == role);
        found.next().map(|&(_, view)| view)
    }
}
