//! What adapters are known to get wrong, looked for with small shaders of its own.
//!
//! Most of it Ganvas avoids; it is told because other programs, and changes to Ganvas, may not.

use serde::Serialize;
use tensor_ops::{DeviceError, Gpu, MAX_LOOP_ITERATIONS};

/// A property of an adapter that leads to wrong results where nobody expects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trap {
    /// Its name.
    pub name: &'static str,
    /// What this adapter does.
    pub finding: String,
    /// What that means for Ganvas.
    pub effect: Effect,
}

/// What a trap means for Ganvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// This adapter has no such trap.
    None,
    /// It has, and Ganvas avoids it.
    Avoided,
    /// It has, and results cannot be trusted.
    Harmful,
}

impl Trap {
    /// Whether Ganvas cannot be trusted on this adapter.
    pub fn is_harmful(&self) -> bool {
        self.effect == Effect::Harmful
    }

    fn new(name: &'static str, effect: Effect, finding: impl Into<String>) -> Self {
        Self { name, finding: finding.into(), effect }
    }
}

/// Looks for each trap.
pub(crate) async fn find(gpu: &Gpu) -> Result<Vec<Trap>, DeviceError> {
    Ok(vec![
        loops(gpu).await?,
        barriers(gpu).await?,
        subgroups(gpu).await?,
        workgroup_memory(gpu).await?,
        tanh(gpu).await?,
        not_a_number(gpu).await?,
        denormals(gpu).await?,
        fma(gpu).await?,
    ])
}

/// More than any adapter was seen to cut at.
const LOOP_ASKED: u32 = 200_000;

/// The count that nested loops leave; how often they should run, one invocation finds in memory.
const LOOPS: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
    let outer = words[0];
    let inner = words[1];
    let zero = words[2];
    var hash = 1u;
    var done = 0u;
    for (var i = 0u; i < outer; i++) {
        for (var j = 0u; j < inner; j++) {
            hash = hash * 1664525u + 1013904223u;
            done += 1u + (hash & zero);
        }
    }
    words[0] = done;
}";

/// How many iterations of an inner loop this adapter does in all, of `outer` times `inner`.
///
/// # Errors
/// If the device fails.
pub async fn iterations_done(gpu: &Gpu, outer: u32, inner: u32) -> Result<u32, DeviceError> {
    Ok(gpu.probe(LOOPS, 1, &[outer, inner, 0, 0]).await?[0])
}

async fn loops(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "long loops";
    let done = iterations_done(gpu, 1, LOOP_ASKED).await?;
    if done == LOOP_ASKED {
        return Ok(Trap::new(name, Effect::None, format!("{LOOP_ASKED} iterations are all done")));
    }
    let finding = format!("end silently after {done} iterations");
    Ok(if u64::from(done) > MAX_LOOP_ITERATIONS {
        let note = format!("{finding}; no kernel takes more than {MAX_LOOP_ITERATIONS}");
        Trap::new(name, Effect::Avoided, note)
    } else {
        let note = format!("{finding}, but a kernel may take {MAX_LOOP_ITERATIONS}");
        Trap::new(name, Effect::Harmful, note)
    })
}

/// Each of 64 invocations hands a number to another one, a hundred times.
const BARRIERS: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
var<workgroup> hand: array<u32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32) {
    var value = words[local];
    for (var turn = 0u; turn < 100u; turn++) {
        hand[local] = value;
        workgroupBarrier();
        value = hand[(local * 5u + 1u) & 63u] + 1u;
        workgroupBarrier();
    }
    words[local] = value;
}";

async fn barriers(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "workgroup barriers";
    let words: Vec<u32> = (0..64).map(|word| word * 1000).collect();
    let found = gpu.probe(BARRIERS, 1, &words).await?;
    let mut expected = words;
    for _ in 0..100 {
        expected = (0..64).map(|local| expected[(local * 5 + 1) & 63] + 1).collect();
    }
    Ok(if found == expected {
        Trap::new(name, Effect::None, "hold")
    } else {
        Trap::new(name, Effect::Harmful, "do not order memory: shared values are stale")
    })
}

/// Per invocation its subgroup's width, and its place in it.
const SUBGROUPS: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(64)
fn main(
    @builtin(local_invocation_index) local: u32,
    @builtin(subgroup_size) width: u32,
    @builtin(subgroup_invocation_id) place: u32,
) {
    words[2u * local] = width;
    words[2u * local + 1u] = place;
}";

async fn subgroups(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "subgroups";
    let Some([least, greatest]) = gpu.subgroups() else {
        return Ok(Trap::new(name, Effect::None, "none: kernels without them are used"));
    };
    let found = gpu.probe(SUBGROUPS, 1, &[0; 128]).await?;
    let lanes = || found.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let declared = if least == greatest {
        format!("always {least} wide")
    } else {
        format!("{least} to {greatest} wide")
    };
    if let Some((width, _)) = lanes().find(|(width, _)| !(least..=greatest).contains(width)) {
        let finding = format!("said to be {declared}, but {width} wide in a shader");
        // Only kernels for a constant width depend on it.
        let effect = if least == greatest { Effect::Harmful } else { Effect::Avoided };
        return Ok(Trap::new(name, effect, finding));
    }
    let in_order = lanes().zip(0u32..).all(|((width, place), local)| place == local % width);
    Ok(if in_order {
        Trap::new(name, Effect::None, format!("{declared}, in the order of invocations"))
    } else {
        let finding =
            format!("{declared}, not in the order of invocations; kernels ask for theirs");
        Trap::new(name, Effect::Avoided, finding)
    })
}

/// What workgroup memory holds before anyone wrote to it, in any of several workgroups; each leaves
/// something behind.
const WORKGROUP_MEMORY: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
var<workgroup> memory: array<u32, 1024>;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3<u32>) {
    var found = 0u;
    for (var i = 0u; i < 16u; i++) {
        found |= memory[i * 64u + local];
    }
    workgroupBarrier();
    for (var i = 0u; i < 16u; i++) {
        memory[i * 64u + local] = 0xdeadbeefu + local;
    }
    workgroupBarrier();
    words[group.x * 64u + local] = found | (memory[local] & words[group.x * 64u + local]);
}";

async fn workgroup_memory(gpu: &Gpu) -> Result<Trap, DeviceError> {
    const GROUPS: u32 = 64;
    let found = gpu.probe(WORKGROUP_MEMORY, GROUPS, &[0; 64 * GROUPS as usize]).await?;
    let name = "workgroup memory";
    Ok(if found.iter().all(|&word| word == 0) {
        Trap::new(name, Effect::None, "was zero where it was never written")
    } else {
        let finding = "is not zero where it was never written; kernels read only what they wrote";
        Trap::new(name, Effect::Avoided, finding)
    })
}

/// The built-in function of each number.
const TANH: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(8)
fn main(@builtin(local_invocation_index) local: u32) {
    words[local] = bitcast<u32>(tanh(bitcast<f32>(words[local])));
}";

async fn tanh(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "the built-in tanh";
    let x = [20.0f32, 45.0, 89.0, 100.0, 1e4, 1e10, 3e38, -3e38];
    let found = gpu.probe(TANH, 1, &x.map(f32::to_bits)).await?;
    let mut wrong = x.iter().zip(&found).filter(|(x, found)| f32::from_bits(**found) != x.signum());
    Ok(match wrong.next() {
        None => Trap::new(name, Effect::None, "is ±1 for large numbers"),
        Some((x, &found)) => {
            let found = f32::from_bits(found);
            let finding = format!("gives {found} for {x}; kernels use a formula of their own");
            Trap::new(name, Effect::Avoided, finding)
        }
    })
}

/// Whether x != x, and the greater of x and 0.
const NOT_A_NUMBER: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
    let x = bitcast<f32>(words[0]);
    words[1] = select(0u, 1u, x != x);
}";

async fn not_a_number(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "NaN";
    let found = gpu.probe(NOT_A_NUMBER, 1, &[f32::NAN.to_bits(), 0]).await?;
    Ok(if found[1] == 1 {
        Trap::new(name, Effect::None, "is unequal to itself")
    } else {
        let finding = "is equal to itself in shaders; it is looked for on the host";
        Trap::new(name, Effect::Avoided, finding)
    })
}

/// A denormal read, and one that a product makes.
const DENORMALS: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
    let x = bitcast<f32>(words[0]);
    let y = bitcast<f32>(words[1]);
    words[0] = bitcast<u32>(x + x);
    words[1] = bitcast<u32>(y * y);
}";

async fn denormals(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "denormals";
    let found = gpu.probe(DENORMALS, 1, &[1e-40f32.to_bits(), 1e-20f32.to_bits()]).await?;
    let kept = [f32::from_bits(found[0]) > 0.0, f32::from_bits(found[1]) > 0.0];
    Ok(match kept {
        [true, true] => Trap::new(name, Effect::None, "are kept"),
        [false, false] => Trap::new(name, Effect::Avoided, "are flushed to 0; tolerances allow it"),
        [true, false] => {
            Trap::new(name, Effect::Avoided, "are flushed to 0 where made; tolerances allow it")
        }
        [false, true] => {
            Trap::new(name, Effect::Avoided, "are flushed to 0 where read; tolerances allow it")
        }
    })
}

/// x·x - y with one rounding or two.
const FMA: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
    let x = bitcast<f32>(words[0]);
    words[0] = bitcast<u32>(fma(x, x, -bitcast<f32>(words[1])));
}";

async fn fma(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "fma";
    // The square's last bits are lost where the product is rounded on its own.
    let x = 1.0 + f32::EPSILON;
    let found = gpu.probe(FMA, 1, &[x.to_bits(), (x * x).to_bits()]).await?;
    Ok(if f32::from_bits(found[0]) > 0.0 {
        Trap::new(name, Effect::None, "rounds once")
    } else {
        let finding = "rounds twice, as a product and a sum; tolerances allow it";
        Trap::new(name, Effect::Avoided, finding)
    })
}
