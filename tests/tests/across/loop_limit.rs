//! llvmpipe silently ends the loops of an invocation: why plans refuse long ones, and that nothing
//! of the presets comes near.

use gan::{
    networks::{Networks, Preset},
    options::{BATCH_AT_MOST, TrainOptions},
    sampling::{SAMPLING_BATCH, SamplingGraph},
    step::TrainingStep,
};
use ganvas_tests::gpu;
use graph::Graph;
use pollster::block_on;
use tensor_ops::{Gpu, MAX_LOOP_ITERATIONS, Traits, dispatches_of};
use verification::iterations_done;

/// More than any adapter was seen to cut at.
const ASKED: u32 = 200_000;

/// How often two loops, one behind the other, run in all; how often they should run they find in
/// memory, so that no compiler can do without them.
const IN_A_ROW: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
    let first = words[0];
    let second = words[1];
    let zero = words[2];
    var hash = 1u;
    var done = 0u;
    for (var i = 0u; i < first; i++) {
        hash = hash * 1664525u + 1013904223u;
        done += 1u + (hash & zero);
    }
    for (var i = 0u; i < second; i++) {
        hash = hash * 22695477u + 1u;
        done += 1u + (hash & zero);
    }
    words[0] = done;
}";

/// How many iterations of [`IN_A_ROW`] this adapter does.
fn done_in_a_row(gpu: &Gpu, [first, second]: [u32; 2]) -> u32 {
    block_on(gpu.probe(IN_A_ROW, 1, &[first, second, 0, 0])).unwrap()[0]
}

#[test]
fn the_limit_is_below_where_this_adapter_cuts() {
    let Some(gpu) = gpu() else { return };
    let done = block_on(iterations_done(gpu, 1, ASKED)).unwrap();
    if done < ASKED {
        println!("{} cuts loops at {done} iterations", gpu.adapter());
    } else {
        println!("{} cuts no loop of {ASKED} iterations", gpu.adapter());
        assert_eq!(done, ASKED);
    }
    assert!(MAX_LOOP_ITERATIONS < u64::from(done), "{MAX_LOOP_ITERATIONS} of {done}");
    // The presets stay below the smaller of both, whichever that is elsewhere.
    let largest = largest_of_the_presets();
    let most = MAX_LOOP_ITERATIONS.min(u64::from(done));
    assert!(largest.iterations <= most, "{largest:?} of {most}");
    println!("at most {} of {most} iterations are needed: {}", largest.iterations, largest.kernel);
}

/// The look at its condition that ends a loop counts as well, so that an inner loop of n iterations
/// takes n + 1 of the limit each time, and the outer one its own.
#[test]
fn inner_loops_count_their_ends() {
    let Some(gpu) = gpu() else { return };
    let limit = MAX_LOOP_ITERATIONS as u32;
    for inner in [1, 2, 7, 100] {
        let outer = limit / (inner + 2);
        let done = block_on(iterations_done(gpu, outer, inner)).unwrap();
        assert_eq!(done, outer * inner, "{inner}");
        let done = block_on(iterations_done(gpu, limit, inner)).unwrap();
        println!("{done} of {limit} x {inner} iterations are done");
    }
}

/// Loops behind one another share what an invocation may do.
#[test]
fn loops_in_a_row_add_up() {
    let Some(gpu) = gpu() else { return };
    let limit = MAX_LOOP_ITERATIONS as u32;
    for first in [1, limit / 2, limit - 1] {
        let both = [first, limit - first];
        assert_eq!(done_in_a_row(gpu, both), limit, "{both:?}");
    }
    let done = done_in_a_row(gpu, [limit, limit]);
    println!("{done} of {limit} + {limit} iterations are done");
}

/// The kernel of the most iterations.
#[derive(Debug, Default)]
struct Largest {
    iterations: u64,
    kernel: String,
}

impl Largest {
    /// Looks at every kernel of a graph, in each form that an adapter can choose.
    fn look_at(&mut self, name: &str, graph: &Graph) {
        for traits in Traits::of_every_variant() {
            for dispatch in dispatches_of(graph, traits) {
                if dispatch.loop_iterations > self.iterations {
                    let kernel = dispatch.shader.name();
                    let scope = &graph.node(dispatch.node).scope;
                    self.iterations = dispatch.loop_iterations;
                    self.kernel = format!("{kernel} in {scope} of {name}");
                }
            }
        }
    }
}

/// The kernel of the most iterations of a preset's step and of its pictures.
fn largest_of(preset: Preset, channels: usize, batch: usize) -> Largest {
    let networks = Networks::new(preset, channels).unwrap();
    let options = TrainOptions { batch, ..TrainOptions::new(preset, channels) };
    let training = TrainingStep::new(&networks, &options).unwrap().graph;
    let sampling = SamplingGraph::new(&networks.generator, SAMPLING_BATCH).unwrap().graph;
    let mut largest = Largest::default();
    largest.look_at(&format!("{preset}'s step at batch {batch}"), &training);
    largest.look_at(&format!("{preset}'s pictures"), &sampling);
    largest
}

/// The presets with the batches that they are trained with, and larger ones.
const LARGEST: [(Preset, usize, &[usize]); 3] = [
    (Preset::Dcgan28, 1, &[64, 128, 512]),
    (Preset::Dcgan28Small, 1, &[64, 128, 512]),
    (Preset::Dcgan64, 3, &[64, 128, 512]),
];

fn largest_of_the_presets() -> Largest {
    let all = LARGEST.iter().flat_map(|&(preset, channels, batches)| {
        batches.iter().map(move |&batch| largest_of(preset, channels, batch))
    });
    all.max_by_key(|largest| largest.iterations).unwrap_or_default()
}

/// Needs no adapter.
#[test]
fn every_kernel_of_the_presets_is_below_the_limit() {
    for (preset, channels, batches) in LARGEST {
        for &batch in batches.iter().chain(&[BATCH_AT_MOST]) {
            let Largest { iterations, kernel } = largest_of(preset, channels, batch);
            println!("{iterations} iterations of {MAX_LOOP_ITERATIONS}: {kernel}");
            assert!(iterations > 100, "{iterations}: no step has only short sums");
            assert!(iterations <= MAX_LOOP_ITERATIONS, "{iterations}: {kernel}");
        }
    }
}
