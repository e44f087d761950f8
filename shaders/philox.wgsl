// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011): 128 random bits as a function of a counter and a key.
// Sample n's element e takes word e mod 4 of the block with counter
// (first_block + e / 4, first_sample + n, step, stream) and key (seed_low, seed_high).
// A shared part: the op gives `params.sample_elements`, `params.stream` and `params.first_block`.

@group(0) @binding(1) var<uniform> scalars: array<vec4<u32>, 16>; // seed_low, seed_high, step, first_sample first

fn multiply_high(a: u32, b: u32) -> u32 {
    let a_low = a & 0xffffu;
    let a_high = a >> 16u;
    let b_low = b & 0xffffu;
    let b_high = b >> 16u;
    let middle = a_high * b_low + ((a_low * b_low) >> 16u);
    let carry = (middle & 0xffffu) + a_low * b_high;
    return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
    var c = counter;
    var k = key;
    for (var round = 0u; round < 10u; round++) {
        c = vec4<u32>(
            multiply_high(0xcd9e8d57u, c.z) ^ c.y ^ k.x,
            0xcd9e8d57u * c.z,
            multiply_high(0xd2511f53u, c.x) ^ c.w ^ k.y,
            0xd2511f53u * c.x,
        );
        k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
    }
    return c;
}

fn philox_block(sample: u32, element: u32) -> vec4<u32> {
    let draw = scalars[0];
    let counter = vec4<u32>(params.first_block + (element >> 2u), draw.w + sample, draw.z, params.stream);
    return philox(counter, draw.xy);
}
