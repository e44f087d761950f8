// y[n, e] = 32 uniform random bits.
// y: [samples, sample_elements] as `lanes` lanes of one or four elements (`Bits`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed. With philox.wgsl and philox_quads.wgsl or philox_scalars.wgsl.

struct Params { lanes: u32, sample_elements: u32, stream: u32, first_block: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> y: array<Bits>; // [samples, sample_elements]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane < params.lanes) {
        y[lane] = draw_bits(lane);
    }
}
