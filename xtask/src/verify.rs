//! `cargo xtask verify`: how far each kernel is from what it may be off by.

use crate::{
    adapters::{Adapter, SWIFTSHADER_PACKAGES, Software},
    command::cargo,
    setup,
};
use anyhow::{Result, bail};

/// Runs the whole doctor, variant by variant, on the adapter of this name; without one, on the
/// preferred adapter and on SwiftShader. All of them also after one has failed.
pub(crate) fn run(adapter: Option<&str>) -> Result<()> {
    let driver = setup::vulkan()?;
    let adapters = match adapter {
        Some(name) => vec![Adapter::named(name)?],
        None => {
            if let Some(manifest) = driver {
                eprintln!("Vulkan driver: {}", manifest.display());
            }
            let swiftshader = Adapter::software(Software::SwiftShader);
            if swiftshader.is_none() {
                println!(
                    "NOT VERIFIED: a second adapter, as SwiftShader was not found. `cargo xtask \
                     setup` installs it on Debian as root; otherwise install it:\n\
                     {SWIFTSHADER_PACKAGES}"
                );
            }
            [Some(Adapter::preferred()), swiftshader].into_iter().flatten().collect()
        }
    };
    let mut failed = Vec::new();
    for adapter in &adapters {
        let ganvas = cargo(["run", "--quiet", "--package", "ganvas", "--"]);
        if let Err(error) = adapter.doctor(ganvas, &["--full", "--variants"]) {
            eprintln!("error: {error:#}");
            failed.push(adapter.name.as_deref().unwrap_or("the preferred adapter"));
        }
    }
    if !failed.is_empty() {
        bail!("{} of {} adapters failed: {}", failed.len(), adapters.len(), failed.join(", "));
    }
    Ok(())
}
