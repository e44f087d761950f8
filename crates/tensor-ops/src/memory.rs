//! The buffers of a plan: how large, checked against the adapter's limits, then made.

use crate::{DeviceError, Gpu, PlanError, launch::Launch};
use graph::{DType, Graph, Op, Placement, Schedule, TensorId};
use wgpu::BufferUsages as Usage;

/// What a plan holds on the device, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Weights, gradients, moments, running statistics.
    pub storage_bytes: u64,
    /// Activations and other tensors of a step, sharing memory.
    pub pooled_bytes: u64,
    /// What the latter would take without sharing.
    pub unshared_bytes: u64,
    /// The most that the latter need at one time: sharing cannot take less.
    pub least_bytes: u64,
    /// Scratch memory of kernels, parameters, scalars.
    pub other_bytes: u64,
    /// What readbacks go through: as large as the largest storage or output.
    pub readback_bytes: u64,
}

impl Memory {
    /// All that is held.
    pub fn total(&self) -> u64 {
        self.storage_bytes + self.pooled_bytes + self.other_bytes + self.readback_bytes
    }
}

/// A part of a buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice<'a> {
    pub(crate) buffer: &'a wgpu::Buffer,
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

/// Every buffer of a plan.
#[derive(Debug)]
pub(crate) struct Buffers {
    storages: Vec<wgpu::Buffer>,
    pooled: Vec<wgpu::Buffer>,
    pub(crate) scratch: Vec<wgpu::Buffer>,
    /// At the end of each of the above.
    pub(crate) guard_bytes: u64,
    pub(crate) params: wgpu::Buffer,
    pub(crate) scalars: wgpu::Buffer,
    pub(crate) memory: Memory,
}

/// Scalars of a step: what `shaders/philox.wgsl` and others declare.
pub(crate) const SCALARS: usize = 64;

/// Each launch's parameters begin at a multiple of this: the largest alignment that WebGPU allows
/// an adapter to ask for, and so is each view's offset.
pub(crate) const ALIGNMENT: u64 = 256;

impl Buffers {
    pub(crate) async fn allocate(
        gpu: &Gpu,
        graph: &Graph,
        schedule: &Schedule,
        launches: &[Launch],
        guard_bytes: u64,
    ) -> Result<Self, PlanError> {
        let guarded = |bytes: u64| padded(bytes) + guard_bytes;
        let storages: Vec<(String, u64)> = graph
            .storages()
            .iter()
            .map(|storage| (storage.name.clone(), guarded(storage.elements as u64 * 4)))
            .collect();
        let pooled: Vec<(String, u64)> = schedule
            .buffers
            .iter()
            .enumerate()
            .map(|(place, buffer)| {
                let bytes = guarded(buffer.bytes as u64);
                (purpose(graph, schedule, Placement::Buffer(place), buffer.bytes), bytes)
            })
            .collect();
        let scratch: Vec<(String, u64)> = scratch_sizes(launches)
            .into_iter()
            .enumerate()
            .map(|(place, bytes)| (format!("scratch {place}"), guarded(bytes)))
            .collect();
        let params_bytes: u64 = launches.iter().map(param_bytes).sum::<u64>().max(ALIGNMENT);
        let sum = |sizes: &[(String, u64)]| sizes.iter().map(|(_, bytes)| padded(*bytes)).sum();
        let memory = Memory {
            storage_bytes: sum(&storages),
            pooled_bytes: sum(&pooled),
            unshared_bytes: schedule.unshared_bytes as u64,
            least_bytes: schedule.least_bytes as u64,
            readback_bytes: storages
                .iter()
                .map(|(_, bytes)| *bytes)
                .chain(graph.outputs().iter().map(|&output| graph.ty(output).bytes() as u64))
                .fold(16, |most, bytes| most.max(padded(bytes))),
            other_bytes: sum(&scratch) + params_bytes + 4 * SCALARS as u64,
        };
        for (purpose, bytes) in storages.iter().chain(&pooled).chain(&scratch) {
            check_size(gpu, purpose, *bytes)?;
        }
        let mut live = 0;
        let mut all = |sizes: Vec<(String, u64)>| {
            let start = live;
            live += sizes.iter().map(|(_, bytes)| padded(*bytes)).sum::<u64>();
            make(gpu, sizes, start)
        };
        let uniform = Usage::UNIFORM | Usage::COPY_DST;
        Ok(Self {
            storages: all(storages).await?,
            pooled: all(pooled).await?,
            scratch: all(scratch).await?,
            guard_bytes,
            params: gpu.buffer("parameters", params_bytes, uniform, live).await?,
            scalars: gpu.buffer("scalars", 4 * SCALARS as u64, uniform, live).await?,
            memory,
        })
    }

    /// Where a tensor is; `None` for one that is never in memory.
    pub(crate) fn slice(
        &self,
        graph: &Graph,
        schedule: &Schedule,
        tensor: TensorId,
    ) -> Option<Slice<'_>> {
        let bytes = graph.ty(tensor).bytes() as u64;
        Some(match schedule.placement(graph, tensor)? {
            Placement::Buffer(place) => Slice { buffer: &self.pooled[place], offset: 0, bytes },
            Placement::Storage { storage, offset } => {
                Slice { buffer: &self.storages[storage.index()], offset: offset as u64 * 4, bytes }
            }
        })
    }

    /// The bytes of a tensor's binding: its own quads, or to the end of the buffer where guards
    /// are, as drivers drop what is written past the end of a binding.
    pub(crate) fn bound(&self, buffer: &wgpu::Buffer, offset: u64, bytes: u64) -> u64 {
        if self.guard_bytes == 0 { padded(bytes) } else { buffer.size() - offset }
    }

    pub(crate) fn storage(&self, storage: graph::StorageId) -> &wgpu::Buffer {
        &self.storages[storage.index()]
    }
}

/// The bytes of a buffer that is bound as quads: a whole number of them, and of copies' words.
pub(crate) fn padded(bytes: u64) -> u64 {
    bytes.next_multiple_of(16).max(16)
}

/// The bytes of one launch's parameters with the gap behind them.
pub(crate) fn param_bytes(launch: &Launch) -> u64 {
    (launch.params.len() as u64).next_multiple_of(ALIGNMENT)
}

/// What a pooled buffer is so large for: the first tensor there that fills it.
fn purpose(graph: &Graph, schedule: &Schedule, place: Placement, bytes: usize) -> String {
    let fills = |&&result: &&TensorId| {
        graph.ty(result).bytes() == bytes && schedule.placement(graph, result) == Some(place)
    };
    let largest =
        graph.nodes().find_map(|(_, node)| Some((node, *node.results.iter().find(fills)?)));
    match largest {
        Some((node, result)) => {
            format!("the result of {} ({}), {}", node.op.name(), node.scope, graph.shape(result))
        }
        None => "an input".to_owned(),
    }
}

/// Each scratch memory's size: the most that any launch asks of it, as launches run one by one.
fn scratch_sizes(launches: &[Launch]) -> Vec<u64> {
    let mut sizes: Vec<u64> = Vec::new();
    for launch in launches {
        for (place, elements) in launch.scratch.iter().enumerate() {
            sizes.resize(sizes.len().max(place + 1), 0);
            sizes[place] = sizes[place].max(*elements as u64 * 4);
        }
    }
    sizes
}

async fn make(
    gpu: &Gpu,
    sizes: Vec<(String, u64)>,
    mut live: u64,
) -> Result<Vec<wgpu::Buffer>, PlanError> {
    let usage = Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST;
    let mut buffers = Vec::new();
    for (purpose, bytes) in sizes {
        buffers.push(gpu.buffer(&purpose, padded(bytes), usage, live).await?);
        live += padded(bytes);
    }
    Ok(buffers)
}

fn check_size(gpu: &Gpu, purpose: &str, bytes: u64) -> Result<(), PlanError> {
    let limits = gpu.device().limits();
    let available = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
    if padded(bytes) > available {
        return Err(PlanError::Limit {
            op: purpose.to_owned(),
            what: "bytes in one buffer",
            needed: padded(bytes),
            available,
            adapter: gpu.adapter().to_owned(),
            advice: "a smaller --batch needs less",
        });
    }
    Ok(())
}

/// Writes the values of constants, which do not change after.
pub(crate) fn write_constants(
    gpu: &Gpu,
    graph: &Graph,
    schedule: &Schedule,
    buffers: &Buffers,
) -> Result<(), DeviceError> {
    for (_, node) in graph.nodes() {
        let Op::Constant(values) = &node.op else { continue };
        let tensor = node.results[0];
        debug_assert_eq!(graph.ty(tensor).dtype, DType::F32);
        if let Some(slice) = buffers.slice(graph, schedule, tensor) {
            gpu.queue().write_buffer(slice.buffer, slice.offset, bytemuck::cast_slice(values));
        }
    }
    gpu.check()
}
