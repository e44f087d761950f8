//! One latent vector gives one image: whatever the batch, and wherever it is computed.

use gan::{
    executor::Device,
    networks::Preset,
    options::TrainOptions,
    parameters::Layout,
    sampling::{Sampler, SamplingGraph, latents},
    state::TrainState,
    trainer::Trainer,
};
use ganvas_tests::{count_cases, gpu};
use pollster::block_on;
use std::sync::OnceLock;
use tensor_ops::Gpu;

const BATCH: usize = 8;
const STEPS: u64 = 30;
const SEEDS: u64 = 64;
/// In images in [-1, 1], between devices.
const APART_AT_MOST: f32 = 1e-4;

/// The kinds of networks: a dense layer, and none; grey, and transparent at an odd aspect.
fn options() -> [TrainOptions; 2] {
    let small = TrainOptions { batch: BATCH, ..TrainOptions::new(Preset::Dcgan28Small, 1) };
    let wide = TrainOptions { batch: BATCH, ..TrainOptions::new(Preset::Dcgan, 4) };
    [small, TrainOptions { size: Some([16, 32]), width: Some(8), ..wide }]
}

/// States some steps from the first, with images that are not grey in every pixel.
fn states(gpu: &Gpu) -> &'static [TrainState] {
    static STATES: OnceLock<Vec<TrainState>> = OnceLock::new();
    STATES.get_or_init(|| options().map(|options| trained(gpu, options)).to_vec())
}

/// Learns to draw a bright square on black.
fn trained(gpu: &Gpu, options: TrainOptions) -> TrainState {
    let image = options.networks().unwrap().image();
    let mut trainer =
        block_on(Trainer::new(&Device::Gpu(gpu.clone()), &TrainState::new(options).unwrap()))
            .unwrap();
    for step in 0..STEPS as usize {
        let pixel = |place: usize| {
            let (x, y) =
                (place / image.channels % image.width, place / image.channels / image.width);
            let left = 4 + (step + place / image.elements()) % 5;
            let inside = (left..left + 8).contains(&x) && (4..12).contains(&(y % image.height));
            if inside { 230 } else { 10 }
        };
        let pixels: Vec<u8> = (0..BATCH * image.elements()).map(pixel).collect();
        block_on(trainer.step(&pixels)).unwrap();
    }
    let state = block_on(trainer.state()).unwrap();
    let images = block_on(sampler(&Device::Gpu(gpu.clone()), &state).images(&of_seeds(0..16)));
    let greatest = images.unwrap().iter().fold(0.0_f32, |greatest, v| greatest.max(v.abs()));
    with_contrast(state, 1.0 / greatest)
}

/// Multiplies the weights of the last layer, so that images reach further into [-1, 1].
fn with_contrast(mut state: TrainState, factor: f32) -> TrainState {
    let layout = Layout::parameters(&state.networks().unwrap().generator);
    let last = layout.slots().last().unwrap().range();
    state.average.parameters[last].iter_mut().for_each(|weight| *weight *= factor);
    state
}

fn sampler(device: &Device, state: &TrainState) -> Sampler {
    block_on(Sampler::new(device, state)).unwrap()
}

/// Images of so many seeds, as bits.
fn bits(images: &[f32]) -> Vec<u32> {
    images.iter().map(|value| value.to_bits()).collect()
}

fn of_seeds(seeds: impl Iterator<Item = u64>) -> Vec<f32> {
    seeds.flat_map(latents).collect()
}

/// Asked for alone, in threes and all at once.
fn one_image_however_many(device: &Device, state: &TrainState) {
    let mut sampler = sampler(device, state);
    let whole = block_on(sampler.images(&of_seeds(0..SEEDS))).unwrap();
    let (least, greatest) =
        whole.iter().fold((1.0_f32, -1.0_f32), |(low, high), &v| (low.min(v), high.max(v)));
    assert!(greatest - least > 0.5, "images between {least} and {greatest} show nothing");
    let elements = sampler.image().elements();
    for (batch, seeds) in [(1, [0, 5, 63].as_slice()), (3, &[0, 30, 61])] {
        for &first in seeds {
            let part = block_on(sampler.images(&of_seeds(first..first + batch))).unwrap();
            let place = first as usize * elements;
            let expected = &whole[place..place + batch as usize * elements];
            assert_eq!(bits(&part), bits(expected), "{batch} from seed {first}");
        }
    }
}

/// Graphs of other batches, which are other kernels on a device.
fn one_image_in_every_graph(device: &Device, state: &TrainState) {
    let networks = state.networks().unwrap();
    let elements = networks.image().elements();
    let run = |batch: usize| {
        let sampling = SamplingGraph::new(&networks.generator, batch).unwrap();
        let mut executor = block_on(device.compile(sampling.graph)).unwrap();
        executor.write_storage(sampling.parameters, &state.average.parameters);
        executor.write_storage(sampling.statistics, &state.average.statistics);
        executor.write_reals(sampling.latents, &of_seeds(0..batch as u64));
        block_on(executor.run(&[sampling.phase])).unwrap();
        bits(&block_on(executor.read(sampling.images)).unwrap())
    };
    let whole = run(64);
    for batch in [1, 3] {
        assert_eq!(run(batch), whole[..batch * elements], "a graph of {batch}");
    }
}

#[test]
fn one_latent_gives_one_image_on_an_adapter() {
    let Some(gpu) = gpu() else { return };
    for state in states(gpu) {
        let device = Device::Gpu(gpu.clone());
        one_image_however_many(&device, state);
        one_image_in_every_graph(&device, state);
        count_cases(gpu, SEEDS);
    }
}

#[test]
fn one_latent_gives_one_image_on_the_cpu() {
    let Some(gpu) = gpu() else { return };
    for state in states(gpu) {
        one_image_however_many(&Device::Cpu, state);
        one_image_in_every_graph(&Device::Cpu, state);
    }
}

#[test]
fn devices_agree_on_images() {
    let Some(gpu) = gpu() else { return };
    for state in states(gpu) {
        let asked = of_seeds(0..16);
        let [here, there] = [Device::Cpu, Device::Gpu(gpu.clone())]
            .map(|device| block_on(sampler(&device, state).images(&asked)).unwrap());
        let apart = here.iter().zip(&there).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{}: {apart:e} apart", state.options.label());
        assert!(apart <= APART_AT_MOST, "{}: {apart} apart", state.options.label());
        assert!(there.iter().all(|value| value.is_finite()));
        count_cases(gpu, 16);
    }
}
