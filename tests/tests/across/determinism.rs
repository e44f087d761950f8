//! The same work on a device opened anew gives the same bytes.

use gan::networks::Preset;
use ganvas_tests::{count_cases, fresh_gpu};
use graph::Op;
use pollster::block_on;
use std::collections::BTreeMap;
use tensor_ops::{Gpu, PlanOptions};
use verification::{
    Family, Form, Level, proofs, run,
    step::{Step, options},
};

/// What is left in memory, by what left it.
type Left = BTreeMap<String, Vec<Vec<u32>>>;

/// Compares what three devices leave, each opened anew.
fn three_devices_leave_the_same(of: impl Fn(&Gpu) -> Left) {
    let mut first: Option<Left> = None;
    for time in 0..3 {
        let Some(gpu) = fresh_gpu() else { return };
        let left = of(&gpu);
        count_cases(&gpu, left.len() as u64);
        let Some(first) = &first else {
            first = Some(left);
            continue;
        };
        assert_eq!(first.len(), left.len());
        for (name, words) in &left {
            assert!(*words == first[name], "{name} differs on device {time}");
        }
    }
}

#[test]
fn a_training_step() {
    three_devices_leave_the_same(|gpu| {
        let options = options(Preset::Dcgan28Small, 1, 8, 7);
        let mut step = block_on(Step::new(gpu, options, PlanOptions::default())).unwrap();
        block_on(step.plan.run(&step.training.phases())).unwrap();
        let words = block_on(step.words()).unwrap();
        words.into_iter().map(|(name, words)| (name, vec![words])).collect()
    });
}

/// Numbers of which every sum rounds, so that another order of summation has other bits.
#[test]
fn every_op() {
    three_devices_leave_the_same(|gpu| {
        let mut left = Left::new();
        for proof in proofs() {
            let quick = proof.groups.iter().filter(|group| group.level == Level::Quick);
            for group in quick {
                for (number, case) in group.cases.iter().enumerate() {
                    let operands = group.operands.of(case, Family::Normal);
                    let outcome = block_on(run(gpu, case, &operands, Form::of(gpu), None));
                    let outcome = outcome.unwrap_or_else(|error| panic!("{case}: {error}"));
                    let name = format!("{}/{}/{number}: {case}", proof.op, group.name);
                    left.insert(name, outcome.targets);
                }
            }
        }
        for op in Op::KERNELS {
            let of_op = format!("{op}/");
            assert!(left.keys().any(|name| name.starts_with(&of_op)), "{op} leaves nothing");
        }
        left
    });
}
