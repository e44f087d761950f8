//! Exit codes, found from the types of errors.

use crate::{data_command::DownloadError, device_choice::DeviceChoiceError};
use ::metrics::MetricsError;
use gan::{
    data::DataError, executor::ExecutorError, health::Verdict, picture::PictureError,
    trainer::TrainError,
};
use std::path::{Path, PathBuf};
use tensor_ops::{DeviceError, PlanError};

const INTERNAL: u8 = 1;
const USAGE: u8 = 2;
const INPUT: u8 = 3;
/// Numbers went non-finite, or training collapsed and was to stop then.
const COLLAPSED: u8 = 4;
const DEVICE: u8 = 5;
const VERIFICATION: u8 = 6;
const SIGNAL: u8 = 128;

/// Options that do not go together, or with the data.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// A file or folder that was named and cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", path.display())]
pub(crate) struct InputError {
    path: PathBuf,
    problem: String,
}

impl InputError {
    pub(crate) fn new(path: &Path, problem: impl Into<String>) -> Self {
        Self { path: path.to_owned(), problem: problem.into() }
    }
}

/// Something is wrong on this adapter, as the report before says.
#[derive(Debug, thiserror::Error)]
#[error("verification failed")]
pub(crate) struct VerificationError;

/// The device failed while it was checked, at these parts.
#[derive(Debug, thiserror::Error)]
#[error("the device failed at {0}")]
pub(crate) struct DeviceFailure(pub(crate) String);

/// A signal asked to stop, and everything is saved.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; saved {}; go on with: {go_on}", checkpoint.display())]
pub(crate) struct Interrupted {
    pub(crate) signal: u8,
    pub(crate) checkpoint: PathBuf,
    /// The command that goes on.
    pub(crate) go_on: String,
}

/// Training collapsed, and everything is saved.
#[derive(Debug, thiserror::Error)]
#[error(
    "training collapsed ({verdict}){}; {advice}; saved {}; {}go on regardless with: {regardless}",
    after(*rollbacks),
    checkpoint.display(),
    from_healthy(healthy.as_deref())
)]
pub(crate) struct Collapsed {
    pub(crate) verdict: Verdict,
    /// How often the run went back before.
    pub(crate) rollbacks: usize,
    /// What to try.
    pub(crate) advice: String,
    pub(crate) checkpoint: PathBuf,
    /// The command that goes on from a healthy time, if a checkpoint of one is left.
    pub(crate) healthy: Option<String>,
    /// The command that goes on from here.
    pub(crate) regardless: String,
}

fn after(rollbacks: usize) -> String {
    match rollbacks {
        0 => String::new(),
        1 => " after a rollback".to_owned(),
        _ => format!(" after {rollbacks} rollbacks"),
    }
}

fn from_healthy(command: Option<&str>) -> String {
    command.map(|command| format!("from when it was healthy: {command}; ")).unwrap_or_default()
}

/// The exit code for an error: that of the first link in its chain that has one.
pub(crate) fn code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(INTERNAL)
}

fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(interrupted) = error.downcast_ref::<Interrupted>() {
        Some(SIGNAL + interrupted.signal)
    } else if error.is::<Collapsed>() {
        Some(COLLAPSED)
    } else if let Some(error) = error.downcast_ref::<TrainError>() {
        code_of_training(error)
    } else if let Some(error) = error.downcast_ref::<MetricsError>() {
        code_of_measuring(error)
    } else if error.is::<UsageError>() || error.is::<PictureError>() {
        Some(USAGE)
    } else if error.is::<InputError>() || error.is::<DataError>() || error.is::<DownloadError>() {
        Some(INPUT)
    } else if error.is::<VerificationError>() {
        Some(VERIFICATION)
    } else if error.is::<DeviceChoiceError>()
        || error.is::<DeviceError>()
        || error.is::<DeviceFailure>()
        || error.is::<PlanError>()
    {
        Some(DEVICE)
    } else {
        None
    }
}

fn code_of_training(error: &TrainError) -> Option<u8> {
    match error {
        TrainError::NotFinite { .. } => Some(COLLAPSED),
        TrainError::Networks(_) | TrainError::State(_) => Some(USAGE),
        TrainError::Data(_) => Some(INPUT),
        TrainError::Executor(ExecutorError::Plan(_) | ExecutorError::Device(_)) => Some(DEVICE),
        _ => None,
    }
}

fn code_of_measuring(error: &MetricsError) -> Option<u8> {
    match error {
        MetricsError::Executor(ExecutorError::Plan(_) | ExecutorError::Device(_)) => Some(DEVICE),
        MetricsError::Executor(_) | MetricsError::Graph(_) | MetricsError::Export(_) => None,
        MetricsError::NotFinite => Some(INPUT),
        _ => Some(INPUT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn each_kind_of_error_has_its_code() {
        let lost = || DeviceError::Lost { reason: "unplugged".to_owned() };
        let number = "loss_d".to_owned();
        let interrupted =
            Interrupted { signal: 15, checkpoint: PathBuf::from("a"), go_on: String::new() };
        let collapsed = Collapsed {
            verdict: Verdict::Stalled,
            rollbacks: 0,
            advice: String::new(),
            checkpoint: PathBuf::from("a"),
            healthy: None,
            regardless: String::new(),
        };
        let codes = [
            (anyhow::anyhow!("unexpected"), 1),
            (UsageError("no".to_owned()).into(), 2),
            (InputError::new(Path::new("a"), "gone").into(), 3),
            (TrainError::NotFinite { number, after: 1, step: 2 }.into(), 4),
            (lost().into(), 5),
            (DeviceFailure("tanh".to_owned()).into(), 5),
            (VerificationError.into(), 6),
            (TrainError::Executor(ExecutorError::Device(lost())).into(), 5),
            (interrupted.into(), 143),
            (collapsed.into(), 4),
        ];
        for (error, expected) in codes {
            assert_eq!(code(&error), expected, "{error:#}");
        }
        let wrapped = Err::<(), _>(lost()).context("while training").unwrap_err();
        assert_eq!(code(&wrapped), 5);
    }
}
