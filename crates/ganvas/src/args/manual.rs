//! The arguments of `ganvas completions` and `ganvas man`.

use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(Clone, Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ManArguments {
    /// The folder to write them to, made if it is missing; pages of these names are replaced
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}
