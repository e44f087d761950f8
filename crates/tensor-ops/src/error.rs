//! What can go wrong on a device.

/// A device that cannot be used, or can no longer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The driver refused to open the adapter.
    #[error("{adapter} cannot be opened: {reason}")]
    Open {
        /// The adapter's name.
        adapter: String,
        /// What the driver said.
        reason: String,
    },
    /// The device is gone: a driver reset, a removed card, a sleeping machine.
    #[error("the device was lost: {reason}")]
    Lost {
        /// What the driver said.
        reason: String,
    },
    /// A buffer could not be allocated.
    #[error(
        "out of memory on the device: {bytes} bytes asked for {purpose} beside {live} bytes in \
         use; a smaller --batch needs less"
    )]
    OutOfMemory {
        /// What the buffer is for.
        purpose: String,
        /// Bytes asked.
        bytes: u64,
        /// Bytes that this plan holds already.
        live: u64,
    },
    /// The driver or wgpu reported an error that the plan should have made impossible.
    #[error("the device reported an error: {reason}")]
    Reported {
        /// What it said.
        reason: String,
    },
}

/// A graph that this device cannot run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The device failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A view begins where no binding can.
    #[error(
        "a view of storage `{storage}` begins at element {offset}; begin every view at a multiple \
         of {multiple} elements"
    )]
    Alignment {
        /// The storage's name.
        storage: String,
        /// The view's first element.
        offset: usize,
        /// What it must be a multiple of.
        multiple: usize,
    },
    /// The graph needs more than the adapter has.
    #[error("{op}: needs {needed} {what}, but {adapter} has {available}; {advice}")]
    Limit {
        /// The op, or the storage.
        op: String,
        /// What is limited.
        what: &'static str,
        /// How much the graph needs.
        needed: u64,
        /// How much there is.
        available: u64,
        /// The adapter's name.
        adapter: String,
        /// What would work.
        advice: &'static str,
    },
}
