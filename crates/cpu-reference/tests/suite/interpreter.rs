//! What the interpreter keeps, frees and refuses.

use crate::support::{all_phases, interpret, real};
use cpu_reference::{InterpretError, Interpreter, Values, evaluate, magnitude};
use graph::{DType, Graph, Op, Shape, TensorType, Window, scalars};

#[test]
fn storage_is_read_as_the_nodes_before_left_it() {
    let mut graph = Graph::new("update");
    let state = graph.storage("state", 6);
    let view = graph.view(state, 2, &Shape::new(&[2])).unwrap();
    let one = graph.fill(1.0, &Shape::new(&[2])).unwrap();
    let before = graph.scale(view, 10.0).unwrap();
    graph.accumulate(one, view).unwrap();
    let after = graph.scale(view, 10.0).unwrap();
    for output in [before, after, view] {
        graph.output(output);
    }
    let mut interpreter = Interpreter::<f32>::new(graph.clone());
    interpreter.write_storage(state, &[1., 2., 3., 4., 5., 6.]);
    let phases = all_phases(&graph);
    interpreter.run(&phases).unwrap();
    let value =
        |interpreter: &Interpreter<f32>, tensor| interpreter.value(tensor).unwrap().real().to_vec();
    assert_eq!(value(&interpreter, before), [30., 40.]);
    assert_eq!(value(&interpreter, after), [40., 50.]);
    interpreter.run(&phases).unwrap();
    assert_eq!(value(&interpreter, before), [40., 50.]);
    assert_eq!(value(&interpreter, view), [5., 6.]);
    assert_eq!(interpreter.storage(state), [1., 2., 5., 6., 5., 6.]);
}

#[test]
fn values_live_as_long_as_something_needs_them() {
    let mut graph = Graph::new("first");
    let x = graph.input(TensorType::f32(&[2])).unwrap();
    let temporary = graph.tanh(x).unwrap();
    let handed_over = graph.scale(temporary, 2.0).unwrap();
    let needless = graph.sigmoid(x).unwrap();
    let first = graph.current_phase();
    let second = graph.begin_phase("second");
    let y = graph.affine(handed_over, 1.0, 1.0).unwrap();
    graph.output(y);

    let mut interpreter = Interpreter::<f64>::new(graph.clone());
    interpreter.write_input(x, Values::Real(vec![0.0, 0.0]));
    let error = interpreter.run(&[second]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "scale `` reads tensor 2 (scale `first`), which has no value yet"
    );
    interpreter.run(&[first, second, second]).unwrap();
    assert_eq!(interpreter.value(y), Some(&Values::Real(vec![1.0, 1.0])));
    assert_eq!(interpreter.value(handed_over), Some(&Values::Real(vec![0.0, 0.0])));
    assert_eq!((interpreter.value(temporary), interpreter.value(needless)), (None, None));
}

#[test]
fn what_the_host_writes_is_checked() {
    let mut graph = Graph::new("only");
    let state = graph.storage("state", 3);
    let pixels = TensorType { dtype: DType::U8, shape: Shape::new(&[2]) };
    let pixels = graph.input(pixels).unwrap();
    let y = graph.scale_pixels(pixels).unwrap();
    graph.output(y);
    let phases = all_phases(&graph);
    let mut interpreter = Interpreter::<f32>::new(graph.clone());
    let error = interpreter.run(&phases).unwrap_err();
    assert!(matches!(error, InterpretError::NoValue { op: "scale_pixels", .. }), "{error}");
    interpreter.write_input(pixels, Values::U8(vec![0, 255, 7]));
    let error = interpreter.run(&phases).unwrap_err().to_string();
    assert_eq!(error, "input 0 is u8[2], but 3 elements of u8 were written to it");
    interpreter.write_input(pixels, Values::Real(vec![0.0, 1.0]));
    assert!(matches!(interpreter.run(&phases), Err(InterpretError::Input { .. })));
    interpreter.write_input(pixels, Values::U8(vec![0, 255]));
    interpreter.write_storage(state, &[1.0]);
    let error = interpreter.run(&phases).unwrap_err().to_string();
    assert_eq!(error, "storage `state` has 3 elements, but 1 were written to it");
    interpreter.write_storage(state, &[1.0; 3]);
    interpreter.run(&phases).unwrap();
    assert_eq!(interpreter.value(y), Some(&Values::Real(vec![-1.0, 1.0])));

    let unknown = graph.begin_phase("later");
    let error = interpreter.run(&[unknown]).unwrap_err();
    assert_eq!(error, InterpretError::UnknownPhase { phase: 1, phases: 1 });
}

#[test]
fn scalars_reach_the_ops() {
    let mut graph = Graph::new("only");
    let rate = graph.scalar("rate");
    let average = graph.storage("average", 1);
    let average_view = graph.view(average, 0, &Shape::new(&[1])).unwrap();
    let value = graph.fill(8.0, &Shape::new(&[1])).unwrap();
    graph.ema(average_view, value, rate).unwrap();
    let bits = graph.philox_bits(&Shape::new(&[1, 4]), 0x0370_7344, 0x243f_6a88).unwrap();
    graph.output(bits);
    let phases = all_phases(&graph);
    let mut interpreter = Interpreter::<f64>::new(graph);
    interpreter.set_scalar(rate, 0.25f32.to_bits());
    interpreter.set_scalar(scalars::SEED_LOW, 0xa409_3822);
    interpreter.set_scalar(scalars::SEED_HIGH, 0x299f_31d0);
    interpreter.set_scalar(scalars::FIRST_SAMPLE, 0x85a3_08d3);
    interpreter.set_scalar(scalars::STEP, 0x1319_8a2e);
    interpreter.run(&phases).unwrap();
    assert_eq!(interpreter.storage(average), [2.0]);
    let known = vec![0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1];
    assert_eq!(interpreter.value(bits), Some(&Values::U32(known)));
}

#[test]
fn the_magnitude_is_the_op_on_absolute_values() {
    let types = [TensorType::f32(&[1, 2]), TensorType::f32(&[2, 1])];
    let values = [Values::Real(vec![1.0, -2.0]), Values::Real(vec![3.0, 1.5])];
    let operands = [(&types[0], &values[0]), (&types[1], &values[1])];
    let result = [TensorType::f32(&[1, 1])];
    let value = evaluate::<f64>(&Op::Dense, &operands, &result, &[]);
    assert_eq!(value, [Values::Real(vec![0.0])]);
    let size = magnitude::<f64>(&Op::Dense, &operands, &result, &[]);
    assert_eq!(size, Some(vec![Values::Real(vec![6.0])]));
    let scale = Op::Scale { factor: -2.0, offset: -1.0 };
    let size = magnitude::<f64>(&scale, &operands[..1], &types[..1], &[]);
    assert_eq!(size, Some(vec![Values::Real(vec![3.0, 5.0])]));
    assert_eq!(magnitude::<f64>(&Op::Tanh, &operands[..1], &types[..1], &[]), None);
}

#[test]
fn every_kernel_has_a_twin_of_its_name() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    for name in Op::KERNELS {
        let path = format!("{sources}/{name}.rs");
        let text = std::fs::read_to_string(&path).expect(&path);
        assert!(text.starts_with(&format!("//! {name}: ")), "{path} begins with its formula");
        let function = format!("pub(crate) fn {name}");
        let defined =
            text.split_once(&function).is_some_and(|(_, rest)| rest.starts_with(['<', '(']));
        assert!(defined, "{path} has a function of its name");
    }
}

#[test]
fn a_mean_of_pixels_end_to_end() {
    let mut graph = Graph::new("only");
    let x = graph.input(TensorType::f32(&[1, 2, 2, 1])).unwrap();
    let w = graph.fill(0.25, &Shape::new(&[2, 2, 1, 1])).unwrap();
    let y = graph.conv2d(x, w, Window::square(2, 2, 0)).unwrap();
    graph.output(y);
    assert_eq!(real(&interpret(&graph, &[(x, vec![1., 2., 3., 6.])]), y), [3.0]);
}
