//! The programs that are compared: how each is built, started and listened to.

use super::{
    Preset,
    steps::{self, Event, Steps},
};
use crate::{
    adapters::Adapter,
    command::{self, cargo, root},
};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Steps before those that count: the first, and one in which tables and caches still fill.
const WARM_UP: u32 = 2;
/// By which `ganvas train` tells, on its log, that a step is done.
const STEP_DONE: &str = "the step before is done";

/// What both programs do.
pub(super) struct Task {
    pub(super) preset: Preset,
    /// Images a step.
    pub(super) batch: u32,
    /// Steps that count.
    pub(super) steps: u32,
    pub(super) adapter: Adapter,
    pub(super) caches: Caches,
}

/// What a run finds of the runs before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caches {
    /// Nothing, of the program and of the driver.
    Cold,
    /// All that they left.
    Warm,
}

#[derive(Clone, Copy)]
pub(super) enum Program {
    /// `ganvas train`, as its users have it.
    Ganvas,
    /// `benches/burn`.
    Burn,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ganvas => "Ganvas",
            Self::Burn => "Burn",
        })
    }
}

impl Program {
    /// Builds it as it is released.
    pub(super) fn build(self) -> Result<()> {
        let mut command = match self {
            Self::Ganvas => cargo(["build", "--release", "--package", "ganvas", "--target-dir"]),
            Self::Burn => cargo(["build", "--release", "--locked", "--target-dir"]),
        };
        command.arg(self.target());
        if let Self::Burn = self {
            command.current_dir(root().join("benches/burn"));
        }
        command::run(&mut command)
    }

    /// Runs it once in a folder of its own, which holds all of its caches.
    pub(super) fn run(self, task: &Task) -> Result<Steps> {
        let temporary;
        let home = match task.caches {
            Caches::Cold => {
                temporary = tempfile::tempdir()?;
                temporary.path().to_owned()
            }
            Caches::Warm => root().join("target/against").join(self.to_string().to_lowercase()),
        };
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let mut command = match self {
            Self::Ganvas => ganvas(&home, task)?,
            Self::Burn => burn(&home, task)?,
        };
        keep_caches(&mut command, &home, task.caches);
        let event = match self {
            Self::Ganvas => event_of_ganvas,
            Self::Burn => event_of_burn,
        };
        steps::time(task.adapter.restrict(&mut command), event, WARM_UP as usize)
    }

    fn target(self) -> PathBuf {
        match self {
            Self::Ganvas => root().join("target"),
            Self::Burn => root().join("target/burn"),
        }
    }

    fn command(self, home: &Path) -> Command {
        let name = match self {
            Self::Ganvas => "ganvas",
            Self::Burn => "ganvas-burn",
        };
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let mut command = Command::new(self.target().join("release").join(file));
        command.current_dir(home);
        command
    }
}

/// Has driver and program look for what they cached in a folder, or not at all.
fn keep_caches(command: &mut Command, home: &Path, caches: Caches) {
    match caches {
        Caches::Cold => {
            command.env("MESA_SHADER_CACHE_DISABLE", "true").env("__GL_SHADER_DISK_CACHE", "0");
        }
        Caches::Warm => {
            command.env("MESA_SHADER_CACHE_DIR", home).env("__GL_SHADER_DISK_CACHE_PATH", home);
        }
    }
    command.env("GANVAS_CACHE_DIR", home);
}

fn ganvas(home: &Path, task: &Task) -> Result<Command> {
    let runs = home.join("runs");
    if runs.exists() {
        fs::remove_dir_all(&runs)?;
    }
    // A step is known to be done when the next has been submitted.
    let images = (WARM_UP + task.steps + 1) * task.batch;
    let mut command = Program::Ganvas.command(home);
    command.args(["train", "--preset", &task.preset.to_string()]);
    command.args(["--batch", &task.batch.to_string()]);
    command.args(["--kimg", &(f64::from(images) / 1000.0).to_string()]);
    command.arg("--outdir").arg(&runs);
    if let Some(name) = &task.adapter.name {
        command.args(["--device", name]);
    }
    if task.preset == Preset::Dcgan64 {
        command.arg("--data").arg(coloured_noise(home, task.batch)?);
    }
    command.env("RUST_LOG", "ganvas::training_loop=trace");
    Ok(command)
}

/// A folder of so many colour images of 64 x 64.
fn coloured_noise(home: &Path, count: u32) -> Result<PathBuf> {
    let folder = home.join("images");
    fs::create_dir_all(&folder)?;
    for number in 0..count {
        let pixel = |x: u32, y: u32| {
            let place = (number * 64 + y) * 64 + x;
            let [r, g, b, _] = place.wrapping_mul(2_654_435_761).to_be_bytes();
            image::Rgb([r, g, b])
        };
        image::RgbImage::from_fn(64, 64, pixel).save(folder.join(format!("{number}.png")))?;
    }
    Ok(folder)
}

fn event_of_ganvas(line: &str) -> Option<Event> {
    if let Some(device) = line.strip_prefix("Device: ") {
        let name = device.rsplit_once("; ").map_or(device, |(name, _)| name);
        return Some(Event::Adapter(name.to_owned()));
    }
    // Before the first step there is none.
    let done = line.contains(STEP_DONE) && !line.trim_end().ends_with("step=1");
    done.then_some(Event::Step)
}

fn burn(home: &Path, task: &Task) -> Result<Command> {
    // Burn keeps what it measured in the folder that it is started in, if told so.
    fs::write(home.join("cubecl.toml"), "[autotune]\ncache = \"local\"\n")?;
    let mut command = Program::Burn.command(home);
    let steps = WARM_UP + task.steps;
    command.args([task.preset.to_string(), task.batch.to_string(), steps.to_string()]);
    Ok(command)
}

/// A line of `benches/burn`: it has one of these.
#[derive(Deserialize)]
struct BurnLine {
    adapter: Option<String>,
    step: Option<u64>,
}

fn event_of_burn(line: &str) -> Option<Event> {
    let BurnLine { adapter, step } = serde_json::from_str(line).ok()?;
    adapter.map(Event::Adapter).or(step.map(|_| Event::Step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_ganvas() {
        let adapter = event_of_ganvas("Device: llvmpipe (LLVM 15); Vulkan, Mesa 22");
        assert_eq!(adapter, Some(Event::Adapter("llvmpipe (LLVM 15)".to_owned())));
        let log = format!("2026-01-01T00:00:00Z TRACE ganvas::training_loop: {STEP_DONE} step=2");
        let first = log.replace("step=2", "step=1");
        assert_eq!(event_of_ganvas(&first), None, "no step is done yet");
        assert_eq!(event_of_ganvas(&log), Some(Event::Step));
        assert_eq!(event_of_ganvas("Preset: dcgan28, batch 16"), None);
        let source = include_str!("../../../crates/ganvas/src/training_loop.rs");
        assert!(source.contains(STEP_DONE), "`ganvas train` tells of its steps in other words");
    }

    #[test]
    fn lines_of_burn() {
        let adapter = event_of_burn(r#"{"adapter":"llvmpipe (LLVM 15)"}"#);
        assert_eq!(adapter, Some(Event::Adapter("llvmpipe (LLVM 15)".to_owned())));
        let step = r#"{"step":0,"seconds":0.5,"loss_d":1.4,"loss_g":0.7}"#;
        assert_eq!(event_of_burn(step), Some(Event::Step));
        assert_eq!(event_of_burn("thread 'main' panicked"), None);
    }
}
