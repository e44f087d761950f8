//! One binary of every suite: each kernel against its CPU twin, and what crosses kernels.

mod across;

mod accumulate;
mod adam;
mod add;
mod batch_norm;
mod batch_norm_grad_gamma_beta;
mod batch_norm_grad_input;
mod batch_norm_running;
mod batch_norm_statistics;
mod bce_with_logits;
mod bce_with_logits_grad;
mod bias;
mod broadcast;
mod conv2d;
mod conv2d_grad_weight;
mod conv_transpose2d;
mod copy;
mod dense;
mod dense_grad_input;
mod dense_grad_weight;
mod dropout;
mod ema;
mod fill;
mod leaky_relu;
mod leaky_relu_grad;
mod multiply;
mod normal;
mod philox_bits;
mod reciprocal;
mod scale;
mod scale_pixels;
mod sigmoid;
mod sigmoid_grad;
mod square_root;
mod sum;
mod tanh;
mod tanh_grad;

use ganvas_tests::OpCase;

/// Each kernel's cases, in the order of [`graph::Op::KERNELS`].
fn cases_of_all_kernels() -> Vec<(&'static str, Vec<OpCase>)> {
    vec![
        ("fill", fill::cases()),
        ("copy", copy::cases()),
        ("accumulate", accumulate::cases()),
        ("add", add::cases()),
        ("multiply", multiply::cases()),
        ("scale", scale::cases()),
        ("reciprocal", reciprocal::cases()),
        ("square_root", square_root::cases()),
        ("bias", bias::cases()),
        ("sum", sum::cases()),
        ("broadcast", broadcast::cases()),
        ("leaky_relu", leaky_relu::cases()),
        ("leaky_relu_grad", leaky_relu_grad::cases()),
        ("tanh", tanh::cases()),
        ("tanh_grad", tanh_grad::cases()),
        ("sigmoid", sigmoid::cases()),
        ("sigmoid_grad", sigmoid_grad::cases()),
        ("dropout", dropout::cases()),
        ("bce_with_logits", bce_with_logits::cases()),
        ("bce_with_logits_grad", bce_with_logits_grad::cases()),
        ("philox_bits", philox_bits::cases()),
        ("normal", normal::cases()),
        ("scale_pixels", scale_pixels::cases()),
        ("dense", dense::cases()),
        ("dense_grad_input", dense_grad_input::cases()),
        ("dense_grad_weight", dense_grad_weight::cases()),
        ("conv2d", conv2d::cases()),
        ("conv_transpose2d", conv_transpose2d::cases()),
        ("conv2d_grad_weight", conv2d_grad_weight::cases()),
        ("batch_norm_statistics", batch_norm_statistics::cases()),
        ("batch_norm", batch_norm::cases()),
        ("batch_norm_grad_gamma_beta", batch_norm_grad_gamma_beta::cases()),
        ("batch_norm_grad_input", batch_norm_grad_input::cases()),
        ("batch_norm_running", batch_norm_running::cases()),
        ("adam", adam::cases()),
        ("ema", ema::cases()),
    ]
}

#[test]
fn every_kernel_has_cases() {
    let all = cases_of_all_kernels();
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, graph::Op::KERNELS);
    for (name, cases) in all {
        assert!(!cases.is_empty() && cases.iter().all(|case| case.op.name() == name), "{name}");
    }
}
