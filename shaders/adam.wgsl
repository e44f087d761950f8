// m += first_rate·(g - m); v += second_rate·(g² - v); w -= step_size · m / (√v · correction + ε) (Kingma & Ba 2015).
// w, g, m, v: `lanes` lanes of one or four elements (`Lane`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed. Rates and bias corrections come from the host, which has f64.

struct Params { lanes: u32, first_rate: f32, second_rate: f32, epsilon: f32, step_size: u32, correction: u32, unused0: u32, unused1: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> scalars: array<vec4<u32>, 16>;
@group(0) @binding(2) var<storage, read> gradient: array<Lane>; // [lanes]
@group(0) @binding(3) var<storage, read_write> weights: array<Lane>; // [lanes]
@group(0) @binding(4) var<storage, read_write> first_moment: array<Lane>; // [lanes]
@group(0) @binding(5) var<storage, read_write> second_moment: array<Lane>; // [lanes]

fn scalar(index: u32) -> f32 {
    return bitcast<f32>(scalars[index >> 2u][index & 3u]);
}

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
    let g = gradient[lane];
    var m = first_moment[lane];
    var v = second_moment[lane];
    m += params.first_rate * (g - m);
    v += params.second_rate * (g * g - v);
    first_moment[lane] = m;
    second_moment[lane] = v;
    let denominator = sqrt(v) * scalar(params.correction) + Lane(params.epsilon);
    weights[lane] -= scalar(params.step_size) * m / denominator;
}
