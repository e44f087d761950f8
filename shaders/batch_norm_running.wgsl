// running_mean += momentum · (mean - running_mean); running_variance likewise, towards variance · unbiased.
// All: [channels] as `lanes` lanes of one or four elements (`Lane`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { lanes: u32, momentum: f32, unbiased: f32, unused: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> mean: array<Lane>; // [channels]
@group(0) @binding(3) var<storage, read> variance: array<Lane>; // [channels]
@group(0) @binding(4) var<storage, read_write> running_mean: array<Lane>; // [channels]
@group(0) @binding(5) var<storage, read_write> running_variance: array<Lane>; // [channels]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane < params.lanes) {
        running_mean[lane] += params.momentum * (mean[lane] - running_mean[lane]);
        let unbiased = params.unbiased * variance[lane];
        running_variance[lane] += params.momentum * (unbiased - running_variance[lane]);
    }
}
