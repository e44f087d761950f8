//! `cargo xtask docs`: the pages that tests compare with what they find.

use crate::{command, setup};
use anyhow::{Context, Result, bail};
use std::{fs, time::SystemTime};

/// Each page of `docs`, and the test that makes it.
const PAGES: [(&str, &str); 2] = [
    ("portability.md", "across::shaders::every_platform_accepts_every_kernel_as_documented"),
    ("verification.md", "across::verification_page::the_page_is_current"),
];

/// Has the tests write the pages instead of comparing them.
pub(crate) fn run() -> Result<()> {
    setup::spirv_tools()?;
    let start = SystemTime::now();
    let arguments = ["test", "--package", "ganvas-tests", "--test", "suite", "--", "--exact"];
    let mut command = command::cargo(arguments);
    command.args(PAGES.map(|(_, test)| test));
    command::run(command.env("GANVAS_WRITE_DOCS", "1"))?;
    for (page, test) in PAGES {
        let path = command::root().join("docs").join(page);
        let written = fs::metadata(&path).and_then(|data| data.modified());
        // A test of another name than this one's is no failure to the test runner.
        if written.with_context(|| format!("there is no {}", path.display()))? < start {
            bail!("docs/{page} was not written: is there no test `{test}` any more?");
        }
        println!("docs/{page}");
    }
    Ok(())
}
