// y[n, p, q, o] = Σ over ky, kx, i of x[n, p·stride_y + ky - top, q·stride_x + kx - left, i] · w[ky, kx, i, o].
// a = x: [N, H, W, I]; b = w: [kh, kw, I, O], contiguous along n; c = y: [N, P, Q, O].
// Geometry and order of the core it is joined with; taps on padding are left out.

// The taps of one pixel that fall on the image: ky from `first_ky`, kx from `first_kx`, a row of the latter each.
struct Taps { count: u32, row: Divisor, first_ky: u32, first_kx: u32, y: u32, x: u32 }

fn taps_of(pixel: u32) -> Taps {
    let place = quotient_and_rest(pixel, divisor(params.c_width));
    let y = place.x * params.stride_y; // in padded coordinates
    let x = place.y * params.stride_x;
    let first_ky = max(params.padding_top, y) - y;
    let first_kx = max(params.padding_left, x) - x;
    let end_ky = min(params.kernel_height, max(params.a_height + params.padding_top, y) - y);
    let end_kx = min(params.kernel_width, max(params.a_width + params.padding_left, x) - x);
    let height = max(end_ky, first_ky) - first_ky;
    let width = max(end_kx, first_kx) - first_kx;
    return Taps(height * width, divisor(width), first_ky, first_kx, y, x);
}

fn tap_at(taps: Taps, t: u32) -> Tap {
    let place = quotient_and_rest(t, taps.row);
    let ky = taps.first_ky + place.x;
    let kx = taps.first_kx + place.y;
    let y = taps.y + ky - params.padding_top;
    let x = taps.x + kx - params.padding_left;
    return Tap(
        (y * params.a_width + x) * params.depth,
        (ky * params.kernel_width + kx) * params.depth * params.columns,
    );
}
