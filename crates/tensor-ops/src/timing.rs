//! How long kernels take: by the adapter's timestamps where it has them that make sense, else by
//! the host's clock.

use crate::{DeviceError, Gpu, Plan, gpu::Counter};
use graph::PhaseId;
use std::{ops::Range, time::Duration};
use wgpu::BufferUsages as Usage;

/// The host's clock: the time since any fixed moment. The caller's, as a browser has another than
/// native programs.
pub type HostClock = dyn Fn() -> Duration;

/// What a time was taken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clock {
    /// The adapter's, at the begin and the end of the compute pass.
    Timestamps,
    /// The host's, from submission until the adapter's end is known: one submission is part of it.
    Host,
}

/// How long a submission took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timed {
    /// All repetitions, in seconds.
    pub seconds: f64,
    /// What they were taken by.
    pub clock: Clock,
    /// From submission until its end is known by the host's clock, in seconds.
    pub host_seconds: f64,
}

impl Plan {
    /// The shader of each dispatch of one kernel of a phase: its op, and which of its variants.
    pub fn variants(&self, phase: PhaseId, kernel: usize) -> impl Iterator<Item = &str> {
        let dispatches = self.kernels[phase.index()][kernel].clone();
        self.dispatches[dispatches].iter().map(|dispatch| dispatch.name.as_str())
    }

    /// Runs one kernel of a phase several times, in one compute pass of one submission. Operands
    /// that it changes in place change each time.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn time_kernel(
        &mut self,
        phase: PhaseId,
        kernel: usize,
        repetitions: u32,
        clock: &HostClock,
    ) -> Result<Timed, DeviceError> {
        let dispatches = [self.kernels[phase.index()][kernel].clone()];
        self.time(&dispatches, repetitions, clock).await
    }

    /// Runs phases in this order, all of them several times, in one compute pass of one submission.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn time_phases(
        &mut self,
        phases: &[PhaseId],
        repetitions: u32,
        clock: &HostClock,
    ) -> Result<Timed, DeviceError> {
        let ranges = phases.iter().flat_map(|phase| &self.kernels[phase.index()]);
        let dispatches: Vec<Range<usize>> = ranges.cloned().collect();
        self.time(&dispatches, repetitions, clock).await
    }

    async fn time(
        &self,
        dispatches: &[Range<usize>],
        repetitions: u32,
        clock: &HostClock,
    ) -> Result<Timed, DeviceError> {
        self.finish().await?;
        self.write_scalars();
        let encode = |pass: &mut wgpu::ComputePass<'_>| {
            for _ in 0..repetitions {
                self.encode(pass, dispatches.iter().flat_map(Clone::clone));
            }
        };
        self.gpu.time(encode, clock).await
    }
}

impl Gpu {
    /// Whether the adapter has timestamps. Those that make no sense are never used.
    pub fn has_timestamps(&self) -> bool {
        self.device().features().contains(wgpu::Features::TIMESTAMP_QUERY)
    }

    /// Runs one compute pass alone, from an idle device to its end.
    pub(crate) async fn time(
        &self,
        encode: impl Fn(&mut wgpu::ComputePass<'_>),
        clock: &HostClock,
    ) -> Result<Timed, DeviceError> {
        self.check()?;
        let queries = self.has_timestamps().then(|| {
            self.device().create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("begin and end"),
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            })
        });
        let mut encoder = self.device().create_command_encoder(&Default::default());
        {
            let writes = queries.as_ref().map(|query_set| wgpu::ComputePassTimestampWrites {
                query_set,
                beginning_of_pass_write_index: Some(0),
                end_of_pass_write_index: Some(1),
            });
            let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes: writes };
            encode(&mut encoder.begin_compute_pass(&descriptor));
        }
        let commands = encoder.finish();
        // What was written to buffers is uploaded by the next submission: by this one, not by what
        // is timed.
        _ = self.submit(self.device().create_command_encoder(&Default::default()).finish()).await;
        let start = clock();
        // A dropped sender means a lost device, which the check reports.
        _ = self.submit(commands).await;
        let host_seconds = clock().saturating_sub(start).as_secs_f64();
        self.check()?;
        let stamped = match &queries {
            Some(queries) => {
                let period = f64::from(self.queue().get_timestamp_period());
                between(self.read_timestamps(queries).await?, period, host_seconds)
            }
            None => None,
        };
        Ok(match stamped {
            Some(seconds) => Timed { seconds, clock: Clock::Timestamps, host_seconds },
            None => Timed { seconds: host_seconds, clock: Clock::Host, host_seconds },
        })
    }

    /// In a submission of its own, so that it takes none of the measured one's time.
    async fn read_timestamps(&self, queries: &wgpu::QuerySet) -> Result<[u64; 2], DeviceError> {
        const BYTES: u64 = 16;
        let usage = Usage::QUERY_RESOLVE | Usage::COPY_SRC;
        let resolved = self.buffer("timestamps", BYTES, usage, 0).await?;
        let usage = Usage::COPY_DST | Usage::MAP_READ;
        let staging = self.buffer("timestamps' readback", BYTES, usage, BYTES).await?;
        let mut encoder = self.device().create_command_encoder(&Default::default());
        encoder.resolve_query_set(queries, 0..2, &resolved, 0);
        encoder.copy_buffer_to_buffer(&resolved, 0, &staging, 0, BYTES);
        let bytes = self.submit_and_map(encoder.finish(), &staging, BYTES).await?;
        let mut ticks = bytes.chunks_exact(8).map(|ticks| {
            let mut word = [0; 8];
            word.copy_from_slice(ticks);
            u64::from_le_bytes(word)
        });
        Ok([ticks.next().unwrap_or_default(), ticks.next().unwrap_or_default()])
    }
}

/// The seconds between two timestamps, `None` where they make no sense beside the host's clock:
/// work takes some time, and not longer than waiting for its end did.
fn between([begin, end]: [u64; 2], nanoseconds_a_tick: f64, host_seconds: f64) -> Option<f64> {
    /// Clocks that drift apart by more than this are not both right.
    const DRIFT: f64 = 1.1;
    let ticks = end.checked_sub(begin)?;
    let seconds = ticks as f64 * nanoseconds_a_tick * 1e-9;
    (seconds > 0.0 && seconds <= host_seconds * DRIFT).then_some(seconds)
}

/// A WGSL text of the caller's own, with buffers of its own, ready to be timed.
///
/// Compiled with wgpu's checks, since nothing proves what it reads and writes.
#[derive(Debug)]
pub struct Program {
    gpu: Gpu,
    pipeline: wgpu::ComputePipeline,
    bind_group: Option<wgpu::BindGroup>,
    workgroups: [u32; 3],
}

impl Program {
    /// Compiles a text with one entry point. Its buffers are `@group(0) @binding(0)` and on,
    /// `var<storage, read_write>`, zero at first, of these sizes in bytes.
    ///
    /// # Errors
    /// If the device fails or refuses the text, or has no room for the buffers.
    pub async fn new(
        gpu: &Gpu,
        text: &str,
        buffers: &[u64],
        workgroups: [u32; 3],
    ) -> Result<Self, DeviceError> {
        let device = gpu.device();
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("program"),
            source: wgpu::ShaderSource::Wgsl(text.into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("program"),
            layout: None,
            module: &module,
            entry_point: None,
            compilation_options: Default::default(),
            cache: None,
        });
        gpu.check()?;
        let mut made = Vec::new();
        let mut live = 0;
        for &bytes in buffers {
            made.push(gpu.buffer("a program's memory", bytes, Usage::STORAGE, live).await?);
            live += bytes;
        }
        let bind_group = (!made.is_empty()).then(|| {
            gpu.count(Counter::BindGroups);
            let resources = made.iter().zip(0..).map(|(buffer, binding)| wgpu::BindGroupEntry {
                binding,
                resource: buffer.as_entire_binding(),
            });
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("program"),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &resources.collect::<Vec<_>>(),
            })
        });
        gpu.check()?;
        Ok(Self { gpu: gpu.clone(), pipeline, bind_group, workgroups })
    }

    /// Dispatches it several times, in one compute pass of one submission.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn time(&self, repetitions: u32, clock: &HostClock) -> Result<Timed, DeviceError> {
        let [x, y, z] = self.workgroups;
        let encode = |pass: &mut wgpu::ComputePass<'_>| {
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, self.bind_group.as_ref(), &[]);
            for _ in 0..repetitions {
                pass.dispatch_workgroups(x, y, z);
            }
        };
        self.gpu.time(encode, clock).await
    }
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn timestamps_are_taken_only_where_they_make_sense() {
        let nanoseconds = |ticks, period, host_seconds| {
            between(ticks, period, host_seconds).map(|seconds| (seconds * 1e9).round())
        };
        assert_eq!(nanoseconds([1_000, 3_000], 1.0, 5e-6), Some(2_000.0));
        assert_eq!(nanoseconds([0, 100], 10.0, 1e-6), Some(1_000.0), "a tick of ten nanoseconds");
        for (name, ticks, period) in [
            ("the end before the begin", [3_000, 1_000], 1.0),
            ("no time at all", [1_000, 1_000], 1.0),
            ("no period", [1_000, 3_000], 0.0),
            ("a period that is no number", [1_000, 3_000], f64::NAN),
            ("longer than the host waited", [0, 9_000], 1.0),
        ] {
            assert_eq!(between(ticks, period, 5e-6), None, "{name}");
        }
    }
}
