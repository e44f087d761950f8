//! Variants are chosen among correct ones, by their times, and change no bit of a training.

use gan::{
    checkpoint::{decode, encode},
    executor::Device,
    networks::{Networks, Preset},
    state::TrainState,
    step::TrainingStep,
    trainer::Trainer,
    variants::ChosenVariants,
};
use ganvas_tests::{count_cases, fresh_gpu, gpu};
use graph::{Graph, Node, NodeId, PhaseId};
use pollster::block_on;
use std::time::{Duration, Instant};
use tensor_ops::{Change, Choices, Edit, Fault, Gpu, Plan, PlanOptions, Variant};
use tuning::{
    Candidate, Finding, Measured, Progress, Tuned, Workload, tune, tune_candidates, workloads,
};
use verification::{
    faults::{Kind, PlantedFault, faults},
    step::options,
};

const BATCH: usize = 8;
const LONG: Duration = Duration::from_secs(600);

fn first_state() -> TrainState {
    TrainState::new(options(Preset::Dcgan28Small, 1, BATCH, 3)).unwrap()
}

fn step_graph() -> Graph {
    let TrainState { options, .. } = first_state();
    TrainingStep::new(&Networks::new(options.preset, 1).unwrap(), &options).unwrap().graph
}

/// The products of a small step among which there is a choice.
fn products(gpu: &Gpu) -> Vec<Workload> {
    let mut products = workloads(&[&step_graph()], gpu.traits());
    products.retain(|product| product.variants.len() > 1);
    assert!(!products.is_empty(), "every adapter has two variants of some product");
    products
}

/// Measures one product in these candidates.
fn measure(gpu: &Gpu, product: &Workload, candidates: &[Candidate]) -> Measured {
    let started = Instant::now();
    let clock = move || started.elapsed();
    let candidates = |_: &Workload| candidates.to_vec();
    let product = std::slice::from_ref(product);
    let progress = &mut |_: Progress<'_>| {};
    let tuned = tune_candidates(gpu, product, &candidates, LONG, &clock, progress);
    let mut tuned: Tuned = block_on(tuned).unwrap();
    count_cases(gpu, 1);
    tuned.measured.pop().unwrap()
}

fn correct(variant: Variant) -> Candidate {
    Candidate { variant, fault: None }
}

/// The rule's variant, or another where that is the one.
fn another(product: &Workload, variant: Variant) -> Variant {
    product.variants.iter().copied().find(|&other| other != variant).unwrap()
}

/// What computes something else because it leaves work out, and so takes less time. Of the
/// convolutions: some faults make no difference to a dense layer on a few images.
fn is_fast(planted: &PlantedFault) -> bool {
    let of_convolution = planted.fault.op.starts_with("conv");
    of_convolution && matches!(planted.kind, Kind::Stale | Kind::DroppedTap)
}

/// What became of a fault planted into one product's variants, each beside a correct one.
#[derive(Default)]
struct Planted {
    found: usize,
    /// It is in their text and changes no bit of their results: some of a variant never runs.
    inert: usize,
}

fn plant(gpu: &Gpu, product: &Workload, planted: &PlantedFault) -> Planted {
    let graph = product.graph().unwrap();
    let touches = |variant: Variant| planted.touches(&graph, gpu.traits().with_variant(variant));
    let mut outcome = Planted::default();
    for variant in product.variants.iter().copied().filter(|&variant| touches(variant)) {
        let fast = Candidate { variant, fault: Some(planted.fault) };
        let other = another(product, variant);
        let measured = measure(gpu, product, &[correct(other), fast]);
        let wrong: Vec<Variant> = measured.disagreeing().map(|(variant, _)| variant).collect();
        if wrong == [variant] {
            assert_eq!(measured.chosen, other, "{}: {measured:?}", planted.name);
            outcome.found += 1;
        } else {
            assert!(wrong.is_empty(), "{}: {measured:?}", planted.name);
            let [right, faulty] =
                [None, fast.fault].map(|fault| bits(gpu, product, variant, fault));
            assert!(right == faulty, "{} in {variant} of {} is missed", planted.name, product.name);
            outcome.inert += 1;
        }
    }
    outcome
}

/// The results of a product in a variant, on numbers that are all different and not 0.
fn bits(gpu: &Gpu, product: &Workload, variant: Variant, fault: Option<Fault>) -> Vec<u32> {
    let graph = product.graph().unwrap();
    let choices = [(product.name.clone(), variant)].into_iter().collect();
    let options = PlanOptions { choices, fault, ..PlanOptions::default() };
    let mut plan = block_on(Plan::compile_with(gpu, &graph, options)).unwrap();
    let named = |(_, node): &(NodeId, &Node)| node.op.name() == product.op().name();
    let (_, product) = graph.nodes().find(named).unwrap();
    for &operand in &product.operands {
        let elements = 0..graph.shape(operand).elements();
        let numbers = elements.map(|place| 1.0 + (place * 7919 % 10_007) as f32 / 10_007.0);
        let bytes: Vec<u8> = numbers.flat_map(f32::to_le_bytes).collect();
        plan.write_input(operand, &bytes);
    }
    let phases: Vec<PhaseId> = graph.phases().map(|(phase, _)| phase).collect();
    block_on(plan.run(&phases)).unwrap();
    let results = block_on(plan.read(product.results[0])).unwrap();
    results.into_iter().map(f32::to_bits).collect()
}

#[test]
fn a_fast_but_wrong_variant_is_never_chosen() {
    let Some(gpu) = gpu() else { return };
    let (products, traits) = (products(gpu), gpu.traits());
    let (mut found, mut inert, mut never) = (0, 0, Vec::new());
    for planted in faults().iter().filter(|planted| is_fast(planted)) {
        let touches = |product: &&Workload| {
            let graph = product.graph().unwrap();
            product.variants.iter().any(|&v| planted.touches(&graph, traits.with_variant(v)))
        };
        let touched: Vec<&Workload> = products.iter().filter(touches).collect();
        let mut of_fault = Planted::default();
        for product in &touched {
            let outcome = plant(gpu, product, planted);
            of_fault.found += outcome.found;
            of_fault.inert += outcome.inert;
            // One product in which it is found is enough.
            if outcome.found > 0 {
                break;
            }
        }
        if !touched.is_empty() && of_fault.found == 0 {
            never.push(planted.name);
        }
        found += of_fault.found;
        inert += of_fault.inert;
    }
    println!("{found} fast but wrong variants found, {inert} inert, never found: {never:?}");
    assert!(never.is_empty(), "never found: {never:?}");
    assert!(found >= 6, "only {found} could be planted");
}

/// The rule's variant has to be right as well.
#[test]
fn a_wrong_variant_of_the_rule_is_replaced() {
    let Some(gpu) = gpu() else { return };
    let product = &products(gpu)[0];
    let [rule, other] = [product.variants[0], product.variants[1]];
    let stale = |op| Some(Fault { op, change: Change::Stale });
    let op = product.op().name();
    let wrong = Candidate { variant: rule, fault: stale(op) };
    let measured = measure(gpu, product, &[wrong, correct(other)]);
    assert_eq!((measured.chosen, measured.by_rule), (other, rule));
    let neither = measure(gpu, product, &[wrong, Candidate { variant: other, fault: stale(op) }]);
    assert_eq!(neither.chosen, rule, "for want of another");
    assert_eq!(neither.disagreeing().count(), 2);
}

/// Work that changes nothing, as there is no bias, in the variant that every adapter has.
const IN_VAIN: Edit = Edit {
    from: "let taps = taps_of(pixel);",
    to: "let taps = taps_of(pixel);
    for (var turn = 0u; turn < 30000u; turn++) {
        c0 = c0 + f32(params.has_bias) * load_a(row0 + (turn & 3u));
    }",
};

#[test]
fn a_slow_variant_is_given_up_after_its_first_run() {
    let Some(gpu) = gpu() else { return };
    let slow = Variant::Registers;
    let of =
        |product: &&Workload| product.op().name() == "conv2d" && product.variants.contains(&slow);
    let products = products(gpu);
    let product = products.iter().find(of).unwrap();
    let other = another(product, slow);
    let fault = Some(Fault { op: "conv2d", change: Change::Text(IN_VAIN) });
    let measured = measure(gpu, product, &[correct(other), Candidate { variant: slow, fault }]);
    assert_eq!(measured.chosen, other, "{:?}", measured.findings);
    let finding = measured.findings.iter().find(|(variant, _)| *variant == slow);
    assert!(matches!(finding, Some((_, Finding::GivenUp(_)))), "{:?}", measured.findings);
}

#[test]
fn when_time_is_up_the_rest_is_left_to_the_rule() {
    let Some(gpu) = gpu() else { return };
    let products = products(gpu);
    let started = Instant::now();
    let clock = move || started.elapsed();
    let tuned = block_on(tune(gpu, &products, Duration::ZERO, &clock, &mut |_| {})).unwrap();
    assert!(tuned.measured.is_empty(), "{:?}", tuned.measured);
    assert_eq!(tuned.unmeasured.len(), products.len());
}

/// A short training in these choices, by the bytes of its checkpoint, and the pipelines it took.
fn trained(gpu: &Gpu, choices: &Choices) -> (Vec<u8>, u64) {
    let variants = Some(ChosenVariants::new(gpu.adapter(), "a driver", choices));
    let state = TrainState { variants, ..first_state() };
    let before = gpu.created().pipelines;
    let mut trainer = block_on(Trainer::new(&Device::Gpu(gpu.clone()), &state)).unwrap();
    let made = gpu.created().pipelines - before;
    for step in 0..3u32 {
        let hash = |place: u32| (step * 31 + place).wrapping_mul(0x9e37_79b9);
        let pixels: Vec<u8> =
            (0..BATCH as u32 * 784).map(|place| (hash(place) >> 24) as u8).collect();
        block_on(trainer.step(&pixels)).unwrap();
    }
    let state = block_on(trainer.state()).unwrap();
    assert_eq!(decode(&encode(&state).unwrap()).unwrap().variants, state.variants);
    (encode(&TrainState { variants: None, ..state }).unwrap(), made)
}

/// On a device of its own, as others make pipelines too.
#[test]
fn every_choice_gives_the_same_bits() {
    let Some(gpu) = fresh_gpu() else { return };
    let products = workloads(&[&step_graph()], gpu.traits());
    let choices = |of: &dyn Fn(usize, &Workload) -> Variant| -> Choices {
        let choice =
            |(place, product): (usize, &Workload)| (product.name.clone(), of(place, product));
        products.iter().enumerate().map(choice).collect()
    };
    let (expected, _) = trained(&gpu, &Choices::default());
    let all: Vec<Variant> = gpu.traits().variants().collect();
    for &variant in &all {
        let wanted = |_: usize, product: &Workload| match product.variants.contains(&variant) {
            true => variant,
            false => product.by_rule(),
        };
        let chosen = choices(&wanted);
        let (found, made) = trained(&gpu, &chosen);
        assert!(found == expected, "{variant} leaves other bits");
        let differs = |of: &Workload| of.variants.contains(&variant) && of.by_rule() != variant;
        let changes = products.iter().any(differs);
        assert!(made > 0 || !changes, "{variant} must change what runs");
        count_cases(&gpu, 1);
    }
    let mixed = choices(&|place, product| product.variants[place % product.variants.len()]);
    assert!(trained(&gpu, &mixed).0 == expected, "a mixture leaves other bits");
}
