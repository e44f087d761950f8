//! The adapters that tests run on, and the environment that chooses them.
//!
//! wgpu takes whichever adapter it prefers, so a software adapter is chosen by showing the Vulkan
//! loader its manifest alone: nothing else can be taken by mistake.

use crate::{
    command,
    vulkan::{self, OVERRIDES},
};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The variable by which tests choose their adapter.
const ADAPTER: &str = "GANVAS_ADAPTER";

/// What to install for llvmpipe, by distribution.
pub(crate) const LLVMPIPE_PACKAGES: &str = "  \
  Debian, Ubuntu:  sudo apt-get install --no-install-recommends mesa-vulkan-drivers libvulkan1
  Fedora:          sudo dnf install mesa-vulkan-drivers vulkan-loader
  Arch:            sudo pacman -S vulkan-swrast vulkan-icd-loader";

/// What to install for SwiftShader, which comes with browsers.
pub(crate) const SWIFTSHADER_PACKAGES: &str = "  \
  Debian:          sudo apt-get install --no-install-recommends chromium
  Fedora:          sudo dnf install chromium
  Arch:            sudo pacman -S chromium
  Ubuntu, others:  Google Chrome's own package has it too
Where it lies elsewhere, VK_DRIVER_FILES=.../vk_swiftshader_icd.json shows it";

/// A Vulkan driver that computes on the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Software {
    /// Mesa's.
    Llvmpipe,
    /// Google's.
    SwiftShader,
}

impl Software {
    /// Part of the adapter's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Llvmpipe => "llvmpipe",
            Self::SwiftShader => "swiftshader",
        }
    }

    /// Part of its manifest's name.
    pub(crate) fn manifest_name(self) -> &'static str {
        match self {
            Self::Llvmpipe => "lvp_icd",
            Self::SwiftShader => "swiftshader",
        }
    }

    /// Its manifest on this machine.
    pub(crate) fn manifest(self) -> Option<PathBuf> {
        vulkan::software_manifest(Path::new("/"), |name| env::var_os(name), self)
    }

    fn packages(self) -> &'static str {
        match self {
            Self::Llvmpipe => LLVMPIPE_PACKAGES,
            Self::SwiftShader => SWIFTSHADER_PACKAGES,
        }
    }
}

/// An adapter, and what chooses it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Adapter {
    /// Part of its name; `None` for whichever is preferred.
    pub(crate) name: Option<String>,
    /// The one manifest that the Vulkan loader shall see; `None` for all that there are.
    pub(crate) manifest: Option<PathBuf>,
}

impl Adapter {
    /// The one that wgpu and the user's environment prefer.
    pub(crate) fn preferred() -> Self {
        Self { name: None, manifest: None }
    }

    /// A software driver, if this machine has it.
    pub(crate) fn software(driver: Software) -> Option<Self> {
        let name = Some(driver.name().to_owned());
        driver.manifest().map(|manifest| Self { name, manifest: Some(manifest) })
    }

    /// The one whose name contains `name`, an error if it is a software driver that is not there.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let drivers = [Software::Llvmpipe, Software::SwiftShader];
        let Some(driver) = drivers.into_iter().find(|driver| driver.name() == name.to_lowercase())
        else {
            return Ok(Self { name: Some(name.to_owned()), manifest: None });
        };
        let Some(adapter) = Self::software(driver) else {
            bail!(
                "no Vulkan driver named {name} was found. `cargo xtask setup` installs it on \
                 Debian as root; otherwise install it:\n{}",
                driver.packages()
            );
        };
        Ok(adapter)
    }

    /// Has tests, which a command starts, run on this adapter.
    pub(crate) fn choose_for<'a>(&self, tests: &'a mut Command) -> &'a mut Command {
        if let Some(name) = &self.name {
            tests.env(ADAPTER, name);
        }
        self.restrict(tests)
    }

    /// Has a command and the processes that it starts see no other driver.
    pub(crate) fn restrict<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        // Loaders before 1.3.207 know the old name only.
        for (name, manifest) in OVERRIDES.into_iter().zip(self.manifest.iter().cycle()) {
            command.env(name, manifest);
        }
        command
    }

    /// Runs `ganvas doctor` on this adapter; `ganvas` is the command that starts the program.
    pub(crate) fn doctor(&self, mut ganvas: Command, arguments: &[&str]) -> Result<()> {
        ganvas.arg("doctor").args(arguments);
        if let Some(name) = &self.name {
            ganvas.args(["--device", name]);
        }
        command::run(self.restrict(&mut ganvas))
    }

    /// Asks `ganvas devices` whether this adapter is there, as otherwise each test would fail.
    pub(crate) fn look_for(&self, mut ganvas: Command) -> Result<()> {
        let Some(name) = &self.name else { return Ok(()) };
        let devices = command::output(self.restrict(ganvas.args(["devices", "--json"])))
            .context("`ganvas devices --json` failed")?;
        find_adapter(&devices, name)
    }
}

/// A device as `ganvas devices --json` describes it.
#[derive(Deserialize)]
struct Device {
    /// A number, or `cpu` for the CPU reference.
    device: String,
    name: String,
}

/// An error unless an adapter's name contains `name`.
fn find_adapter(devices: &str, name: &str) -> Result<()> {
    let devices: Vec<Device> =
        serde_json::from_str(devices).context("`ganvas devices --json` is not as expected")?;
    let adapters = devices.iter().filter(|device| device.device != "cpu");
    let names: Vec<&str> = adapters.map(|adapter| adapter.name.as_str()).collect();
    if names.iter().any(|adapter| adapter.to_lowercase().contains(&name.to_lowercase())) {
        return Ok(());
    }
    let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    bail!(
        "no adapter's name contains `{name}`; seen here: {there}. `--adapter` takes a part of such a \
         name, `llvmpipe` or `swiftshader`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(command: &Command) -> Vec<(String, String)> {
        let text = |value: &std::ffi::OsStr| value.to_str().unwrap().to_owned();
        command.get_envs().map(|(name, value)| (text(name), text(value.unwrap()))).collect()
    }

    #[test]
    fn any_other_name_chooses_among_all_drivers() {
        let mut command = Command::new("test");
        Adapter::named("NVIDIA").unwrap().choose_for(&mut command);
        assert_eq!(environment(&command), [(ADAPTER.to_owned(), "NVIDIA".to_owned())]);
        let mut command = Command::new("test");
        Adapter::preferred().choose_for(&mut command);
        assert_eq!(environment(&command), []);
    }

    #[test]
    fn an_adapter_is_looked_for_by_a_part_of_its_name() {
        let devices = r#"[
            {"device": "0", "name": "NVIDIA H100", "kind": "discrete GPU"},
            {"device": "1", "name": "llvmpipe (LLVM 15)", "kind": "software"},
            {"device": "cpu", "name": "CPU reference", "kind": "plain loops"}
        ]"#;
        for name in ["nvidia", "H100", "LLVMpipe"] {
            find_adapter(devices, name).unwrap();
        }
        for name in ["Radeon", "reference"] {
            let error = find_adapter(devices, name).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{error}");
            assert!(error.contains("NVIDIA H100, llvmpipe (LLVM 15)."), "{error}");
            assert!(!error.contains("CPU"), "{error}");
        }
        let none = find_adapter(r#"[{"device": "cpu", "name": "CPU reference"}]"#, "Radeon");
        assert!(none.unwrap_err().to_string().contains("seen here: none"));
        assert!(find_adapter("[{}]", "Radeon").is_err());
    }

    #[test]
    fn a_software_driver_is_the_only_one_to_be_seen() {
        let manifest = Some(PathBuf::from("/chosen/icd.json"));
        let adapter = Adapter { name: Some("swiftshader".to_owned()), manifest };
        let mut command = Command::new("test");
        adapter.choose_for(&mut command);
        let [new, old] = OVERRIDES.map(|name| (name, "/chosen/icd.json"));
        let expected = [(ADAPTER, "swiftshader"), new, old];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(environment(&command), expected);
    }
}
