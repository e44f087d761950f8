// y = apply(x), element by element; `apply` is the op's.
// x, y: `lanes` lanes of one or four elements (`Lane`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { lanes: u32, a: f32, b: f32, unused: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<Lane>; // [lanes]
@group(0) @binding(3) var<storage, read_write> y: array<Lane>; // [lanes]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane < params.lanes) {
        y[lane] = apply(x[lane]);
    }
}
