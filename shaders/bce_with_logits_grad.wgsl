// z = x · (sigmoid(y) - a): x the gradient, y the logits, a the label.
// With pointwise_binary.wgsl.

fn apply(x: Lane, y: Lane) -> Lane {
    let small = exp(-abs(y));
    let probability = select(small, Lane(1.0), y >= Lane(0.0)) / (Lane(1.0) + small);
    return x * (probability - Lane(params.a));
}
