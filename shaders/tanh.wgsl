// y = tanh(x): 1 - 2 / (exp(2|x|) + 1) from 0.55 on, below it x + x³·P(x²) with a minimax P (relative error 1e-9).
// With pointwise_unary.wgsl. WGSL's own tanh may be inexact, and is NaN for large x on some drivers.

fn apply(x: Lane) -> Lane {
    let magnitude = min(abs(x), Lane(20.0));
    let large = Lane(1.0) - Lane(2.0) / (exp(2.0 * magnitude) + Lane(1.0));
    let z = magnitude * magnitude;
    let p = (((-0.00627423916 * z + 0.0210716780) * z - 0.0538523085) * z + 0.13332586) * z - 0.333333164;
    let small = magnitude + magnitude * z * p;
    let y = select(small, large, magnitude >= Lane(0.55));
    return select(y, -y, x < Lane(0.0));
}
