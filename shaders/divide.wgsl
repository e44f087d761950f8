// Division by the same number many times. A shared part.

// Integer division is slow on GPUs, and on software Vulkan one lane at a time.
struct Divisor { value: u32, inverse: f32 }

fn divisor(value: u32) -> Divisor {
    return Divisor(value, 1.0 / f32(max(value, 1u)));
}

// n / d and n % d, for n below 2³¹. The first quotient is off by at most n / d · 2⁻²¹, the second by one.
fn quotient_and_rest(n: u32, d: Divisor) -> vec2<u32> {
    var quotient = u32(f32(n) * d.inverse);
    quotient += u32(i32(floor(f32(i32(n - quotient * d.value)) * d.inverse)));
    var rest = i32(n - quotient * d.value);
    if (rest < 0) {
        quotient -= 1u;
        rest += i32(d.value);
    } else if (rest >= i32(d.value)) {
        quotient += 1u;
        rest -= i32(d.value);
    }
    return vec2<u32>(quotient, u32(rest));
}
