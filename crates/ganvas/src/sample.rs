//! `ganvas sample`: pictures from a checkpoint.

mod artist;
mod film;
mod neighbours;
mod new_files;
mod subjects;

use crate::{
    args::SampleArguments,
    exit::UsageError,
    output::{answer, say},
    preview::{Preview, Sheet},
};
use artist::Artist;
use film::film;
use gan::{
    picture::{check_size, grid_png, image_png, strips_png},
    sampling::{Latents, SAMPLING_BATCH},
};
use neighbours::{Nearest, TrainingImages};
use new_files::{NewFolder, check_picture, write_picture};
use std::path::{Path, PathBuf};
use subjects::Subject;

/// In bytes: what file systems take, less what a file is called while it is written.
const LONGEST_NAME: usize = 240;

/// Draws the pictures that the arguments ask for.
pub(crate) async fn sample(arguments: &SampleArguments) -> anyhow::Result<()> {
    let preview = Preview::on_stdout(arguments.preview.preview);
    let artist = Artist::open(arguments).await?;
    match (&arguments.interpolate, &arguments.each) {
        (Some(seeds), _) => film(arguments, seeds, artist).await,
        (None, Some(folder)) => each(arguments, folder, artist).await,
        (None, None) => grid(arguments, preview, artist).await,
    }
}

/// Draws all pictures into one.
async fn grid(
    arguments: &SampleArguments,
    preview: Option<Preview>,
    mut artist: Artist,
) -> anyhow::Result<()> {
    let out = arguments.out.as_deref();
    check_ending(out)?;
    check_picture(out, "grid.png", artist.checkpoint())?;
    let subjects = subjects::asked_for(arguments);
    let latents: Vec<Latents> = subjects.iter().map(|subject| subject.latents).collect();
    let training_images = match arguments.nearest {
        Some(count) => Some(TrainingImages::of_run(&artist, arguments, count.into())?),
        None => None,
    };
    let [height, width, channels] = artist.shape();
    let in_strip = 1 + arguments.nearest.map_or(0, usize::from);
    check_size(subjects.len(), in_strip, height, width)?;
    let pixels = artist.pictures(&latents).await?;
    let compared = match &training_images {
        Some(images) => Some(images.beside(&subjects, &pixels)?),
        None => None,
    };
    let png = match &compared {
        Some(compared) => strips_png(&compared.pixels, height, width, channels, compared.in_strip)?,
        None => grid_png(&pixels, height, width, channels)?,
    };
    let out = write_picture(out, "png", &png)?;
    say(format_args!("{}: {} pictures of {}", out.display(), subjects.len(), artist.source()));
    let found = compared.as_ref();
    found.iter().flat_map(|compared| &compared.findings).for_each(say);
    let files = vec![out.as_path()];
    let nearest = found.map(|compared| compared.nearest.as_slice());
    answer(out.display(), &artist.answer(files, subjects.len(), nearest));
    match preview {
        Some(preview) => {
            let (pixels, in_strip) =
                found.map_or((&pixels, 1), |compared| (&compared.pixels, compared.in_strip));
            let shape = artist.shape();
            preview.draw(&Sheet { png: &png, pixels, shape, in_strip })
        }
        None => Ok(()),
    }
}

/// Refuses the name of another kind of file, as a PNG is what is written.
fn check_ending(out: Option<&Path>) -> Result<(), UsageError> {
    let Some(out) = out else { return Ok(()) };
    match out.extension() {
        Some(ending) if !ending.eq_ignore_ascii_case("png") => Err(UsageError(format!(
            "--out {}: a grid is a PNG, so end the name with .png; --interpolate makes a GIF",
            out.display()
        ))),
        _ => Ok(()),
    }
}

/// Draws each picture into a file of its own.
async fn each(
    arguments: &SampleArguments,
    folder: &Path,
    mut artist: Artist,
) -> anyhow::Result<()> {
    let mut subjects = subjects::asked_for(arguments);
    subjects::remove_repeated(&mut subjects);
    let names: Vec<String> = subjects.iter().map(Subject::file_name).collect();
    if let Some(name) = names.iter().find(|name| name.len() > LONGEST_NAME) {
        return Err(UsageError(format!(
            "--each: {name} is too long for the name of a file; a sum of many terms needs a grid"
        ))
        .into());
    }
    let folder = NewFolder::open(folder, "--each", &names)?;
    let [height, width, channels] = artist.shape();
    for (subjects, names) in subjects.chunks(SAMPLING_BATCH).zip(names.chunks(SAMPLING_BATCH)) {
        let latents: Vec<Latents> = subjects.iter().map(|subject| subject.latents).collect();
        let pixels = artist.pictures(&latents).await?;
        for (name, image) in names.iter().zip(pixels.chunks_exact(height * width * channels)) {
            folder.write(name, &image_png(image, height, width, channels)?)?;
        }
    }
    let path = folder.path();
    say(format_args!("{}: {} PNG files of {}", path.display(), names.len(), artist.source()));
    let files: Vec<PathBuf> = names.iter().map(|name| path.join(name)).collect();
    let files = files.iter().map(PathBuf::as_path).collect();
    answer(path.display(), &artist.answer(files, names.len(), None));
    Ok(())
}
