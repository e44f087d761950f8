//! Texts that must be refused.

use super::platforms::{Platform, Text, VALIDATOR, validate};
use tensor_ops::{Access, Checks, Shader};

/// What every text below begins with.
const BUFFER: &str = "@group(0) @binding(2) var<storage, read_write> data: array<f32>;\n";

fn text_with(source: &str, bindings: usize, parameter_bytes: usize) -> Result<Text, String> {
    let shader = Shader {
        op: "test",
        variant: String::new(),
        constants: format!("{BUFFER}{source}"),
        parts: Vec::new(),
        entry_point: "main",
        bindings: vec![Access::Write; bindings],
        scalars: false,
        edit: None,
    };
    Text::new(shader, parameter_bytes)
}

fn text(source: &str) -> Result<Text, String> {
    text_with(source, 1, 16)
}

const SOUND: &str = "@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) { data[id.x] = sqrt(data[id.x]); }";

#[test]
fn a_sound_text_is_accepted() {
    let text = text(SOUND).unwrap();
    assert!(!text.needs_subgroups && !text.has_loop());
    for platform in Platform::ALL {
        platform.accept(&text).unwrap_or_else(|error| panic!("{platform:?}: {error}"));
    }
}

#[test]
fn broken_texts_are_refused() {
    for (from, to) in [
        // Grammar, a name, a type, a write to what is read only, an entry point.
        ("{ data", "( data"),
        ("data[id.x] =", "date[id.x] ="),
        ("sqrt(", "u32("),
        ("data[id.x] =", "id.x ="),
        ("fn main", "fn other"),
        // What WebGPU has only as a feature, and what only native adapters have.
        ("sqrt(", "f32(f16(1) + f16("),
        ("sqrt(data[id.x])", "f32(f64(data[id.x]))"),
    ] {
        assert!(SOUND.contains(from));
        let broken = SOUND.replacen(from, to, 1);
        assert!(text(&broken).is_err(), "{broken}");
    }
}

#[test]
fn subgroups_are_not_everywhere() {
    let text = text(&SOUND.replace("sqrt(", "subgroupAdd(")).unwrap();
    assert!(text.needs_subgroups);
    for platform in Platform::ALL {
        assert_eq!(platform.accept(&text).is_ok(), platform.has_subgroups(), "{platform:?}");
    }
}

#[test]
fn what_exceeds_webgpus_default_limits_is_refused() {
    let shared = |elements: usize| {
        let source = SOUND.replace("sqrt(", "shared_memory[id.x % 8u] * (");
        format!("var<workgroup> shared_memory: array<f32, {elements}>;\n{source}")
    };
    let size = |size: &str| SOUND.replace("workgroup_size(64)", size);
    let cases = [
        (text_with(SOUND, 8, 65_536), text_with(SOUND, 9, 65_536)),
        (text_with(SOUND, 8, 65_536), text_with(SOUND, 8, 65_540)),
        (text(&size("workgroup_size(256)")), text(&size("workgroup_size(257)"))),
        (text(&size("workgroup_size(4, 1, 64)")), text(&size("workgroup_size(1, 1, 65)"))),
        (text(&shared(4096)), text(&shared(4097))),
    ];
    for (most, more) in cases {
        assert_eq!(Platform::WebGpu.accept(&most.unwrap()), Ok(()));
        assert!(Platform::WebGpu.accept(&more.unwrap()).is_err());
    }
}

#[test]
fn spirv_is_really_read() {
    let words = text(SOUND).unwrap().to_spirv((1, 3), Checks::Unchecked).unwrap();
    assert_eq!(validate(VALIDATOR, &words, "vulkan1.1"), Ok(()));
    let cut = &words[..words.len() - 1];
    // The header's second word is the version: Vulkan 1.0 knows no SPIR-V 1.3.
    for (words, environment) in [(cut, "vulkan1.1"), (&[], "vulkan1.1"), (&words, "vulkan1.0")] {
        assert!(validate(VALIDATOR, words, environment).is_err(), "{environment}");
    }
    // Each word of the code changed in turn: few of the modules that result are valid.
    let refused = (5..words.len()).filter(|&place| {
        let mut changed = words.clone();
        changed[place] ^= 1;
        validate(VALIDATOR, &changed, "vulkan1.1").is_err()
    });
    let (refused, all) = (refused.count(), words.len() - 5);
    assert!(refused * 2 > all, "{refused} of {all}");
}

#[test]
fn a_missing_validator_is_an_error() {
    let error = validate("spirv-val-that-is-not-there", &[], "vulkan1.1").unwrap_err();
    assert!(error.contains("cargo xtask setup"), "{error}");
}
