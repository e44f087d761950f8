//! N steps, a kill, and M steps more are N + M steps: the same bytes, and the same log.

use super::{checkpoints, log_without_times, run_folder, state};
use crate::{expect, ganvas, names, wait_for};
use std::{env, fs, path::Path, process::Stdio};
use tempfile::TempDir;

/// What is trained, beside the options that are the same for all.
struct Case<'a> {
    preset: &'a str,
    /// `digits`, or a folder of [`images_64`].
    data: &'a str,
    arguments: &'a [&'a str],
}

const LARGE: &str = "large";

/// Eight images of 64x64 pixels as an IDX file in a folder of this name.
fn images_64(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let header = [0x803_u32, 8, 64, 64].map(u32::to_be_bytes).concat();
    let pixel = |place: u32| (place.wrapping_mul(0x9e37_79b9) >> 24) as u8;
    let pixels: Vec<u8> = (0..8 * 64 * 64).map(pixel).collect();
    fs::write(folder.join("train-images-idx3-ubyte"), [header, pixels].concat()).unwrap();
}

const EVERY: [&str; 6] = ["--batch", "2", "--seed", "3", "--snap", "0.004"];
/// Six steps.
const KIMG: &str = "0.012";

fn train(folder: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = ganvas(folder);
    // Variants are measured once for a test and recorded in its runs.
    command.env("GANVAS_CACHE_DIR", folder.join("cache")).arg("train").args(arguments);
    command
}

/// Trains without a stop and with a kill after some steps, and compares all that is left.
fn compare(case: &Case<'_>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let arguments =
        [&EVERY[..], &["--preset", case.preset, "--data", case.data], case.arguments].concat();
    if case.data == LARGE {
        images_64(&path.join(LARGE));
    }
    let said = train(path, &[&arguments[..], &["--kimg", KIMG]].concat()).output().unwrap();
    expect(&said, 0);

    let mut killed = train(path, &[&arguments[..], &["--kimg", "1000"]].concat());
    let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let whole = path.join("runs").join(&names(&path.join("runs"))[0]);
    let name = whole.file_name().unwrap().to_string_lossy().replacen("00000", "00001", 1);
    let parts = whole.with_file_name(name);
    wait_for(&parts.join("checkpoints/00000002.safetensors"));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let reached = checkpoints(&parts).last().map(|newest| state(newest).step).unwrap();
    assert!((2..6).contains(&reached), "it was killed after step {reached}");
    // Lines of steps after the checkpoint, and one that was not finished.
    let lines = fs::read_to_string(parts.join("stats.jsonl")).unwrap();
    let later = format!("{{\"step\":{},\"seconds\":9}}\n{{\"st", reached + 1);
    fs::write(parts.join("stats.jsonl"), lines + &later).unwrap();

    expect(&train(path, &["--resume", "latest", "--kimg", KIMG]).output().unwrap(), 0);
    for name in names(&whole.join("checkpoints")) {
        let [a, b] = [&whole, &parts].map(|run| tensors(&run.join("checkpoints").join(&name)));
        assert!(a == b, "{}: the tensors of {name} differ", case.preset);
    }
    for name in names(&whole).iter().filter(|name| name.ends_with(".png")) {
        let [a, b] = [&whole, &parts].map(|run| fs::read(run.join(name)).unwrap());
        assert!(a == b, "{}: {name} differs", case.preset);
    }
    assert_eq!(log_without_times(&whole), log_without_times(&parts), "{}", case.preset);
}

/// The bytes of a checkpoint's tensors. Its header names the variants, which may be others where the
/// second run measured on, and give the same bits.
fn tensors(checkpoint: &Path) -> Vec<u8> {
    let bytes = fs::read(checkpoint).unwrap();
    let header = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    bytes[8 + header..].to_vec()
}

fn without_gpu() -> bool {
    env::var("ALLOW_NO_GPU").as_deref() == Ok("1")
}

#[test]
fn a_killed_run_goes_on_exactly_on_the_cpu() {
    compare(&Case { preset: "dcgan28-small", data: "digits", arguments: &["--device", "cpu"] });
    let narrow = ["--device", "cpu", "--size", "20x16", "--width", "4"];
    compare(&Case { preset: "dcgan", data: "digits", arguments: &narrow });
}

#[test]
#[ignore = "takes minutes: cargo test -p ganvas --test command_line -- --ignored exactly"]
fn a_killed_run_of_large_networks_goes_on_exactly_on_the_cpu() {
    let on_cpu = ["--device", "cpu"];
    compare(&Case { preset: "dcgan28", data: "digits", arguments: &on_cpu });
    compare(&Case { preset: "dcgan64", data: LARGE, arguments: &on_cpu });
}

#[test]
fn a_killed_run_goes_on_exactly_on_an_adapter() {
    if without_gpu() {
        return;
    }
    compare(&Case { preset: "dcgan28-small", data: "digits", arguments: &[] });
    compare(&Case { preset: "dcgan28", data: "digits", arguments: &[] });
}

#[test]
fn a_killed_run_of_larger_images_goes_on_exactly_on_an_adapter() {
    if without_gpu() {
        return;
    }
    compare(&Case {
        preset: "dcgan",
        data: "digits",
        arguments: &["--size", "20x16", "--width", "8"],
    });
    compare(&Case { preset: "dcgan64", data: LARGE, arguments: &["--no-tune"] });
}

#[test]
fn a_run_goes_on_on_another_device_and_says_that_it_differs() {
    if without_gpu() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let preset = ["--preset", "dcgan28-small", "--no-tune"];
    let begun = [EVERY.as_slice(), &preset, &["--kimg", "0.004"]].concat();
    expect(&train(path, &begun).output().unwrap(), 0);
    let resumed = ["--resume", "latest", "--kimg", "0.008", "--device", "cpu"];
    let said = expect(&train(path, &resumed).output().unwrap(), 0);
    assert!(said.contains("goes on on CPU reference"), "{said}");
    assert!(said.contains("its numbers will differ"), "{said}");
    let back = ["--resume", "latest", "--kimg", "0.012", "--device", "0", "--no-tune"];
    expect(&train(path, &back).output().unwrap(), 0);
    let last = checkpoints(&run_folder(path, 0, "dcgan28-small"));
    assert_eq!(state(last.last().unwrap()).step, 6);
}
