// The random bits of four elements, one block, for samples of a multiple of four elements.
// A shared part, after philox.wgsl.

fn draw_bits(lane: u32) -> Bits {
    let element = lane * 4u;
    return philox_block(element / params.sample_elements, element % params.sample_elements);
}
