// y = max(x, 0) - x · a + log(1 + exp(-|x|)): binary cross-entropy of sigmoid(x) against label a.
// With pointwise_unary.wgsl.

fn apply(x: Lane) -> Lane {
    return max(x, Lane(0.0)) - params.a * x + log(Lane(1.0) + exp(-abs(x)));
}
