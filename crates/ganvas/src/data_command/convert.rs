//! `ganvas data convert`: any source as PNG files, in a zip or a folder.

use super::{args::ConvertArguments, package::Package, progress_bar};
use crate::{
    exit::{InputError, UsageError},
    next_command::next_command,
    output::{answer, say},
};
use gan::{
    data::{DecodedImage, Preparation, Problem, for_each_image},
    picture::plain_colours,
};
use image::{
    DynamicImage, GrayImage, RgbImage, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use serde::Serialize;
use std::{borrow::Cow, path::Path};

/// The JSON.
#[derive(Serialize)]
struct Converted<'a> {
    out: &'a Path,
    images: u64,
    left_out: Vec<String>,
}

/// Converts all images, or nothing.
pub(super) fn convert(arguments: &ConvertArguments) -> anyhow::Result<()> {
    let ConvertArguments { source, out, .. } = arguments;
    if arguments.form.fit.is_some() && arguments.form.size.is_none() {
        return Err(UsageError("--fit needs a --size to fit images to".to_owned()).into());
    }
    refuse_own_folder(source, out)?;
    let bar = progress_bar("converting images");
    let asked = arguments.preparation();
    let mut package = Package::create(out)?;
    let mut images = 0;
    let bad = for_each_image(
        source,
        asked.bad_files,
        &|image, of| {
            bar.set_length(of as u64);
            bar.set_position(image as u64);
        },
        |image| prepared(image, &asked).map(|image| png(&image)),
        &mut |index, png: anyhow::Result<Vec<u8>>| -> anyhow::Result<()> {
            images += 1;
            Ok(package.add(&format!("{index:08}.png"), &png?)?)
        },
    );
    bar.finish_and_clear();
    let bad = bad?;
    for error in &bad {
        say(format_args!("left out: {error}"));
    }
    if images == 0 {
        return Err(InputError::new(Path::new(source), "holds no image that can be read").into());
    }
    package.finish()?;
    say(format_args!("{}: {images} PNG files", out.display()));
    let left_out = bad.iter().map(ToString::to_string).collect();
    answer(out.display(), &Converted { out, images, left_out });
    say(format_args!("Next:   {}", next_command("train --data", out)));
    Ok(())
}

/// The image with no more changed than was asked for.
fn prepared<'a>(
    image: &'a DecodedImage,
    asked: &Preparation,
) -> Result<Cow<'a, DynamicImage>, Problem> {
    if asked.size.is_none() && asked.channels.is_none() {
        return Ok(Cow::Borrowed(&image.image));
    }
    let transparent = image.image.color().has_alpha().then_some(4);
    let preparation = Preparation {
        size: asked.size.or(Some(image.size())),
        channels: asked.channels.or(transparent),
        ..*asked
    };
    let prepared = preparation.prepare(image)?;
    let [height, width, channels] = prepared.shape;
    let (width, height, mut pixels) = (width as u32, height as u32, prepared.pixels);
    let image = match channels {
        1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        3 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        _ => {
            for pixel in pixels.as_chunks_mut::<4>().0 {
                *pixel = plain_colours(pixel);
            }
            RgbaImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8)
        }
    };
    // A prepared image has as many pixels as its shape says.
    Ok(Cow::Owned(image.unwrap_or_default()))
}

fn png(image: &DynamicImage) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (quality, filter) = (CompressionType::Default, FilterType::Adaptive);
    image.write_with_encoder(PngEncoder::new_with_quality(&mut bytes, quality, filter))?;
    Ok(bytes)
}

/// A result inside its source would be part of the source the next time.
fn refuse_own_folder(source: &str, out: &Path) -> Result<(), InputError> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (Path::new(source).canonicalize(), folder) {
        (Ok(source), Ok(folder)) if folder.starts_with(&source) => {
            Err(InputError::new(out, "lies in the source; --out needs another place"))
        }
        _ => Ok(()),
    }
}
