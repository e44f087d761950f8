//! `options.json`: what a run was asked to do, and on what it was done.

use crate::{
    device_choice::ChosenDevice, exit::InputError, metrics::args::Scores, on_collapse::OnCollapse,
    preset_choice::kind_of_images, settings::Settings,
};
use gan::{
    data::{BadFiles, Dataset, Fit, Preparation},
    networks::Preset,
    options::{HyperParameters, TrainOptions},
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

/// The content of `options.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The version of Ganvas that began the run.
    pub(crate) ganvas: String,
    pub(crate) preset: Preset,
    /// The base width of `dcgan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) width: Option<usize>,
    pub(crate) batch: usize,
    /// As it began; [`Record::rollbacks`] and the checkpoints have what it became.
    #[serde(default = "default_learning_rate")]
    pub(crate) learning_rate: f64,
    #[serde(default = "default_discriminator_ratio")]
    pub(crate) discriminator_ratio: f64,
    /// As last asked for.
    #[serde(default)]
    pub(crate) on_collapse: OnCollapse,
    /// As last asked for.
    pub(crate) kimg: f64,
    pub(crate) seed: u64,
    /// As last asked for.
    pub(crate) snap: f64,
    /// As last asked for.
    #[serde(default)]
    pub(crate) keep: Option<NonZeroUsize>,
    /// As last asked for.
    #[serde(default)]
    pub(crate) scores: Scores,
    /// Height and width, if they were asked for; the data's say what came of it.
    #[serde(default)]
    pub(crate) size: Option<[usize; 2]>,
    /// If they were asked for.
    #[serde(default)]
    pub(crate) channels: Option<usize>,
    #[serde(default)]
    pub(crate) fit: Fit,
    #[serde(default)]
    pub(crate) mirror: bool,
    /// As last asked for.
    #[serde(default)]
    pub(crate) skip_bad: bool,
    pub(crate) weights: Option<PathBuf>,
    pub(crate) data: DataRecord,
    /// What the run was begun on.
    pub(crate) device: DeviceRecord,
    /// The checkpoint of another run that this one began from.
    #[serde(default)]
    pub(crate) parent: Option<ParentRecord>,
    /// Each time that training went on after a stop.
    #[serde(default)]
    pub(crate) resumed: Vec<ResumedRecord>,
    /// Each time that training went back to where it was healthy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) rollbacks: Vec<RollbackRecord>,
}

/// One time that training went back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RollbackRecord {
    /// The step at which it was judged.
    pub(crate) from_step: u64,
    /// The verdict there.
    pub(crate) verdict: String,
    /// The checkpoint's step that it went back to.
    pub(crate) to_step: u64,
    /// The seed from there on.
    pub(crate) seed: u64,
    /// The learning rate from there on.
    pub(crate) learning_rate: f64,
    /// The discriminator's over the generator's from there on.
    #[serde(default = "default_discriminator_ratio")]
    pub(crate) discriminator_ratio: f64,
}

fn default_learning_rate() -> f64 {
    HyperParameters::default().learning_rate
}

fn default_discriminator_ratio() -> f64 {
    HyperParameters::default().discriminator_ratio
}

/// A checkpoint that another run began from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ParentRecord {
    pub(crate) checkpoint: PathBuf,
    pub(crate) step: u64,
}

/// One time that training went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResumedRecord {
    /// Thousands of images seen before.
    pub(crate) kimg: f64,
    /// The version of Ganvas that went on.
    pub(crate) ganvas: String,
    pub(crate) device: DeviceRecord,
}

/// What a run learns from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DataRecord {
    /// `--data`, a folder as its whole path.
    pub(crate) source: String,
    pub(crate) name: String,
    pub(crate) images: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    /// CRC-32 of shape and pixels.
    pub(crate) checksum: u32,
}

/// A device that training ran on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeviceRecord {
    /// `--device`.
    pub(crate) asked: String,
    pub(crate) name: String,
    pub(crate) driver: String,
}

impl Record {
    pub(crate) fn new(
        settings: &Settings,
        options: &TrainOptions,
        data: DataRecord,
        device: &ChosenDevice,
    ) -> Self {
        Self {
            ganvas: env!("CARGO_PKG_VERSION").to_owned(),
            preset: options.preset,
            width: options.width,
            batch: settings.batch,
            learning_rate: settings.learning_rate,
            discriminator_ratio: settings.discriminator_ratio,
            on_collapse: settings.on_collapse,
            kimg: settings.kimg,
            seed: settings.seed,
            snap: settings.snap,
            size: settings.size,
            channels: settings.channels,
            keep: settings.keep,
            scores: settings.scores.clone(),
            fit: settings.fit,
            mirror: settings.mirror,
            skip_bad: settings.skip_bad,
            weights: settings.weights.clone(),
            data,
            device: DeviceRecord {
                asked: settings.device.to_string(),
                name: device.name.clone(),
                driver: device.driver.clone(),
            },
            parent: None,
            resumed: Vec::new(),
            rollbacks: Vec::new(),
        }
    }

    /// The record of a run that goes on as `now` says, after so many thousands of images.
    pub(crate) fn going_on(&self, now: &Self, kimg: f64) -> Self {
        let mut record = self.clone();
        (record.kimg, record.snap, record.keep) = (now.kimg, now.snap, now.keep);
        (record.on_collapse, record.scores) = (now.on_collapse, now.scores.clone());
        (record.skip_bad, record.data) = (now.skip_bad, now.data.clone());
        let (ganvas, device) = (now.ganvas.clone(), now.device.clone());
        record.resumed.push(ResumedRecord { kimg, ganvas, device });
        record
    }

    /// How the run's images were prepared.
    pub(crate) fn preparation(&self) -> Preparation {
        let bad_files = if self.skip_bad { BadFiles::Skip } else { BadFiles::Refuse };
        Preparation { size: self.size, channels: self.channels, fit: self.fit, bad_files }
    }

    /// What training ran on last.
    pub(crate) fn last_device(&self) -> &DeviceRecord {
        self.resumed.last().map_or(&self.device, |resumed| &resumed.device)
    }

    /// Reads `options.json`.
    pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, InputError> {
        serde_json::from_slice(bytes)
            .map_err(|error| InputError::new(path, format!("is no record of a run: {error}")))
    }

    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl DataRecord {
    pub(crate) fn new(source: &str, data: &Dataset) -> Self {
        let whole = Path::new(source).canonicalize();
        let whole = whole.ok().filter(|_| source != "digits");
        Self {
            source: whole.map_or(source.to_owned(), |path| path.to_string_lossy().into_owned()),
            name: data.name.clone(),
            images: data.count,
            height: data.height,
            width: data.width,
            channels: data.channels,
            checksum: data.checksum(),
        }
    }

    /// How the images differ from a run's in what its networks depend on, if they do.
    pub(crate) fn difference_of_kind(&self, run: &Self) -> Option<String> {
        let kind = |data: &Self| (data.height, data.width, data.channels);
        let differs = kind(self) != kind(run);
        differs.then(|| format!("the data are {self}, but the run's were {run}"))
    }

    /// How the data differ from a run's, if they do; where they lie does not matter.
    pub(crate) fn difference(&self, run: &Self) -> Option<String> {
        let shape = |data: &Self| (data.images, data.height, data.width, data.channels);
        if shape(self) != shape(run) {
            Some(format!("the data are {self}, but the run's were {run}"))
        } else if self.checksum != run.checksum {
            Some(format!("the pixels of {} are not those that the run began with", self.source))
        } else {
            None
        }
    }
}

impl fmt::Display for DataRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = kind_of_images([self.height, self.width], self.channels);
        write!(f, "{} images ({kind}) from {}", self.images, self.source)
    }
}
