//! Training on an adapter, from step to step.

use gan::{
    checkpoint::{decode, encode},
    executor::Device,
    health::{OfBoth, Signals},
    networks::Preset,
    sampling::{SAMPLING_BATCH, latents},
    state::TrainState,
    trainer::{Metrics, PendingMetrics, TrainError, Trainer},
};
use ganvas_tests::{count_cases, fresh_gpu, gpu};
use pollster::block_on;
use tensor_ops::{Created, Gpu};
use verification::step::options;

const BATCH: usize = 8;

fn first_state() -> TrainState {
    TrainState::new(options(Preset::Dcgan28Small, 1, BATCH, 5)).unwrap()
}

fn trainer(gpu: &Gpu, state: &TrainState) -> Trainer {
    block_on(Trainer::new(&Device::Gpu(gpu.clone()), state)).unwrap()
}

/// A step on pixels hashed from their place and the step.
fn step(trainer: &mut Trainer) {
    let seed = trainer.steps() as u32 * 31;
    let hash = |place: u32| (seed + place).wrapping_mul(0x9e37_79b9);
    let pixels: Vec<u8> = (0..BATCH as u32 * 784).map(|place| (hash(place) >> 24) as u8).collect();
    block_on(trainer.step(&pixels)).unwrap();
}

async fn pictures(trainer: &mut Trainer, latents: &[f32]) -> Result<Vec<u8>, TrainError> {
    trainer.sampler().await?.pictures(latents).await
}

fn metrics(trainer: &mut Trainer) -> Metrics {
    block_on(trainer.metrics()).unwrap().unwrap()
}

fn state(trainer: &mut Trainer) -> TrainState {
    block_on(trainer.state()).unwrap()
}

/// Training that is cut, saved and taken up by another trainer gives the same bytes.
#[test]
fn going_on_from_a_checkpoint_is_exact() {
    let Some(gpu) = gpu() else { return };
    for (before, after) in [(1, 3), (3, 2)] {
        let mut whole = trainer(gpu, &first_state());
        let mut first = trainer(gpu, &first_state());
        for _ in 0..before {
            step(&mut whole);
            step(&mut first);
        }
        assert_eq!(metrics(&mut whole), metrics(&mut first));
        let saved = encode(&state(&mut first)).unwrap();
        drop(first);
        let mut second = trainer(gpu, &decode(&saved).unwrap());
        for _ in 0..after {
            step(&mut whole);
            step(&mut second);
        }
        assert_eq!(metrics(&mut whole), metrics(&mut second));
        let [whole, second] = [state(&mut whole), state(&mut second)];
        assert_eq!((whole.step, whole.images), (before + after, (before + after) * BATCH as u64));
        assert!(encode(&whole).unwrap() == encode(&second).unwrap(), "{before} + {after} steps");
        assert!(encode(&whole).unwrap() != saved);
        count_cases(gpu, 1);
    }
}

/// A picture depends on its latent vector alone, whichever place it has among however many.
#[test]
fn one_latent_gives_one_picture() {
    let Some(gpu) = gpu() else { return };
    let mut trainer = trainer(gpu, &first_state());
    for _ in 0..2 {
        step(&mut trainer);
    }
    let before = state(&mut trainer);
    let seeds = SAMPLING_BATCH as u64 + 2;
    let many: Vec<f32> = (0..seeds).flat_map(latents).collect();
    let all = block_on(pictures(&mut trainer, &many)).unwrap();
    let drawn: Vec<&[u8]> = all.chunks_exact(784).collect();
    assert_eq!(drawn.len() as u64, seeds);
    for seed in [0, 3, seeds - 1] {
        let one = block_on(pictures(&mut trainer, &latents(seed))).unwrap();
        assert!(one == drawn[seed as usize], "seed {seed} alone");
    }
    let reversed: Vec<f32> = (0..seeds).rev().flat_map(latents).collect();
    let reversed = block_on(pictures(&mut trainer, &reversed)).unwrap();
    assert!(reversed.chunks_exact(784).rev().eq(drawn.iter().copied()), "in reversed order");
    assert_ne!(drawn[0], drawn[1]);
    // Pictures do not disturb training.
    assert!(state(&mut trainer) == before);
    count_cases(gpu, seeds);
}

/// Losses that are read while the next step runs are those of the steps before it.
#[test]
fn losses_are_read_while_later_steps_run() {
    let Some(gpu) = gpu() else { return };
    let mut waiting = trainer(gpu, &first_state());
    let mut reading = trainer(gpu, &first_state());
    let mut pending = None;
    for number in 0..4 {
        step(&mut reading);
        if let Some(pending) = pending.take() {
            let before = metrics(&mut waiting);
            assert_eq!(block_on(PendingMetrics::get(pending)).unwrap(), before, "step {number}");
        }
        pending = block_on(reading.begin_metrics()).unwrap();
        step(&mut waiting);
    }
    assert!(pending.is_some());
    count_cases(gpu, 3);
}

/// What has been made, without the submissions.
fn made(gpu: &Gpu) -> (u64, u64, u64) {
    let Created { buffers, bind_groups, pipelines, .. } = gpu.created();
    (buffers, bind_groups, pipelines)
}

/// On a device of its own, as others count too.
#[test]
fn nothing_is_made_once_training_has_begun() {
    let Some(gpu) = fresh_gpu() else { return };
    let mut trainer = trainer(&gpu, &first_state());
    let first = made(&gpu);
    assert!(first.0 > 0 && first.1 > 0 && first.2 > 0, "{first:?}");
    for number in 0..4 {
        let submits = || gpu.created().submits;
        let before = submits();
        step(&mut trainer);
        assert_eq!(submits(), before + 1, "submissions of step {number}");
        step(&mut trainer);
        assert_eq!(submits(), before + 2, "submissions of step {number}");
        metrics(&mut trainer);
        assert_eq!(submits(), before + 4, "submissions of a look at the step and a readback");
        step(&mut trainer);
        let pending = block_on(trainer.begin_metrics()).unwrap().unwrap();
        step(&mut trainer);
        block_on(pending.get()).unwrap();
        assert_eq!(submits(), before + 8, "submissions of a readback between steps");
        // Weights, two moments and statistics of each network, weights and statistics of the average.
        state(&mut trainer);
        assert_eq!(submits(), before + 8 + 10, "submissions of a state");
        assert_eq!(made(&gpu), first, "something was made at step {number}");
    }
    // Pictures have a plan of their own, made before.
    block_on(pictures(&mut trainer, &latents(1))).unwrap();
    assert_eq!(made(&gpu), first, "something was made for pictures");
    count_cases(&gpu, 8);
}

/// What health is judged by, on an adapter and on the CPU.
#[test]
fn signals_are_those_of_the_reference() {
    let Some(gpu) = gpu() else { return };
    let cpu = block_on(Trainer::new(&Device::Cpu, &first_state())).unwrap();
    let [expected, found] = [cpu, trainer(gpu, &first_state())].map(|mut trainer| {
        step(&mut trainer);
        let pending = block_on(trainer.begin_metrics()).unwrap().unwrap();
        block_on(pending.observe()).unwrap().1
    });
    let numbers = |Signals { grad_norm_d, grad_norm_g, evidence: e }: Signals| {
        let OfBoth { reals, fakes } = e.accuracy;
        let distances = [e.nearest.reals, e.nearest.fakes, e.apart.reals, e.apart.fakes];
        let norms = [grad_norm_d, grad_norm_g, e.update_d, e.update_g, reals, fakes];
        [&norms[..], &distances].concat()
    };
    for (place, (expected, found)) in numbers(expected).iter().zip(numbers(found)).enumerate() {
        // Adam's first step is as long where a gradient is near 0, and takes its sign from rounding.
        let apart = if (2..4).contains(&place) { 1e-2 } else { 1e-4 };
        assert!((found - expected).abs() <= apart * expected.abs(), "{place}: {found}, {expected}");
        assert!(found.is_finite());
    }
    count_cases(gpu, 1);
}
