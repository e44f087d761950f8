//! The schedule, replayed in its own buffers, gives what the interpreter gives, bit for bit.

use crate::support::{Built, all_phases, real, values};
use cpu_reference::{Interpreter, Values, evaluate};
use graph::{
    Epilogue, Graph, GraphError, Kernel, Op, PhaseId, Placement, Schedule, Shape, StorageId,
    TensorId, TensorType, Window,
};

/// Follows a schedule with pooled buffers that start as NaN.
struct Replay<'a> {
    graph: &'a Graph,
    schedule: &'a Schedule,
    buffers: Vec<Vec<f64>>,
    storages: Vec<Vec<f64>>,
    scalars: Vec<u32>,
}

impl Replay<'_> {
    fn slot(&mut self, tensor: TensorId) -> &mut [f64] {
        let elements = self.graph.shape(tensor).elements();
        match self.schedule.placement(self.graph, tensor).unwrap() {
            Placement::Buffer(buffer) => &mut self.buffers[buffer][..elements],
            Placement::Storage { storage, offset } => {
                &mut self.storages[storage.index()][offset..offset + elements]
            }
        }
    }

    fn run(&mut self, kernel: &Kernel) {
        self.no_buffer_is_read_and_written(kernel);
        // What a kernel keeps for itself between its fused nodes.
        let mut carried: Option<Values<f64>> = None;
        for &id in &kernel.nodes {
            let node = self.graph.node(id);
            let mut operands = Vec::new();
            for (place, &operand) in node.operands.iter().enumerate() {
                operands.push(match &carried {
                    Some(values) if place == 0 => values.clone(),
                    _ => Values::Real(self.slot(operand).to_vec()),
                });
            }
            let types: Vec<_> = node.operands.iter().map(|&t| self.graph.ty(t)).collect();
            let operands: Vec<_> = types.into_iter().zip(&operands).collect();
            let results: Vec<_> = node.results.iter().map(|&t| self.graph.ty(t).clone()).collect();
            let made = evaluate(&node.op, &operands, &results, &self.scalars);
            let in_place = node.op.in_place_operands().iter().map(|&place| node.operands[place]);
            let targets: Vec<TensorId> = node.results.iter().copied().chain(in_place).collect();
            if Some(&id) == kernel.nodes.last() {
                for (target, values) in targets.into_iter().zip(&made) {
                    self.slot(target).copy_from_slice(values.real());
                }
            }
            carried = made.into_iter().next();
        }
    }

    /// WebGPU forbids a buffer that one dispatch reads and writes, but for ops in place.
    fn no_buffer_is_read_and_written(&self, kernel: &Kernel) {
        let whole = |tensor| match self.schedule.placement(self.graph, tensor).unwrap() {
            Placement::Buffer(buffer) => (0, buffer),
            Placement::Storage { storage, .. } => (1, storage.index()),
        };
        for &result in kernel.results(self.graph) {
            for operand in kernel.operands(self.graph) {
                assert_ne!(whole(result), whole(operand), "{kernel:?}");
            }
        }
    }
}

/// Runs these phases both ways, and compares all storage after each and all outputs at the end.
fn compare(graph: &Graph, inputs: &[(TensorId, Vec<f64>)], phases: &[PhaseId]) {
    let schedule = Schedule::new(graph);
    let mut interpreter = Interpreter::<f64>::new(graph.clone());
    let mut replay = Replay {
        graph,
        schedule: &schedule,
        buffers: schedule.buffers.iter().map(|b| vec![f64::NAN; b.bytes / 4]).collect(),
        storages: Vec::new(),
        scalars: vec![0; graph.scalar_names().len()],
    };
    for (index, storage) in graph.storages().iter().enumerate() {
        let initial = values(storage.elements, 50 + index as u32);
        interpreter.write_storage(storage_id(graph, index), &initial);
        replay.storages.push(initial);
    }
    for (_, node) in graph.nodes() {
        if let Op::Constant(constant) = &node.op
            && schedule.placement(graph, node.results[0]).is_some()
        {
            let constant: Vec<f64> = constant.iter().map(|&v| f64::from(v)).collect();
            replay.slot(node.results[0]).copy_from_slice(&constant);
        }
    }
    for (input, values) in inputs {
        interpreter.write_input(*input, Values::Real(values.clone()));
        replay.slot(*input).copy_from_slice(values);
    }
    for &phase in phases {
        interpreter.run(&[phase]).unwrap();
        for kernel in &schedule.phases[phase.index()] {
            replay.run(kernel);
        }
        for index in 0..graph.storages().len() {
            let expected = interpreter.storage(storage_id(graph, index));
            assert!(expected.iter().all(|v| v.is_finite()));
            assert_eq!(replay.storages[index], expected, "{}", graph.storages()[index].name);
        }
    }
    for &output in graph.outputs() {
        assert_eq!(replay.slot(output), real(&interpreter, output));
    }
}

fn storage_id(graph: &Graph, index: usize) -> StorageId {
    let views = graph.nodes().filter_map(|(_, node)| match node.op {
        Op::View { storage, .. } => Some(storage),
        _ => None,
    });
    views.into_iter().find(|storage| storage.index() == index).unwrap()
}

/// Parameters, their gradients and a network's place in both.
struct Parameters {
    storages: [StorageId; 4],
    views: Vec<(TensorId, usize)>,
    used: usize,
}

impl Parameters {
    fn new(graph: &mut Graph, name: &str, elements: usize) -> Self {
        let storages = ["weights", "gradients", "m", "v"]
            .map(|kind| graph.storage(&format!("{name}.{kind}"), elements));
        Self { storages, views: Vec::new(), used: 0 }
    }

    fn next(&mut self, graph: &mut Graph, dims: &[usize]) -> Built {
        let shape = Shape::new(dims);
        let view = graph.view(self.storages[0], self.used, &shape)?;
        self.views.push((view, self.used));
        self.used += shape.elements();
        Ok(view)
    }

    fn all(&self) -> Vec<TensorId> {
        self.views.iter().map(|&(view, _)| view).collect()
    }

    /// Copies gradients to storage and moves the weights.
    fn update(&self, graph: &mut Graph, gradients: &[TensorId]) -> Result<(), GraphError> {
        for (&gradient, &(view, offset)) in gradients.iter().zip(&self.views) {
            let shape = graph.shape(view).clone();
            let target = graph.view(self.storages[1], offset, &shape)?;
            graph.copy(gradient, target)?;
        }
        let flat = Shape::new(&[self.used]);
        let [weights, gradients, m, v] = self.storages;
        let [weights, gradients, m] = [
            graph.view(weights, 0, &flat)?,
            graph.view(gradients, 0, &flat)?,
            graph.view(m, 0, &flat)?,
        ];
        // Squared, so that the root of the initial second moment exists.
        let positive = graph.storage("positive", self.used);
        let (v, positive) = (graph.view(v, 0, &flat)?, graph.view(positive, 0, &flat)?);
        let square = graph.multiply(v, v)?;
        graph.copy(square, positive)?;
        let [step_size, correction] = [graph.scalar("step_size"), graph.scalar("correction")];
        let op =
            Op::Adam { first_rate: 0.5, second_rate: 0.001, epsilon: 1e-3, step_size, correction };
        graph.push(op, &[weights, gradients, m, positive])?;
        Ok(())
    }
}

/// Two steps of an adversarial pair: the generator's activations outlive the first phase.
fn pair() -> Result<(Graph, TensorId), GraphError> {
    let mut graph = Graph::new("discriminator");
    let g = &mut graph;
    let mut generator = Parameters::new(g, "g", 6 * 36 + 9 + 9 + 9 * 4 * 9);
    let mut discriminator = Parameters::new(g, "d", 9 * 4 * 5 + 5 + 60 + 1);
    let latents = g.normal(&Shape::new(&[4, 6]), 1)?;
    let reals = g.input(TensorType::f32(&[4, 4, 6, 4]))?;

    let w = generator.next(g, &[6, 36])?;
    let y = g.dense(latents, w)?;
    let y = g.reshape(y, &Shape::new(&[4, 2, 2, 9]))?;
    let gamma_beta = (generator.next(g, &[9])?, generator.next(g, &[9])?);
    let statistics = g.batch_norm_statistics(y)?;
    let y = g.batch_norm(y, statistics, gamma_beta, 1e-5)?;
    let y = g.leaky_relu(y, 0.3)?;
    let w = generator.next(g, &[3, 3, 4, 9])?;
    let window = Window { stride: [2, 4], ..Window::square(3, 1, 0) };
    let window = Window { padding: graph::Padding { top: 1, ..Default::default() }, ..window };
    let y = g.conv_transpose2d(y, w, window, [0, 0])?;
    let y = g.reshape(y, &Shape::new(&[4, 4 * 7 * 4]))?;
    let crop: Vec<f32> = values(112 * 96, 5).into_iter().map(|v| v as f32).collect();
    let crop = g.constant(&crop, &Shape::new(&[112, 96]))?;
    let y = g.dense(y, crop)?;
    let y = g.reshape(y, &Shape::new(&[4, 4, 6, 4]))?;
    let fakes = g.tanh(y)?;
    g.output(fakes);

    let weights = [
        discriminator.next(g, &[3, 3, 4, 5])?,
        discriminator.next(g, &[5])?,
        discriminator.next(g, &[60, 1])?,
        discriminator.next(g, &[1])?,
    ];
    let logits = |g: &mut Graph, x, stream| {
        let y = g.conv2d(x, weights[0], Window { stride: [2, 1], ..Window::square(3, 1, 1) })?;
        let y = g.bias(y, weights[1])?;
        let y = g.leaky_relu(y, 0.3)?;
        let y = g.dropout(y, 0.3, stream)?;
        let y = g.reshape(y, &Shape::new(&[4, 60]))?;
        let y = g.dense(y, weights[2])?;
        g.bias(y, weights[3])
    };
    let (real, fake) = (logits(g, reals, 2)?, logits(g, fakes, 3)?);
    let (real, fake) = (g.bce_with_logits(real, 1.0)?, g.bce_with_logits(fake, 0.0)?);
    let loss = g.add(real, fake)?;
    let mean = g.mean_all(loss)?;
    g.output(mean);
    let gradients = g.gradient(&[(loss, None)], &discriminator.all())?;
    discriminator.update(g, &gradients)?;

    g.begin_phase("generator");
    let again = logits(g, fakes, 4)?;
    let loss = g.bce_with_logits(again, 1.0)?;
    let gradients = g.gradient(&[(loss, None)], &generator.all())?;
    generator.update(g, &gradients)?;
    Ok((graph, reals))
}

#[test]
fn a_pair_replayed_in_shared_buffers_is_the_same_bit_for_bit() {
    let (graph, reals) = pair().unwrap();
    let [discriminator, generator] = all_phases(&graph)[..] else { unreachable!() };
    let phases = [discriminator, generator, discriminator, discriminator, generator, generator];
    compare(&graph, &[(reals, values(4 * 4 * 6 * 4, 7))], &phases);

    let schedule = Schedule::new(&graph);
    let pooled: usize = schedule.buffers.iter().map(|buffer| buffer.bytes).sum();
    assert!(schedule.least_bytes <= pooled && pooled < schedule.unshared_bytes);
}

#[test]
fn a_tensor_does_not_grow_or_shrink_in_its_own_buffer() {
    let mut graph = Graph::new("only");
    let x = graph.input(TensorType::f32(&[1, 3])).unwrap();
    let small = graph.tanh(x).unwrap();
    let large = graph.broadcast(small, &Shape::new(&[4, 3])).unwrap();
    let sum = graph.sum(large, &[0]).unwrap();
    let last = graph.sigmoid(sum).unwrap();
    graph.output(last);
    compare(&graph, &[(x, values(3, 1))], &all_phases(&graph));
}

#[test]
fn a_phase_can_be_repeated_as_what_it_was_handed_stays() {
    let mut graph = Graph::new("first");
    let first = graph.current_phase();
    let x = graph.input(TensorType::f32(&[4])).unwrap();
    let handed_over = graph.tanh(x).unwrap();
    let second = graph.begin_phase("second");
    let mut y = graph.scale(handed_over, 2.0).unwrap();
    for _ in 0..3 {
        y = graph.sigmoid(y).unwrap();
    }
    graph.output(y);
    compare(&graph, &[(x, values(4, 1))], &[first, second, second]);
}

#[test]
fn gradients_are_made_in_their_storage() {
    let (graph, _) = pair().unwrap();
    let schedule = Schedule::new(&graph);
    let copies = |kernels: &[Kernel]| {
        kernels.iter().filter(|kernel| graph.node(kernel.nodes[0]).op == Op::Copy).count()
    };
    let left: usize = schedule.phases.iter().map(|kernels| copies(kernels)).sum();
    let asked = graph.nodes().filter(|(_, node)| node.op == Op::Copy).count();
    assert!(asked == 10 && left == 0, "{left} of {asked} copies are left");
}

#[test]
fn a_convolution_takes_its_bias_and_leaky_relu_along() {
    let mut graph = Graph::new("only");
    let x = graph.input(TensorType::f32(&[1, 5, 5, 2])).unwrap();
    let w = graph.input(TensorType::f32(&[3, 3, 2, 4])).unwrap();
    let b = graph.input(TensorType::f32(&[4])).unwrap();
    let y = graph.conv2d(x, w, Window::square(3, 1, 1)).unwrap();
    let biased = graph.bias(y, b).unwrap();
    let active = graph.leaky_relu(biased, 0.25).unwrap();
    graph.output(active);
    let schedule = Schedule::new(&graph);
    let [kernel] = &schedule.phases[0][..] else { panic!("{:?}", schedule.phases) };
    assert_eq!(kernel.epilogue, Epilogue { bias: Some(b), leaky_relu: Some(0.25) });
    assert_eq!(kernel.operands(&graph), [x, w, b]);
    assert_eq!(kernel.results(&graph), [active]);
    assert_eq!(schedule.placement(&graph, y), None);

    // A value that something else reads is not fused away.
    graph.output(biased);
    let schedule = Schedule::new(&graph);
    assert_eq!(schedule.phases[0].len(), 2);
    assert!(schedule.placement(&graph, biased).is_some());
}

#[test]
fn a_copy_stays_where_the_target_is_read_in_between() {
    let mut graph = Graph::new("only");
    let state = graph.storage("state", 4);
    let target = graph.view(state, 0, &Shape::new(&[4])).unwrap();
    let x = graph.input(TensorType::f32(&[4])).unwrap();
    let new = graph.tanh(x).unwrap();
    let old = graph.scale(target, 2.0).unwrap();
    graph.output(old);
    graph.copy(new, target).unwrap();
    stays(&graph, new, x);
}

#[test]
fn a_copy_stays_where_one_kernel_reads_both_the_copied_and_the_target() {
    let mut graph = Graph::new("only");
    let state = graph.storage("state", 4);
    let target = graph.view(state, 0, &Shape::new(&[4])).unwrap();
    let x = graph.input(TensorType::f32(&[4])).unwrap();
    let new = graph.tanh(x).unwrap();
    let both = graph.add(new, target).unwrap();
    graph.output(both);
    graph.copy(new, target).unwrap();
    stays(&graph, new, x);
}

#[test]
fn a_copy_stays_where_the_target_is_changed_in_between() {
    let mut graph = Graph::new("only");
    let state = graph.storage("state", 4);
    let target = graph.view(state, 0, &Shape::new(&[4])).unwrap();
    let x = graph.input(TensorType::f32(&[4])).unwrap();
    let new = graph.tanh(x).unwrap();
    graph.copy(x, target).unwrap();
    graph.copy(new, target).unwrap();
    stays(&graph, new, x);
}

#[test]
fn a_copy_stays_where_the_target_changes_before_the_last_use() {
    let mut graph = Graph::new("only");
    let state = graph.storage("state", 4);
    let target = graph.view(state, 0, &Shape::new(&[4])).unwrap();
    let x = graph.input(TensorType::f32(&[4])).unwrap();
    let new = graph.tanh(x).unwrap();
    graph.copy(new, target).unwrap();
    graph.accumulate(x, target).unwrap();
    let later = graph.scale(new, 2.0).unwrap();
    graph.output(later);
    stays(&graph, new, x);
}

#[test]
fn a_copy_of_an_output_stays_where_the_target_changes_later() {
    let mut graph = Graph::new("only");
    let state = graph.storage("state", 4);
    let target = graph.view(state, 0, &Shape::new(&[4])).unwrap();
    let x = graph.input(TensorType::f32(&[4])).unwrap();
    let new = graph.tanh(x).unwrap();
    graph.output(new);
    graph.copy(new, target).unwrap();
    let alone = Schedule::new(&graph).placement(&graph, new);
    assert_eq!(alone, Some(Placement::Storage { storage: state, offset: 0 }));
    graph.accumulate(x, target).unwrap();
    stays(&graph, new, x);
}

#[test]
fn a_copy_of_what_is_handed_over_stays_where_the_target_changes_later() {
    let mut graph = Graph::new("first");
    let state = graph.storage("state", 4);
    let target = graph.view(state, 0, &Shape::new(&[4])).unwrap();
    let x = graph.input(TensorType::f32(&[4])).unwrap();
    let new = graph.tanh(x).unwrap();
    graph.copy(new, target).unwrap();
    graph.begin_phase("second");
    let later = graph.scale(new, 2.0).unwrap();
    graph.output(later);
    graph.accumulate(x, target).unwrap();
    stays(&graph, new, x);
    let phases = all_phases(&graph);
    compare(&graph, &[(x, values(4, 1))], &[phases[0], phases[1], phases[1]]);
}

fn stays(graph: &Graph, copied: TensorId, input: TensorId) {
    let placement = Schedule::new(graph).placement(graph, copied);
    assert!(matches!(placement, Some(Placement::Buffer(_))), "{placement:?}");
    compare(graph, &[(input, values(4, 1))], &all_phases(graph).repeat(2));
}
