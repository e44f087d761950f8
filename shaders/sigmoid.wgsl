// y = 1 / (1 + exp(-x)), through exp(-|x|), which cannot overflow.
// With pointwise_unary.wgsl.

fn apply(x: Lane) -> Lane {
    let small = exp(-abs(x));
    return select(small, Lane(1.0), x >= Lane(0.0)) / (Lane(1.0) + small);
}
