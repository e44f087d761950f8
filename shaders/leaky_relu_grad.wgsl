// z = x where y > 0, a · x elsewhere: x the gradient, y the output of LeakyReLU, which has the
// sign of its input.
// With pointwise_binary.wgsl.

fn apply(x: Lane, y: Lane) -> Lane {
    return select(params.a * x, x, y > Lane(0.0));
}
