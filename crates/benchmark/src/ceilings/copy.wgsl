// copy = source: the ceiling of memory, read and written.
// source, copy [quads] of four f32.
// A workgroup of WORKGROUP invocations copies EACH · WORKGROUP quads that lie together, each
// invocation every WORKGROUP-th of them; workgroups lie along x, then y.
// No sum.

@group(0) @binding(0) var<storage, read_write> source: array<vec4<f32>>; // [quads]
@group(0) @binding(1) var<storage, read_write> copy: array<vec4<f32>>; // [quads]

@compute @workgroup_size(WORKGROUP)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
    @builtin(local_invocation_id) local: vec3<u32>,
) {
    let first = (workgroup.y * workgroups.x + workgroup.x) * (EACH * WORKGROUP) + local.x;
    copy[first] = source[first];
    if EACH == 4u {
        copy[first + WORKGROUP] = source[first + WORKGROUP];
        copy[first + 2u * WORKGROUP] = source[first + 2u * WORKGROUP];
        copy[first + 3u * WORKGROUP] = source[first + 3u * WORKGROUP];
    }
}
