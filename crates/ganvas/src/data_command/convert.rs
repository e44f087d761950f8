//! `ganvas data convert`: any source as PNG files, in a zip or a folder.

use super::{args::ConvertArguments, package::Package, progress_bar};
use crate::{
    exit::{InputError, UsageError},
    next_command::next_command,
    progress::say,
};
use gan::data::{DataError, NamedImage, Preparation, for_each_image};
use image::{
    DynamicImage, GrayImage, RgbImage, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use rayon::prelude::*;
use std::path::Path;

/// Converts all images, or nothing.
pub(super) fn convert(arguments: &ConvertArguments) -> anyhow::Result<()> {
    let ConvertArguments { source, out, .. } = arguments;
    if arguments.form.fit.is_some() && arguments.form.size.is_none() {
        return Err(UsageError("--fit needs a --size to fit images to".to_owned()).into());
    }
    refuse_own_folder(source, out)?;
    let bar = progress_bar("converting images");
    let mut conversion = Conversion {
        preparation: arguments.preparation(),
        package: Package::create(out)?,
        waiting: Vec::new(),
        images: 0,
    };
    let bad = for_each_image(source, conversion.preparation.bad_files, &mut |image| {
        bar.set_length(image.of as u64);
        bar.set_position(image.index as u64);
        conversion.add(image)
    });
    bar.finish_and_clear();
    let bad = bad?;
    conversion.write_waiting()?;

    for error in &bad {
        say(format_args!("left out: {error}"));
    }
    let Conversion { package, images, .. } = conversion;
    if images == 0 {
        return Err(InputError::new(Path::new(source), "holds no image that can be read").into());
    }
    package.finish()?;
    say(format_args!("{}: {images} PNG files", out.display()));
    say(format_args!("Next:   {}", next_command("train --data", out)));
    Ok(())
}

struct Conversion {
    preparation: Preparation,
    package: Package,
    /// Images that are written together, so that all cores have one to encode.
    waiting: Vec<NamedImage>,
    images: usize,
}

impl Conversion {
    fn add(&mut self, image: NamedImage) -> anyhow::Result<()> {
        self.waiting.push(image);
        match self.waiting.len() < rayon::current_num_threads() {
            true => Ok(()),
            false => self.write_waiting(),
        }
    }

    fn write_waiting(&mut self) -> anyhow::Result<()> {
        let preparation = &self.preparation;
        let images = std::mem::take(&mut self.waiting);
        let encoded: Vec<anyhow::Result<(usize, Vec<u8>)>> = images
            .into_par_iter()
            .map(|image| Ok((image.index, png(&prepared(image, preparation)?)?)))
            .collect();
        for encoded in encoded {
            let (index, png) = encoded?;
            self.package.add(&format!("{index:08}.png"), &png)?;
            self.images += 1;
        }
        Ok(())
    }
}

/// The image with no more changed than was asked for.
fn prepared(image: NamedImage, asked: &Preparation) -> Result<DynamicImage, DataError> {
    let NamedImage { name, image, .. } = image;
    if asked.size.is_none() && asked.channels.is_none() {
        return Ok(image.image);
    }
    let transparent = image.image.color().has_alpha().then_some(4);
    let preparation = Preparation {
        size: asked.size.or(Some(image.size())),
        channels: asked.channels.or(transparent),
        ..*asked
    };
    let at = |problem| DataError::new(&name, problem);
    let prepared = preparation.prepare(&image).map_err(at)?;
    let [height, width, channels] = prepared.shape;
    let (width, height, pixels) = (width as u32, height as u32, prepared.pixels);
    let image = match channels {
        1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        3 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
        _ => RgbaImage::from_raw(width, height, divided_by_alpha(pixels))
            .map(DynamicImage::ImageRgba8),
    };
    // A prepared image has as many pixels as its shape says.
    Ok(image.unwrap_or_default())
}

/// Colours that were multiplied by alpha, as PNG has them.
fn divided_by_alpha(mut pixels: Vec<u8>) -> Vec<u8> {
    for [red, green, blue, alpha] in pixels.as_chunks_mut().0 {
        let alpha = u32::from(*alpha);
        for colour in [red, green, blue] {
            let whole = (u32::from(*colour) * 255 + alpha / 2).checked_div(alpha).unwrap_or(0);
            *colour = whole.min(255) as u8;
        }
    }
    pixels
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
