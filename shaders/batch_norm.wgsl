// y[r, c] = activation(γ[c] · (x[r, c] - mean[c]) / √(variance[c] + ε) + β[c]), LeakyReLU of `slope` (1: none).
// x, y: [rows, channels] as `lanes` lanes of one or four elements (`Lane`, generated).
// Lanes `stride` apart, which are of one channel, an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { lanes: u32, channel_lanes: u32, stride: u32, epsilon: f32, slope: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<Lane>; // [rows, channels]
@group(0) @binding(3) var<storage, read> mean: array<Lane>; // [channels]
@group(0) @binding(4) var<storage, read> variance: array<Lane>; // [channels]
@group(0) @binding(5) var<storage, read> gamma: array<Lane>; // [channels]
@group(0) @binding(6) var<storage, read> beta: array<Lane>; // [channels]
@group(0) @binding(7) var<storage, read_write> y: array<Lane>; // [rows, channels]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let first = (group.y * groups.x + group.x) * 64u + local;
    if (first >= params.stride) {
        return;
    }
    let c = first % params.channel_lanes;
    let deviation = sqrt(variance[c] + Lane(params.epsilon));
    let centre = mean[c];
    let scale = gamma[c];
    let shift = beta[c];
    for (var lane = first; lane < params.lanes; lane += params.stride) {
        let value = scale * ((x[lane] - centre) / deviation) + shift;
        y[lane] = select(params.slope * value, value, value > Lane(0.0));
    }
}
