// dx = γ / √(variance + ε) · (grad - grad_beta / rows - x̂ · grad_gamma / rows), x̂ = (x - mean) / √(variance + ε).
// grad, x, dx: [rows, channels] as `lanes` lanes of one or four elements (`Lane`, generated); the others: [channels].
// Lanes `stride` apart, which are of one channel, an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { lanes: u32, channel_lanes: u32, stride: u32, epsilon: f32, inverse_rows: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> grad: array<Lane>; // [rows, channels]
@group(0) @binding(3) var<storage, read> x: array<Lane>; // [rows, channels]
@group(0) @binding(4) var<storage, read> mean: array<Lane>; // [channels]
@group(0) @binding(5) var<storage, read> variance: array<Lane>; // [channels]
@group(0) @binding(6) var<storage, read> gamma: array<Lane>; // [channels]
@group(0) @binding(7) var<storage, read> grad_gamma: array<Lane>; // [channels]
@group(0) @binding(8) var<storage, read> grad_beta: array<Lane>; // [channels]
@group(0) @binding(9) var<storage, read_write> dx: array<Lane>; // [rows, channels]

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
    let factor = gamma[c] / deviation;
    let gamma_sum = grad_gamma[c];
    let beta_sum = grad_beta[c];
    for (var lane = first; lane < params.lanes; lane += params.stride) {
        let normalised = (x[lane] - centre) / deviation;
        let removed = params.inverse_rows * (beta_sum + normalised * gamma_sum);
        dx[lane] = factor * (grad[lane] - removed);
    }
}
