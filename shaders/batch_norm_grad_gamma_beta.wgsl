// grad_gamma[c] = Σ over r of grad[r, c] · x̂[r, c], grad_beta[c] = Σ over r of grad[r, c], x̂ = (x - mean) / √(variance + ε).
// grad, x: [rows, channels]; partial_gamma, partial_beta: [splits, channels]; lanes of one or four elements (`Lane`, generated).
// One lane of the partial sums an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Split s adds rows s, s + splits, .. in ascending order; sum.wgsl adds the splits.

struct Params { channel_lanes: u32, rows: u32, splits: u32, epsilon: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> grad: array<Lane>; // [rows, channels]
@group(0) @binding(3) var<storage, read> x: array<Lane>; // [rows, channels]
@group(0) @binding(4) var<storage, read> mean: array<Lane>; // [channels]
@group(0) @binding(5) var<storage, read> variance: array<Lane>; // [channels]
@group(0) @binding(6) var<storage, read_write> partial_gamma: array<Lane>; // [splits, channels]
@group(0) @binding(7) var<storage, read_write> partial_beta: array<Lane>; // [splits, channels]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    let partials = params.splits * params.channel_lanes;
    if (lane >= partials) {
        return;
    }
    let c = lane % params.channel_lanes;
    let centre = mean[c];
    let deviation = sqrt(variance[c] + Lane(params.epsilon));
    let end = params.rows * params.channel_lanes;
    var gamma_sum = Lane(0.0);
    var beta_sum = Lane(0.0);
    for (var place = lane; place < end; place += partials) {
        let g = grad[place];
        gamma_sum += g * ((x[place] - centre) / deviation);
        beta_sum += g;
    }
    partial_gamma[lane] = gamma_sum;
    partial_beta[lane] = beta_sum;
}
