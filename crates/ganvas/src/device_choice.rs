//! Which device `--device` means.

use crate::exit::UsageError;
use gan::executor::Device;
use std::{convert::Infallible, fmt, str::FromStr};
use tensor_ops::{Adapter, AdapterKind};

/// How to get a driver where there is no adapter.
pub(crate) const GET_A_DRIVER: &str = "To use a GPU, install its driver (on Debian and Ubuntu \
`sudo apt install mesa-vulkan-drivers` serves AMD, Intel and software Vulkan; NVIDIA's driver \
brings its own), then see `ganvas devices`";

/// What `--device` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeviceRequest {
    /// The best there is.
    Auto,
    /// The CPU reference.
    Cpu,
    /// An index or a part of a name.
    Adapter(String),
}

impl FromStr for DeviceRequest {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.to_lowercase().as_str() {
            "auto" => Self::Auto,
            "cpu" => Self::Cpu,
            _ => Self::Adapter(text.to_owned()),
        })
    }
}

impl fmt::Display for DeviceRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Adapter(name) => name,
        })
    }
}

/// A request that no device, or more than one, fits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeviceChoiceError {
    #[error("--device {asked}: no device has this name or number; there are {}", list(.known))]
    Unknown { asked: String, known: Vec<String> },
    #[error("no GPU adapter found (Vulkan, Metal or DX12). {GET_A_DRIVER}")]
    None,
    #[error("--device {asked}: fits {}; name one of them, or give its number", list(.fitting))]
    Ambiguous { asked: String, fitting: Vec<String> },
}

fn list(devices: &[String]) -> String {
    devices.join(", ")
}

/// What is to compute.
pub(crate) struct ChosenDevice {
    pub(crate) device: Device,
    /// Its name, or `CPU reference`.
    pub(crate) name: String,
    /// Backend and driver, for the record.
    pub(crate) driver: String,
    /// Whether it computes on the CPU's cores, and small networks are the better default.
    pub(crate) slow: bool,
    /// Whether `auto` found no adapter.
    pub(crate) no_adapter: bool,
}

/// An adapter's backend and driver, for the record.
pub(crate) fn driver_of(adapter: &Adapter) -> String {
    format!("{}, {}", adapter.backend(), adapter.driver())
}

/// The adapter that a request means, for what needs one.
///
/// # Errors
/// If it means none, or the CPU.
pub(crate) async fn choose_adapter(request: &DeviceRequest) -> anyhow::Result<(usize, Adapter)> {
    let mut adapters = tensor_ops::adapters().await;
    let names: Vec<&str> = adapters.iter().map(Adapter::name).collect();
    let index = match choose(request, &names)? {
        Some(index) if index < adapters.len() => index,
        _ if *request == DeviceRequest::Cpu => {
            let asked = "--device cpu: the CPU reference is what adapters are compared with; name \
                         an adapter of `ganvas devices`";
            return Err(UsageError(asked.to_owned()).into());
        }
        _ => return Err(DeviceChoiceError::None.into()),
    };
    Ok((index, adapters.swap_remove(index)))
}

impl ChosenDevice {
    /// Finds and opens the device asked for.
    pub(crate) async fn open(request: &DeviceRequest) -> anyhow::Result<Self> {
        let adapters =
            if *request == DeviceRequest::Cpu { Vec::new() } else { tensor_ops::adapters().await };
        let names: Vec<&str> = adapters.iter().map(Adapter::name).collect();
        let Some(adapter) = choose(request, &names)?.and_then(|index| adapters.get(index)) else {
            return Ok(Self {
                device: Device::Cpu,
                name: "CPU reference".to_owned(),
                driver: "plain loops on one core".to_owned(),
                slow: true,
                no_adapter: *request == DeviceRequest::Auto,
            });
        };
        let gpu = adapter.open().await?;
        Ok(Self {
            device: Device::Gpu(gpu),
            name: adapter.name().to_owned(),
            driver: driver_of(adapter),
            slow: adapter.kind() == AdapterKind::Software,
            no_adapter: false,
        })
    }
}

/// The index of the adapter that a request means, or `None` for the CPU. `names` are in the order
/// that `auto` prefers.
pub(crate) fn choose(
    request: &DeviceRequest,
    names: &[&str],
) -> Result<Option<usize>, DeviceChoiceError> {
    let asked = match request {
        DeviceRequest::Auto => return Ok((!names.is_empty()).then_some(0)),
        DeviceRequest::Cpu => return Ok(None),
        DeviceRequest::Adapter(asked) => asked,
    };
    let described = |index: usize, name: &str| format!("{index} ({name})");
    let lower = asked.to_lowercase();
    if let Some(index) = asked.parse().ok().filter(|&index: &usize| index < names.len()) {
        return Ok(Some(index));
    }
    let all_that = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
        (0..names.len()).filter(|&index| fits(&names[index].to_lowercase())).collect()
    };
    let mut fitting = all_that(&|name| name == lower);
    if fitting.is_empty() && !lower.is_empty() {
        fitting = all_that(&|name| name.contains(&lower));
    }
    let describe = |indices: &[usize]| -> Vec<String> {
        indices.iter().map(|&index| described(index, names[index])).collect()
    };
    match fitting.as_slice() {
        &[index] => Ok(Some(index)),
        [] => {
            let mut known = describe(&(0..names.len()).collect::<Vec<_>>());
            known.extend(["cpu".to_owned(), "auto".to_owned()]);
            Err(DeviceChoiceError::Unknown { asked: asked.clone(), known })
        }
        several => {
            let fitting = describe(several);
            Err(DeviceChoiceError::Ambiguous { asked: asked.clone(), fitting })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["Radeon RX 7900 XT", "Radeon RX 7900 XTX", "llvmpipe (LLVM 15)"];

    fn chosen(request: &str) -> Result<Option<usize>, DeviceChoiceError> {
        let Ok(request) = request.parse();
        choose(&request, &NAMES)
    }

    #[test]
    fn auto_takes_the_first_and_the_cpu_where_there_is_none() {
        assert_eq!(chosen("auto"), Ok(Some(0)));
        assert_eq!(choose(&DeviceRequest::Auto, &[]), Ok(None));
        assert_eq!(chosen("CPU"), Ok(None));
    }

    #[test]
    fn numbers_whole_names_and_parts_of_names_are_taken() {
        assert_eq!(chosen("1"), Ok(Some(1)));
        assert_eq!(chosen("LLVMpipe"), Ok(Some(2)));
        assert_eq!(chosen("radeon rx 7900 xt"), Ok(Some(0)), "a whole name before a part");
        assert_eq!(chosen("xtx"), Ok(Some(1)));
        assert_eq!(chosen("15"), Ok(Some(2)), "a number past the list may be a part of a name");
    }

    #[test]
    fn what_fits_none_or_several_is_refused_with_their_names() {
        let unknown = chosen("geforce").unwrap_err().to_string();
        assert!(NAMES.iter().all(|name| unknown.contains(name)), "{unknown}");
        assert!(unknown.contains("cpu"), "{unknown}");
        assert!(chosen("").is_err());
        let Ok(twin) = "radeon".parse();
        let ambiguous = choose(&twin, &["Radeon", "Radeon", "Radeon Pro"]).unwrap_err().to_string();
        assert!(ambiguous.contains("0 (Radeon), 1 (Radeon);"), "{ambiguous}");
        assert_eq!(choose(&twin, &["Radeon Pro", "Radeon"]), Ok(Some(1)));
        let ambiguous = chosen("radeon").unwrap_err().to_string();
        assert!(ambiguous.contains("XTX") && !ambiguous.contains("llvmpipe"), "{ambiguous}");
    }
}
