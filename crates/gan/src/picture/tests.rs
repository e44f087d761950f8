use super::*;

fn grid(pixels: &[u8], height: usize, width: usize, channels: usize) -> DynamicImage {
    let png = grid_png(pixels, height, width, channels).unwrap();
    image::load_from_memory(&png).unwrap()
}

#[test]
fn sixty_four_digits_are_eight_by_eight() {
    let picture = grid(&[200; 64 * 784], 28, 28, 1);
    assert_eq!(picture.color(), image::ColorType::L8);
    let picture = picture.into_rgba8();
    assert_eq!(picture.dimensions(), (8 * (84 + 2) + 2, 8 * (84 + 2) + 2));
    assert_eq!(picture.get_pixel(0, 0), &MARGIN_COLOUR);
    assert_eq!(picture.get_pixel(2, 2), &Rgba([200, 200, 200, 255]));
    assert_eq!(picture.get_pixel(86, 2), &MARGIN_COLOUR);
    assert_eq!(picture.get_pixel(88, 2), &Rgba([200, 200, 200, 255]));
}

#[test]
fn images_lie_row_by_row_and_pixels_as_in_memory() {
    let pixels: Vec<u8> = (0..5 * 2 * 3 * 3).collect();
    let picture = grid(&pixels, 2, 3, 3).into_rgba8();
    let (tile_width, tile_height) = (3 * 8 + 2, 2 * 8 + 2);
    for (image, y, x) in [(0, 0, 0), (2, 1, 2), (3, 0, 1), (4, 1, 0)] {
        let left = 2 + (image % 2) * tile_width + x * 8;
        let top = 2 + (image / 2) * tile_height + y * 8;
        let first = (((image * 2 + y) * 3 + x) * 3) as u8;
        let expected = Rgba([first, first + 1, first + 2, 255]);
        assert_eq!(picture.get_pixel(left, top), &expected);
        assert_eq!(picture.get_pixel(left + 7, top + 7), &expected);
    }
    assert_eq!(picture.get_pixel(2 + tile_width, 2 + 2 * tile_height), &MARGIN_COLOUR);
}

#[test]
fn transparent_images_have_plain_colours_and_clear_gaps() {
    // Half transparent red, a colour brighter than its alpha allows, nothing, opaque.
    let pixels = [64, 0, 0, 128, 90, 10, 1, 60, 7, 7, 7, 0, 1, 2, 3, 255];
    let picture = grid(&pixels, 2, 2, 4);
    assert_eq!(picture.color(), image::ColorType::Rgba8);
    let picture = picture.into_rgba8();
    let at = |x: u32, y: u32| picture.get_pixel(2 + 8 * x, 2 + 8 * y).0;
    assert_eq!((at(0, 0), at(1, 0)), ([128, 0, 0, 128], [255, 43, 4, 60]));
    assert_eq!((at(0, 1), at(1, 1)), ([0, 0, 0, 0], [1, 2, 3, 255]));
    assert_eq!(picture.get_pixel(0, 0), &TRANSPARENT);
}

#[test]
fn what_is_no_picture_is_an_error() {
    assert!(grid_png(&[], 28, 28, 1).is_err());
    assert!(grid_png(&[0; 783], 28, 28, 1).is_err());
    assert!(grid_png(&[0; 8], 2, 2, 2).is_err());
    assert!(grid_png(&[0; 8], 0, 2, 1).is_err());
    let error = grid_png(&[0; 17_000], 1, 17_000, 1).unwrap_err();
    assert!(matches!(error, PictureError::TooLarge { .. }), "{error}");
}

#[test]
fn strips_stand_apart_with_their_first_image_framed() {
    let pixels: Vec<u8> = (0..6).flat_map(|image| [40 * image + 10; 4]).collect();
    let png = strips_png(&pixels, 2, 2, 1, 3).unwrap();
    let picture = image::load_from_memory(&png).unwrap().into_rgba8();
    // Two strips of three images of 16 x 16, one above the other.
    assert_eq!(picture.dimensions(), (2 + 3 * (16 + 2), 2 + 16 + 12 + 16 + 2));
    let grey = |x: u32, y: u32| picture.get_pixel(x, y).0[0];
    for strip in 0..2 {
        let top = 2 + strip * (16 + 12);
        for image in 0..3 {
            let expected = 40 * (3 * strip + image) as u8 + 10;
            assert_eq!(grey(2 + image * 18, top), expected, "image {image} of strip {strip}");
        }
        for (x, y) in [(0, top - 2), (1, top + 15), (18, top), (19, top + 17)] {
            assert_eq!(picture.get_pixel(x, y), &FRAME_COLOUR, "{x}, {y}");
        }
        assert_eq!(picture.get_pixel(36, top), &MARGIN_COLOUR);
    }
    assert_eq!(picture.get_pixel(9, 24), &MARGIN_COLOUR);
    assert!(strips_png(&pixels, 2, 2, 1, 4).is_err(), "six are no strips of four");
    assert!(strips_png(&pixels, 2, 2, 1, 0).is_err());
}

#[test]
fn a_single_image_keeps_its_size_and_channels() {
    let pixels: Vec<u8> = (0..24).collect();
    for (channels, width, colour) in [
        (1, 12, image::ColorType::L8),
        (3, 4, image::ColorType::Rgb8),
        (4, 3, image::ColorType::Rgba8),
    ] {
        let picture = image::load_from_memory(&image_png(&pixels, 2, width, channels).unwrap());
        let picture = picture.unwrap();
        assert_eq!((picture.color(), picture.width() as usize), (colour, width));
        if channels < 4 {
            assert_eq!(picture.as_bytes(), pixels);
        }
    }
    let clear = image_png(&[64, 0, 0, 128], 1, 1, 4).unwrap();
    let clear = image::load_from_memory(&clear).unwrap().into_rgba8();
    assert_eq!(clear.get_pixel(0, 0), &Rgba([128, 0, 0, 128]), "with plain colours");
    assert!(image_png(&pixels, 2, 4, 1).is_err(), "three images");
}

#[test]
fn what_is_too_large_is_known_before_it_is_drawn() {
    for (strips, per_strip, height, width) in [(64, 1, 256, 256), (9, 6, 28, 28), (1, 20, 512, 512)]
    {
        check_size(strips, per_strip, height, width).unwrap();
    }
    let drawn = strips_png(&[0; 3 * 6000], 1, 6000, 1, 3).unwrap_err().to_string();
    assert_eq!(check_size(1, 3, 1, 6000).unwrap_err().to_string(), drawn);
    assert!(check_size(10_000, 21, 96, 96).is_err());
}
