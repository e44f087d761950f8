//! Every shader on every platform, without the hardware.

use crate::cases_of_all_kernels;
use ganvas_tests::Lie;
use naga::{
    back,
    valid::{Capabilities, ModuleInfo, ValidationFlags, Validator},
};
use std::collections::HashSet;
use tensor_ops::{Shader, Traits, shaders_of};

/// What WebGPU promises of every adapter.
const MAX_INVOCATIONS: u32 = 256;
const MAX_STORAGE_BUFFERS: usize = 8;
const MAX_WORKGROUP_BYTES: u32 = 16_384;

/// Every text that the kernels' cases use, with and without subgroups of eight.
fn shaders(subgroup_width: Option<u32>) -> Vec<Shader> {
    let traits = Traits { subgroup_width };
    let mut seen = HashSet::new();
    let cases = cases_of_all_kernels().into_iter().flat_map(|(_, cases)| cases);
    cases
        .flat_map(|case| shaders_of(&case.graph(Lie::InBuffers), traits))
        .filter(|shader| seen.insert(shader.clone()))
        .collect()
}

fn parse(shader: &Shader, capabilities: Capabilities) -> (naga::Module, ModuleInfo) {
    let (name, source) = (&shader.name, shader.source());
    let module = naga::front::wgsl::parse_str(&source)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(&source)));
    let info = Validator::new(ValidationFlags::all(), capabilities)
        .validate(&module)
        .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string(&source)));
    (module, info)
}

#[test]
fn every_platform_can_have_every_shader() {
    let all: HashSet<Shader> = shaders(Some(8)).into_iter().chain(shaders(None)).collect();
    assert!(all.len() >= 60, "only {} shaders", all.len());
    for shader in &all {
        let (module, info) = parse(shader, Capabilities::SUBGROUP);
        write_spirv(shader, &module, &info);
        write_msl(shader, &module, &info);
        write_hlsl(shader, &module, &info);
    }
    println!("{} shaders written as SPIR-V, MSL and HLSL", all.len());
}

/// An adapter without subgroups, of WebGPU's default limits, can run some form of every kernel.
#[test]
fn default_limits_hold_without_subgroups() {
    for shader in shaders(None) {
        let (module, _) = parse(&shader, Capabilities::empty());
        let entry = module.entry_points.iter().find(|entry| entry.name == shader.entry_point);
        let entry = entry.unwrap_or_else(|| panic!("{}: no {}", shader.name, shader.entry_point));
        let invocations: u32 = entry.workgroup_size.iter().product();
        assert!(invocations <= MAX_INVOCATIONS, "{}: {invocations} invocations", shader.name);
        let buffers = shader.bindings.len();
        assert!(buffers <= MAX_STORAGE_BUFFERS, "{}: {buffers} storage buffers", shader.name);
        let shared = module.global_variables.iter().filter_map(|(_, variable)| {
            let ty = &module.types[variable.ty].inner;
            (variable.space == naga::AddressSpace::WorkGroup).then(|| ty.size(module.to_ctx()))
        });
        let bytes: u32 = shared.sum();
        assert!(bytes <= MAX_WORKGROUP_BYTES, "{}: {bytes} bytes of shared memory", shader.name);
    }
}

fn write_spirv(shader: &Shader, module: &naga::Module, info: &ModuleInfo) {
    let options = back::spv::Options { lang_version: (1, 3), ..Default::default() };
    let words = back::spv::write_vec(module, info, &options, None);
    let words = words.unwrap_or_else(|error| panic!("{} as SPIR-V: {error}", shader.name));
    assert_eq!(words[0], 0x0723_0203, "{}: SPIR-V's magic number", shader.name);
}

fn write_msl(shader: &Shader, module: &naga::Module, info: &ModuleInfo) {
    let options = back::msl::Options { lang_version: (2, 4), ..Default::default() };
    let written = back::msl::write_string(module, info, &options, &Default::default());
    let (text, _) = written.unwrap_or_else(|error| panic!("{} as MSL: {error}", shader.name));
    assert!(text.contains("kernel void"), "{}: no kernel in {text}", shader.name);
}

fn write_hlsl(shader: &Shader, module: &naga::Module, info: &ModuleInfo) {
    let options =
        back::hlsl::Options { shader_model: back::hlsl::ShaderModel::V6_0, ..Default::default() };
    let mut text = String::new();
    let pipeline_options = Default::default();
    let written =
        back::hlsl::Writer::new(&mut text, &options, &pipeline_options).write(module, info, None);
    written.unwrap_or_else(|error| panic!("{} as HLSL: {error}", shader.name));
    assert!(text.contains("numthreads"), "{}: no kernel in {text}", shader.name);
}
