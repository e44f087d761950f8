// mean[c] = Σ over r of x[r, c] / rows; variance[c] = Σ over r of (x[r, c] - mean[c])² / rows.
// x: [rows, channels], partial: [2, splits, channels], in lanes of one or four elements (`Lane`, generated).
// One lane an invocation, 64 a workgroup, workgroups in x, then y: `partial` over (split, channel), `combine` over channel.
// Split s takes rows s, s + splits, ..; a mean, then squared deviations from it; splits join in ascending order
// (Chan, Golub & LeVeque 1979).

struct Params { channel_lanes: u32, rows: u32, splits: u32, unused: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> x: array<Lane>; // [rows, channels]
@group(0) @binding(3) var<storage, read_write> partial_sums: array<Lane>; // [2, splits, channels]

@group(0) @binding(2) var<storage, read> partial_read: array<Lane>; // [2, splits, channels]
@group(0) @binding(3) var<storage, read_write> mean: array<Lane>; // [channels]
@group(0) @binding(4) var<storage, read_write> variance: array<Lane>; // [channels]

// The rows of split s.
fn split_rows(s: u32) -> f32 {
    return f32((params.rows - s + params.splits - 1u) / params.splits);
}

@compute @workgroup_size(64)
fn partial(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let lane = (group.y * groups.x + group.x) * 64u + local;
    let partials = params.splits * params.channel_lanes;
    if (lane >= partials) {
        return;
    }
    let end = params.rows * params.channel_lanes;
    var total = Lane(0.0);
    for (var place = lane; place < end; place += partials) {
        total += x[place];
    }
    let split_mean = total / split_rows(lane / params.channel_lanes);
    var squares = Lane(0.0);
    for (var place = lane; place < end; place += partials) {
        let deviation = x[place] - split_mean;
        squares += deviation * deviation;
    }
    partial_sums[lane] = split_mean;
    partial_sums[partials + lane] = squares;
}

@compute @workgroup_size(64)
fn combine(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) local: u32,
) {
    let c = (group.y * groups.x + group.x) * 64u + local;
    if (c >= params.channel_lanes) {
        return;
    }
    let partials = params.splits * params.channel_lanes;
    var count = 0.0;
    var joined_mean = Lane(0.0);
    var squares = Lane(0.0);
    for (var s = 0u; s < params.splits; s++) {
        let rows = split_rows(s);
        let place = s * params.channel_lanes + c;
        let difference = partial_read[place] - joined_mean;
        let weight = rows / (count + rows);
        squares += partial_read[partials + place] + difference * difference * (count * weight);
        joined_mean += difference * weight;
        count += rows;
    }
    mean[c] = joined_mean;
    variance[c] = squares / f32(params.rows);
}
