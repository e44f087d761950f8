// dw[ky, kx, i, o] = Σ over n, p, q of x[n, p·stride_y + ky - top, q·stride_x + kx - left, i] · y[n, p, q, o].
// a = x: [N, H, W, I]; b = y: [N, P, Q, O]; c = dw: [kh, kw, I, O].
// Geometry and order of the core it is joined with; places whose tap falls on padding are left out.
// `PATCHES` (generated): a row is a tap and a channel, as in weight_product_patches.wgsl, and places are not left out.

// The places of one tap: rows from `first_p`, a row of columns from `first_q` each.
struct Places { count: u32, row: Divisor, first_p: u32, first_q: u32, ky: u32, kx: u32 }

// First place along one axis, and the number of places.
fn axis_places(tap: u32, stride: Divisor, padding: u32, large: u32, small: u32) -> vec2<u32> {
    let round_up = stride.value - 1u;
    let first = quotient_and_rest(max(padding, tap) - tap + round_up, stride).x;
    let end = min(quotient_and_rest(max(large + padding, tap) - tap + round_up, stride).x, small);
    return vec2<u32>(first, max(end, first) - first);
}

fn places_of(tap: u32) -> Places {
    if (PATCHES) {
        return Places(params.b_height * params.b_width, divisor(params.b_width), 0u, 0u, 0u, 0u);
    }
    let taps = quotient_and_rest(tap, divisor(params.kernel_width));
    let ky = taps.x;
    let kx = taps.y;
    let vertical = axis_places(ky, divisor(params.stride_y), params.padding_top, params.a_height, params.b_height);
    let horizontal = axis_places(kx, divisor(params.stride_x), params.padding_left, params.a_width, params.b_width);
    return Places(vertical.y * horizontal.y, divisor(horizontal.y), vertical.x, horizontal.x, ky, kx);
}

fn place_at(places: Places, p: u32) -> Place {
    let place = quotient_and_rest(p, places.row);
    let row = places.first_p + place.x;
    let column = places.first_q + place.y;
    let corner = vec2<u32>(row * params.stride_y, column * params.stride_x);
    let y = corner.x + places.ky - params.padding_top;
    let x = corner.y + places.kx - params.padding_left;
    let a = (y * params.a_width + x) * params.channels;
    return Place(a, (row * params.b_width + column) * params.columns, corner);
}
