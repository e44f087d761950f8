//! A report survives its file.

use super::*;
use crate::{
    ceilings::{Arithmetic, CopyRate},
    kernels::kernels,
};
use gan::networks::Preset;
use tensor_ops::Clock;

/// A report of two kernels and a copy, as an adapter of 100 GFLOP/s and 10 GB/s might give.
pub(crate) fn example() -> Report {
    let copy = |bytes, gigabytes_per_second| CopyRate {
        bytes,
        gigabytes_per_second,
        workgroup: 64,
        quads: 4,
    };
    let ceilings = Ceilings {
        arithmetic: Arithmetic { gflops: 100.0, form: "scalar".to_owned(), workgroup: 64 },
        copies: vec![copy(1 << 20, 40.0), copy(1 << 28, 10.0)],
        dispatch_seconds: 1e-6,
        submission_seconds: 1e-4,
        clock: "host".to_owned(),
    };
    let workload = Workload { preset: Preset::Dcgan28Small, batch: 8 };
    let step = workload.step().unwrap();
    let kernels = kernels(&step.graph).unwrap();
    let measured = |seconds| Measured {
        seconds,
        samples: vec![seconds; 5],
        repetitions: 3,
        clock: Clock::Host,
    };
    let row = |op: &str, seconds| {
        let kernel = kernels.iter().find(|kernel| kernel.op == op).unwrap();
        let variants = vec![format!("{op} quads")];
        KernelRow::new(
            workload.preset.name(),
            workload.batch,
            kernel,
            variants,
            &measured(seconds),
            &ceilings,
        )
    };
    Report {
        format: FORMAT,
        ganvas: "0.1.0".to_owned(),
        os: "linux".to_owned(),
        architecture: "x86_64".to_owned(),
        host_cores: 2,
        unix_seconds: 1_700_000_000,
        seconds: 12.5,
        adapter: AdapterRow {
            name: "Adapter".to_owned(),
            kind: "software".to_owned(),
            backend: "Vulkan".to_owned(),
            driver: "driver 1.0".to_owned(),
            ids: [1, 2],
            subgroup_sizes: [8, 8],
            timestamps: true,
        },
        kernels: vec![row("conv2d", 1e-3), row("adam", 2e-3), row("scale_pixels", 1e-5)],
        ceilings,
        steps: Vec::new(),
    }
}

#[test]
fn json_brings_back_the_same_report() {
    let report = example();
    let json = serde_json::to_string_pretty(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    let flat: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(flat["kernels"][0]["seconds"], 1e-3, "times are fields of the row");
    let broken = json.replace("\"gflops\"", "\"flops\"");
    assert!(serde_json::from_str::<Report>(&broken).is_err());
}

#[test]
fn a_share_is_of_the_lower_roof() {
    let ceilings = example().ceilings;
    let work = |flop, bytes| Work { flop, bytes };
    // 10⁸ operations at 100 GFLOP/s are 1 ms, whatever few bytes they need.
    assert!((ceilings.share(work(100_000_000, 1000), 2e-3) - 0.5).abs() < 1e-12);
    // 10⁸ bytes are nearer to 256 MiB than to 1 MiB in size: 10 ms at 10 GB/s.
    assert!((ceilings.share(work(1000, 100_000_000), 2e-2) - 0.5).abs() < 1e-12);
    // 10⁶ bytes stay in the cache: 25 µs at 40 GB/s, also without any operation.
    assert!((ceilings.share(work(0, 1_000_000), 1e-4) - 0.25).abs() < 1e-12);
    for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(ceilings.share(work(1000, 1000), seconds), 0.0, "{seconds}");
    }
}

#[test]
fn rates_follow_from_work_and_time() {
    let report = example();
    let row = &report.kernels[0];
    assert_eq!(row.name(), "conv2d + bias + leaky_relu");
    assert!((row.gflops - row.flop as f64 / 1e6).abs() < 1e-9);
    assert!((row.intensity - row.gflops / row.gigabytes_per_second).abs() < 1e-9);
}
