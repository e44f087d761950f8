//! The arguments of `ganvas report`, which are also its help.

use crate::args::JsonArgument;
use clap::Args;
use std::path::PathBuf;

pub(crate) const EXAMPLES: &str = "\
Examples:
  ganvas report runs/00000-digits-dcgan28   writes report.html in the run's
                                            folder
  ganvas report latest --out digits.html    of the newest run in `runs`
  ganvas report latest --gif digits.gif     also its pictures as an animation

The page is one file that needs no network: send it, or open it on a phone. A
run that is still going on has one too; ask again for a newer one. For curves
of several runs beside each other, runs have TensorBoard's event files:
`tensorboard --logdir runs`.";

#[derive(Clone, Debug, Args)]
pub(crate) struct ReportArguments {
    /// A run's folder; `latest` is the newest run in `runs`
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,

    /// The page to write; a file of this name is replaced [default: report.html in the run's folder]
    #[arg(long, value_name = "FILE.html")]
    pub(crate) out: Option<PathBuf>,

    /// Also show the run's pictures in turn, as an animation; a file of this name is replaced
    #[arg(long, value_name = "FILE.gif")]
    pub(crate) gif: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) json: JsonArgument,
}
