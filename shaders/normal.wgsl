// y[n, e] = a standard normal draw: inverse CDF of 24 random bits (Wichura 1988, AS 241, PPND7).
// y: [samples, sample_elements] as `lanes` lanes of one or four elements (`Lane` and `Bits`, generated).
// One lane an invocation, 64 invocations a workgroup, workgroups in x, then y.
// Nothing is summed. With philox.wgsl and philox_quads.wgsl or philox_scalars.wgsl.

struct Params { lanes: u32, sample_elements: u32, stream: u32, first_block: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> y: array<Lane>; // [samples, sample_elements]

// The quantile of p in (0, 1/2), negative. The far tail of AS 241 begins at exp(-25), below the least p, 2^-25.
fn normal_quantile(p: Lane) -> Lane {
    let q = p - Lane(0.5);
    let r = Lane(0.180625) - q * q;
    let central = q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
        / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
    let s = sqrt(-log(p)) - Lane(1.6);
    let tail = (((0.17023821103 * s + 1.3067284816) * s + 2.7568153900) * s + 1.4234372777)
        / ((0.12021132975 * s + 0.73700164250) * s + 1.0);
    return select(-tail, central, q >= Lane(-0.425));
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    if (lane < params.lanes) {
        let bits = draw_bits(lane);
        let p = (Lane((bits >> Bits(8u)) & Bits(0x7fffffu)) + Lane(0.5)) * 0x1p-24f;
        let quantile = normal_quantile(p);
        y[lane] = select(quantile, -quantile, (bits >> Bits(31u)) == Bits(1u));
    }
}
