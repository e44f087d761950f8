//! `docs/portability.md`, made from what the platforms accept.

use super::{
    Examined,
    platforms::{Platform, Text},
};
use std::{collections::BTreeSet, fmt::Write};

const HEAD: &str = "# Portability

Where every kernel runs, found without the hardware. `cargo xtask docs` writes this page, and a \
test fails where it is out of date.

Each op has several kernels, texts that differ by generated constants: `quads` and `scalars` take \
four elements or one at a time, `registers`, `subgroup` and `shared` with their tiles are the forms \
of the matrix product (each by how its extents divide by four), and `phases` has the phases of a \
stride as its columns. The weight gradients add up their \
parts in `quads` or `scalars`.

The last columns say how many of the op's kernels a platform accepts, each both with wgpu's bounds \
checks and without. Every kernel is parsed and validated by naga, wgpu's shader compiler, and:

- **Vulkan**: written as the SPIR-V that wgpu hands to drivers, 1.0 for Vulkan 1.0, then 1.3, 1.5 and \
1.6 for Vulkan 1.1, 1.2 and 1.3, and passed by Khronos's `spirv-val` for that Vulkan version.
- **Metal**: written as MSL 2.4 (macOS 12, iOS 15). No Metal compiler has read it here.
- **DX12**: written as HLSL of shader model 5.1 and 6.0. No Microsoft compiler has read it here.
- **WebGPU**: within the default limits (256 invocations and 16,384 bytes of memory a workgroup, 8 \
storage buffers, 65,536 bytes of parameters) and without any feature.

`subgroup32x16` and the like are for adapters whose subgroups are always 8 wide and that have \
integers of 64 bits, and nothing needs them: an adapter without runs `registers`.
";

/// The whole page.
pub(super) fn page(ops: &[(&str, Vec<Examined>)]) -> String {
    let mut page = HEAD.to_owned();
    let all: Vec<&Examined> = ops.iter().flat_map(|(_, kernels)| kernels).collect();
    let texts = || all.iter().map(|kernel| &kernel.text);
    let most_buffers = texts().map(|text| text.shader.bindings.len()).max().unwrap_or_default();
    let most_bytes = texts().map(|text| text.parameter_bytes).max().unwrap_or_default();
    _ = write!(
        page,
        "\n{} ops, {} kernels, at most {most_buffers} storage buffers and {most_bytes} bytes of \
         parameters each.\n\n",
        ops.len(),
        all.len(),
    );
    page += "| op | kernels | entry points | workgroup | storage buffers | workgroup memory \
             | features | Vulkan 1.0 | Vulkan 1.1–1.3 | Metal | DX12 5.1 | DX12 6.0 | WebGPU |\n";
    page += "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
    for (op, kernels) in ops {
        let cells = [
            format!("`{op}`"),
            forms(kernels),
            distinct(kernels, |text| text.shader.entry_point.to_owned()),
            distinct(kernels, |text| extents(text.workgroup_size)),
            distinct(kernels, |text| text.shader.bindings.len().to_string()),
            distinct(kernels, |text| match text.workgroup_bytes {
                0 => "none".to_owned(),
                bytes => format!("{bytes} bytes"),
            }),
            features(kernels),
            accepted(kernels, |p| matches!(p, Platform::Vulkan { spirv: (1, 0), .. })),
            accepted(kernels, |p| matches!(p, Platform::Vulkan { spirv: (1, 1..), .. })),
            accepted(kernels, |p| p == Platform::Metal),
            accepted(kernels, |p| matches!(p, Platform::Dx12(_)) && !p.has_subgroups()),
            accepted(kernels, |p| matches!(p, Platform::Dx12(_)) && p.has_subgroups()),
            accepted(kernels, |p| p == Platform::WebGpu),
        ];
        _ = writeln!(page, "| {} |", cells.join(" | "));
    }
    page
}

/// The first word of a variant, which says how a kernel works; the rest says on which extents.
fn form(text: &Text) -> &str {
    text.shader.variant.split(' ').next().filter(|form| !form.is_empty()).unwrap_or("one")
}

/// Each form, and how many kernels it has.
fn forms(kernels: &[Examined]) -> String {
    let names: BTreeSet<&str> = kernels.iter().map(|kernel| form(&kernel.text)).collect();
    let counted = names.into_iter().map(|name| {
        match kernels.iter().filter(|kernel| form(&kernel.text) == name).count() {
            1 => name.to_owned(),
            count => format!("{name} ×{count}"),
        }
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// The different values, in the kernels' order.
fn distinct(kernels: &[Examined], value: impl Fn(&Text) -> String) -> String {
    let mut values: Vec<String> = Vec::new();
    for value in kernels.iter().map(|kernel| value(&kernel.text)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values.join(", ")
}

fn extents(size: [u32; 3]) -> String {
    match size {
        [x, 1, 1] => x.to_string(),
        [x, y, 1] => format!("{x}×{y}"),
        [x, y, z] => format!("{x}×{y}×{z}"),
    }
}

/// The features, and which forms need them.
fn features(kernels: &[Examined]) -> String {
    let need = kernels.iter().filter(|kernel| kernel.text.needs_subgroups);
    let forms: BTreeSet<&str> = need.map(|kernel| form(&kernel.text)).collect();
    if forms.is_empty() {
        return "none".to_owned();
    }
    format!("{}: subgroups", Vec::from_iter(forms).join(", "))
}

/// How many kernels all of these platforms accept.
fn accepted(kernels: &[Examined], belongs: impl Fn(Platform) -> bool) -> String {
    let count = kernels
        .iter()
        .filter(|kernel| {
            let mut verdicts = kernel.verdicts.iter().filter(|(platform, _)| belongs(*platform));
            verdicts.all(|(_, verdict)| verdict.is_ok())
        })
        .count();
    match count {
        0 => "none".to_owned(),
        _ if count == kernels.len() => "all".to_owned(),
        _ => format!("{count} of {}", kernels.len()),
    }
}
