// dx[n, i] = Σ over o of grad[n, o] · w[i, o]: a product with one pixel and one tap.
// a = grad: [N, O]; b = w: [I, O], contiguous along k; c = dx: [N, I].
// Geometry and order of the core it is joined with.

struct Taps { count: u32 }

fn taps_of(pixel: u32) -> Taps {
    return Taps(1u);
}

fn tap_at(taps: Taps, t: u32) -> Tap {
    return Tap(0u, 0u);
}
