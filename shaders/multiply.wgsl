// z = x · y.
// With pointwise_binary.wgsl.

fn apply(x: Lane, y: Lane) -> Lane {
    return x * y;
}
