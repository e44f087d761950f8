//! Faults of the ops that treat elements or channels alike.

use super::{PlantedFault, lanes, stale, text};

pub(super) fn faults() -> Vec<PlantedFault> {
    [unary(), binary(), channels(), moved(), optimiser()].concat()
}

fn unary() -> Vec<PlantedFault> {
    let mut faults = vec![
        text!(WrongTerm "copy", "negated", "return x;" => "return -x;"),
        text!(WrongTerm "scale", "no-offset", " + Lane(params.b)" => ""),
        text!(WrongTerm "scale", "no-factor", "params.a * x" => "x"),
        text!(WrongTerm "reciprocal", "coarse", "Lane(1.0) / x" => "Lane(0.99999) / x"),
        text!(WrongTerm "square_root", "inverse", "return sqrt(x)" => "return inverseSqrt(x)"),
        text!(WrongTerm "leaky_relu", "mirrored", "x > Lane(0.0)" => "x < Lane(0.0)"),
        text!(WrongTerm "leaky_relu", "no-slope", "params.a * x" => "x"),
        text!(WrongTerm "tanh", "even", "x < Lane(0.0)" => "x < Lane(-1000.0)"),
        text!(WrongTerm "tanh", "coarse", "0.13332586" => "0.1333"),
        text!(WrongTerm "tanh", "cut-early", "Lane(20.0)" => "Lane(7.0)"),
        text!(WrongTerm "sigmoid", "mirrored", "x >= Lane(0.0)" => "x <= Lane(0.0)"),
        text!(WrongTerm "bce_with_logits", "label-added", "- params.a * x" => "+ params.a * x"),
        text!(WrongTerm "bce_with_logits", "no-logarithm", " + log(Lane(1.0) + exp(-abs(x)))" => ""),
    ];
    faults.extend(lanes!("copy", "y[lane] = apply(x[lane])"));
    faults.extend(lanes!("scale", "y[lane] = apply(x[lane])"));
    faults.extend(lanes!("reciprocal", "y[lane] = apply(x[lane])"));
    faults.extend(lanes!("square_root", "y[lane] = apply(x[lane])"));
    faults.extend(lanes!("leaky_relu", "y[lane] = apply(x[lane])"));
    faults.extend(lanes!("tanh", "y[lane] = apply(x[lane])"));
    faults.extend(lanes!("sigmoid", "y[lane] = apply(x[lane])"));
    faults.extend(lanes!("bce_with_logits", "y[lane] = apply(x[lane])"));
    faults
}

fn binary() -> Vec<PlantedFault> {
    let mut faults = vec![
        text!(WrongTerm "add", "difference", "x + y;" => "x - y;"),
        text!(WrongTerm "multiply", "square", "x * y;" => "x * x;"),
        text!(WrongTerm "leaky_relu_grad", "wrong-sign", "y > Lane(0.0)" => "x > Lane(0.0)"),
        text!(WrongTerm "tanh_grad", "not-squared", "- y * y" => "- y"),
        text!(WrongTerm "sigmoid_grad", "sum", "(Lane(1.0) - y)" => "(Lane(1.0) + y)"),
        text!(WrongTerm "bce_with_logits_grad", "label-added", "- Lane(params.a)" => "+ Lane(params.a)"),
        text!(WrongTerm "bce_with_logits_grad", "mirrored", "y >= Lane(0.0)" => "y <= Lane(0.0)"),
    ];
    faults.extend(lanes!("add", "z[lane] = apply(x[lane], y[lane])"));
    faults.extend(lanes!("multiply", "z[lane] = apply(x[lane], y[lane])"));
    faults.extend(lanes!("leaky_relu_grad", "z[lane] = apply(x[lane], y[lane])"));
    faults.extend(lanes!("tanh_grad", "z[lane] = apply(x[lane], y[lane])"));
    faults.extend(lanes!("sigmoid_grad", "z[lane] = apply(x[lane], y[lane])"));
    faults.extend(lanes!("bce_with_logits_grad", "z[lane] = apply(x[lane], y[lane])"));
    faults
}

/// The place of a lane's channel, taken for that of its row.
const ROW_AS_CHANNEL: &str = "(lane / params.channel_lanes) % params.channel_lanes";

/// The same of the kernels whose lanes have a channel in common.
const ROW_AS_CHANNEL_OF_FIRST: &str = "(first / params.channel_lanes) % params.channel_lanes";

fn channels() -> Vec<PlantedFault> {
    let channel = "lane % params.channel_lanes";
    let first = "first % params.channel_lanes";
    let mut faults = vec![
        text!(SwappedAxis "bias", "swapped-axes", channel => ROW_AS_CHANNEL),
        text!(WrongTerm "bias", "subtracted", "x[lane] + bias" => "x[lane] - bias"),
        text!(SwappedAxis "batch_norm", "swapped-axes", first => ROW_AS_CHANNEL_OF_FIRST),
        text!(WrongTerm "batch_norm", "no-epsilon", "variance[c] + Lane(params.epsilon)" => "variance[c]"),
        text!(WrongTerm "batch_norm", "no-beta", " + shift" => ""),
        text!(WrongTerm "batch_norm", "variance-for-deviation", "sqrt(variance[c] + Lane(params.epsilon))" => "(variance[c] + Lane(params.epsilon))"),
        text!(SwappedAxis "batch_norm_grad_input", "swapped-axes", first => ROW_AS_CHANNEL_OF_FIRST),
        text!(WrongTerm "batch_norm_grad_input", "swapped-sums", "beta_sum + normalised * gamma_sum" => "gamma_sum + normalised * beta_sum"),
        text!(DroppedTap "batch_norm_grad_input", "no-grad-gamma", " + normalised * gamma_sum" => ""),
        text!(DroppedTap "batch_norm_grad_input", "no-grad-beta", "beta_sum + " => ""),
        text!(WrongTerm "batch_norm_grad_input", "sums-not-means", "params.inverse_rows * (" => "("),
        text!(WrongTerm "batch_norm_running", "biased", "params.unbiased * variance" => "variance"),
        text!(WrongTerm "batch_norm_running", "momentum-of-the-old", "params.momentum * (" => "(1.0 - params.momentum) * ("),
    ];
    faults.extend(lanes!("bias", "bias[lane % params.channel_lanes]"));
    faults.extend(lanes!("batch_norm", "select(params.slope * value, value, value > Lane(0.0))"));
    faults.extend(lanes!("batch_norm_grad_input", "(grad[lane] - removed)"));
    faults.extend(lanes!("batch_norm_running", "(unbiased - running_variance[lane])"));
    faults
}

fn moved() -> Vec<PlantedFault> {
    let mut faults = vec![
        text!(WrongTerm "fill", "negated", "Lane(params.value)" => "Lane(-params.value - 1.0)"),
        text!(WrongTerm "accumulate", "overwritten", "y[lane] += x" => "y[lane] = x"),
        stale!("broadcast"),
        text!(OffByOne "broadcast", "last-element", "(element < params.elements)" => "(element + 1u < params.elements)"),
        text!(PastTheEnd "broadcast", "past-the-end", "(element < params.elements)" => "(element < params.elements + 16u)"),
        text!(Nan "broadcast", "nan", "% params.inner];" => "% params.inner] + bitcast<f32>(select(0u, 0x7fc00000u, element + 1u == params.elements));"),
        text!(SwappedAxis "broadcast", "swapped-axes", "element % params.inner" => "(element / params.inner) % params.inner"),
        stale!("scale_pixels"),
        text!(OffByOne "scale_pixels", "last-element", "(element < params.elements)" => "(element + 1u < params.elements)"),
        text!(PastTheEnd "scale_pixels", "past-the-end", "(element < params.elements)" => "(element < params.elements + 16u)"),
        text!(Nan "scale_pixels", "nan", "table[pixel];" => "table[pixel] + bitcast<f32>(select(0u, 0x7fc00000u, element + 1u == params.elements));"),
        text!(SwappedAxis "scale_pixels", "swapped-bytes", "((element & 3u) * 8u)" => "((3u - (element & 3u)) * 8u)"),
    ];
    faults.extend(lanes!("fill", "y[lane] = Lane(params.value)"));
    faults.extend(lanes!("accumulate", "y[lane] += x[lane]"));
    faults
}

fn optimiser() -> Vec<PlantedFault> {
    let mut faults = vec![
        stale!("adam"),
        text!(OffByOne "adam", "last-lane", "(lane >= params.lanes)" => "(lane + 1u >= params.lanes)"),
        text!(PastTheEnd "adam", "past-the-end", "(lane >= params.lanes)" => "(lane >= params.lanes + 8u)"),
        text!(Nan "adam", "nan", "* m / denominator;" => "* m / denominator + Lane(bitcast<f32>(select(0u, 0x7fc00000u, lane + 1u == params.lanes)));"),
        text!(WrongTerm "adam", "no-bias-correction", "sqrt(v) * scalar(params.correction)" => "sqrt(v)"),
        text!(WrongTerm "adam", "ascends", "weights[lane] -= " => "weights[lane] += "),
        text!(WrongTerm "adam", "gradient-not-squared", "g * g - v" => "abs(g) - v"),
        text!(WrongTerm "adam", "old-moment", "params.first_rate * (g - m)" => "params.second_rate * (g - m)"),
        text!(WrongTerm "adam", "moment-not-kept", "second_moment[lane] = v;" => ""),
        text!(WrongTerm "ema", "decay-for-rate", "rate * (value" => "(1.0 - rate) * (value"),
        text!(SwappedAxis "ema", "other-scalar", "params.rate & 3u" => "(params.rate + 1u) & 3u"),
    ];
    faults.extend(lanes!("ema", "(value[lane] - average[lane])"));
    faults
}
