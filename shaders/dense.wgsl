// y[n, o] = Σ over i of x[n, i] · w[i, o]: a product with one pixel and one tap.
// a = x: [N, I]; b = w: [I, O], contiguous along n; c = y: [N, O].
// Geometry and order of the core it is joined with.

struct Taps { count: u32 }

fn taps_of(pixel: u32) -> Taps {
    return Taps(1u);
}

fn tap_at(taps: Taps, t: u32) -> Tap {
    return Tap(0u, 0u);
}
