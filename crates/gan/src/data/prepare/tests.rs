use super::*;
use crate::data::{Fit, Format, Mode};
use image::{GrayImage, Luma, Rgb, Rgba};

fn decoded(image: impl Into<DynamicImage>) -> DecodedImage {
    DecodedImage { image: image.into(), format: Format::Png, mode: Mode::Rgba }
}

fn preparation(size: [usize; 2], channels: usize, fit: Fit) -> Preparation {
    Preparation { size: Some(size), channels: Some(channels), fit, ..Preparation::default() }
}

fn pixels(preparation: Preparation, image: impl Into<DynamicImage>) -> Vec<u8> {
    preparation.prepare(&decoded(image)).unwrap().pixels
}

#[test]
fn the_centre_is_kept_pixel_by_pixel() {
    let wide = RgbImage::from_fn(7, 2, |x, y| Rgb([x as u8 * 10, y as u8, 200]));
    let cropped = pixels(preparation([2, 3], 3, Fit::Crop), wide.clone());
    let row = |y| [[20, y, 200], [30, y, 200], [40, y, 200]].concat();
    assert_eq!(cropped, [row(0), row(1)].concat());
    let tall = image::imageops::rotate90(&wide);
    let cropped = pixels(preparation([3, 2], 3, Fit::Crop), tall);
    assert_eq!(&cropped[..6], [20, 1, 200, 20, 0, 200]);
}

#[test]
fn bars_are_white_or_transparent() {
    let wide = RgbImage::from_pixel(4, 2, Rgb([1, 2, 3]));
    let white = [255; 12];
    let two_rows = [1, 2, 3].repeat(8);
    let padded = pixels(preparation([4, 4], 3, Fit::Pad), wide.clone());
    assert_eq!(padded, [&white[..], &two_rows, &white].concat());
    let padded = pixels(preparation([4, 4], 4, Fit::Pad), wide.clone());
    let opaque = [1, 2, 3, 255].repeat(8);
    assert_eq!(padded, [&[0; 16][..], &opaque, &[0; 16]].concat());
    // One column more than twice as wide: the odd one is on the right.
    let padded = pixels(preparation([2, 7], 1, Fit::Pad), GrayImage::from_pixel(4, 2, Luma([9])));
    assert_eq!(padded, [255, 9, 9, 9, 9, 255, 255].repeat(2));
}

#[test]
fn resizing_keeps_a_flat_image_flat_and_grey_grey() {
    let flat = RgbImage::from_pixel(100, 90, Rgb([10, 20, 30]));
    assert_eq!(pixels(preparation([48, 96], 3, Fit::Crop), flat), [10, 20, 30].repeat(48 * 96));
    let ramp = RgbImage::from_fn(90, 90, |x, y| Rgb([(x + y) as u8; 3]));
    let colours = pixels(preparation([64, 64], 3, Fit::Crop), ramp.clone());
    assert!(colours.as_chunks::<3>().0.iter().all(|pixel| *pixel == [pixel[0]; 3]));
    let grey = pixels(preparation([64, 64], 1, Fit::Crop), ramp);
    let expected: Vec<u8> = colours.into_iter().step_by(3).collect();
    assert_eq!(grey, expected, "one channel is resized as three are");
}

#[test]
fn a_ramp_stays_a_ramp_at_half_its_size() {
    let ramp = GrayImage::from_fn(64, 8, |x, _| Luma([x as u8 * 4]));
    let half = pixels(preparation([4, 32], 1, Fit::Crop), ramp);
    for (x, &value) in half[..32].iter().enumerate().skip(3).take(26) {
        assert!(value.abs_diff(x as u8 * 8 + 2) <= 1, "{x}: {value}");
    }
}

/// A black disc on transparent white, and one on transparent black: what is hidden does not show.
#[test]
fn hidden_colours_never_show_at_edges() {
    let disc = |hidden: u8| {
        RgbaImage::from_fn(90, 90, |x, y| {
            let inside = (x as i32 - 45).pow(2) + (y as i32 - 45).pow(2) < 900;
            if inside { Rgba([200, 100, 50, 255]) } else { Rgba([hidden, hidden, hidden, 0]) }
        })
    };
    let prepare = |hidden| pixels(preparation([64, 64], 4, Fit::Crop), disc(hidden));
    let image = prepare(0);
    assert_eq!(image, prepare(255));
    let mut edges = 0;
    for &[red, green, blue, alpha] in image.as_chunks::<4>().0 {
        assert!(red.max(green).max(blue) <= alpha, "multiplied by alpha");
        if (32..255).contains(&alpha) {
            edges += 1;
            let whole = |colour: u8| f64::from(colour) * 255.0 / f64::from(alpha);
            let colours = [whole(red), whole(green), whole(blue)];
            for (found, expected) in colours.into_iter().zip([200.0, 100.0, 50.0]) {
                // The filter overshoots by some tenth within the disc, whatever lies around it.
                let [least, most] = [0.9, 1.1].map(|share| share * expected);
                assert!((least - 4.0..most + 4.0).contains(&found), "{colours:?} at {alpha}");
            }
        }
    }
    assert!(edges > 50, "{edges} pixels of the edge");
}

#[test]
fn transparency_is_laid_over_white_and_colour_turned_grey() {
    let clear = RgbaImage::from_pixel(16, 16, Rgba([255, 0, 0, 0]));
    assert_eq!(pixels(preparation([16, 16], 3, Fit::Crop), clear.clone()), [255; 768]);
    assert_eq!(pixels(preparation([16, 16], 4, Fit::Crop), clear), [0; 1024]);
    let half = RgbaImage::from_pixel(16, 16, Rgba([255, 0, 0, 128]));
    let over_white = [255, 127, 127].repeat(256);
    assert_eq!(pixels(preparation([16, 16], 3, Fit::Crop), half.clone()), over_white);
    let multiplied = [128, 0, 0, 128].repeat(256);
    assert_eq!(pixels(preparation([16, 16], 4, Fit::Crop), half), multiplied);
    // 0.7152 of green's 255.
    let green = RgbImage::from_pixel(16, 16, Rgb([0, 255, 0]));
    assert_eq!(pixels(preparation([16, 16], 1, Fit::Crop), green), [182; 256]);
}

#[test]
fn what_is_left_open_follows_from_the_image() {
    let shape =
        |image: DynamicImage| Preparation::default().prepare(&decoded(image)).unwrap().shape;
    assert_eq!(shape(GrayImage::new(28, 28).into()), [28, 28, 1]);
    assert_eq!(shape(RgbImage::new(28, 28).into()), [28, 28, 1], "black in three channels");
    assert_eq!(shape(RgbImage::from_pixel(28, 28, Rgb([1, 2, 3])).into()), [64, 64, 3]);
    assert_eq!(shape(GrayImage::new(28, 29).into()), [64, 64, 1]);
    let facts = Preparation::default().prepare(&decoded(GrayImage::new(5, 9))).unwrap().facts;
    assert_eq!(facts, Facts { size: [9, 5], grey: true, alpha: false });
}

#[test]
fn widening_is_preparing_at_once() {
    let grey = GrayImage::from_fn(28, 28, |x, y| Luma([(x * 7 + y) as u8]));
    let small = Preparation::default().prepare(&decoded(grey.clone())).unwrap();
    for channels in [1, 3] {
        let large = pixels(preparation([64, 64], channels, Fit::Crop), grey.clone());
        let widened = widened(small.pixels.clone(), small.shape, [64, 64, channels]).unwrap();
        assert_eq!(widened, large, "{channels} channels");
    }
}
