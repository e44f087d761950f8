// x[n, h, w] = Σ over ky, kx, o of y[n, p, q, o] · w[ky, kx, o] where 2p + ky - top = h, likewise q, for one channel.
// a = y: [N, P, Q, O]; b = w: [kh, kw, 1, O]; c = x: [N, H, W, 1].
// 8 images x 2 x 2 pixels an invocation, the four phases of the stride, so that what is loaded of y serves four sums;
// 64 invocations a workgroup, each alone.
// Ascending ky and kx, then o, one accumulator: the order of conv_transpose2d.wgsl.

// Along one axis, the rows of the small image that two neighbouring rows of the large one meet: `count` of them,
// descending from `first`, at which the lower neighbour meets tap `tap` and the upper one the tap before.
struct Reach { first: i32, tap: i32, count: u32 }

fn reach_of(lower: u32, padding: u32, kernel: u32, extent: u32) -> Reach {
    let padded = i32(lower + padding);
    let first = min(padded >> 1u, i32(extent) - 1);
    let last = max(padded - i32(kernel) + 1, 0) >> 1u; // the upper neighbour's last tap
    return Reach(first, padded - 2 * first, u32(max(first - last + 1, 0)));
}

// Where b begins at a tap, and whether there is such a tap.
struct Phase { b: u32, valid: bool }

fn phase(ky: i32, kx: i32) -> Phase {
    let valid = ky >= 0 && kx >= 0 && ky < i32(params.kernel_height) && kx < i32(params.kernel_width);
    return Phase(select(0u, u32(ky) * params.kernel_width + u32(kx), valid) * params.depth, valid);
}

fn load_phase(place: u32) -> vec4<f32> {
    if (STEP == 4u) {
        return quad_b(place);
    }
    return vec4<f32>(scalar_b(place), 0.0, 0.0, 0.0);
}

fn row_offset(image: u32) -> u32 {
    return min(image, params.images - 1u) * params.a_image;
}

fn keep(value: vec4<f32>, image: u32, y: u32, x: u32) {
    if (image >= params.images) {
        return;
    }
    let finished = finish(value, bias_of(0u).xxxx);
    let below = (y + 1u) * params.c_width < params.pixels;
    let right = x + 1u < params.c_width;
    let place = image * params.pixels + y * params.c_width + x;
    c[place] = finished.x;
    if (right) {
        c[place + 1u] = finished.y;
    }
    if (below) {
        c[place + params.c_width] = finished.z;
    }
    if (below && right) {
        c[place + params.c_width + 1u] = finished.w;
    }
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let tile = (group.z * groups.x + group.x) * 64u + local;
    if (tile >= params.tiles) {
        return;
    }
    let image_tile = quotient_and_rest(tile, divisor(params.image_tiles));
    let block = quotient_and_rest(image_tile.x, divisor((params.c_width + 1u) / 2u));
    let y = 2u * block.x;
    let x = 2u * block.y;
    let first = image_tile.y * 8u;
    let row0 = row_offset(first);
    let row1 = row_offset(first + 1u);
    let row2 = row_offset(first + 2u);
    let row3 = row_offset(first + 3u);
    let row4 = row_offset(first + 4u);
    let row5 = row_offset(first + 5u);
    let row6 = row_offset(first + 6u);
    let row7 = row_offset(first + 7u);
    var c0 = vec4<f32>();
    var c1 = vec4<f32>();
    var c2 = vec4<f32>();
    var c3 = vec4<f32>();
    var c4 = vec4<f32>();
    var c5 = vec4<f32>();
    var c6 = vec4<f32>();
    var c7 = vec4<f32>();
    let vertical = reach_of(y + 1u, params.padding_top, params.kernel_height, params.a_height);
    let horizontal = reach_of(x + 1u, params.padding_left, params.kernel_width, params.a_width);
    let row = divisor(horizontal.count);
    for (var t = 0u; t < vertical.count * horizontal.count; t++) {
        let passed = vec2<i32>(quotient_and_rest(t, row));
        let ky = vertical.tap + 2 * passed.x;
        let kx = horizontal.tap + 2 * passed.y;
        let phase0 = phase(ky - 1, kx - 1);
        let phase1 = phase(ky - 1, kx);
        let phase2 = phase(ky, kx - 1);
        let phase3 = phase(ky, kx);
        let valid = vec4<bool>(phase0.valid, phase1.valid, phase2.valid, phase3.valid);
        let pixel = u32(vertical.first - passed.x) * params.a_width + u32(horizontal.first - passed.y);
        for (var k = 0u; k < params.depth; k += STEP) {
            let b = transpose(mat4x4<f32>(
                load_phase(phase0.b + k),
                load_phase(phase1.b + k),
                load_phase(phase2.b + k),
                load_phase(phase3.b + k),
            ));
            let place = pixel * params.depth + k;
            c0 = select(c0, multiply_add(c0, load_a(row0 + place), b), valid);
            c1 = select(c1, multiply_add(c1, load_a(row1 + place), b), valid);
            c2 = select(c2, multiply_add(c2, load_a(row2 + place), b), valid);
            c3 = select(c3, multiply_add(c3, load_a(row3 + place), b), valid);
            c4 = select(c4, multiply_add(c4, load_a(row4 + place), b), valid);
            c5 = select(c5, multiply_add(c5, load_a(row5 + place), b), valid);
            c6 = select(c6, multiply_add(c6, load_a(row6 + place), b), valid);
            c7 = select(c7, multiply_add(c7, load_a(row7 + place), b), valid);
        }
    }
    keep(c0, first, y, x);
    keep(c1, first + 1u, y, x);
    keep(c2, first + 2u, y, x);
    keep(c3, first + 3u, y, x);
    keep(c4, first + 4u, y, x);
    keep(c5, first + 5u, y, x);
    keep(c6, first + 6u, y, x);
    keep(c7, first + 7u, y, x);
}
