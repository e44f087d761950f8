// y = x · factor where the element's random bits are at least `threshold`, 0 elsewhere.
// x, y: [samples, sample_elements] as `lanes` lanes of one or four elements (`Lane` and `Bits`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed. With philox.wgsl and philox_quads.wgsl or philox_scalars.wgsl.

struct Params { lanes: u32, sample_elements: u32, stream: u32, first_block: u32, threshold: u32, factor: f32, unused0: u32, unused1: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<Lane>; // [samples, sample_elements]
@group(0) @binding(3) var<storage, read_write> y: array<Lane>; // [samples, sample_elements]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane < params.lanes) {
        let keep = draw_bits(lane) >= Bits(params.threshold);
        y[lane] = select(Lane(0.0), params.factor * x[lane], keep);
    }
}
