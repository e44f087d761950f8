// x = x·a + b in four chains that do not wait for one another: the ceiling of arithmetic on vec4.
// ends [invocations] quads; a round is 128 operations (four chains, four fma each, of eight operations).
// Each invocation has chains of its own, WORKGROUP invocations a workgroup along x.
// No chain is summed in another order than it is written; their ends are, to be needed.

@group(0) @binding(0) var<storage, read_write> ends: array<vec4<f32>>; // [invocations] quads

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    // Not known to the compiler, and below 1, so that chains stay finite.
    let a = vec4(0.9375 + f32(id.x & 7u) * 0.0009765625);
    let b = vec4(0.0625);
    var x0 = vec4(f32(id.x + 0u));
    var x1 = vec4(f32(id.x + 1u));
    var x2 = vec4(f32(id.x + 2u));
    var x3 = vec4(f32(id.x + 3u));
    for (var round = 0u; round < ROUNDS; round++) {
        x0 = fma(fma(fma(fma(x0, a, b), a, b), a, b), a, b);
        x1 = fma(fma(fma(fma(x1, a, b), a, b), a, b), a, b);
        x2 = fma(fma(fma(fma(x2, a, b), a, b), a, b), a, b);
        x3 = fma(fma(fma(fma(x3, a, b), a, b), a, b), a, b);
    }
    ends[id.x] = (x0 + x1) + (x2 + x3);
}
