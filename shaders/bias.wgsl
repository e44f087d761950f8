// y[r, c] = x[r, c] + bias[c].
// x, y: [rows, channels] as `lanes` lanes of one or four elements (`Lane`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { lanes: u32, channel_lanes: u32, unused0: u32, unused1: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<Lane>; // [rows, channels]
@group(0) @binding(3) var<storage, read> bias: array<Lane>; // [channels]
@group(0) @binding(4) var<storage, read_write> y: array<Lane>; // [rows, channels]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane < params.lanes) {
        y[lane] = x[lane] + bias[lane % params.channel_lanes];
    }
}
