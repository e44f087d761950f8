//! The training images nearest to pictures.

use super::{Artist, Subject};
use crate::{
    args::SampleArguments, data_command::progress_bar, exit::UsageError, record::DataRecord,
    run_directory::RunDirectory, train::load_source,
};
use anyhow::Context;
use gan::{
    data::{Dataset, Mirror},
    sampling::{NearestError, Neighbour, nearest},
};
use serde::Serialize;

/// Pictures with their nearest images.
pub(super) struct Compared {
    /// `[N, H, W, C]`: each picture and the images behind it.
    pub(super) pixels: Vec<u8>,
    /// How many of these are a picture and its images.
    pub(super) in_strip: usize,
    pub(super) nearest: Vec<Nearest>,
    /// In words.
    pub(super) findings: Vec<String>,
}

/// The nearest images of a picture, for the JSON.
#[derive(Serialize)]
pub(super) struct Nearest {
    picture: String,
    images: Vec<NearImage>,
}

#[derive(Serialize)]
struct NearImage {
    /// Counted from 0, in the order of the data.
    index: usize,
    mirrored: bool,
    /// The Euclidean distance of pixels in [-1, 1].
    distance: f64,
}

/// The images that a run learned from.
pub(super) struct TrainingImages {
    data: Dataset,
    mirror: Mirror,
    /// How many are shown beside a picture.
    count: usize,
}

impl TrainingImages {
    /// Those of the run that is sampled, prepared as they were.
    pub(super) fn of_run(
        artist: &Artist,
        arguments: &SampleArguments,
        count: usize,
    ) -> anyhow::Result<Self> {
        let run = RunDirectory::of_checkpoint(artist.checkpoint())
            .context("--nearest needs a run or its checkpoint, as the images are the run's")?;
        let record = run.read_record()?;
        let source = arguments.data.as_deref().unwrap_or(&record.data.source);
        let data = load_source(source, &record.preparation())?;
        if let Some(difference) = DataRecord::new(source, &data).difference(&record.data) {
            return Err(UsageError(format!(
                "cannot compare with the run's training images: {difference}; --data names where \
                 those are"
            ))
            .into());
        }
        let mirror = if record.mirror { Mirror::Yes } else { Mirror::No };
        Ok(Self { data, mirror, count })
    }

    /// Finds each picture's nearest images.
    pub(super) fn beside(&self, subjects: &[Subject], pictures: &[u8]) -> anyhow::Result<Compared> {
        let found = self.nearest(pictures, self.count)?;
        let (mut pixels, mut nearest_images) = (Vec::new(), Vec::new());
        for (picture, near) in pictures.chunks_exact(self.data.image_bytes()).zip(&found) {
            pixels.extend_from_slice(picture);
            for neighbour in near {
                pixels.extend(neighbour.pixels(&self.data)?);
            }
            if let Some(nearest) = near.first() {
                nearest_images.extend(nearest.pixels(&self.data)?);
            }
        }
        let in_strip = 1 + found.first().map_or(0, Vec::len);
        let nearest: Vec<Neighbour> =
            found.iter().filter_map(|near| near.first().copied()).collect();
        // An image, its mirror image, and what is nearest beside them.
        let others = self.nearest(&nearest_images, 3)?;
        let others = nearest.iter().zip(&others).filter_map(|(image, near)| {
            near.iter().find(|other| other.index != image.index).map(|other| other.distance)
        });
        let findings = self.findings(subjects, &nearest, &others.collect::<Vec<f64>>());
        let nearest = subjects.iter().zip(&found).map(|(subject, near)| Nearest {
            picture: subject.to_string(),
            images: near.iter().map(near_image).collect(),
        });
        Ok(Compared { pixels, in_strip, nearest: nearest.collect(), findings })
    }

    /// `nearest` is to each subject, `others` the distances from those to the nearest other images.
    fn findings(&self, subjects: &[Subject], nearest: &[Neighbour], others: &[f64]) -> Vec<String> {
        let distances: Vec<f64> = nearest.iter().map(|neighbour| neighbour.distance).collect();
        let least =
            subjects.iter().zip(nearest).min_by(|a, b| a.1.distance.total_cmp(&b.1.distance));
        let least = least.map(|(subject, Neighbour { index, distance, mirrored })| {
            let mirrored = if *mirrored == Mirror::Yes { ", mirrored" } else { "" };
            format!(", at least {distance:.2} ({subject} and image {index}{mirrored})")
        });
        let mut findings = vec![format!(
            "From a picture to the nearest of {} training images: {:.2} on average{}",
            self.data.count,
            mean(&distances),
            least.unwrap_or_default()
        )];
        if !others.is_empty() {
            let others = mean(others);
            findings
                .push(format!("From those images to the nearest other: {others:.2} on average"));
        }
        findings
    }

    fn nearest(&self, pictures: &[u8], count: usize) -> Result<Vec<Vec<Neighbour>>, NearestError> {
        let bar = progress_bar("comparing images");
        bar.set_length(self.data.count as u64);
        let found = nearest(&self.data, self.mirror, pictures, count, &mut |images| {
            bar.set_position(images as u64);
        });
        bar.finish_and_clear();
        found
    }
}

fn near_image(&Neighbour { index, mirrored, distance }: &Neighbour) -> NearImage {
    NearImage { index, mirrored: mirrored == Mirror::Yes, distance }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
