// y = x where x > 0, a · x elsewhere.
// With pointwise_unary.wgsl.

fn apply(x: Lane) -> Lane {
    return select(params.a * x, x, x > Lane(0.0));
}
