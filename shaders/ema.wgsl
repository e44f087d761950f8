// average += rate · (value - average).
// average, value: `lanes` lanes of one or four elements (`Lane`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { lanes: u32, rate: u32, unused0: u32, unused1: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> scalars: array<vec4<u32>, 16>;
@group(0) @binding(2) var<storage, read> value: array<Lane>; // [lanes]
@group(0) @binding(3) var<storage, read_write> average: array<Lane>; // [lanes]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane < params.lanes) {
        let rate = bitcast<f32>(scalars[params.rate >> 2u][params.rate & 3u]);
        average[lane] += rate * (value[lane] - average[lane]);
    }
}
