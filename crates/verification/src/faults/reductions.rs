//! Faults of sums over an axis and of batch norm's statistics.

use super::{PlantedFault, no_barrier, stale, text};

pub(super) fn faults() -> Vec<PlantedFault> {
    [sum(), batch_norm_statistics(), batch_norm_grad_gamma_beta()].concat()
}

fn sum() -> Vec<PlantedFault> {
    vec![
        stale!("sum"),
        no_barrier!("sum"),
        text!(OffByOne "sum", "last-lane", "(lane >= params.lanes)" => "(lane + 1u >= params.lanes)"),
        text!(PastTheEnd "sum", "past-the-end", "y[lane] = total;" => "y[lane] = total;\n    if (lane < 8u) {\n        y[params.lanes + lane] = total;\n    }"),
        text!(Nan "sum", "nan", "y[lane] = total;" => "y[lane] = total + Lane(bitcast<f32>(select(0u, 0x7fc00000u, lane + 1u == params.lanes)));"),
        text!(DroppedTap "sum", "dropped-term", "place < params.row;" => "place + params.width < params.row;"),
        text!(SwappedAxis "sum", "one-outer", "(lane / params.width) * params.row" => "0u * params.row"),
    ]
}

fn batch_norm_statistics() -> Vec<PlantedFault> {
    vec![
        stale!("batch_norm_statistics"),
        no_barrier!("batch_norm_statistics"),
        text!(OffByOne "batch_norm_statistics", "last-lane", "(c >= params.channel_lanes)" => "(c + 1u >= params.channel_lanes)"),
        text!(PastTheEnd "batch_norm_statistics", "past-the-end", "mean[c] = joined_mean;" => "mean[c] = joined_mean;\n    if (c < 8u) {\n        mean[params.channel_lanes + c] = joined_mean;\n    }"),
        text!(PastTheEnd "batch_norm_statistics", "past-the-scratch", "partial_sums[partials + lane] = squares;" => "partial_sums[partials + lane] = squares;\n    if (lane < 8u) {\n        partial_sums[2u * partials + lane] = squares;\n    }"),
        text!(Nan "batch_norm_statistics", "nan", "mean[c] = joined_mean;" => "mean[c] = joined_mean + Lane(bitcast<f32>(select(0u, 0x7fc00000u, c + 1u == params.channel_lanes)));"),
        text!(DroppedTap "batch_norm_statistics", "dropped-row", "place < end;" => "place + partials < end;"),
        text!(DroppedTap "batch_norm_statistics", "dropped-split", "s < params.splits;" => "s + 1u < params.splits;"),
        text!(WrongTerm "batch_norm_statistics", "unbiased", "squares / f32(params.rows)" => "squares / (f32(params.rows) - 1.0)"),
        text!(WrongTerm "batch_norm_statistics", "splits-not-joined", " + difference * difference * (count * weight)" => ""),
        text!(SwappedAxis "batch_norm_statistics", "first-split-for-all", "s * params.channel_lanes + c" => "0u * s + c"),
    ]
}

fn batch_norm_grad_gamma_beta() -> Vec<PlantedFault> {
    vec![
        stale!("batch_norm_grad_gamma_beta"),
        no_barrier!("batch_norm_grad_gamma_beta"),
        text!(OffByOne "batch_norm_grad_gamma_beta", "last-lane", "(lane >= partials)" => "(lane + 1u >= partials)"),
        text!(PastTheEnd "batch_norm_grad_gamma_beta", "past-the-end", "(lane >= partials)" => "(lane >= partials + 8u)"),
        text!(Nan "batch_norm_grad_gamma_beta", "nan", "= gamma_sum;" => "= gamma_sum + Lane(bitcast<f32>(select(0u, 0x7fc00000u, lane + 1u == partials)));"),
        text!(DroppedTap "batch_norm_grad_gamma_beta", "dropped-row", "place < end;" => "place + partials < end;"),
        text!(WrongTerm "batch_norm_grad_gamma_beta", "not-centred", "x[place] - centre" => "x[place]"),
        text!(WrongTerm "batch_norm_grad_gamma_beta", "beta-for-gamma", "= gamma_sum;" => "= beta_sum;"),
        text!(SwappedAxis "batch_norm_grad_gamma_beta", "swapped-axes", "lane % params.channel_lanes" => "(lane / params.channel_lanes) % params.channel_lanes"),
    ]
}
