// y = a · x + b.
// With pointwise_unary.wgsl.

fn apply(x: Lane) -> Lane {
    return params.a * x + Lane(params.b);
}
