use super::*;
use std::io::Write;
use tempfile::TempDir;

#[test]
fn numbers_follow_the_greatest_and_are_never_used_twice() {
    let outdir = TempDir::new().unwrap();
    let name = |run: &RunDirectory| run.path().file_name().unwrap().to_owned();
    let create = || RunDirectory::create(outdir.path(), "digits-dcgan28").unwrap();
    assert_eq!(name(&create()), "00000-digits-dcgan28");
    fs::create_dir(outdir.path().join("00006-other")).unwrap();
    fs::write(outdir.path().join("00009-file"), "").unwrap();
    assert_eq!(name(&create()), "00007-digits-dcgan28");
    assert_eq!(name(&create()), "00008-digits-dcgan28");
}

#[test]
fn after_the_last_number_there_is_none() {
    let outdir = TempDir::new().unwrap();
    fs::create_dir(outdir.path().join("4294967295-x")).unwrap();
    let error = RunDirectory::create(outdir.path(), "digits-dcgan28").unwrap_err();
    assert!(error.to_string().contains("run 4294967295"), "{error}");
}

#[test]
fn stats_after_the_checkpoint_and_torn_lines_are_cut() {
    let outdir = TempDir::new().unwrap();
    let run = RunDirectory::create(outdir.path(), "a").unwrap();
    assert_eq!(run.cut(Log::Stats, 5).unwrap(), None);
    for step in [1, 5, 6] {
        run.append(Log::Stats, &format!("{{\"step\":{step},\"seconds\":{step}.5}}")).unwrap();
    }
    fs::OpenOptions::new()
        .append(true)
        .open(run.path().join(Log::Stats.name()))
        .and_then(|mut file| file.write_all(b"{\"step\":\0\xff"))
        .unwrap();
    let last = run.cut(Log::Stats, 5).unwrap().unwrap();
    assert_eq!(last["seconds"], 5.5);
    let text = fs::read_to_string(run.path().join(Log::Stats.name())).unwrap();
    assert_eq!(text, "{\"step\":1,\"seconds\":1.5}\n{\"step\":5,\"seconds\":5.5}\n");
}

#[test]
fn the_newest_checkpoint_is_the_one_of_the_last_step() {
    let outdir = TempDir::new().unwrap();
    let run = RunDirectory::create(outdir.path(), "a").unwrap();
    assert!(run.newest_checkpoint().is_err());
    for step in [5, 100_000_000, 20] {
        run.write_checkpoint(step, b"").unwrap();
    }
    fs::write(run.path().join("checkpoints/999999999.safetensors.partial"), "").unwrap();
    let newest = run.newest_checkpoint().unwrap();
    assert_eq!(newest.file_name().unwrap(), "100000000.safetensors");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_refused() {
    let outdir = TempDir::new().unwrap();
    let file = outdir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(probe(&file.join("runs")).is_err());
    assert!(probe(&outdir.path().join("new/runs")).is_ok());
    assert_eq!(fs::read_dir(outdir.path().join("new/runs")).unwrap().count(), 0);
}

#[test]
fn the_newest_checkpoints_are_kept_whatever_is_asked() {
    let outdir = TempDir::new().unwrap();
    let run = RunDirectory::create(outdir.path(), "a").unwrap();
    let prune = |keep| run.prune(NonZeroUsize::new(keep).unwrap(), None).unwrap();
    prune(1);
    for step in [5, 100_000_000, 20, 7] {
        run.write_checkpoint(step, b"").unwrap();
    }
    run.write("checkpoints/notes.txt", b"").unwrap();
    let steps = || -> Vec<String> {
        let checkpoints = run.checkpoints().unwrap();
        checkpoints.iter().map(|path| path.file_stem().unwrap().display().to_string()).collect()
    };
    prune(5);
    assert_eq!(steps(), ["00000005", "00000007", "00000020", "100000000"]);
    prune(2);
    assert_eq!(steps(), ["00000020", "100000000"]);
    prune(1);
    assert_eq!(steps(), ["100000000"]);
    assert!(run.path().join("checkpoints/notes.txt").exists());
}

#[test]
fn what_was_half_written_when_a_run_was_killed_goes() {
    let outdir = TempDir::new().unwrap();
    let run = RunDirectory::create(outdir.path(), "a").unwrap();
    run.write_checkpoint(1, b"").unwrap();
    for name in ["options.json.partial", "checkpoints/00000002.safetensors.partial"] {
        fs::write(run.path().join(name), "half").unwrap();
    }
    run.remove_partial_files().unwrap();
    assert_eq!(fs::read_dir(run.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(run.path().join(CHECKPOINTS)).unwrap().count(), 1);
}
