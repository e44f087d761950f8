//! Exports as users write them and read them again.

use super::{SMALL, checkpoint, expect, names, options, run, train};
use safetensors::{Dtype, SafeTensors};
use std::{fs, path::Path};
use tempfile::TempDir;

const RUN: &str = "runs/00000-digits-dcgan28-small";

fn export(folder: &Path, arguments: &[&str]) -> std::process::Output {
    run(folder, &[&["export"], arguments].concat())
}

/// What the generator in `source` draws.
fn picture(folder: &Path, source: &str) -> Vec<u8> {
    let arguments = ["sample", source, "--device", "cpu", "--out", "picture.png"];
    expect(&run(folder, &arguments), 0);
    fs::read(folder.join("picture.png")).unwrap()
}

#[test]
fn an_export_draws_what_the_run_draws() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.01"]), 0);
    let of_run = picture(folder.path(), RUN);
    for (arguments, parts) in [
        (
            ["--out", "new/g.onnx"].as_slice(),
            ["average weights, ONNX opset 17", "InferenceSession(\"new/g.onnx\")"],
        ),
        (&["--out", "g.safetensors"], ["the generator of", "netG.load_state_dict("]),
        (
            &["--out", "trained.safetensors", "--weights", "trained"],
            ["trained weights", "(step 5)"],
        ),
    ] {
        let said = expect(&export(folder.path(), &[&[RUN], arguments].concat()), 0);
        for part in parts {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    assert_eq!(names(&folder.path().join("new")), ["g.onnx"]);
    assert!(of_run == picture(folder.path(), "g.safetensors"), "the export draws otherwise");
    assert!(of_run != picture(folder.path(), "trained.safetensors"), "the average is exported");

    let said = expect(&train(folder.path(), &["--weights", "g.safetensors", "--kimg", "0.002"]), 0);
    assert!(said.contains("g.safetensors has the generator alone"), "{said}");
    let begun = folder.path().join("runs/00001-digits-dcgan28-small");
    assert!(of_run == fs::read(begun.join("fakes-init.png")).unwrap());
    assert_eq!(options(&begun)["weights"], "g.safetensors");
}

#[test]
fn both_networks_go_on_from_their_exports() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    expect(&train(folder.path(), &["--kimg", "0.004"]), 0);
    for (network, out) in [("generator", "g"), ("discriminator", "d")] {
        let arguments = [RUN, "--network", network, "--weights", "trained", "--out", out];
        let arguments = [&arguments[..], &["--format", "safetensors"]].concat();
        expect(&export(folder.path(), &arguments), 0);
    }
    let files = ["g", "d"].map(|name| fs::read(at(name)).unwrap());
    let [g, d] = files.each_ref().map(|file| SafeTensors::deserialize(file).unwrap());
    let named = |tensors: &SafeTensors<'_>, prefix: &str| -> Vec<(String, Vec<usize>, Vec<u8>)> {
        let tensors = tensors.tensors();
        let floats = tensors.into_iter().filter(|(_, view)| view.dtype() == Dtype::F32);
        let named = floats.map(|(name, view)| {
            (format!("{prefix}{name}"), view.shape().to_vec(), view.data().to_vec())
        });
        named.collect()
    };
    let both = [named(&g, "g."), named(&d, "d.")].concat();
    let views = both.iter().map(|(name, shape, data)| {
        (name, safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), data).unwrap())
    });
    fs::write(at("both"), safetensors::serialize(views, None).unwrap()).unwrap();

    let said = expect(&train(folder.path(), &["--weights", "both", "--kimg", "0.002"]), 0);
    assert!(!said.contains("alone"), "{said}");
    let file = checkpoint(&at("runs/00001-digits-dcgan28-small"), 0);
    let begun = SafeTensors::deserialize(&file).unwrap();
    for (name, _, data) in &both {
        let (network, name) = name.split_once('.').unwrap();
        let name = format!("{network}.param.{name}");
        assert!(begun.tensor(&name).unwrap().data() == data, "{name}");
    }
    let said = expect(&train(folder.path(), &["--weights", "d", "--kimg", "0.002"]), 0);
    assert!(said.contains("d has the discriminator alone"), "{said}");
}

#[test]
fn samples_are_what_the_generator_draws() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.004"]), 0);
    let samples = |weights: &str| {
        let arguments = [RUN, "--out", "g.onnx", "--weights", weights, "--samples", "s"];
        let said =
            expect(&export(folder.path(), &[&arguments[..], &["--device", "cpu"]].concat()), 0);
        assert!(said.contains("64 seeds on CPU reference"), "{said}");
        let file = fs::read(folder.path().join("s")).unwrap();
        let tensors = SafeTensors::deserialize(&file).unwrap();
        assert_eq!(tensors.tensor("z").unwrap().shape(), [64, 100]);
        let image = tensors.tensor("image").unwrap();
        assert_eq!(image.shape(), [64, 1, 28, 28]);
        let (words, _) = image.data().as_chunks::<4>();
        words.iter().map(|word| f32::from_le_bytes(*word)).collect::<Vec<f32>>()
    };
    let average = samples("average");
    assert!(average.iter().all(|value| value.abs() <= 1.0));
    assert!(average != samples("trained"));
    // The same pixels as in a picture of one sample alone, which is enlarged.
    let one = ["sample", RUN, "--device", "cpu", "--seeds", "0", "--out", "one.png"];
    expect(&run(folder.path(), &one), 0);
    let picture = image::open(folder.path().join("one.png")).unwrap().into_luma8();
    let scale = (picture.width() - 4) / 28;
    for (place, value) in (0..).zip(&average[..784]) {
        let [x, y] = [place % 28, place / 28].map(|at| 2 + scale * at + scale / 2);
        let expected = (value * 127.5 + 127.5).round() as u8;
        assert_eq!(picture.get_pixel(x, y).0, [expected], "pixel {place}");
    }
}

#[test]
fn what_cannot_be_exported_is_refused_and_replaces_nothing() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.002"]), 0);
    let state = format!("{RUN}/checkpoints/00000001.safetensors");
    fs::write(folder.path().join("netG.pth"), b"PK\x03\x04\0\0\0\0\0\0").unwrap();
    fs::write(folder.path().join("kept.onnx"), "old").unwrap();
    let d = [RUN, "--network", "discriminator", "--out", "d.safetensors"];
    expect(&export(folder.path(), &d), 0);
    expect(&export(folder.path(), &[RUN, "--out", "g.safetensors"]), 0);
    let sampled = run(folder.path(), &["sample", "d.safetensors", "--device", "cpu"]);
    let said = expect(&sampled, 3);
    assert!(said.contains("has a discriminator alone"), "{said}");
    for (arguments, code, part) in [
        ([RUN].as_slice(), 2, "--out"),
        (&[RUN, "--out", "kept"], 2, "tells no format"),
        (&[RUN, "--out", "kept.onnx", "--format", "pth"], 2, "pth"),
        (&[RUN, "--out", "kept.onnx", "--device", "cpu"], 2, "--samples"),
        (
            &[RUN, "--out", "kept.onnx", "--network", "discriminator", "--weights", "average"],
            2,
            "only the generator has averaged weights",
        ),
        (
            &[RUN, "--out", "kept.onnx", "--network", "discriminator", "--samples", "s"],
            2,
            "leave --network out",
        ),
        (&["missing", "--out", "kept.onnx"], 3, "nothing is there"),
        (&["runs", "--out", "kept.onnx"], 3, "not the folder of a run"),
        (&["netG.pth", "--out", "kept.onnx"], 3, "torch.load('netG.pth'"),
        (&["kept.onnx", "--out", "kept.onnx"], 3, "safetensors"),
        (
            &["d.safetensors", "--out", "kept.onnx"],
            3,
            "there is no generator, only the discriminator",
        ),
        (&["g.safetensors", "--out", "kept.onnx", "--weights", "trained"], 3, "the average ones"),
        (
            &["g.safetensors", "--out", "kept.onnx", "--network", "discriminator"],
            3,
            "there is no discriminator, only the generator",
        ),
        (&[RUN, "--out", "runs", "--format", "onnx"], 3, "names a folder"),
        (&[RUN, "--out", "kept.onnx/a.onnx"], 3, "cannot be written to"),
        (&[RUN, "--out", &state], 3, "--out needs another file"),
        (&[RUN, "--out", "kept.onnx", "--samples", &state], 3, "--samples needs another file"),
        (&[RUN, "--out", "kept.onnx", "--samples", "./kept.onnx"], 3, "by --out and by --samples"),
        (&["missing", "--out", "new/sub/a.onnx"], 3, "nothing is there"),
        (&["d.safetensors", "--out", "new/a.onnx"], 3, "--network discriminator exports it"),
    ] {
        let said = expect(&export(folder.path(), arguments), code);
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(fs::read(folder.path().join("kept.onnx")).unwrap(), b"old");
    assert_eq!(
        names(folder.path()),
        ["d.safetensors", "g.safetensors", "kept.onnx", "netG.pth", "runs"]
    );
    let pickle = [&["train"], SMALL.as_slice(), &["--weights", "netG.pth"]].concat();
    let said = expect(&run(folder.path(), &pickle), 3);
    assert!(said.contains("netG.pth: is a pickle"), "{said}");
}

#[test]
fn a_discriminators_own_file_is_exported_and_links_stay() {
    let folder = TempDir::new().unwrap();
    expect(&train(folder.path(), &["--kimg", "0.002"]), 0);
    let onnx = |from: &str, out: &str| {
        let arguments = [from, "--network", "discriminator", "--out", out];
        expect(&export(folder.path(), &arguments), 0);
        fs::read(folder.path().join(out)).unwrap()
    };
    onnx(RUN, "d.safetensors");
    assert!(onnx(RUN, "a.onnx") == onnx("d.safetensors", "b.onnx"), "of the run and of its export");
    // The newest run, from anywhere beside `runs`, unless something is called so.
    assert!(onnx("latest", "c.onnx") == onnx(RUN, "a.onnx"));
    fs::copy(folder.path().join("d.safetensors"), folder.path().join("latest")).unwrap();
    let said = expect(&export(folder.path(), &["latest", "--out", "g.onnx"]), 3);
    assert!(said.contains("there is no generator"), "{said}");
}
