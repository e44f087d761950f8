// z = x · y · (1 - y): x the gradient, y the output of the sigmoid.
// With pointwise_binary.wgsl.

fn apply(x: Lane, y: Lane) -> Lane {
    return x * (y * (Lane(1.0) - y));
}
