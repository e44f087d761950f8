//! A device that is lost is an error, never a wait without end.

use gan::networks::Preset;
use ganvas_tests::{count_cases, fresh_gpu};
use pollster::block_on;
use std::{sync::mpsc, thread, time::Duration};
use tensor_ops::{DeviceError, PlanOptions};
use verification::step::{Step, options};

/// How long a device may take to say that it is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// What this returns, if it does in time; it goes on in its own thread if not.
fn in_time<T: Send + 'static>(what: &str, of: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = mpsc::channel();
    // Whoever waited may have given up.
    thread::spawn(move || _ = done.send(of()));
    result.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{what}: {error}"))
}

/// Loses the device after so many runs under way, then asks it for everything.
fn lose_after(runs: usize) {
    let Some(gpu) = fresh_gpu() else { return };
    let options = options(Preset::Dcgan28Small, 1, 8, 7);
    let mut step = block_on(Step::new(&gpu, options, PlanOptions::default())).unwrap();
    let name = format!("lost with {runs} runs under way");
    let errors: Vec<DeviceError> = in_time(&name, move || {
        for _ in 0..runs {
            block_on(step.plan.run(&step.training.phases())).unwrap();
        }
        gpu.lose();
        let parameters = step.training.generator.parameters;
        let of = [
            block_on(step.plan.finish()),
            block_on(step.plan.read_storage(parameters)).map(drop),
            block_on(step.plan.run(&step.training.phases())),
            block_on(step.plan.finish()),
            block_on(step.plan.read_storage(parameters)).map(drop),
        ];
        count_cases(&gpu, of.len() as u64);
        // The first may be the end of what was done before.
        let errors = of.into_iter().skip(1).map(|result| result.expect_err("the device is lost"));
        errors.collect()
    });
    for error in errors {
        assert!(matches!(error, DeviceError::Lost { .. }), "{error:?}");
    }
}

#[test]
fn lost_before_a_run() {
    lose_after(0);
}

#[test]
fn lost_with_runs_under_way() {
    for runs in 1..=3 {
        lose_after(runs);
    }
}
