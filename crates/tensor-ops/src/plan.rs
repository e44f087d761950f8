//! A graph made ready for a device: recorded once, replayed every step.

use crate::{
    Checks, Choices, DeviceError, Fault, Gpu, Memory, PlanError, Traits,
    gpu::Counter,
    launch::{Launch, Place},
    limits::{check_graph, check_launch},
    memory::{Buffers, SCALARS, Slice, param_bytes, write_constants},
    ops::Call,
    readback::{Staging, f32_of, make_staging},
};
use futures_channel::oneshot;
use graph::{DType, Graph, Kernel, PhaseId, ScalarId, Schedule, StorageId, TensorId};
use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

/// How a plan is compiled. The default is what training uses.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// Whether shaders are compiled with wgpu's checks.
    pub checks: Checks,
    /// Bytes kept free behind every buffer, which no kernel may touch; rounded up to quads of 16.
    /// Where there are any, kernels are given each buffer to its end, so that they could.
    pub guard_bytes: u64,
    /// Kernels for an adapter of these traits instead of this one's, where this one can run them.
    pub traits: Option<Traits>,
    /// The variants of products; of those that it does not name by rule.
    pub choices: Choices,
    /// A fault, to show that checks find it. It may reach past the end of a tensor: with one there
    /// are at least [`FAULT_GUARD_BYTES`].
    pub fault: Option<Fault>,
}

/// Bytes within which a planted fault stays behind the end of a tensor.
pub const FAULT_GUARD_BYTES: u64 = 256;

impl PlanOptions {
    fn guard_bytes(&self) -> u64 {
        let least = if self.fault.is_some() { FAULT_GUARD_BYTES } else { 0 };
        self.guard_bytes.max(least).next_multiple_of(16)
    }
}

/// A graph with all of its pipelines, buffers and bind groups.
///
/// After [`Plan::compile`] nothing more is created: a step is one write of
/// scalars, one submission with one compute pass.
#[derive(Debug)]
pub struct Plan {
    pub(crate) gpu: Gpu,
    pub(crate) graph: Graph,
    pub(crate) schedule: Schedule,
    pub(crate) buffers: Buffers,
    pub(crate) dispatches: Vec<Dispatch>,
    /// For each phase and each of its kernels, its dispatches.
    pub(crate) kernels: Vec<Vec<Range<usize>>>,
    scalars: [u32; SCALARS],
    in_flight: Mutex<VecDeque<oneshot::Receiver<()>>>,
    pub(crate) staging: Staging,
}

#[derive(Debug)]
pub(crate) struct Dispatch {
    /// The shader's op and variant.
    pub(crate) name: String,
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    workgroups: [u32; 3],
}

/// Steps that may be submitted and not done: enough to keep a device busy.
const IN_FLIGHT: usize = 2;

impl Plan {
    /// Makes everything that running the graph on this device takes. Storage is zero.
    ///
    /// # Errors
    /// [`PlanError::Limit`] where the adapter's limits do not allow it, before anything runs;
    /// [`PlanError::Device`] where the device fails or is out of memory.
    pub async fn compile(gpu: &Gpu, graph: &Graph) -> Result<Self, PlanError> {
        Self::compile_with(gpu, graph, PlanOptions::default()).await
    }

    /// [`Plan::compile`] with options.
    ///
    /// # Errors
    /// As [`Plan::compile`].
    pub async fn compile_with(
        gpu: &Gpu,
        graph: &Graph,
        options: PlanOptions,
    ) -> Result<Self, PlanError> {
        let schedule = Schedule::new(graph);
        let traits = options.traits.unwrap_or(gpu.traits());
        let mut launches: Vec<Launch> = Vec::new();
        let mut operands: Vec<&Kernel> = Vec::new();
        let mut kernels = Vec::new();
        for phase in &schedule.phases {
            let mut ranges = Vec::new();
            for kernel in phase {
                let start = launches.len();
                let mut of_kernel = Call::new(graph, kernel, traits, &options.choices).launches();
                if let Some(fault) = &options.fault {
                    fault.plant(&mut of_kernel);
                }
                for launch in of_kernel {
                    check_launch(gpu, &launch)?;
                    launches.push(launch);
                    operands.push(kernel);
                }
                ranges.push(start..launches.len());
            }
            kernels.push(ranges);
        }
        check_graph(gpu, graph)?;
        let buffers =
            Buffers::allocate(gpu, graph, &schedule, &launches, options.guard_bytes()).await?;
        write_constants(gpu, graph, &schedule, &buffers)?;
        let mut dispatches = Vec::with_capacity(launches.len());
        let mut params_offset = 0;
        for (launch, kernel) in launches.iter().zip(operands) {
            gpu.queue().write_buffer(&buffers.params, params_offset, &launch.params);
            let pipeline = gpu.pipeline(&launch.shader, options.checks);
            let bind_group = bind(gpu, &pipeline, launch, params_offset, &buffers, |place| {
                let tensor = match place {
                    Place::Operand(place) => kernel.operands(graph)[place],
                    Place::Result(place) => kernel.results(graph)[place],
                    Place::Scratch(_) => unreachable!("bound by `bind`"),
                };
                buffers.slice(graph, &schedule, tensor).expect("a kernel's tensors are in memory")
            });
            dispatches.push(Dispatch {
                name: launch.shader.name(),
                pipeline,
                bind_group,
                workgroups: launch.workgroups,
            });
            params_offset += param_bytes(launch);
        }
        let readable = buffers.memory.readback_bytes;
        let staging = make_staging(gpu, readable, buffers.memory.total()).await?;
        gpu.check()?;
        Ok(Self {
            gpu: gpu.clone(),
            graph: graph.clone(),
            schedule,
            buffers,
            dispatches,
            kernels,
            scalars: [0; SCALARS],
            in_flight: Mutex::default(),
            staging: Arc::new(Mutex::new(Some(staging))),
        })
    }

    /// What it holds on the device.
    pub fn memory(&self) -> Memory {
        self.buffers.memory
    }

    /// The dispatches of one run of these phases.
    pub fn dispatches(&self, phases: &[PhaseId]) -> usize {
        phases
            .iter()
            .flat_map(|phase| &self.kernels[phase.index()])
            .map(ExactSizeIterator::len)
            .sum()
    }

    /// Sets a storage's values from its start.
    ///
    /// # Panics
    /// If there are more values than the storage has elements.
    pub fn write_storage(&self, storage: StorageId, values: &[f32]) {
        assert!(values.len() <= self.graph.storages()[storage.index()].elements, "too many values");
        let bytes = bytemuck::cast_slice(values);
        self.gpu.queue().write_buffer(self.buffers.storage(storage), 0, bytes);
    }

    /// A storage's values.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn read_storage(&self, storage: StorageId) -> Result<Vec<f32>, DeviceError> {
        self.begin_read_storage(storage).await?.reals().await
    }

    /// Sets an input's elements: little-endian, in memory order.
    ///
    /// # Panics
    /// If the length is not the input's.
    pub fn write_input(&self, input: TensorId, bytes: &[u8]) {
        assert_eq!(bytes.len(), self.graph.ty(input).bytes(), "bytes of the input");
        // An input that no kernel reads has no memory, and needs none.
        let Some(slice) = self.buffers.slice(&self.graph, &self.schedule, input) else { return };
        if bytes.len().is_multiple_of(4) {
            self.gpu.queue().write_buffer(slice.buffer, slice.offset, bytes);
        } else {
            let mut words = bytes.to_vec();
            words.resize(bytes.len().next_multiple_of(4), 0);
            self.gpu.queue().write_buffer(slice.buffer, slice.offset, &words);
        }
    }

    /// Sets a scalar's bits for the runs from now on.
    pub fn set_scalar(&mut self, scalar: ScalarId, bits: u32) {
        self.scalars[scalar.index()] = bits;
    }

    /// Runs phases in this order, in one submission. Returns at once while fewer than two runs are
    /// under way, else when the older is done.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn run(&mut self, phases: &[PhaseId]) -> Result<(), DeviceError> {
        let ranges = phases.iter().flat_map(|phase| &self.kernels[phase.index()]);
        let dispatches: Vec<usize> = ranges.flat_map(Clone::clone).collect();
        self.submit(&dispatches).await
    }

    /// Resolves when everything that was submitted is done.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn finish(&self) -> Result<(), DeviceError> {
        self.wait_below(1).await
    }

    /// An f32 tensor's elements: an output of the graph, or after [`Plan::run_kernel`] any that is
    /// still in memory.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If the tensor is not f32 or never in memory.
    pub async fn read(&self, tensor: TensorId) -> Result<Vec<f32>, DeviceError> {
        assert_eq!(self.graph.ty(tensor).dtype, DType::F32, "read f32 tensors");
        Ok(self.read_bytes(tensor).await?.chunks_exact(4).map(f32_of).collect())
    }

    /// [`Plan::read`] for any type: little-endian elements in memory order.
    ///
    /// # Errors
    /// If the device fails.
    ///
    /// # Panics
    /// If the tensor is never in memory.
    pub async fn read_bytes(&self, tensor: TensorId) -> Result<Vec<u8>, DeviceError> {
        self.read_slice(self.slice(tensor)).await
    }

    pub(crate) fn slice(&self, tensor: TensorId) -> Slice<'_> {
        self.buffers.slice(&self.graph, &self.schedule, tensor).expect("a tensor in memory")
    }

    pub(crate) async fn submit(&mut self, dispatches: &[usize]) -> Result<(), DeviceError> {
        self.gpu.check()?;
        self.write_scalars();
        let mut encoder = self.gpu.device().create_command_encoder(&Default::default());
        {
            let mut pass = encoder.begin_compute_pass(&Default::default());
            self.encode(&mut pass, dispatches.iter().copied());
        }
        let run = self.gpu.submit(encoder.finish());
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).push_back(run);
        self.wait_below(IN_FLIGHT).await
    }

    pub(crate) fn write_scalars(&self) {
        let scalars = bytemuck::cast_slice(&self.scalars);
        self.gpu.queue().write_buffer(&self.buffers.scalars, 0, scalars);
    }

    pub(crate) fn encode(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        dispatches: impl Iterator<Item = usize>,
    ) {
        for dispatch in dispatches {
            let Dispatch { pipeline, bind_group, workgroups: [x, y, z], .. } =
                &self.dispatches[dispatch];
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bind_group, &[]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
    }

    /// Waits until fewer than this many runs are under way.
    async fn wait_below(&self, runs: usize) -> Result<(), DeviceError> {
        loop {
            let oldest = {
                let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
                if in_flight.len() < runs { None } else { in_flight.pop_front() }
            };
            let Some(run) = oldest else { return self.gpu.check() };
            // A dropped sender means a lost device, which the check reports.
            _ = run.await;
        }
    }
}

fn bind<'a>(
    gpu: &Gpu,
    pipeline: &wgpu::ComputePipeline,
    launch: &Launch,
    params_offset: u64,
    buffers: &'a Buffers,
    tensor: impl Fn(Place) -> Slice<'a>,
) -> wgpu::BindGroup {
    let part = |buffer: &'a wgpu::Buffer, offset: u64, bytes: u64| {
        let size = wgpu::BufferSize::new(bytes);
        wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size })
    };
    let mut entries = vec![wgpu::BindGroupEntry {
        binding: 0,
        resource: part(&buffers.params, params_offset, launch.params.len() as u64),
    }];
    if launch.shader.scalars {
        let resource = buffers.scalars.as_entire_binding();
        entries.push(wgpu::BindGroupEntry { binding: 1, resource });
    }
    for (place, binding) in launch.places.iter().zip(2..) {
        let resource = match *place {
            Place::Scratch(number) => buffers.scratch[number].as_entire_binding(),
            place => {
                let Slice { buffer, offset, bytes } = tensor(place);
                part(buffer, offset, buffers.bound(buffer, offset, bytes))
            }
        };
        entries.push(wgpu::BindGroupEntry { binding, resource });
    }
    gpu.count(Counter::BindGroups);
    gpu.device().create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(launch.shader.op),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    })
}
