use super::*;
use crate::{
    checkpoint::{decode, encode},
    data::{BatchSource, Batches, DataError, Dataset, Feed, Mirror, Problem, Shuffled},
    networks::Preset,
    sampling::latents,
    trace::trace,
};
use pollster::block_on;
use std::{path::Path, sync::Arc};

const BATCH: usize = 4;

fn state() -> TrainState {
    let options =
        TrainOptions { batch: BATCH, seed: 5, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    TrainState::new(options).unwrap()
}

fn trainer(state: &TrainState) -> Trainer {
    block_on(Trainer::new(&Device::Cpu, state)).unwrap()
}

fn pixels(step: u64) -> Vec<u8> {
    let place = |place: u32| (step as u32 * 31 + place).wrapping_mul(2_654_435_761);
    (0..BATCH as u32 * 784).map(|number| place(number).to_be_bytes()[0]).collect()
}

fn train(trainer: &mut Trainer, steps: u64) {
    for _ in 0..steps {
        block_on(trainer.step(&pixels(trainer.steps()))).unwrap();
    }
}

async fn pictures(trainer: &mut Trainer, latents: &[f32]) -> Result<Vec<u8>, TrainError> {
    trainer.sampler().await?.pictures(latents).await
}

#[test]
fn trains() {
    let before = state();
    let mut trainer = trainer(&before);
    assert_eq!(block_on(trainer.metrics()).unwrap(), None);
    train(&mut trainer, 3);
    let metrics = block_on(trainer.metrics()).unwrap().unwrap();
    assert_eq!((metrics.steps, trainer.steps(), trainer.images()), (3, 3, 12));
    assert!(metrics.loss_d > 0.5 && metrics.loss_d < 3.0, "{metrics:?}");
    assert!(metrics.d_real > 0.0 && metrics.d_real < 1.0, "{metrics:?}");
    // What was read is not counted again.
    train(&mut trainer, 1);
    let next = block_on(trainer.metrics()).unwrap().unwrap();
    assert!(next.steps == 1 && next.loss_d < 3.0, "{next:?}");
    let after = block_on(trainer.state()).unwrap();
    assert_ne!(after.generator, before.generator);
    assert_ne!(after.discriminator, before.discriminator);
    assert_ne!(after.average, before.average);
    assert_ne!(after.average.parameters, after.generator.parameters);
}

#[test]
fn learns_to_tell_black_from_its_fakes() {
    let mut options = state().options;
    options.hyper_parameters.learning_rate = 1e-3;
    let mut trainer = trainer(&TrainState::new(options).unwrap());
    let mut ticks = Vec::new();
    for _ in 0..20 {
        block_on(trainer.step(&[0; BATCH * 784])).unwrap();
        ticks.push(block_on(trainer.metrics()).unwrap().unwrap());
    }
    let (first, last) = (ticks[0], ticks[19]);
    assert!(last.loss_d < 0.7 * first.loss_d, "{ticks:?}");
    assert!(last.d_real > last.d_fake + 0.1, "{ticks:?}");
}

#[test]
fn going_on_from_a_checkpoint_is_exact() {
    let mut whole = trainer(&state());
    train(&mut whole, 5);
    let mut first = trainer(&state());
    train(&mut first, 2);
    let saved = encode(&block_on(first.state()).unwrap()).unwrap();
    let mut second = trainer(&decode(&saved).unwrap());
    train(&mut second, 3);
    let (whole, second) = (block_on(whole.state()).unwrap(), block_on(second.state()).unwrap());
    assert_eq!(encode(&whole).unwrap(), encode(&second).unwrap());
    assert_eq!((whole.step, whole.images), (5, 20));
}

/// With batches prepared ahead or in time, in one go or in two.
#[test]
fn a_feed_changes_no_bit() {
    let data = Arc::new(Dataset::digits().unwrap());
    let batches = Batches::new(&data, BATCH, 5, Mirror::No).unwrap();
    let shuffled = || Shuffled { data: Arc::clone(&data), batches };
    let train = |state: &TrainState, mut feed: Feed, steps: u64| {
        let mut trainer = trainer(state);
        for _ in 0..steps {
            block_on(trainer.step_from(&mut feed)).unwrap();
        }
        block_on(trainer.state()).unwrap()
    };
    let in_time = train(&state(), Feed::inline(shuffled()), 5);
    assert!(train(&state(), Feed::new(shuffled()), 5) == in_time);
    let half = train(&state(), Feed::new(shuffled()), 3);
    assert!(train(&half, Feed::new(shuffled()), 2) == in_time);
}

#[test]
fn a_bad_image_stops_training_at_its_step() {
    struct Breaks;
    impl BatchSource for Breaks {
        fn fill(&mut self, step: u64, into: &mut Vec<u8>) -> Result<(), DataError> {
            *into = pixels(step);
            let broken = || DataError::new(Path::new("broken.png"), Problem::NotAnImage);
            if step < 2 { Ok(()) } else { Err(broken()) }
        }
    }
    let mut trainer = trainer(&state());
    let mut feed = Feed::new(Breaks);
    for _ in 0..2 {
        block_on(trainer.step_from(&mut feed)).unwrap();
    }
    let error = block_on(trainer.step_from(&mut feed)).unwrap_err();
    assert!(matches!(&error, TrainError::Data(error) if error.path == Path::new("broken.png")));
    assert_eq!(trainer.steps(), 2);
}

#[test]
fn one_latent_gives_one_picture() {
    let mut trainer = trainer(&state());
    train(&mut trainer, 2);
    let many: Vec<f32> = (0..18).flat_map(latents).collect();
    let all = block_on(pictures(&mut trainer, &many)).unwrap();
    assert_eq!(all.len(), 18 * 784);
    for seed in [0, 3, 17] {
        let one = block_on(pictures(&mut trainer, &latents(seed))).unwrap();
        let place = seed as usize * 784;
        assert_eq!(one, all[place..place + 784]);
    }
    assert_ne!(all[..784], all[784..1568]);
    assert!(block_on(pictures(&mut trainer, &[])).unwrap().is_empty());
    assert!(block_on(pictures(&mut trainer, &[0.0; 99])).is_err());
    // Pictures do not disturb training.
    let state = block_on(trainer.state()).unwrap();
    block_on(pictures(&mut trainer, &latents(1))).unwrap();
    assert_eq!(block_on(trainer.state()).unwrap(), state);
}

#[test]
fn latents_are_a_function_of_the_seed() {
    assert_eq!(latents(42), latents(42));
    assert_ne!(latents(42), latents(43));
    assert_ne!(latents(1), latents(1 + (1 << 32)));
    let all: Vec<f32> = (0..100).flat_map(latents).collect();
    let mean = all.iter().sum::<f32>() / 1e4;
    let variance = all.iter().map(|value| value * value).sum::<f32>() / 1e4;
    assert!(mean.abs() < 0.04 && (variance - 1.0).abs() < 0.06, "{mean} {variance}");
}

#[test]
fn refuses_what_does_not_fit() {
    let mut trainer = trainer(&state());
    let error = block_on(trainer.step(&[0; 784])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a batch has 3136 bytes (N, H, W, C of [4, 28, 28, 1]), but 784 were given"
    );
    let other = TrainState::new(TrainOptions::new(Preset::Dcgan28, 1)).unwrap();
    assert!(matches!(trainer.restore(&other), Err(TrainError::OtherNetworks { .. })));
    let mut bad = state();
    bad.options.batch = 0;
    assert!(matches!(
        block_on(Trainer::new(&Device::Cpu, &bad)),
        Err(TrainError::State(StateError::Options(_)))
    ));
}

#[test]
fn numbers_that_are_not_finite_stop_it() {
    let mut broken = state();
    broken.discriminator.parameters[3] = f32::NAN;
    let mut trainer = trainer(&broken);
    let error = block_on(trainer.state()).unwrap_err();
    assert!(error.to_string().starts_with("d.param.main.0.weight is no longer finite"), "{error}");
    train(&mut trainer, 1);
    let error = block_on(trainer.metrics()).unwrap_err();
    assert_eq!(error.to_string(), "loss_d is no longer finite, between steps 0 and 1");
}

#[test]
fn a_number_that_is_not_finite_is_placed_after_the_last_whole_state() {
    let mut trainer = trainer(&state());
    train(&mut trainer, 1);
    block_on(trainer.state()).unwrap();
    train(&mut trainer, 2);
    block_on(trainer.metrics()).unwrap();
    let CompiledStep { step, executor, .. } = &mut trainer.compiled;
    let average = step.average.parameters;
    let elements = step.graph.storages()[average.index()].elements;
    executor.write_storage(average, &vec![f32::NAN; elements]);
    let error = block_on(trainer.state()).unwrap_err().to_string();
    assert!(error.ends_with("is no longer finite, between steps 1 and 3"), "{error}");
}

/// The averages over steps before and after a stop are those without one.
#[test]
fn steps_counted_again_give_the_same_averages() {
    let mut whole = trainer(&state());
    train(&mut whole, 5);
    let mut first = trainer(&state());
    train(&mut first, 2);
    let read = block_on(first.metrics()).unwrap().unwrap();
    let mut second = trainer(&block_on(first.state()).unwrap());
    second.count_again(&read);
    train(&mut second, 3);
    let again = block_on(second.metrics()).unwrap().unwrap();
    assert_eq!((again.steps, Some(again)), (5, block_on(whole.metrics()).unwrap()));
}

#[test]
fn a_glance_takes_nothing_from_the_next_averages() {
    let mut trainer = trainer(&state());
    assert!(block_on(trainer.glance_at_metrics()).unwrap().is_none());
    train(&mut trainer, 2);
    let glance = block_on(trainer.glance_at_metrics()).unwrap().unwrap();
    let glance = block_on(glance.get()).unwrap();
    assert_eq!(Some(glance), block_on(trainer.metrics()).unwrap());
}

/// Where steps repeat themselves, so that a feed of them can be asked again.
struct Hashed;

impl BatchSource for Hashed {
    fn fill(&mut self, step: u64, into: &mut Vec<u8>) -> Result<(), DataError> {
        *into = pixels(step);
        Ok(())
    }
}

#[test]
fn the_first_number_that_is_not_finite_is_found_by_step_and_layer() {
    // Moments that make weights too large at the end of the first step, which shows in the second.
    let mut start = state();
    start.generator.first_moment.fill(1e33);
    let mut trainer = trainer(&start);
    let mut feed = Feed::inline(Hashed);
    let diverged = (0..64).any(|_| {
        block_on(trainer.step_from(&mut feed)).unwrap();
        block_on(trainer.metrics()).is_err()
    });
    assert!(diverged, "such a weight must diverge");
    let origin = block_on(trainer.find_origin(&start, &mut feed, || true)).unwrap().unwrap();
    assert_eq!(origin.step, 2, "{origin}");
    let layer = origin.layer.as_deref().unwrap_or_default();
    assert!(layer.starts_with("d.main.") || layer.starts_with("g.main."), "{origin}");

    // Up to the step before it everything is finite, and in it nothing that comes before.
    trainer.restore(&start).unwrap();
    for _ in 1..origin.step {
        block_on(trainer.step_from(&mut feed)).unwrap();
    }
    let before = block_on(trainer.state()).unwrap();
    let trace = block_on(trace(&Device::Cpu, &before, &pixels(before.step))).unwrap();
    for tensor in trace.tensors().iter().take_while(|tensor| tensor.name != origin.tensor) {
        assert!(tensor.values.iter().all(|value| value.is_finite()), "{}", tensor.name);
    }
    assert_eq!(trace.not_finite(), Some(origin.tensor.as_str()));

    // It can be told to stop, and has nothing to say of steps that were not done.
    block_on(trainer.step_from(&mut feed)).unwrap();
    assert_eq!(block_on(trainer.find_origin(&start, &mut feed, || false)).unwrap(), None);
    assert_eq!(block_on(trainer.find_origin(&start, &mut feed, || true)).unwrap(), None);
}

/// So that looking at weights and moments at each save sees every gradient since the last.
#[test]
fn a_gradient_that_is_not_finite_stays_in_adams_moments() {
    let mut trainer = trainer(&state());
    train(&mut trainer, 1);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
        let mut state = block_on(trainer.state()).unwrap();
        let beta1 = state.options.hyper_parameters.beta1 as f32;
        let beta2 = state.options.hyper_parameters.beta2 as f32;
        let (m, v) = (&mut state.generator.first_moment[0], &mut state.generator.second_moment[0]);
        *m = beta1 * *m + (1.0 - beta1) * bad;
        *v = beta2 * *v + (1.0 - beta2) * bad * bad;
        for _ in 0..1000 {
            let (m, v) =
                (&mut state.generator.first_moment[0], &mut state.generator.second_moment[0]);
            (*m, *v) = (*m * beta1, *v * beta2);
        }
        assert!(state.not_finite(trainer.networks()).is_some(), "{bad}");
    }
}
