// y = √x.
// With pointwise_unary.wgsl.

fn apply(x: Lane) -> Lane {
    return sqrt(x);
}
