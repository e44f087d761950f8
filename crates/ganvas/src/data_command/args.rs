//! The arguments of `ganvas data`.

use super::catalogue::{DATA_SETS, DataSet};
use crate::args::{
    JsonArgument,
    images::{channels, fit, size},
};
use clap::{
    Args, Subcommand,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser},
};
use gan::data::{BadFiles, Fit, Preparation};
use std::path::PathBuf;

/// The largest that is read.
const LARGEST_SIDE: usize = 8192;

const INSPECT_EXAMPLES: &str = "\
Examples:
  ganvas data inspect ./photos          before `ganvas train --data ./photos`
  ganvas data inspect emoji.zip --size 32 --channels 4
                                        what training would do with these
                                        options
  ganvas data inspect ./photos --json   all sizes, duplicates and bad files,
                                        for programs";

const CONVERT_EXAMPLES: &str = "\
Examples:
  ganvas data convert ./photos --out photos.zip --size 96x48
      one file to copy, images cut and resized
  ganvas data convert cifar-10-binary.tar.gz --out cifar
      a folder of 50,000 PNG files
  ganvas data convert emoji.zip --out small --size 32 --channels 4 --fit pad
      small ones, whole and transparent

Images are numbered in the order in which training takes them. The same source
and options give the same bytes. What is not asked for is not changed: without
--size and --channels every image keeps its size, colours, transparency and
depth.";

const FETCH_EXAMPLES: &str = "\
Examples:
  ganvas data fetch mnist                   into data/mnist
  ganvas data fetch cifar10 --outdir /data
                                            into /data/cifar10
  ganvas train --data data/mnist            what to do with it

Every file must have the published length and SHA-256. A download that was cut
goes on where it stopped, and files that are there already are checked and left
as they are.";

#[derive(Clone, Debug, Args)]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    pub(crate) command: DataCommand,
}

impl DataArguments {
    /// Whether JSON is asked for.
    pub(crate) fn json(&self) -> bool {
        match &self.command {
            DataCommand::Inspect(inspect) => inspect.json.json,
            DataCommand::Convert(convert) => convert.json.json,
            DataCommand::Fetch(fetch) => fetch.json.json,
        }
    }
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Report what a source holds, and what training would make of it
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArguments),
    /// Write the images of a source as PNG files into a zip or a folder
    #[command(after_help = CONVERT_EXAMPLES)]
    Convert(ConvertArguments),
    /// Download a well-known data set and check it
    #[command(after_help = FETCH_EXAMPLES)]
    Fetch(FetchArguments),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct InspectArguments {
    /// What `ganvas train --data` takes: `digits`, a folder or a zip of images, IDX files, CIFAR-10
    #[arg(value_name = "SRC")]
    pub(crate) source: String,

    #[command(flatten)]
    pub(crate) form: FormArguments,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ConvertArguments {
    /// What `ganvas train --data` takes: `digits`, a folder or a zip of images, IDX files, CIFAR-10
    #[arg(value_name = "SRC")]
    pub(crate) source: String,

    /// The zip or the folder to write; nothing of this name may be there
    #[arg(long, value_name = "FILE.zip|DIR")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) form: FormArguments,

    /// Leave out files that cannot be read, and list them, rather than stop at the first
    #[arg(long)]
    pub(crate) skip_bad: bool,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

impl ConvertArguments {
    /// What is done to the images.
    pub(crate) fn preparation(&self) -> Preparation {
        let bad_files = if self.skip_bad { BadFiles::Skip } else { BadFiles::Refuse };
        Preparation { bad_files, ..self.form.preparation() }
    }
}

/// What to make of images.
#[derive(Clone, Debug, Args)]
pub(crate) struct FormArguments {
    /// Width and height to bring the images to; one number for a square
    #[arg(long, value_name = "WxH", value_parser = any_size)]
    pub(crate) size: Option<[usize; 2]>,

    /// 1 for grey, 3 for colour, 4 for colour with transparency
    #[arg(long, value_name = "1|3|4", value_parser = channels(), hide_possible_values = true)]
    pub(crate) channels: Option<usize>,

    /// What becomes of images of another aspect: `crop` keeps their middle, `pad` all of them
    /// [default: crop]
    #[arg(long, value_name = "crop|pad", value_parser = fit(), hide_possible_values = true)]
    pub(crate) fit: Option<Fit>,
}

impl FormArguments {
    /// The same, for the library.
    pub(crate) fn preparation(&self) -> Preparation {
        let Self { size, channels, fit } = *self;
        Preparation { size, channels, fit: fit.unwrap_or_default(), ..Preparation::default() }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct FetchArguments {
    /// The data set
    #[arg(value_name = "NAME", value_parser = data_set())]
    pub(crate) data_set: &'static DataSet,

    /// The folder that the data set's own folder is made in
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) outdir: PathBuf,

    /// Ask this address instead of the known ones; may be given more than once
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) mirror_url: Vec<String>,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}

fn data_set() -> ValueParser {
    let names = DATA_SETS.iter().map(|set| PossibleValue::new(set.name).help(set.summary));
    let unknown = |name: String| DataSet::named(&name).ok_or("no such data set");
    PossibleValuesParser::new(names).try_map(unknown).into()
}

fn any_size(text: &str) -> Result<[usize; 2], String> {
    let size = size(text)?;
    match size.iter().all(|extent| (1..=LARGEST_SIDE).contains(extent)) {
        true => Ok(size),
        false => Err(format!("needs width and height from 1 to {LARGEST_SIDE}")),
    }
}
