//! Terminals that draw characters: a half block has two pixels, one in its colour and one in its
//! background's.

use super::Sheet;
use gan::picture::plain_colours;
use image::{
    RgbImage,
    imageops::{self, FilterType},
};
use std::fmt::Write;

/// What a pixel becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// One of 16 million colours.
    True,
    /// One of the 256 that most terminals know.
    Palette,
    /// A character that covers more of its place the darker it is; two pixels are one.
    Shades,
}

/// Columns of an image, if it has as many: what makes 28 x 28 digits legible five abreast.
const TILE_COLUMNS: usize = 15;
/// The columns of larger images, in which there is more to see.
const LARGE_TILE_COLUMNS: usize = 26;
/// From this width on an image is large.
const LARGE: usize = 48;
/// Lines below which a grid is not cut, however low the terminal is.
const LEAST_LINES: usize = 8;
/// Lines that stay free for what is said before and after.
const LINES_FREE: usize = 4;
/// From light to dark on dark ground.
const SHADES: &[u8; 10] = b" .:-=+*#%@";

/// As many images as fit, in rows, with a column and a line between them.
pub(super) fn draw(sheet: &Sheet<'_>, columns: usize, lines: usize, ink: Ink) -> String {
    let [height, width, channels] = sheet.shape;
    let usual = if width >= LARGE { LARGE_TILE_COLUMNS } else { TILE_COLUMNS };
    let tile_width = match sheet.in_strip {
        1 => usual,
        // A strip is not broken.
        images => usual.min(((columns + 1) / images).saturating_sub(1)),
    };
    let tile_width = tile_width.clamp(1, width.max(1)).min(columns.max(1));
    let tile_height = (height * tile_width).div_ceil(width.max(1)).next_multiple_of(2);
    let tile_lines = tile_height / 2;
    let fit = (columns + 1) / (tile_width + 1);
    let across = (fit / sheet.in_strip * sheet.in_strip).max(1);
    let down = (lines.saturating_sub(LINES_FREE).max(LEAST_LINES) / (tile_lines + 1)).max(1);

    let image_bytes = height * width * channels;
    let tiles: Vec<RgbImage> = sheet
        .pixels
        .chunks_exact(image_bytes.max(1))
        .take(across * down)
        .filter_map(|image| tile(image, sheet.shape, tile_width, tile_height))
        .collect();
    let mut text = String::new();
    for (row, tiles) in tiles.chunks(across).enumerate() {
        if row > 0 {
            text.push('\n');
        }
        for line in 0..tile_lines {
            for (place, tile) in tiles.iter().enumerate() {
                if place > 0 {
                    text.push(' ');
                }
                draw_line(&mut text, tile, line as u32 * 2, ink);
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
    }
    text.pop();
    text
}

/// An image in another size, over white.
fn tile(image: &[u8], shape: [usize; 3], width: usize, height: usize) -> Option<RgbImage> {
    let [rows, columns, channels] = shape;
    let rgb = image.chunks_exact(channels).flat_map(|pixel| on_white(plain_colours(pixel)));
    let image = RgbImage::from_raw(columns as u32, rows as u32, rgb.collect())?;
    Some(imageops::resize(&image, width as u32, height as u32, FilterType::CatmullRom))
}

/// Red, green and blue of a pixel with alpha.
pub(super) fn on_white([red, green, blue, alpha]: [u8; 4]) -> [u8; 3] {
    let (alpha, rest) = (u32::from(alpha), 255 * u32::from(255 - alpha));
    [red, green, blue].map(|colour| ((u32::from(colour) * alpha + rest) / 255) as u8)
}

/// Two rows of pixels, from `y` on.
fn draw_line(text: &mut String, tile: &RgbImage, y: u32, ink: Ink) {
    let mut before = None;
    for x in 0..tile.width() {
        let pair = [0, 1].map(|below| tile.get_pixel(x, y + below).0);
        if ink == Ink::Shades {
            let light = pair.iter().map(|pixel| light(*pixel)).sum::<usize>() / 2;
            text.push(char::from(SHADES[light * (SHADES.len() - 1) / 255]));
            continue;
        }
        if before != Some(pair) {
            let [upper, lower] = pair.map(|pixel| match ink {
                Ink::True => format!("2;{};{};{}", pixel[0], pixel[1], pixel[2]),
                Ink::Palette | Ink::Shades => format!("5;{}", palette(pixel)),
            });
            // Writing into a string does not fail.
            let _ = write!(text, "\x1b[38;{upper};48;{lower}m");
            before = Some(pair);
        }
        text.push('▀');
    }
    if ink != Ink::Shades {
        text.push_str("\x1b[0m");
    }
}

/// Rec. 601's luma, 0 to 255.
fn light([red, green, blue]: [u8; 3]) -> usize {
    (299 * usize::from(red) + 587 * usize::from(green) + 114 * usize::from(blue)) / 1000
}

/// The nearest of XTerm's 256 colours: a cube of 6 x 6 x 6, whose levels are 0 and 95 to 255, and 24
/// greys from 8 to 238.
fn palette(pixel: [u8; 3]) -> usize {
    let level = |step: usize| if step == 0 { 0 } else { 55 + 40 * step };
    let step = |value: u8| (0..6).min_by_key(|&step| level(step).abs_diff(value.into()));
    let steps = pixel.map(|value| step(value).unwrap_or(0));
    let grey = ((light(pixel).saturating_sub(3)) / 10).min(23);
    let off = |colour: [usize; 3]| -> usize {
        colour.iter().zip(pixel).map(|(&c, value)| c.abs_diff(value.into()).pow(2)).sum()
    };
    match off([8 + 10 * grey; 3]) < off(steps.map(level)) {
        true => 232 + grey,
        false => 16 + 36 * steps[0] + 6 * steps[1] + steps[2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(pixels: &[u8], shape: [usize; 3], in_strip: usize) -> Sheet<'_> {
        Sheet { png: &[], pixels, shape, in_strip }
    }

    #[test]
    fn a_half_block_is_two_pixels() {
        let pixels = [255, 0, 0, 0, 0, 255, 9, 9, 9, 9, 9, 9];
        let drawn = draw(&sheet(&pixels, [2, 2, 3], 1), 80, 24, Ink::True);
        let red_on_grey = "\x1b[38;2;255;0;0;48;2;9;9;9m▀";
        assert_eq!(drawn, format!("{red_on_grey}\x1b[38;2;0;0;255;48;2;9;9;9m▀\x1b[0m"));
        let grey = [0, 255, 0, 255];
        assert_eq!(draw(&sheet(&grey, [2, 2, 1], 1), 80, 24, Ink::Shades), " @");
    }

    #[test]
    fn as_many_are_drawn_as_the_terminal_has_room_for() {
        let digits = vec![200; 64 * 784];
        let drawn = |columns, lines, in_strip| {
            let text = draw(&sheet(&digits, [28, 28, 1], in_strip), columns, lines, Ink::Shades);
            let widths = text.lines().map(|line| line.chars().count()).max().unwrap();
            (widths, text.lines().count())
        };
        assert_eq!(drawn(79, 24, 1), (79, 17), "five abreast, two rows");
        assert_eq!(drawn(59, 24, 1), (47, 17));
        assert_eq!(drawn(199, 50, 1), (191, 44));
        assert_eq!(drawn(79, 24, 4), (63, 17), "a strip of four");
        let (width, _) = drawn(79, 24, 6);
        assert!((60..=79).contains(&width), "a strip of six is whole: {width}");
        let (width, _) = drawn(1, 1, 1);
        assert_eq!(width, 1);
    }

    #[test]
    fn transparent_places_are_white() {
        let pixels = [[0; 4], [64, 0, 0, 128]].concat();
        let drawn = draw(&sheet(&pixels, [2, 1, 4], 1), 80, 24, Ink::True);
        assert_eq!(drawn, "\x1b[38;2;255;255;255;48;2;191;127;127m▀\x1b[0m");
    }

    #[test]
    fn colours_of_the_palette_are_the_nearest() {
        let cases = [([0; 3], 16), ([255; 3], 231), ([255, 0, 0], 196), ([118; 3], 243)];
        for (pixel, expected) in cases {
            assert_eq!(palette(pixel), expected, "{pixel:?}");
        }
    }
}
