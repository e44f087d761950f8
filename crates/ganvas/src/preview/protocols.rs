//! Terminals that draw pixels: the whole picture at once.

use anyhow::anyhow;
use base64::{Engine, prelude::BASE64_STANDARD};
use icy_sixel::{
    DiffusionMethod, MethodForLargest, MethodForRep, PixelFormat, Quality, sixel_string,
};
use image::imageops::{self, FilterType};

/// The widest that a picture becomes.
const MOST_COLUMNS: usize = 72;
/// What a kitty terminal takes at once.
const CHUNK: usize = 4096;
/// Pixels of a column, where the terminal does not say: those of XTerm's and foot's usual fonts.
const COLUMN_WIDTH: usize = 8;

/// Of a picture, where so many are there.
pub(super) fn columns(there: usize) -> usize {
    there.clamp(1, MOST_COLUMNS)
}

/// By kitty's graphics protocol (<https://sw.kovidgoyal.net/kitty/graphics-protocol/>): a PNG in
/// base64, in chunks. `q=2` forbids the terminal to answer, which would be read as typed.
pub(super) fn kitty(png: &[u8], columns: usize) -> String {
    let data = BASE64_STANDARD.encode(png);
    let chunks: Vec<&str> = data.as_bytes().chunks(CHUNK).filter_map(utf8).collect();
    let last = chunks.len().saturating_sub(1);
    let escapes = chunks.iter().enumerate().map(|(place, chunk)| {
        let first = match place {
            0 => format!("a=T,f=100,q=2,c={columns},"),
            _ => String::new(),
        };
        let more = u8::from(place < last);
        format!("\x1b_G{first}m={more};{chunk}\x1b\\")
    });
    escapes.collect()
}

fn utf8(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

/// By iTerm2's inline images (<https://iterm2.com/documentation-images.html>).
pub(super) fn iterm(png: &[u8], columns: usize) -> String {
    let (data, size) = (BASE64_STANDARD.encode(png), png.len());
    format!("\x1b]1337;File=inline=1;size={size};width={columns};preserveAspectRatio=1:{data}\x07")
}

/// As sixels, six rows of pixels at a time in at most 256 colours. Transparent places become white.
pub(super) fn sixel(png: &[u8], columns: usize) -> anyhow::Result<String> {
    let mut picture = image::load_from_memory(png)?.into_rgba8();
    let width = (columns * COLUMN_WIDTH) as u32;
    if picture.width() > width {
        let height = (u64::from(picture.height()) * u64::from(width))
            .div_ceil(u64::from(picture.width())) as u32;
        picture = imageops::resize(&picture, width, height, FilterType::Triangle);
    }
    let (width, height) = (picture.width(), picture.height());
    let rgb: Vec<u8> =
        picture.pixels().flat_map(|pixel| super::blocks::on_white(pixel.0)).collect();
    sixel_string(
        &rgb,
        width as i32,
        height as i32,
        PixelFormat::RGB888,
        DiffusionMethod::None,
        MethodForLargest::Auto,
        MethodForRep::Auto,
        Quality::HIGH,
    )
    .map_err(|error| anyhow!("the picture cannot become sixels: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, RgbImage};
    use std::io::Cursor;

    fn png(width: u32) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, 40, |x, y| image::Rgb([x as u8, y as u8, 90]));
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        png.into_inner()
    }

    #[test]
    fn kitty_gets_the_whole_picture_in_chunks_and_may_not_answer() {
        // Noise does not fit into one chunk.
        let noise: Vec<u8> = (0..9000_u32).map(|at| ((at * at * 31) >> 7) as u8).collect();
        let text = kitty(&noise, 60);
        let escapes: Vec<&str> = text.split_terminator("\x1b\\").collect();
        assert_eq!(escapes.len(), 3);
        assert!(escapes[0].starts_with("\x1b_Ga=T,f=100,q=2,c=60,m=1;"), "{}", &escapes[0][..40]);
        assert!(escapes[1].starts_with("\x1b_Gm=1;") && escapes[2].starts_with("\x1b_Gm=0;"));
        let data: String = escapes.iter().filter_map(|e| e.split_once(';')).map(|e| e.1).collect();
        assert!(BASE64_STANDARD.decode(data).unwrap() == noise);
    }

    #[test]
    fn iterm_gets_the_whole_picture() {
        let png = png(9);
        let text = iterm(&png, 60);
        let (head, data) = text.split_once(':').unwrap();
        assert!(
            head.starts_with("\x1b]1337;File=inline=1;") && head.contains("width=60"),
            "{head}"
        );
        assert!(BASE64_STANDARD.decode(data.trim_end_matches('\x07')).unwrap() == png);
    }

    #[test]
    fn sixels_are_as_wide_as_the_terminal_lets_them() {
        for (width, expected) in [(700, "\"1;1;320;19"), (200, "\"1;1;200;40")] {
            let text = sixel(&png(width), 40).unwrap();
            assert!(text.starts_with("\x1bP") && text.ends_with("\x1b\\"));
            let head: String = text.chars().take(40).collect();
            assert!(head.contains(expected), "{head:?}");
        }
        assert!(sixel(b"no picture", 40).is_err());
    }
}
