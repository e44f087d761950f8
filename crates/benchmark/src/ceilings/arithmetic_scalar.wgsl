// x = x·a + b in eight chains that do not wait for one another: the ceiling of scalar arithmetic.
// ends [invocations]; a round is 128 operations (eight chains, eight fma each, of two operations).
// Each invocation has chains of its own, WORKGROUP invocations a workgroup along x.
// No chain is summed in another order than it is written; their ends are, to be needed.

@group(0) @binding(0) var<storage, read_write> ends: array<f32>; // [invocations]

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    // Not known to the compiler, and below 1, so that chains stay finite.
    let a = 0.9375 + f32(id.x & 7u) * 0.0009765625;
    let b = 0.0625;
    var x0 = f32(id.x + 0u);
    var x1 = f32(id.x + 1u);
    var x2 = f32(id.x + 2u);
    var x3 = f32(id.x + 3u);
    var x4 = f32(id.x + 4u);
    var x5 = f32(id.x + 5u);
    var x6 = f32(id.x + 6u);
    var x7 = f32(id.x + 7u);
    for (var round = 0u; round < ROUNDS; round++) {
        x0 = fma(fma(fma(fma(x0, a, b), a, b), a, b), a, b);
        x1 = fma(fma(fma(fma(x1, a, b), a, b), a, b), a, b);
        x2 = fma(fma(fma(fma(x2, a, b), a, b), a, b), a, b);
        x3 = fma(fma(fma(fma(x3, a, b), a, b), a, b), a, b);
        x4 = fma(fma(fma(fma(x4, a, b), a, b), a, b), a, b);
        x5 = fma(fma(fma(fma(x5, a, b), a, b), a, b), a, b);
        x6 = fma(fma(fma(fma(x6, a, b), a, b), a, b), a, b);
        x7 = fma(fma(fma(fma(x7, a, b), a, b), a, b), a, b);
        x0 = fma(fma(fma(fma(x0, a, b), a, b), a, b), a, b);
        x1 = fma(fma(fma(fma(x1, a, b), a, b), a, b), a, b);
        x2 = fma(fma(fma(fma(x2, a, b), a, b), a, b), a, b);
        x3 = fma(fma(fma(fma(x3, a, b), a, b), a, b), a, b);
        x4 = fma(fma(fma(fma(x4, a, b), a, b), a, b), a, b);
        x5 = fma(fma(fma(fma(x5, a, b), a, b), a, b), a, b);
        x6 = fma(fma(fma(fma(x6, a, b), a, b), a, b), a, b);
        x7 = fma(fma(fma(fma(x7, a, b), a, b), a, b), a, b);
    }
    ends[id.x] = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7));
}
