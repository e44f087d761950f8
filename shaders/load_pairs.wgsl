// How storage is read: by two floats in an integer of 64 bits, as software Vulkan pays for each load and not for its
// width. A shared part, the first of a product; load_floats.wgsl is the other way.

alias Quad = vec2<u64>; // four neighbours in memory, the first in the low half
alias Part = u64; // of a quad

// The part of its quad that an element lies in.
fn part_of(index: u32) -> u32 {
    return (index >> 1u) & 1u;
}

fn element(part: Part, index: u32) -> f32 {
    return bitcast<f32>(u32(part >> ((index & 1u) << 5u)));
}

fn floats(quad: Quad) -> vec4<f32> {
    let low = bitcast<vec2<f32>>(vec2<u32>(quad));
    let high = bitcast<vec2<f32>>(vec2<u32>(quad >> vec2<u32>(32u)));
    return vec4<f32>(low.x, high.x, low.y, high.y);
}
