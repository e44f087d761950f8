// The random bits of four elements, one block, for samples of a multiple of four elements.
// A shared part, after divide.wgsl and philox.wgsl.

fn draw_bits(lane: u32) -> Bits {
    let element = lane * 4u;
    let place = quotient_and_rest(element, divisor(params.sample_elements));
    return philox_block(place.x, place.y);
}
