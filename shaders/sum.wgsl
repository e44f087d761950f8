// y[o, j] = Σ over k of x[o, k · width + j], one fold of a sum over the middle of [outer, reduced, inner].
// x: [outer, row], y: [outer, width] in lanes of one or four elements (`Lane`, generated); width is a multiple of inner.
// One lane of y an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Ascending k, one accumulator. A first fold to about the square root of `reduced`, a second one to 1.

struct Params { lanes: u32, width: u32, row: u32, unused: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<Lane>; // [outer, row]
@group(0) @binding(3) var<storage, read_write> y: array<Lane>; // [outer, width]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane >= params.lanes) {
        return;
    }
    let base = (lane / params.width) * params.row;
    var total = Lane(0.0);
    for (var place = lane % params.width; place < params.row; place += params.width) {
        total += x[base + place];
    }
    y[lane] = total;
}
