//! Inner products of features, a block at a time on the device.

use crate::MetricsError;
use gan::executor::{Device, Executor};
use graph::{Graph, Op, PhaseId, TensorId, TensorType};

/// Rows of a block: 4 MB of products.
const ROWS: usize = 1000;

/// Computes blocks of a·bᵀ.
pub struct Products {
    executor: Executor,
    phase: PhaseId,
    a: TensorId,
    b: TensorId,
    products: TensorId,
    rows: usize,
    dimensions: usize,
}

impl Products {
    /// For features of so many dimensions.
    ///
    /// # Errors
    /// If the device cannot hold or run a block.
    pub async fn new(device: &Device, dimensions: usize) -> Result<Self, MetricsError> {
        Self::in_blocks(device, dimensions, ROWS).await
    }

    /// [`Products::new`] with blocks of so many rows and columns.
    ///
    /// # Errors
    /// If the device cannot hold or run a block.
    pub async fn in_blocks(
        device: &Device,
        dimensions: usize,
        rows: usize,
    ) -> Result<Self, MetricsError> {
        let mut graph = Graph::new("products");
        let phase = graph.current_phase();
        let a = graph.input(TensorType::f32(&[rows, dimensions]))?;
        let b = graph.input(TensorType::f32(&[rows, dimensions]))?;
        // a·wᵀ with the rows of w as b.
        let [products] = graph.push(Op::DenseGradInput, &[a, b])?[..] else {
            unreachable!("a product has one result")
        };
        graph.output(products);
        let executor = device.compile(graph).await?;
        Ok(Self { executor, phase, a, b, products, rows, dimensions })
    }

    /// The most rows of `a` or `b` that a block has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The products of each row of `a` with each of `b`, both `[up to rows, dimensions]`; a row of
    /// the result has [`Products::rows`] numbers, those past the end of `b` being 0.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn block(&mut self, a: &[f32], b: &[f32]) -> Result<Vec<f32>, MetricsError> {
        for (input, rows) in [(self.a, a), (self.b, b)] {
            let mut whole = rows.to_vec();
            whole.resize(self.rows * self.dimensions, 0.0);
            self.executor.write_reals(input, &whole);
        }
        self.executor.run(&[self.phase]).await?;
        Ok(self.executor.read(self.products).await?)
    }
}
