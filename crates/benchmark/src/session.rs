//! Measuring one adapter: first its ceilings, then kernels and steps against them.

use crate::{
    ceilings::{Ceilings, OnCeiling},
    kernels::{LayerKernel, SQUARE},
    report::{KernelRow, PRODUCT, StepRow},
    step::{CompiledStep, StepError, Workload},
    stopwatch::Stopwatch,
};
use tensor_ops::{Choices, DeviceError, Gpu, PlanOptions};

/// An adapter whose ceilings are known.
#[derive(Debug)]
pub struct Session {
    gpu: Gpu,
    stopwatch: Stopwatch,
    options: PlanOptions,
    ceilings: Ceilings,
}

impl Session {
    /// Measures the ceilings of an adapter on which plans are compiled with these options.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn begin(
        gpu: Gpu,
        options: PlanOptions,
        on_ceiling: OnCeiling<'_>,
    ) -> Result<Self, DeviceError> {
        let mut stopwatch = Stopwatch::new();
        let ceilings = Ceilings::measure(&gpu, &mut stopwatch, on_ceiling).await?;
        Ok(Self { gpu, stopwatch, options, ceilings })
    }

    /// Lets kernels and steps run in these variants from now on.
    pub fn choose_variants(&mut self, choices: Choices) {
        self.options.choices = choices;
    }

    /// What the adapter can do at most.
    pub fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }

    /// Measures one kernel of a workload's training step.
    ///
    /// # Errors
    /// If the device cannot run it, or fails.
    pub async fn kernel(
        &self,
        workload: Workload,
        kernel: &LayerKernel,
    ) -> Result<KernelRow, StepError> {
        self.measure(workload.preset.name(), workload.batch, kernel).await
    }

    /// Measures the product of two square matrices, as [`square_product`](crate::kernels::square_product) makes it.
    ///
    /// # Errors
    /// If the device cannot run it, or fails.
    pub async fn product(&self, product: &LayerKernel) -> Result<KernelRow, StepError> {
        self.measure(PRODUCT, SQUARE, product).await
    }

    async fn measure(
        &self,
        preset: &str,
        batch: usize,
        kernel: &LayerKernel,
    ) -> Result<KernelRow, StepError> {
        let mut plan = kernel.compile(&self.gpu, self.options.clone()).await?;
        let (phase, clock) = (kernel.graph.current_phase(), self.stopwatch.clock());
        let time = async |repetitions| plan.time_kernel(phase, 0, repetitions, &clock).await;
        let measured = self.stopwatch.measure(time).await?;
        let variants = plan.variants(phase, 0).map(str::to_owned).collect();
        Ok(KernelRow::new(preset, batch, kernel, variants, &measured, &self.ceilings))
    }

    /// Measures a whole training step.
    ///
    /// # Errors
    /// If the device cannot run it, or fails.
    pub async fn step(&self, workload: Workload) -> Result<StepRow, StepError> {
        let mut step = CompiledStep::new(&self.gpu, workload, self.options.clone()).await?;
        let measured = step.measure(&self.stopwatch).await?;
        Ok(StepRow::new(workload, &step, &measured))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::kernels;
    use gan::networks::Preset;
    use tensor_ops::{Clock, adapters};

    #[test]
    fn a_kernel_and_a_step_take_longer_the_more_often_they_run() {
        pollster::block_on(async {
            let adapters = adapters().await;
            let Some(adapter) = adapters.first() else {
                assert_eq!(std::env::var("ALLOW_NO_GPU").as_deref(), Ok("1"), "no adapter");
                return;
            };
            let gpu = adapter.open().await.unwrap();
            let clock = Stopwatch::new().clock();
            let workload = Workload { preset: Preset::Dcgan28Small, batch: 2 };
            let kernels = kernels(&workload.step().unwrap().graph).unwrap();
            let adam = kernels.iter().find(|kernel| kernel.op == "adam").unwrap();
            let mut plan = adam.compile(&gpu, PlanOptions::default()).await.unwrap();
            let phase = adam.graph.current_phase();
            assert!(plan.variants(phase, 0).eq(["adam quads"]));
            plan.time_kernel(phase, 0, 1, &clock).await.unwrap();
            let once = plan.time_kernel(phase, 0, 1, &clock).await.unwrap();
            let often = plan.time_kernel(phase, 0, 200, &clock).await.unwrap();
            assert!(once.seconds > 0.0 && often.seconds > once.seconds, "{once:?}, {often:?}");
            for timed in [once, often] {
                assert!(timed.seconds <= 1.1 * timed.host_seconds, "{timed:?}");
                assert!(gpu.has_timestamps() || timed.clock == Clock::Host, "{timed:?}");
            }
            let mut step = CompiledStep::new(&gpu, workload, PlanOptions::default()).await.unwrap();
            let once = step.time(1, &clock).await.unwrap();
            assert!(once.seconds > 0.0 && step.dispatches() > kernels.len(), "{once:?}");
        });
    }
}
