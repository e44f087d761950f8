//! What each platform makes of a shader's text, without the platform.

use naga::{
    ShaderStage,
    back::{
        hlsl::{self, ShaderModel},
        msl, spv,
    },
    proc::{BoundsCheckPolicies, BoundsCheckPolicy},
    valid::{Capabilities, ModuleInfo, ValidationFlags, Validator},
};
use std::{
    io::{ErrorKind, Write},
    process::{Command, Stdio},
};
use tensor_ops::{Checks, Shader};

/// Where shaders run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Platform {
    /// With the SPIR-V version that wgpu hands to devices of this Vulkan version, and spirv-val's
    /// name for it.
    Vulkan { version: &'static str, spirv: (u8, u8), environment: &'static str },
    /// With the Metal Shading Language of macOS 12 and iOS 15.
    Metal,
    /// With this shader model.
    Dx12(ShaderModel),
    /// A browser that grants nothing but the default limits.
    WebGpu,
}

impl Platform {
    /// Every platform; wgpu has SPIR-V versions and shader models by what a driver can do.
    pub(super) const ALL: [Self; 8] = [
        Self::Vulkan { version: "1.0", spirv: (1, 0), environment: "vulkan1.0" },
        Self::Vulkan { version: "1.1", spirv: (1, 3), environment: "vulkan1.1" },
        Self::Vulkan { version: "1.2", spirv: (1, 5), environment: "vulkan1.2" },
        Self::Vulkan { version: "1.3", spirv: (1, 6), environment: "vulkan1.3" },
        Self::Metal,
        Self::Dx12(ShaderModel::V5_1),
        Self::Dx12(ShaderModel::V6_0),
        Self::WebGpu,
    ];

    /// Whether shaders may use subgroups there.
    pub(super) fn has_subgroups(self) -> bool {
        match self {
            Self::Vulkan { spirv, .. } => spirv >= (1, 3),
            Self::Metal => true,
            Self::Dx12(model) => model >= ShaderModel::V6_0,
            Self::WebGpu => false,
        }
    }

    /// What is wrong with a text there, if anything.
    pub(super) fn accept(self, text: &Text) -> Result<(), String> {
        if text.needs_subgroups && !self.has_subgroups() {
            return Err("needs subgroups".to_owned());
        }
        [Checks::Checked, Checks::Unchecked].into_iter().try_for_each(|checks| match self {
            Self::Vulkan { spirv, environment, .. } => {
                validate(VALIDATOR, &text.to_spirv(spirv, checks)?, environment)
            }
            Self::Metal => text.to_msl(checks),
            Self::Dx12(model) => text.to_hlsl(model, checks),
            Self::WebGpu => text.fit(&wgpu::Limits::default()),
        })
    }
}

/// A shader that naga has read and found valid.
pub(super) struct Text {
    pub(super) shader: Shader,
    /// Bytes of its uniform parameters.
    pub(super) parameter_bytes: usize,
    pub(super) workgroup_size: [u32; 3],
    /// Bytes of memory that a workgroup shares.
    pub(super) workgroup_bytes: u32,
    /// Whether it uses more than WebGPU without any feature has: the one such thing that is allowed.
    pub(super) needs_subgroups: bool,
    module: naga::Module,
    info: ModuleInfo,
}

impl Text {
    /// Parses and validates a shader.
    pub(super) fn new(shader: Shader, parameter_bytes: usize) -> Result<Self, String> {
        let source = shader.source();
        let module =
            naga::front::wgsl::parse_str(&source).map_err(|error| error.emit_to_string(&source))?;
        let validate = |capabilities| {
            Validator::new(ValidationFlags::all(), capabilities)
                .validate(&module)
                .map_err(|error| error.emit_to_string(&source))
        };
        let (needs_subgroups, info) = match validate(Capabilities::empty()) {
            Ok(info) => (false, info),
            Err(_) => (true, validate(Capabilities::SUBGROUP | Capabilities::SHADER_INT64)?),
        };
        let entries = &module.entry_points;
        let entry = entries.iter().find(|entry| entry.name == shader.entry_point);
        let workgroup_size =
            entry.ok_or_else(|| format!("no entry point {}", shader.entry_point))?.workgroup_size;
        let shared = module.global_variables.iter().filter_map(|(_, variable)| {
            let ty = &module.types[variable.ty].inner;
            (variable.space == naga::AddressSpace::WorkGroup).then(|| ty.size(module.to_ctx()))
        });
        let workgroup_bytes = shared.sum();
        Ok(Self {
            shader,
            parameter_bytes,
            workgroup_size,
            workgroup_bytes,
            needs_subgroups,
            module,
            info,
        })
    }

    /// Whether its entry point, or a function that this calls, has a loop.
    pub(super) fn has_loop(&self) -> bool {
        let entries = &self.module.entry_points;
        let entry = entries.iter().find(|entry| entry.name == self.shader.entry_point);
        entry.is_some_and(|entry| loops(&self.module, &entry.function.body))
    }

    /// As SPIR-V of this version.
    pub(super) fn to_spirv(&self, version: (u8, u8), checks: Checks) -> Result<Vec<u32>, String> {
        let options = spv::Options {
            lang_version: version,
            bounds_check_policies: policies(checks),
            force_loop_bounding: checks == Checks::Checked,
            emit_int_div_checks: checks == Checks::Checked,
            zero_initialize_workgroup_memory: spv::ZeroInitializeWorkgroupMemoryMode::None,
            ..Default::default()
        };
        let pipeline = spv::PipelineOptions {
            shader_stage: ShaderStage::Compute,
            entry_point: self.shader.entry_point.to_owned(),
        };
        spv::write_vec(&self.module, &self.info, &options, Some(&pipeline))
            .map_err(|error| error.to_string())
    }

    fn to_msl(&self, checks: Checks) -> Result<(), String> {
        let options = msl::Options {
            lang_version: (2, 4),
            bounds_check_policies: policies(checks),
            force_loop_bounding: checks == Checks::Checked,
            emit_int_div_checks: checks == Checks::Checked,
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        };
        let pipeline = msl::PipelineOptions {
            entry_point: Some((ShaderStage::Compute, self.shader.entry_point.to_owned())),
            ..Default::default()
        };
        let written = msl::write_string(&self.module, &self.info, &options, &pipeline);
        let (text, _) = written.map_err(|error| error.to_string())?;
        holds(&text, "kernel void")
    }

    fn to_hlsl(&self, shader_model: ShaderModel, checks: Checks) -> Result<(), String> {
        let options = hlsl::Options {
            shader_model,
            restrict_indexing: checks == Checks::Checked,
            force_loop_bounding: checks == Checks::Checked,
            zero_initialize_workgroup_memory: false,
            ..Default::default()
        };
        let pipeline = hlsl::PipelineOptions {
            entry_point: Some((ShaderStage::Compute, self.shader.entry_point.to_owned())),
        };
        let mut text = String::new();
        hlsl::Writer::new(&mut text, &options, &pipeline)
            .write(&self.module, &self.info, None)
            .map_err(|error| error.to_string())?;
        holds(&text, "numthreads")
    }

    /// Whether it keeps within an adapter's limits.
    fn fit(&self, limits: &wgpu::Limits) -> Result<(), String> {
        let [x, y, z] = self.workgroup_size;
        let storage_buffers = self.shader.bindings.len() as u32;
        let uniforms = 1 + u32::from(self.shader.scalars);
        for (what, needed, available) in [
            ("invocations", x * y * z, limits.max_compute_invocations_per_workgroup),
            ("invocations along x", x, limits.max_compute_workgroup_size_x),
            ("invocations along y", y, limits.max_compute_workgroup_size_y),
            ("invocations along z", z, limits.max_compute_workgroup_size_z),
            ("storage buffers", storage_buffers, limits.max_storage_buffers_per_shader_stage),
            ("uniform buffers", uniforms, limits.max_uniform_buffers_per_shader_stage),
            (
                "bytes of workgroup memory",
                self.workgroup_bytes,
                limits.max_compute_workgroup_storage_size,
            ),
        ] {
            if needed > available {
                return Err(format!("{needed} {what} of {available}"));
            }
        }
        let (bytes, most) = (self.parameter_bytes as u64, limits.max_uniform_buffer_binding_size);
        if bytes > most {
            return Err(format!("{bytes} bytes of parameters of {most}"));
        }
        Ok(())
    }
}

/// As wgpu sets them for modules with and without its checks.
fn policies(checks: Checks) -> BoundsCheckPolicies {
    let policy = match checks {
        Checks::Checked => BoundsCheckPolicy::Restrict,
        Checks::Unchecked => BoundsCheckPolicy::Unchecked,
    };
    let image_load = BoundsCheckPolicy::Unchecked;
    BoundsCheckPolicies { index: policy, buffer: policy, image_load, binding_array: policy }
}

fn holds(text: &str, part: &str) -> Result<(), String> {
    if text.contains(part) { Ok(()) } else { Err(format!("no `{part}` in {text}")) }
}

fn loops(module: &naga::Module, block: &naga::Block) -> bool {
    block.iter().any(|statement| match statement {
        naga::Statement::Loop { .. } => true,
        naga::Statement::Block(block) => loops(module, block),
        naga::Statement::If { accept, reject, .. } => {
            loops(module, accept) || loops(module, reject)
        }
        naga::Statement::Switch { cases, .. } => cases.iter().any(|case| loops(module, &case.body)),
        naga::Statement::Call { function, .. } => loops(module, &module.functions[*function].body),
        _ => false,
    })
}

/// Khronos's validator.
pub(super) const VALIDATOR: &str = "spirv-val";

/// Has the validator read a module, by the rules of an environment such as `vulkan1.1`.
pub(super) fn validate(validator: &str, words: &[u32], environment: &str) -> Result<(), String> {
    let mut command = Command::new(validator);
    command.args(["--target-env", environment, "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!(
            "`{validator}` is not installed. `cargo xtask setup` installs it on Debian and Ubuntu; \
             elsewhere it is in the package spirv-tools (Fedora, Arch, Homebrew) and in the Vulkan \
             SDK"
        ),
        _ => format!("cannot start `{validator}`: {error}"),
    })?;
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    // One that rejects the first words closes its end early, and says why below.
    _ = process.stdin.take().map(|mut stdin| stdin.write_all(&bytes));
    let output = process.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{validator}, {environment}: {}", String::from_utf8_lossy(&said).trim()))
}
