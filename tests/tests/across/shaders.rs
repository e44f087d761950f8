//! Every shader on every platform, without the hardware.

mod platforms;
mod table;

use gan::{
    networks::{Networks, Preset},
    options::TrainOptions,
    sampling::{SAMPLING_BATCH, SamplingGraph},
    step::TrainingStep,
};
use graph::{Graph, Op, Window};
use platforms::{Platform, Text};
use std::collections::{HashMap, HashSet};
use tensor_ops::{Dispatch, Shader, Traits, dispatches_of, shaders_of};
use verification::{Lie, OpCase, proofs};

/// A kernel, and what each platform says to it.
struct Examined {
    text: Text,
    verdicts: Vec<(Platform, Result<(), String>)>,
}

/// Every different kernel that an op's cases use, with the dispatches that run it.
fn kernels_of(graphs: &[Graph], traits: impl IntoIterator<Item = Traits>) -> Vec<Vec<Dispatch>> {
    let mut places: HashMap<Shader, usize> = HashMap::new();
    let mut kernels: Vec<Vec<Dispatch>> = Vec::new();
    for traits in traits {
        for dispatch in graphs.iter().flat_map(|graph| dispatches_of(graph, traits)) {
            let place = *places.entry(dispatch.shader.clone()).or_insert(kernels.len());
            if place == kernels.len() {
                kernels.push(Vec::new());
            }
            kernels[place].push(dispatch);
        }
    }
    kernels
}

/// Each op's kernels, in the order of [`graph::Op::KERNELS`].
fn kernels_of_all_ops(
    traits: &(impl IntoIterator<Item = Traits> + Clone),
) -> Vec<(&'static str, Vec<Vec<Dispatch>>)> {
    let all = proofs().into_iter().map(|proof| {
        let graphs: Vec<Graph> = proof.cases().map(|case| case.graph(Lie::InBuffers)).collect();
        (proof.op, kernels_of(&graphs, traits.clone()))
    });
    all.collect()
}

/// The text of a kernel that some dispatches run.
fn text_of(dispatches: &[Dispatch]) -> Text {
    let shader = dispatches[0].shader.clone();
    let name = shader.name();
    let bytes = dispatches.iter().map(|dispatch| dispatch.parameter_bytes).max();
    Text::new(shader, bytes.unwrap_or_default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_platform_accepts_every_kernel_as_documented() {
    let examine = |dispatches: Vec<Dispatch>| {
        let text = text_of(&dispatches);
        let verdicts = Platform::ALL.map(|platform| (platform, platform.accept(&text)));
        Examined { text, verdicts: verdicts.into() }
    };
    let ops: Vec<(&str, Vec<Examined>)> = kernels_of_all_ops(&Traits::of_every_variant())
        .into_iter()
        .map(|(op, kernels)| (op, kernels.into_iter().map(examine).collect()))
        .collect();

    let names: Vec<&str> = ops.iter().map(|(op, _)| *op).collect();
    assert_eq!(names, graph::Op::KERNELS);
    let mut accepted = 0;
    for Examined { text, verdicts } in ops.iter().flat_map(|(_, kernels)| kernels) {
        for (platform, verdict) in verdicts {
            match verdict {
                Ok(()) => accepted += 1,
                Err(_) if text.needs_subgroups && !platform.has_subgroups() => {}
                Err(error) => panic!("{}, {platform:?}: {error}", text.shader.name()),
            }
        }
    }
    let kernels: usize = ops.iter().map(|(_, kernels)| kernels.len()).sum();
    assert!(kernels >= 60, "only {kernels} kernels");
    println!("{kernels} kernels, accepted {accepted} times by {} platforms", Platform::ALL.len());

    ganvas_tests::documented("portability.md", &table::page(&ops));
}

/// An adapter without subgroups, of WebGPU's default limits, can run every op.
#[test]
fn every_op_fits_webgpus_default_limits() {
    let most = wgpu::Limits::default().max_compute_workgroups_per_dimension;
    for (op, kernels) in kernels_of_all_ops(&[Traits::PLAIN]) {
        assert!(!kernels.is_empty(), "{op} has no kernel");
        for dispatches in kernels {
            let text = text_of(&dispatches);
            let name = text.shader.name();
            Platform::WebGpu.accept(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let workgroups = dispatches.iter().flat_map(|dispatch| dispatch.workgroups).max();
            assert!(workgroups.is_some_and(|count| count <= most), "{name}: {workgroups:?}");
        }
    }
}

/// The graphs of every preset's step and pictures.
fn graphs_of_the_presets() -> Vec<(Preset, Graph)> {
    let all = [
        (Preset::Dcgan28, 1),
        (Preset::Dcgan28Small, 1),
        (Preset::Dcgan64, 1),
        (Preset::Dcgan64, 3),
    ];
    let graphs = all.into_iter().flat_map(|(preset, channels)| {
        let networks = Networks::new(preset, channels).unwrap();
        let options = TrainOptions::new(preset, channels);
        let training = TrainingStep::new(&networks, &options).unwrap().graph;
        let sampling = SamplingGraph::new(&networks.generator, SAMPLING_BATCH).unwrap().graph;
        [(preset, training), (preset, sampling)]
    });
    graphs.collect()
}

/// What training and sampling run is among what the ops' cases run, so that nothing of it is
/// missing from these tests.
#[test]
fn the_presets_run_nothing_else() {
    let known: HashSet<Shader> = kernels_of_all_ops(&Traits::of_every_variant())
        .into_iter()
        .flat_map(|(_, kernels)| kernels.into_iter().map(|kernel| kernel[0].shader.clone()))
        .collect();
    for (preset, graph) in graphs_of_the_presets() {
        for shader in Traits::of_every_variant().flat_map(|traits| shaders_of(&graph, traits)) {
            assert!(known.contains(&shader), "{preset}: {} {}", shader.name(), shader.constants);
        }
    }
}

/// A browser's default limits hold the presets' buffers and dispatches.
#[test]
fn the_presets_fit_webgpus_default_limits() {
    let limits = wgpu::Limits::default();
    let mut most = 0;
    for (preset, graph) in graphs_of_the_presets() {
        for storage in graph.storages() {
            let bytes = storage.elements as u64 * 4;
            assert!(bytes <= limits.max_buffer_size, "{preset}: {bytes} bytes of {}", storage.name);
        }
        let tensors = graph.nodes().flat_map(|(_, node)| &node.results);
        let tensors = tensors.map(|&tensor| graph.shape(tensor).elements() as u64 * 4);
        let dispatches = dispatches_of(&graph, Traits::PLAIN);
        let scratch = dispatches.iter().flat_map(|dispatch| &dispatch.scratch_bytes);
        let largest = tensors.chain(scratch.map(|&bytes| bytes as u64)).max().unwrap();
        assert!(largest <= limits.max_storage_buffer_binding_size, "{preset}: {largest} bytes");
        most = most.max(largest);
        for dispatch in dispatches {
            let workgroups = dispatch.workgroups.into_iter().max().unwrap();
            let name = dispatch.shader.name();
            assert!(workgroups <= limits.max_compute_workgroups_per_dimension, "{preset}: {name}");
        }
    }
    println!("{most} bytes of {} at most", limits.max_storage_buffer_binding_size);
}

/// Channels as quads, odd, single, and above and below what subgroups share: no op has a kernel
/// for any of them that its cases never run.
#[test]
fn the_cases_reach_every_kernel_of_the_products() {
    let known = kernels_of_all_ops(&Traits::of_every_variant());
    let window = Window::square(3, 2, 1);
    for (i, o) in [1, 3, 4, 13, 16].into_iter().flat_map(|i| [1, 3, 4, 13, 16].map(|o| (i, o))) {
        let (x, w, y) = ([2, 5, 7, i], [3, 3, i, o], [2, 3, 4, o]);
        let output_padding = window.output_padding([5, 7]);
        for (op, operands) in [
            (Op::Dense, [[2, i].as_slice(), &[i, o]]),
            (Op::DenseGradInput, [&[2, o], &[i, o]]),
            (Op::DenseGradWeight, [&[2, i], &[2, o]]),
            (Op::Conv2d { window }, [&x, &w]),
            (Op::ConvTranspose2d { window, output_padding }, [&y, &w]),
            (Op::Conv2dGradWeight { window }, [&x, &y]),
        ] {
            let (_, kernels) = known.iter().find(|(name, _)| *name == op.name()).unwrap();
            let graph = OpCase::new(op, &operands).graph(Lie::InBuffers);
            for shader in Traits::of_every_variant().flat_map(|traits| shaders_of(&graph, traits)) {
                let name = shader.name();
                let reached = kernels.iter().any(|kernel| kernel[0].shader == shader);
                assert!(reached, "no case runs {name}, which {i} and {o} channels take");
            }
        }
    }
}

/// The loop limit rests on each kernel's own count.
#[test]
fn kernels_with_loops_count_them() {
    for dispatches in
        kernels_of_all_ops(&Traits::of_every_variant()).into_iter().flat_map(|(_, kernels)| kernels)
    {
        let text = text_of(&dispatches);
        for dispatch in dispatches {
            let counts = dispatch.loop_iterations > 0;
            assert_eq!(counts, text.has_loop(), "{}", text.shader.name());
        }
    }
}

mod teeth;
