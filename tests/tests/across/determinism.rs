//! The same step on a device opened anew gives the same bytes.

use crate::across::training_step::Step;
use gan::networks::Preset;
use ganvas_tests::{count_cases, fresh_gpu};
use graph::StorageId;
use pollster::block_on;
use std::collections::BTreeMap;

#[test]
fn three_devices_three_times_the_same() {
    let mut first: Option<BTreeMap<String, Vec<u32>>> = None;
    for time in 0..3 {
        let Some(gpu) = fresh_gpu() else { return };
        let mut step = Step::new(&gpu, Preset::Dcgan28Small, 1, 8);
        block_on(step.plan.run(&step.training.phases())).unwrap();
        let bits = |storage: StorageId| -> Vec<u32> {
            let values = block_on(step.plan.read_storage(storage)).unwrap();
            values.iter().map(|value| value.to_bits()).collect()
        };
        let storages = step.storages();
        let names = step.training.graph.storages();
        let state: BTreeMap<String, Vec<u32>> =
            storages.iter().map(|&id| (names[id.index()].name.clone(), bits(id))).collect();
        assert_eq!(state.len(), names.len());
        let first = first.get_or_insert_with(|| state.clone());
        for (name, values) in &state {
            assert!(*values == first[name], "{name} differs on device {time}");
        }
        count_cases(&gpu, 1);
    }
}
