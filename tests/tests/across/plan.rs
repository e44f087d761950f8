//! What a plan makes, what it refuses, and how much it submits.

use gan::{
    networks::{Networks, Preset},
    options::TrainOptions,
    step::TrainingStep,
};
use ganvas_tests::{adapter_under_test, count_cases, fresh_gpu, gpu};
use graph::{DType, Graph, GraphError, Op, Schedule, Shape, TensorType};
use pollster::block_on;
use tensor_ops::{MAX_LOOP_ITERATIONS, Plan, PlanError};

fn step_of(preset: Preset, batch: usize) -> TrainingStep {
    let channels = if preset.takes_channels(3) { 3 } else { 1 };
    let options = TrainOptions { batch, ..TrainOptions::new(preset, channels) };
    TrainingStep::new(&Networks::new(preset, channels).unwrap(), &options).unwrap()
}

fn small_step() -> TrainingStep {
    step_of(Preset::Dcgan28Small, 8)
}

#[test]
fn a_step_is_one_submission_and_makes_nothing() {
    let Some(gpu) = fresh_gpu() else { return };
    let step = small_step();
    let mut plan = block_on(Plan::compile(&gpu, &step.graph)).unwrap();
    let mut run = || {
        plan.write_input(step.pixels, &[128; 8 * 28 * 28]);
        block_on(plan.run(&step.phases())).unwrap();
    };
    run();
    let first = gpu.created();
    for steps in 1..=5 {
        run();
        let now = gpu.created();
        assert_eq!(now.submits, first.submits + steps);
        let made = |of: tensor_ops::Created| (of.buffers, of.bind_groups, of.pipelines);
        assert_eq!(made(now), made(first), "something was made at step {steps}");
    }
    block_on(plan.finish()).unwrap();
    count_cases(&gpu, 5);
}

/// A second plan of the same graph needs no new pipeline, and each phase can run alone.
#[test]
fn pipelines_are_shared_between_plans() {
    let Some(gpu) = fresh_gpu() else { return };
    let step = small_step();
    let first = block_on(Plan::compile(&gpu, &step.graph)).unwrap();
    let made = gpu.created().pipelines;
    let second = block_on(Plan::compile(&gpu, &step.graph)).unwrap();
    assert_eq!(gpu.created().pipelines, made);
    let apart: usize = step.phases().iter().map(|&phase| second.dispatches(&[phase])).sum();
    assert_eq!(apart, first.dispatches(&step.phases()));
}

#[test]
fn memory_is_within_the_adapters_limits() {
    let (Some(gpu), Some(adapter)) = (gpu(), adapter_under_test()) else { return };
    let step = small_step();
    let memory = block_on(Plan::compile(gpu, &step.graph)).unwrap().memory();
    assert_eq!(memory.pooled_bytes, pooled_bytes(&Schedule::new(&step.graph)));
    let storages: usize = step.graph.storages().iter().map(|storage| 4 * storage.elements).sum();
    assert!(memory.storage_bytes >= storages as u64);
    assert!(memory.least_bytes <= memory.pooled_bytes);
    assert!(memory.pooled_bytes < memory.unshared_bytes, "{memory:?}");
    let limits = adapter.limits();
    let largest = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    assert!(memory.storage_bytes.max(memory.pooled_bytes) / 2 < largest, "{memory:?}");
}

/// The bytes of a schedule's buffers, each a whole number of quads.
fn pooled_bytes(schedule: &Schedule) -> u64 {
    schedule.buffers.iter().map(|buffer| (buffer.bytes as u64).next_multiple_of(16)).sum()
}

/// Sharing takes at most 15 % more than what a step needs at its worst moment, and 18 % in one case.
#[test]
fn activations_share_nearly_as_well_as_can_be() {
    for preset in [Preset::Dcgan28Small, Preset::Dcgan28, Preset::Dcgan64] {
        for batch in [2, 16, 64] {
            let schedule = Schedule::new(&step_of(preset, batch).graph);
            let (pooled, least) = (pooled_bytes(&schedule) as f64, schedule.least_bytes as f64);
            let unshared = schedule.unshared_bytes as f64;
            println!(
                "{preset}, batch {batch}: {:.2} MB, {:.3} of the least, {:.3} of unshared",
                pooled / 1e6,
                pooled / least,
                pooled / unshared
            );
            // What the largest tensors leave free between them is too short for the others there.
            let bound = if (preset, batch) == (Preset::Dcgan64, 16) { 1.18 } else { 1.15 };
            assert!(pooled <= bound * least, "{preset}, batch {batch}");
            assert!(pooled < 0.7 * unshared, "{preset}, batch {batch}");
        }
    }
}

fn limit_of(result: Result<Plan, PlanError>) -> (&'static str, u64, u64) {
    match result {
        Err(PlanError::Limit { what, needed, available, .. }) => (what, needed, available),
        other => panic!("a limit is expected, not {other:?}"),
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let (Some(gpu), Some(adapter)) = (gpu(), adapter_under_test()) else { return };
    let limits = adapter.limits();
    let largest = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    let mut graph = Graph::new("only");
    let elements = usize::try_from(largest / 4 + 4).unwrap();
    let small = graph.fill(1.0, &Shape::new(&[1])).unwrap();
    let large = graph.broadcast(small, &Shape::new(&[elements])).unwrap();
    graph.output(large);
    let (what, needed, available) = limit_of(block_on(Plan::compile(gpu, &graph)));
    assert!(needed > available, "{what}: {needed} of {available}");
}

#[test]
fn a_view_that_cannot_be_bound_is_refused() {
    let Some(gpu) = gpu() else { return };
    for (offset, fits) in [(0, true), (64, true), (1, false), (32, false), (65, false)] {
        let mut graph = Graph::new("only");
        let storage = graph.storage("weights", 256);
        let view = graph.view(storage, offset, &Shape::new(&[8])).unwrap();
        let y = graph.tanh(view).unwrap();
        graph.output(y);
        let plan = block_on(Plan::compile(gpu, &graph));
        if fits {
            plan.unwrap();
        } else {
            let found = plan.unwrap_err();
            let asked = offset;
            assert!(
                matches!(found, PlanError::Alignment { offset, multiple: 64, .. } if offset == asked),
                "{found:?}"
            );
        }
    }
}

#[test]
fn loops_that_a_driver_would_cut_are_refused() {
    let Some(gpu) = gpu() else { return };
    let dense = |depth: usize| {
        let mut graph = Graph::new("only");
        let x = graph.input(TensorType::f32(&[1, depth])).unwrap();
        let w = graph.input(TensorType::f32(&[depth, 1])).unwrap();
        let y = graph.dense(x, w).unwrap();
        graph.output(y);
        block_on(Plan::compile(gpu, &graph))
    };
    let limit = MAX_LOOP_ITERATIONS as usize / 4 * 4;
    dense(limit - 3).unwrap();
    let (what, needed, available) = limit_of(dense(limit + 1));
    assert_eq!(what, "loop iterations of one invocation");
    assert!(needed > available && available == MAX_LOOP_ITERATIONS);
}

#[test]
fn an_extent_of_zero_is_a_typed_error() {
    for dims in [&[0][..], &[3, 0], &[0, 5, 5, 3], &[2, 5, 0, 3], &[2, 5, 5, 0]] {
        let shape = Shape::new(dims);
        let mut graph = Graph::new("only");
        let storage = graph.storage("empty", 0);
        let mut errors = vec![
            graph.fill(1.0, &shape),
            graph.normal(&shape, 0),
            graph.philox_bits(&shape, 0, 0),
            graph.constant(&[], &shape),
            graph.view(storage, 0, &shape),
        ];
        for dtype in [DType::F32, DType::U8] {
            errors.push(graph.input(TensorType { dtype, shape: shape.clone() }));
        }
        let one = graph.fill(1.0, &Shape::new(&[1])).unwrap();
        errors.push(graph.push(Op::Broadcast { axes: 0..1, sizes: vec![0] }, &[one]).map(|r| r[0]));
        for error in errors {
            assert!(matches!(error, Err(GraphError::ZeroSized { .. })), "{dims:?}: {error:?}");
        }
    }
}
