// How storage is read: by floats. A shared part, the first of a product; load_pairs.wgsl is the other way.

alias Quad = vec4<f32>; // four neighbours in memory
alias Part = f32; // of a quad

// The part of its quad that an element lies in.
fn part_of(index: u32) -> u32 {
    return index & 3u;
}

fn element(part: Part, index: u32) -> f32 {
    return part;
}

fn floats(quad: Quad) -> vec4<f32> {
    return quad;
}
