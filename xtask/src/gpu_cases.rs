//! How many results were compared on which adapter.
//!
//! Each test process that compares a GPU's results with the reference leaves a file in the folder
//! that [`VARIABLE`] names, with a line `adapter name<TAB>cases`. A suite that silently skips its
//! GPU tests leaves nothing, which is a failure.

use anyhow::{Context, Result, bail};
use std::{collections::BTreeMap, env, fs, path::Path};

/// The environment variable that names the folder.
pub(crate) const VARIABLE: &str = "GANVAS_GPU_CASES";

/// The environment variable that, set to 1 by hand, lets tests pass without a GPU.
const ALLOW_VARIABLE: &str = "ALLOW_NO_GPU";

/// What it means that nothing was compared on a GPU.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WithoutGpu {
    Failure,
    Allowed,
}

impl WithoutGpu {
    /// Whether this user allowed tests without a GPU.
    pub(crate) fn from_environment() -> Self {
        match env::var(ALLOW_VARIABLE).as_deref() {
            Ok("1") => Self::Allowed,
            _ => Self::Failure,
        }
    }
}

/// The cases compared on each adapter, by its name.
pub(crate) fn tally(folder: &Path) -> Result<BTreeMap<String, u64>> {
    let mut cases = BTreeMap::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for line in text.lines() {
            let (adapter, count) = parse(line).with_context(|| {
                format!("{}: `{line}` is not `adapter name<TAB>cases`", path.display())
            })?;
            *cases.entry(adapter.to_owned()).or_default() += count;
        }
    }
    Ok(cases)
}

fn parse(line: &str) -> Option<(&str, u64)> {
    let (adapter, count) = line.rsplit_once('\t')?;
    Some((adapter, count.parse().ok()?))
}

/// Prints the counts, and fails if they are zero, or of another adapter than the one whose name
/// contains `wanted`.
pub(crate) fn report(
    cases: &BTreeMap<String, u64>,
    wanted: Option<&str>,
    without_gpu: WithoutGpu,
) -> Result<()> {
    for (adapter, count) in cases {
        println!("GPU cases compared: {count} on {adapter}");
    }
    let wanted = wanted.unwrap_or_default();
    let is_wanted = |adapter: &str| adapter.to_lowercase().contains(&wanted.to_lowercase());
    if let Some(other) = cases.keys().find(|adapter| !is_wanted(adapter)) {
        bail!("the tests ran on {other}, not on the adapter `{wanted}` that was asked for");
    }
    if cases.values().any(|&count| count > 0) {
        return Ok(());
    }
    match without_gpu {
        WithoutGpu::Failure => bail!(
            "GPU cases compared: 0. No test ran on a GPU adapter: either none was found (see \
             `cargo xtask setup`), or the arguments left these tests out. Where that is wanted, set \
             {ALLOW_VARIABLE}=1"
        ),
        WithoutGpu::Allowed => {
            println!(
                "WARNING: GPU cases compared: 0. NOTHING WAS VERIFIED ON A GPU; this passes only \
                 because {ALLOW_VARIABLE}=1 is set"
            );
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn sums_processes_by_adapter() {
        let folder = folder(&[
            ("10-0", "llvmpipe (LLVM 15)\t7\n"),
            ("10-1", "llvmpipe (LLVM 15)\t5\nSwiftShader\t1\n"),
            ("11-0", "llvmpipe (LLVM 15)\t30\n"),
        ]);
        let cases = tally(folder.path()).unwrap();
        assert_eq!(cases["llvmpipe (LLVM 15)"], 42);
        assert_eq!(cases["SwiftShader"], 1);
        report(&cases, None, WithoutGpu::Failure).unwrap();
    }

    #[test]
    fn another_adapter_than_the_wanted_one_is_a_failure() {
        let report_of = |text: &str, wanted: &str| {
            let cases = tally(folder(&[("10-0", text)]).path()).unwrap();
            report(&cases, Some(wanted), WithoutGpu::Failure)
        };
        let swiftshader = "SwiftShader Device (Subzero)\t7\n";
        assert!(report_of(swiftshader, "swiftshader").is_ok());
        assert!(report_of(swiftshader, "llvmpipe").is_err());
        assert!(report_of(&format!("{swiftshader}llvmpipe\t1\n"), "swiftshader").is_err());
        assert!(report_of("", "swiftshader").is_err());
    }

    #[test]
    fn nothing_compared_is_a_failure() {
        for files in [&[][..], &[("10-0", "")], &[("10-0", "llvmpipe\t0\n")]] {
            let cases = tally(folder(files).path()).unwrap();
            assert!(report(&cases, None, WithoutGpu::Failure).is_err());
            assert!(report(&cases, None, WithoutGpu::Allowed).is_ok());
        }
    }

    #[test]
    fn a_malformed_count_is_an_error() {
        for line in ["llvmpipe 7", "llvmpipe\t", "llvmpipe\t-1", "7"] {
            assert!(tally(folder(&[("10-0", line)]).path()).is_err(), "{line}");
        }
    }
}
