//! llvmpipe silently ends the loops of an invocation: why plans refuse long ones.

use ganvas_tests::adapter_under_test;
use pollster::block_on;
use tensor_ops::MAX_LOOP_ITERATIONS;
use wgpu::{BufferUsages as Usage, PollType};

/// More than any adapter was seen to cut at.
const ASKED: u32 = 200_000;

/// The count that an inner loop leaves; how often the loops should run it finds in memory.
const SHADER: &str = "
@group(0) @binding(0) var<storage, read_write> count: array<u32>;

@compute @workgroup_size(1)
fn main() {
    let outer = count[0];
    let inner = count[1];
    let zero = count[2];
    var hash = 1u;
    var done = 0u;
    for (var i = 0u; i < outer; i++) {
        for (var j = 0u; j < inner; j++) {
            hash = hash * 1664525u + 1013904223u;
            done += 1u + (hash & zero);
        }
    }
    count[0] = done;
}";

#[test]
fn the_limit_is_below_where_this_adapter_cuts() {
    let Some(adapter) = adapter_under_test() else { return };
    let counted = count_iterations(adapter.name(), 1, ASKED);
    if counted < ASKED {
        println!("{} cuts loops at {counted} iterations", adapter.name());
    } else {
        println!("{} cuts no loop of {ASKED} iterations", adapter.name());
        assert_eq!(counted, ASKED);
    }
    assert!(MAX_LOOP_ITERATIONS < u64::from(counted), "{MAX_LOOP_ITERATIONS} of {counted}");
}

/// The look at its condition that ends a loop counts as well, so that an inner loop of n iterations
/// takes n + 1 of the limit each time, and the outer one its own.
#[test]
fn inner_loops_count_their_ends() {
    let Some(adapter) = adapter_under_test() else { return };
    let limit = MAX_LOOP_ITERATIONS as u32;
    for inner in [1, 2, 7, 100] {
        let outer = limit / (inner + 2);
        assert_eq!(count_iterations(adapter.name(), outer, inner), outer * inner, "{inner}");
        let counted = count_iterations(adapter.name(), limit, inner);
        println!("{counted} of {limit} x {inner} iterations are done");
    }
}

/// How many iterations of an inner loop this adapter does in all.
fn count_iterations(name: &str, outer: u32, inner: u32) -> u32 {
    let instance = wgpu::Instance::default();
    let adapters = block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
    let adapter = adapters.into_iter().find(|adapter| adapter.get_info().name == name).unwrap();
    let (device, queue) = block_on(adapter.request_device(&Default::default())).unwrap();
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(SHADER.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: Default::default(),
        cache: None,
    });
    let buffer = |usage: Usage| {
        let descriptor =
            wgpu::BufferDescriptor { label: None, size: 16, usage, mapped_at_creation: false };
        device.create_buffer(&descriptor)
    };
    let count = buffer(Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST);
    let staging = buffer(Usage::MAP_READ | Usage::COPY_DST);
    queue.write_buffer(&count, 0, bytemuck::cast_slice(&[outer, inner, 0, 0]));
    let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &[wgpu::BindGroupEntry { binding: 0, resource: count.as_entire_binding() }],
    });
    let mut encoder = device.create_command_encoder(&Default::default());
    {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bind_group, &[]);
        pass.dispatch_workgroups(1, 1, 1);
    }
    encoder.copy_buffer_to_buffer(&count, 0, &staging, 0, 16);
    queue.submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
    device.poll(PollType::wait_indefinitely()).unwrap();
    let range = staging.get_mapped_range(..).unwrap();
    u32::from_le_bytes([range[0], range[1], range[2], range[3]])
}
