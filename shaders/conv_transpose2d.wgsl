// x[n, h, w, i] = Σ over ky, kx, o of y[n, p, q, o] · w[ky, kx, i, o] where p·stride_y + ky - top = h, likewise q.
// a = y: [N, P, Q, O]; b = w: [kh, kw, I, O], contiguous along k; c = x: [N, H, W, I].
// Geometry and order of the core it is joined with. A pixel takes the taps of its own phase, every stride-th one,
// that fall on the image: nothing is multiplied by an inserted zero.

// Ascending ky and kx of one pixel: ky = first_ky + j·stride_y at row p = first_p - j, likewise kx, a row of them for each ky.
struct Taps { count: u32, row: Divisor, first_ky: u32, first_kx: u32, first_p: u32, first_q: u32 }

// First tap, first row or column of the small image, and number of taps along one axis.
fn axis_taps(place: u32, stride: Divisor, kernel: u32, extent: u32) -> vec3<u32> {
    let met = quotient_and_rest(place, stride);
    let last = met.x; // the row that tap `met.y` meets
    let skipped = max(last, extent - 1u) - (extent - 1u); // rows past the end of the image
    let tap = met.y + skipped * stride.value;
    let taps = quotient_and_rest(max(kernel, tap) - tap + stride.value - 1u, stride).x;
    return vec3<u32>(tap, last - skipped, min(taps, last - skipped + 1u));
}

fn taps_of(pixel: u32) -> Taps {
    let place = quotient_and_rest(pixel, divisor(params.c_width));
    let y = place.x + params.padding_top;
    let x = place.y + params.padding_left;
    let vertical = axis_taps(y, divisor(params.stride_y), params.kernel_height, params.a_height);
    let horizontal = axis_taps(x, divisor(params.stride_x), params.kernel_width, params.a_width);
    return Taps(vertical.z * horizontal.z, divisor(horizontal.z), vertical.x, horizontal.x, vertical.y, horizontal.y);
}

fn tap_at(taps: Taps, t: u32) -> Tap {
    let place = quotient_and_rest(t, taps.row);
    let ky = taps.first_ky + place.x * params.stride_y;
    let kx = taps.first_kx + place.y * params.stride_x;
    return Tap(
        ((taps.first_p - place.x) * params.a_width + taps.first_q - place.y) * params.depth,
        (ky * params.kernel_width + kx) * params.depth * params.columns,
    );
}
