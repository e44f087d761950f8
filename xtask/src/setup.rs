//! `cargo xtask setup`: what a fresh machine lacks.

use crate::{
    adapters::{LLVMPIPE_PACKAGES, SWIFTSHADER_PACKAGES, Software},
    command,
    vulkan::{self, Vulkan},
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The target of the browser build.
pub(crate) const WEB_TARGET: &str = "wasm32-unknown-unknown";

const COMPONENTS: [&str; 2] = ["rustfmt", "clippy"];

/// What Debian and Ubuntu call the Vulkan loader and its software driver.
const DEBIAN_PACKAGES: &str = "mesa-vulkan-drivers libvulkan1";

/// What Debian calls the browser that brings SwiftShader.
const DEBIAN_BROWSER: &str = "chromium";

/// What Debian and Ubuntu call the tools of SPIR-V.
const DEBIAN_SPIRV_TOOLS: &str = "spirv-tools";

/// Everything that any task needs.
pub(crate) fn all() -> Result<()> {
    if let Some(manifest) = vulkan()? {
        eprintln!("Vulkan driver: {}", manifest.display());
    }
    spirv_tools()?;
    if swiftshader().is_none() {
        eprintln!(
            "LEFT OUT: SwiftShader, the second adapter, was not found, so `cargo xtask test` checks \
             one adapter only. To have both, install it:\n{SWIFTSHADER_PACKAGES}"
        );
    }
    rust()
}

/// Makes sure that there is a Vulkan driver on Linux, and tells the manifest of the first. macOS and
/// Windows bring Metal and DX12.
pub(crate) fn vulkan() -> Result<Option<PathBuf>> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let find = || vulkan::find(Path::new("/"), |name| env::var_os(name));
    let mut vulkan = find();
    if vulkan == Vulkan::Missing {
        install_vulkan()?;
        vulkan = find();
    }
    match vulkan {
        Vulkan::Found { manifest } => Ok(Some(manifest)),
        Vulkan::Overridden { variable } => {
            bail!("{variable} names no existing Vulkan driver: correct it or unset it")
        }
        Vulkan::Missing => {
            bail!("{DEBIAN_PACKAGES} are installed, but no Vulkan driver is found")
        }
    }
}

/// Makes sure that the components of Rust which `check` uses are there, where rustup can say so.
pub(crate) fn rust() -> Result<()> {
    add_missing("component", &COMPONENTS)?;
    add_missing("target", &[WEB_TARGET])
}

/// Makes sure that there is `spirv-val`, without which the tests of portability fail: on Linux
/// only, as elsewhere its place differs, and the test says what to install.
pub(crate) fn spirv_tools() -> Result<()> {
    if !cfg!(target_os = "linux") || has_spirv_val() {
        return Ok(());
    }
    if !can_install() {
        eprintln!(
            "warning: spirv-val was not found, and the tests of portability fail without it. \
             Install spirv-tools:\n  Debian, Ubuntu:  sudo apt-get install {DEBIAN_SPIRV_TOOLS}\n  \
             Fedora:          sudo dnf install spirv-tools\n  Arch:            sudo pacman -S \
             spirv-tools"
        );
        return Ok(());
    }
    eprintln!("spirv-val was not found: installing it");
    install(DEBIAN_SPIRV_TOOLS)?;
    if !has_spirv_val() {
        bail!("{DEBIAN_SPIRV_TOOLS} is installed, but spirv-val is not found");
    }
    Ok(())
}

fn has_spirv_val() -> bool {
    command::output(Command::new("spirv-val").arg("--version")).is_some()
}

/// Makes sure that there is SwiftShader, the second adapter, on Linux, and tells its manifest;
/// `None` where that cannot be done.
pub(crate) fn swiftshader() -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let mut manifest = Software::SwiftShader.manifest();
    if manifest.is_none() && is_root() && has_browser(&os_release()) {
        eprintln!("SwiftShader was not found: installing the browser that brings it");
        if let Err(error) = install(DEBIAN_BROWSER) {
            eprintln!("warning: {error:#}");
        }
        manifest = Software::SwiftShader.manifest();
    }
    if let Some(manifest) = &manifest {
        eprintln!("Second Vulkan driver: {}", manifest.display());
    }
    manifest
}

/// Installs software Vulkan where that can be done, and otherwise says how to.
fn install_vulkan() -> Result<()> {
    if !can_install() {
        bail!(
            "no Vulkan driver for this machine was found. Install its GPU's driver, or software \
             Vulkan:\n{LLVMPIPE_PACKAGES}"
        );
    }
    eprintln!("No Vulkan driver was found: installing software Vulkan");
    install(DEBIAN_PACKAGES)
}

/// Whether this is Debian or derives from it, and the user may install packages.
fn can_install() -> bool {
    is_root() && is_debian(&os_release())
}

fn is_root() -> bool {
    command::output(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0")
}

/// What the system says that it is; see os-release(5).
fn os_release() -> String {
    fs::read_to_string("/etc/os-release").unwrap_or_default()
}

/// Installs packages of Debian's, given with spaces between them.
fn install(packages: &str) -> Result<()> {
    let apt_get = |arguments: &str| {
        let mut command = Command::new("apt-get");
        command.args(arguments.split(' ')).env("DEBIAN_FRONTEND", "noninteractive");
        command::run(&mut command)
    };
    apt_get("update")?;
    apt_get(&format!("install -y --no-install-recommends {packages}"))
}

/// Whether the system's package of the browser holds the browser: Ubuntu's, and that of some that
/// derive from it, only sends one to its store.
fn has_browser(os_release: &str) -> bool {
    let mut ids = os_release.lines().filter_map(|line| line.strip_prefix("ID="));
    ids.any(|id| id.trim_matches('"') == "debian")
}

/// Whether the system, or what it derives from, is Debian.
fn is_debian(os_release: &str) -> bool {
    let values = os_release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")));
    values.flat_map(|value| value.trim_matches('"').split(' ')).any(|id| id == "debian")
}

/// `rustup KIND add` for each of `names` that is not installed.
fn add_missing(kind: &str, names: &[&str]) -> Result<()> {
    let Some(installed) =
        command::output(Command::new("rustup").args([kind, "list", "--installed"]))
    else {
        // Rust came from elsewhere; a missing part will be named by the command that needs it.
        return Ok(());
    };
    for name in names {
        // Components are listed with the host's name behind theirs.
        if !installed.lines().any(|line| line.starts_with(name)) {
            command::run(Command::new("rustup").args([kind, "add", name]))
                .with_context(|| format!("cannot add Rust's {kind} {name}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{has_browser, is_debian};

    #[test]
    fn knows_debian_and_what_derives_from_it() {
        assert!(is_debian("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(is_debian("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(is_debian("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!is_debian("ID=fedora\nHOME_URL=\"https://debian.example\"\n"));
        assert!(!is_debian(""));
    }

    #[test]
    fn takes_the_browser_from_debian_itself_only() {
        assert!(has_browser("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n"));
        assert!(has_browser("ID=\"debian\"\n"));
        assert!(!has_browser("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(!has_browser("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"));
        assert!(!has_browser(""));
    }
}
