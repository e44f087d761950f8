//! A step taken apart is the step.

use super::*;
use crate::step::Workload;
use gan::networks::Preset;

#[test]
fn every_kernel_of_every_preset_stands_alone_with_the_same_work() {
    for &preset in Preset::all() {
        let step = Workload { preset, batch: 4 }.step().unwrap();
        let schedule = Schedule::new(&step.graph);
        let all: Vec<&Kernel> = schedule.phases.iter().flatten().collect();
        let kernels = kernels(&step.graph).unwrap();
        assert_eq!(kernels.iter().map(|kernel| kernel.count).sum::<usize>(), all.len());
        let whole = Work::of_all(&step.graph, all);
        let sum = |part: fn(&Work) -> u64| -> u64 {
            kernels.iter().map(|kernel| part(&kernel.work) * kernel.count as u64).sum()
        };
        assert_eq!((sum(|w| w.flop), sum(|w| w.bytes)), (whole.flop, whole.bytes), "{preset}");
        for kernel in &kernels {
            let alone = Schedule::new(&kernel.graph);
            let name = format!("{preset} {} {}", kernel.op, kernel.shapes);
            assert_eq!(alone.phases.iter().flatten().count(), 1, "{name}");
            let work = Work::of(&kernel.graph, &alone.phases[0][0]);
            assert_eq!(work, kernel.work, "{name}");
        }
    }
}

/// The figures that the project gives for a step: 0.360 GFLOP an image of `dcgan28` in products,
/// and 2.27 of `dcgan64`, whose padded taps they count.
#[test]
fn the_products_of_a_step_are_as_many_operations_as_its_layers_make_by_hand() {
    let products = |preset, batch| -> f64 {
        let step = Workload { preset, batch }.step().unwrap();
        let kernels = kernels(&step.graph).unwrap();
        let products = kernels.iter().filter(|kernel| kernel.is_product());
        products.map(|kernel| kernel.work.flop as f64 * kernel.count as f64).sum::<f64>()
            / batch as f64
    };
    let dcgan28 = products(Preset::Dcgan28, 4) * 1e-9;
    assert!((dcgan28 - 0.360).abs() < 0.001, "{dcgan28}");
    let dcgan64 = products(Preset::Dcgan64, 4) * 1e-9;
    assert!((1.9..2.27).contains(&dcgan64), "{dcgan64}");
}

#[test]
fn names_tell_kernels_apart() {
    let step = Workload { preset: Preset::Dcgan28Small, batch: 8 }.step().unwrap();
    let kernels = kernels(&step.graph).unwrap();
    let first = kernels.iter().find(|kernel| kernel.op == "conv2d").unwrap();
    assert_eq!(first.shapes, "8x28x28x1 5x5x1x16 16 > 8x14x14x16 s2 p2");
    assert_eq!(first.fused, ["bias", "leaky_relu"]);
    assert_eq!((first.phase.as_str(), first.scope.as_str()), ("discriminator", "d_real.main.0"));
    let uneven = Window { stride: [2, 1], ..Window::square(3, 1, 1) };
    assert_eq!(window_name(&uneven), uneven.to_string());
}
