// z = x · (1 - y²): x the gradient, y the output of tanh.
// With pointwise_binary.wgsl.

fn apply(x: Lane, y: Lane) -> Lane {
    return x * (Lane(1.0) - y * y);
}
