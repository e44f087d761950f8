use super::*;
use crate::networks::{DEFAULT_WIDTH, Network};

fn sizes() -> impl Iterator<Item = [usize; 2]> {
    let extents = || (SIZE_AT_LEAST..=SIZE_AT_MOST).step_by(SIZE_STEP);
    extents().flat_map(move |height| extents().map(move |width| [height, width]))
}

fn outputs(network: &Network) -> Vec<String> {
    let shaping = network.layers().filter(|(layer, ..)| {
        matches!(layer, Layer::Conv2d { .. } | Layer::ConvTranspose2d { .. })
    });
    shaping.map(|(_, _, output)| output.to_string()).collect()
}

#[test]
fn every_size_yields_its_images_and_one_logit() {
    for size @ [height, width] in sizes() {
        for channels in [1, 3, 4] {
            let networks = Dcgan { size, channels, width: 8 }.networks().unwrap();
            let Networks { generator, discriminator } = &networks;
            let image = SampleShape::image(channels, height, width);
            assert_eq!(generator.input(), SampleShape::image(LATENT_SIZE, 1, 1));
            assert_eq!(generator.output(), image);
            assert_eq!(discriminator.input(), image);
            assert_eq!(discriminator.output(), SampleShape::features(1));
        }
    }
}

/// Each layer of the one network undoes one of the other.
#[test]
fn the_generator_mirrors_the_discriminator() {
    for size in sizes() {
        let Networks { generator, discriminator } =
            Dcgan { size, channels: 3, width: 4 }.networks().unwrap();
        let extents = |network: &Network| -> Vec<[usize; 2]> {
            let all = std::iter::once(network.input())
                .chain(network.layers().map(|(_, _, output)| output));
            let mut all: Vec<[usize; 2]> = all.map(|shape| [shape.height, shape.width]).collect();
            all.dedup();
            all
        };
        let mut back = extents(&discriminator);
        back.reverse();
        assert_eq!(extents(&generator), back, "{size:?}");
        let (_, _, inner) = generator.layers().next().unwrap();
        assert!([inner.height, inner.width].iter().all(|side| (4..8).contains(side)), "{size:?}");
    }
}

#[test]
fn layers_by_hand() {
    let Networks { generator, discriminator } =
        Dcgan { size: [20, 68], channels: 4, width: 8 }.networks().unwrap();
    let of_d = ["8x10x34", "16x5x17", "32x5x8", "64x5x4", "1x1x1"];
    assert_eq!(outputs(&discriminator), of_d);
    let of_g = ["64x5x4", "32x5x8", "16x5x17", "8x10x34", "4x20x68"];
    assert_eq!(outputs(&generator), of_g);
    let words: Vec<String> = generator.layers().map(|(layer, ..)| layer.to_string()).collect();
    assert_eq!(words[0], "conv_transpose2d, kernel 5x4, stride 1, padding 0, no bias");
    assert_eq!(words[3], "conv_transpose2d, kernel 3x4, stride 1,2, padding 1, no bias");
    let odd = "conv_transpose2d, kernel 3x4, stride 1,2, padding 1, output padding 0,1, no bias";
    assert_eq!(words[6], odd);
    let of_d = Dcgan { size: [256, 16], channels: 1, width: 8 }.networks().unwrap().discriminator;
    let deep = ["8x128x8", "16x64x4", "32x32x4", "64x16x4", "64x8x4", "64x4x4", "1x1x1"];
    assert_eq!(outputs(&of_d), deep);
}

/// The layers of PyTorch's example, by hand.
#[test]
fn at_64x64_it_is_dcgan64() {
    for channels in [1, 3, 4] {
        let any = Dcgan { size: [64, 64], channels, width: DEFAULT_WIDTH }.networks().unwrap();
        let named = Networks::new(Preset::Dcgan64, channels).unwrap();
        assert_eq!(any, named);
        let outer = Window::square(4, 1, 0);
        let inner = Window::square(4, 2, 1);
        let up = |outputs, window| Layer::ConvTranspose2d {
            outputs,
            window,
            output_padding: [0; 2],
            bias: false,
        };
        let down = |outputs, window| Layer::Conv2d { outputs, window, bias: false };
        let leaky = Layer::LeakyRelu { slope: 0.2 };
        let generator = [
            up(512, outer),
            BATCH_NORM,
            Layer::Relu,
            up(256, inner),
            BATCH_NORM,
            Layer::Relu,
            up(128, inner),
            BATCH_NORM,
            Layer::Relu,
            up(64, inner),
            BATCH_NORM,
            Layer::Relu,
            up(channels, inner),
            Layer::Tanh,
        ];
        let discriminator = [
            down(64, inner),
            leaky.clone(),
            down(128, inner),
            BATCH_NORM,
            leaky.clone(),
            down(256, inner),
            BATCH_NORM,
            leaky.clone(),
            down(512, inner),
            BATCH_NORM,
            leaky,
            down(1, outer),
            Layer::Flatten,
        ];
        assert!(any.generator.layers().map(|(layer, ..)| layer).eq(&generator));
        assert!(any.discriminator.layers().map(|(layer, ..)| layer).eq(&discriminator));
    }
}

#[test]
fn what_there_is_no_network_for_is_refused_with_what_there_is() {
    let error = |size, channels, width| {
        let dcgan = Dcgan { size, channels, width };
        dcgan.networks().unwrap_err().to_string()
    };
    let of_size = |size| error(size, 3, 64);
    let rule = "a dcgan's width and height are multiples of 4 from 16 to 256";
    assert_eq!(of_size([20, 30]), format!("{rule}, not 30x20; nearest are 28x20 and 32x20"));
    assert_eq!(of_size([8, 64]), format!("{rule}, not 64x8; nearest is 64x16"));
    assert_eq!(of_size([257, 1000]), format!("{rule}, not 1000x257; nearest is 256x256"));
    assert!(of_size([0, usize::MAX]).ends_with("nearest is 256x16"));
    assert_eq!(error([64; 2], 2, 64), "preset dcgan takes images of 1, 3 or 4 channels, not of 2");
    for width in [0, 257] {
        let expected = format!("a dcgan's base width is from 1 to 256, not {width}");
        assert_eq!(error([64; 2], 3, width), expected);
    }
}
