// Division by the same number many times. A shared part of the products with windows.

// A number to divide by many times: integer division is slow on GPUs, and on software Vulkan one lane at a time.
struct Divisor { value: u32, inverse: f32 }

fn divisor(value: u32) -> Divisor {
    return Divisor(value, 1.0 / f32(max(value, 1u)));
}

// n / d and n % d, for n below 2²². The quotient by the inverse is off by one at most.
fn quotient_and_rest(n: u32, d: Divisor) -> vec2<u32> {
    var quotient = u32(f32(n) * d.inverse);
    if (quotient * d.value > n) {
        quotient -= 1u;
    }
    if (n - quotient * d.value >= d.value) {
        quotient += 1u;
    }
    return vec2<u32>(quotient, n - quotient * d.value);
}
