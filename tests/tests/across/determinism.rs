//! The same step on a device opened anew gives the same bytes.

use crate::across::step::{Step, options};
use gan::networks::Preset;
use ganvas_tests::{count_cases, fresh_gpu};
use pollster::block_on;
use std::collections::BTreeMap;

#[test]
fn three_devices_three_times_the_same() {
    let mut first: Option<BTreeMap<String, Vec<u32>>> = None;
    for time in 0..3 {
        let Some(gpu) = fresh_gpu() else { return };
        let mut step = Step::new(&gpu, options(Preset::Dcgan28Small, 1, 8, 7));
        block_on(step.plan.run(&step.training.phases())).unwrap();
        let state = step.words();
        let first = first.get_or_insert_with(|| state.clone());
        for (name, values) in &state {
            assert!(*values == first[name], "{name} differs on device {time}");
        }
        count_cases(&gpu, 1);
    }
}
