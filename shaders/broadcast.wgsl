// y[o, r, i] = x[o, i].
// x: [outer, inner]; y: [outer, repeats, inner]; block = repeats · inner.
// One element an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { elements: u32, block: u32, inner: u32, unused: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<f32>; // [outer, inner]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [outer, repeats, inner]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let element = (group.y * groups.x + group.x) * 64u + local;
    if (element < params.elements) {
        let outer = element / params.block;
        y[element] = x[outer * params.inner + element % params.inner];
    }
}
