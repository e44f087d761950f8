// dw[ky, kx, i, o] = Σ over n, p, q of x[n, p·stride_y + ky - top, q·stride_x + kx - left, i] · y[n, p, q, o].
// a = x: [N, H, W, I]; b = y: [N, P, Q, O]; c = dw: [kh, kw, I, O].
// Geometry and order of the core it is joined with; places whose tap falls on padding are left out.

// The places of one tap: rows from `first_p`, columns from `first_q`, `width` of the latter.
struct Places { count: u32, width: u32, first_p: u32, first_q: u32, ky: u32, kx: u32 }

// First place along one axis, and the number of places.
fn axis_places(tap: u32, stride: u32, padding: u32, large: u32, small: u32) -> vec2<u32> {
    let first = (max(padding, tap) - tap + stride - 1u) / stride;
    let end = min((max(large + padding, tap) - tap + stride - 1u) / stride, small);
    return vec2<u32>(first, max(end, first) - first);
}

fn places_of(tap: u32) -> Places {
    let ky = tap / params.kernel_width;
    let kx = tap % params.kernel_width;
    let vertical = axis_places(ky, params.stride_y, params.padding_top, params.a_height, params.b_height);
    let horizontal = axis_places(kx, params.stride_x, params.padding_left, params.a_width, params.b_width);
    return Places(vertical.y * horizontal.y, horizontal.y, vertical.x, horizontal.x, ky, kx);
}

fn place_at(places: Places, p: u32) -> Place {
    let row = places.first_p + p / places.width;
    let column = places.first_q + p % places.width;
    let y = row * params.stride_y + places.ky - params.padding_top;
    let x = column * params.stride_x + places.kx - params.padding_left;
    return Place((y * params.a_width + x) * params.rows, (row * params.b_width + column) * params.columns);
}
