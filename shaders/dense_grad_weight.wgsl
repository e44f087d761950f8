// dw[i, o] = Σ over n of x[n, i] · grad[n, o]: a weight product with one tap and one place.
// a = x: [N, I]; b = grad: [N, O]; c = dw: [I, O].
// Geometry and order of the core it is joined with.

struct Places { count: u32 }

fn places_of(tap: u32) -> Places {
    return Places(1u);
}

fn place_at(places: Places, p: u32) -> Place {
    return Place(0u, 0u, vec2<u32>());
}
