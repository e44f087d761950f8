//! Options of how a command answers, which several have.

use crate::preview::Means;
use clap::Args;

#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct JsonArgument {
    /// Print JSON for programs on stdout, and what is said in words on stderr
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct PreviewArgument {
    /// Also draw the pictures in the terminal: by `kitty`, `iterm` or `sixel` graphics, in coloured
    /// half `blocks`, or in `shades` of plain characters [MEANS without a value: auto, what the
    /// terminal's environment variables tell; shades with NO_COLOR]
    #[arg(
        long,
        value_name = "MEANS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        hide_possible_values = true
    )]
    pub(crate) preview: Option<Means>,
}
