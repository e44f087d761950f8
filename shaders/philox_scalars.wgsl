// The random bits of one element, for samples whose elements are not a multiple of four.
// A shared part, after philox.wgsl.

fn draw_bits(lane: u32) -> Bits {
    let element = lane % params.sample_elements;
    return philox_block(lane / params.sample_elements, element)[element & 3u];
}
