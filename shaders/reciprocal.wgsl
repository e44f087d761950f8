// y = 1 / x.
// With pointwise_unary.wgsl.

fn apply(x: Lane) -> Lane {
    return Lane(1.0) / x;
}
