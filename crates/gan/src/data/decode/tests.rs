use super::*;
use image::{GrayAlphaImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};

fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn every_allowed_format_decodes() {
    let image = RgbImage::from_pixel(4, 4, Rgb([255, 0, 0]));
    for (format, image_format) in FORMATS {
        let decoded = decode_image(&encode(image.clone(), image_format)).unwrap();
        let [red, green, blue] = decoded.image.to_rgb8().get_pixel(1, 2).0;
        assert!(red > 250 && green < 5 && blue < 5, "{format}: {:?}", [red, green, blue]);
        let mode = if format == Format::Gif { Mode::Palette } else { Mode::Rgb };
        assert_eq!((decoded.format, decoded.mode, decoded.size()), (format, mode, [4, 4]));
    }
}

#[test]
fn every_mode_decodes_and_is_told() {
    let wide_grey: ImageBuffer<Luma<u16>, _> = ImageBuffer::from_pixel(3, 2, Luma([0x8080_u16]));
    let wide: ImageBuffer<Rgb<u16>, _> =
        ImageBuffer::from_pixel(3, 2, Rgb([0xffff_u16, 0, 0x8080]));
    let images: [(DynamicImage, Mode, [u8; 4]); 6] = [
        (GrayImage::from_pixel(3, 2, Luma([77])).into(), Mode::Grey, [77, 77, 77, 255]),
        (GrayAlphaImage::from_pixel(3, 2, LumaA([9, 128])).into(), Mode::GreyAlpha, [9, 9, 9, 128]),
        (RgbImage::from_pixel(3, 2, Rgb([1, 2, 3])).into(), Mode::Rgb, [1, 2, 3, 255]),
        (RgbaImage::from_pixel(3, 2, Rgba([1, 2, 3, 4])).into(), Mode::Rgba, [1, 2, 3, 4]),
        (wide_grey.into(), Mode::SixteenBit, [128, 128, 128, 255]),
        (wide.into(), Mode::SixteenBit, [255, 0, 128, 255]),
    ];
    for (image, mode, first) in images {
        let decoded = decode_image(&encode(image, ImageFormat::Png)).unwrap();
        assert_eq!((decoded.mode, decoded.size()), (mode, [2, 3]));
        assert_eq!(decoded.image.to_rgba8().get_pixel(2, 1).0, first, "{mode}");
    }
}

#[test]
fn a_palette_is_looked_up() {
    let decoded = decode_image(&palette_png()).unwrap();
    assert_eq!((decoded.mode, decoded.size()), (Mode::Palette, [1, 2]));
    let pixels: Vec<[u8; 4]> = decoded.image.to_rgba8().pixels().map(|pixel| pixel.0).collect();
    assert_eq!(pixels, [[10, 20, 30, 255], [40, 50, 60, 0]]);
}

/// Two pixels of a palette of two colours, the second transparent.
fn palette_png() -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let named = [kind, data].concat();
        let length = (data.len() as u32).to_be_bytes();
        [&length[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
    };
    let mut pixels = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut pixels, &[0, 0b0100_0000]).unwrap();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 1, 1, PNG_PALETTE, 0, 0, 0]),
        chunk(b"PLTE", &[10, 20, 30, 40, 50, 60]),
        chunk(b"tRNS", &[255, 0]),
        chunk(b"IDAT", &pixels.finish().unwrap()),
        chunk(b"IEND", &[]),
    ]
    .concat()
}

#[test]
fn orientation_is_respected() {
    let image = RgbImage::from_fn(6, 2, |x, _| Rgb([x as u8 * 40, 0, 0]));
    let plain = encode(image, ImageFormat::Jpeg);
    // Big-endian EXIF with one entry: orientation 6, to be turned a quarter clockwise.
    let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = (exif.len() as u16 + 2).to_be_bytes();
    let turned = [&plain[..2], &[0xff, 0xe1], &length, exif, &plain[2..]].concat();
    let [plain, turned] = [plain, turned].map(|bytes| decode_image(&bytes).unwrap());
    assert_eq!((plain.size(), turned.size()), ([2, 6], [6, 2]));
    assert_eq!(plain.image.rotate90(), turned.image);
}

#[test]
fn every_truncation_is_an_error_or_an_image_and_never_a_panic() {
    let image = RgbImage::from_fn(16, 16, |x, y| Rgb([x as u8, y as u8, 7]));
    for (_, format) in FORMATS {
        let bytes = encode(image.clone(), format);
        for length in 0..bytes.len() {
            let _ = decode_image(&bytes[..length]);
        }
    }
    let jpeg = encode(image.clone(), ImageFormat::Jpeg);
    for length in 0..jpeg.len() {
        assert!(decode_image(&jpeg[..length]).is_err(), "{length} of {} bytes", jpeg.len());
    }
    let png = encode(image, ImageFormat::Png);
    assert!(matches!(decode_image(&png[..png.len() / 2]), Err(Problem::Undecodable(_))));
    assert!(matches!(decode_image(b"not an image"), Err(Problem::NotAnImage)));
    assert!(matches!(decode_image(b""), Err(Problem::NotAnImage)));
}

#[test]
fn a_jpeg_ends_after_its_own_pixels_whatever_it_carries() {
    let image = RgbImage::from_fn(16, 16, |x, y| Rgb([x as u8, y as u8, 7]));
    let plain = encode(image, ImageFormat::Jpeg);
    // As EXIF carries its thumbnail: a whole JPEG in a segment.
    let length = (plain.len() as u16 + 2).to_be_bytes();
    let with_thumbnail = [&plain[..2], &[0xff, 0xe1], &length, &plain, &plain[2..]].concat();
    let with_film = [&with_thumbnail[..], &[0xff, 0xda, 0, 9, 0xff]].concat();
    assert_eq!(decode_image(&with_film).unwrap(), decode_image(&plain).unwrap());
    for length in 0..with_thumbnail.len() {
        assert!(decode_image(&with_thumbnail[..length]).is_err(), "{length}");
    }
}

#[test]
fn huge_images_are_refused_from_their_header() {
    let mut bmp = encode(RgbImage::new(2, 2), ImageFormat::Bmp);
    bmp[18..22].copy_from_slice(&60_000_i32.to_le_bytes());
    bmp[22..26].copy_from_slice(&60_000_i32.to_le_bytes());
    let error = decode_image(&bmp).unwrap_err();
    assert!(matches!(error, Problem::ImageTooLarge { width: 60_000, .. }), "{error}");
}

#[test]
fn an_image_without_a_pixel_is_refused() {
    let mut gif = encode(RgbImage::new(2, 2), ImageFormat::Gif);
    gif[8..10].copy_from_slice(&0_u16.to_le_bytes());
    let error = decode_image(&gif).unwrap_err();
    assert!(matches!(error, Problem::EmptyImage { width: 2, height: 0 }), "{error}");
}
