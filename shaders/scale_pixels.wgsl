// y[i] = table[pixels[i]].
// pixels: `elements` bytes, four to a word, the first in the lowest bits; table: 256 values; y: [elements].
// One element an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed.

struct Params { elements: u32, unused0: u32, unused1: u32, unused2: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> pixels: array<u32>; // [elements / 4]
@group(0) @binding(3) var<storage, read> table: array<f32>; // [256]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [elements]

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let element = (group.y * groups.x + group.x) * 64u + local;
    if (element < params.elements) {
        let pixel = (pixels[element >> 2u] >> ((element & 3u) * 8u)) & 255u;
        y[element] = table[pixel];
    }
}
