//! One file an op: what proves its kernels.

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

use crate::{Family, Place, Proof};

/// What proves each kernel, in the order of [`graph::Op::KERNELS`].
pub fn proofs() -> Vec<Proof> {
    vec![
        fill::proof(),
        copy::proof(),
        accumulate::proof(),
        add::proof(),
        multiply::proof(),
        scale::proof(),
        reciprocal::proof(),
        square_root::proof(),
        bias::proof(),
        sum::proof(),
        broadcast::proof(),
        leaky_relu::proof(),
        leaky_relu_grad::proof(),
        tanh::proof(),
        tanh_grad::proof(),
        sigmoid::proof(),
        sigmoid_grad::proof(),
        dropout::proof(),
        bce_with_logits::proof(),
        bce_with_logits_grad::proof(),
        philox_bits::proof(),
        normal::proof(),
        scale_pixels::proof(),
        dense::proof(),
        dense_grad_input::proof(),
        dense_grad_weight::proof(),
        conv2d::proof(),
        conv_transpose2d::proof(),
        conv2d_grad_weight::proof(),
        batch_norm_statistics::proof(),
        batch_norm::proof(),
        batch_norm_grad_gamma_beta::proof(),
        batch_norm_grad_input::proof(),
        batch_norm_running::proof(),
        adam::proof(),
        ema::proof(),
    ]
}

/// What ops that treat every element alike are filled with at once.
const FEW: [Family; 2] = [Family::Integers, Family::Normal];

/// What products are filled with where one family of each kind will do.
const PRODUCTS: [Family; 2] = [Family::Integers, Family::TrainingLike];

/// What convolutions are filled with at once.
const CONVOLUTIONS: [Family; 4] =
    [Family::Integers, Family::Normal, Family::Impulse(Place::End), Family::TrainingLike];

#[cfg(test)]
mod tests;
