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
    Ok(of_loops(iterations_done(gpu, 1, LOOP_ASKED).await?))
}

fn of_loops(done: u32) -> Trap {
    let name = "long loops";
    let finding = format!("end silently after {done} iterations");
    if done == LOOP_ASKED {
        Trap::new(name, Effect::None, format!("{LOOP_ASKED} iterations are all done"))
    } else if u64::from(done) > MAX_LOOP_ITERATIONS {
        let note = format!("{finding}; no kernel takes more than {MAX_LOOP_ITERATIONS}");
        Trap::new(name, Effect::Avoided, note)
    } else {
        let note = format!("{finding}, but a kernel may take {MAX_LOOP_ITERATIONS}");
        Trap::new(name, Effect::Harmful, note)
    }
}

/// Each of 256 invocations, several subgroups wherever they run, hands a number to another one, a
/// hundred times.
const BARRIERS: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;
var<workgroup> hand: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) local: u32) {
    var value = words[local];
    for (var turn = 0u; turn < 100u; turn++) {
        hand[local] = value;
        workgroupBarrier();
        value = hand[(local * 5u + 1u) & 255u] + 1u;
        workgroupBarrier();
    }
    words[local] = value;
}";

async fn barriers(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let words: Vec<u32> = (0..256).map(|word| word * 1000).collect();
    let found = gpu.probe(BARRIERS, 1, &words).await?;
    let mut expected = words;
    for _ in 0..100 {
        expected = (0..256).map(|local| expected[(local * 5 + 1) & 255] + 1).collect();
    }
    let (effect, finding) = if found == expected {
        (Effect::None, "hold")
    } else {
        (Effect::Avoided, "do not order memory; no kernel has one")
    };
    Ok(Trap::new("workgroup barriers", effect, finding))
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
    let Some(widths) = gpu.subgroups() else {
        return Ok(Trap::new("subgroups", Effect::None, "none: kernels without them are used"));
    };
    Ok(of_subgroups(widths, &gpu.probe(SUBGROUPS, 1, &[0; 128]).await?))
}

fn of_subgroups([least, greatest]: [u32; 2], found: &[u32]) -> Trap {
    let name = "subgroups";
    let lanes = || found.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let declared = if least == greatest {
        format!("always {least} wide")
    } else {
        format!("{least} to {greatest} wide")
    };
    if let Some((width, _)) = lanes().find(|(width, _)| !(least..=greatest).contains(width)) {
        let finding = format!("said to be {declared}, but {width} wide in a shader");
        // Only kernels for a constant width of eight depend on it.
        let effect = if [least, greatest] == [8; 2] { Effect::Harmful } else { Effect::Avoided };
        return Trap::new(name, effect, finding);
    }
    let in_order = lanes().zip(0u32..).all(|((width, place), local)| place == local % width);
    if in_order {
        Trap::new(name, Effect::None, format!("{declared}, in the order of invocations"))
    } else {
        let finding =
            format!("{declared}, not in the order of invocations; kernels ask for theirs");
        Trap::new(name, Effect::Avoided, finding)
    }
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
        let finding = "is not zero where it was never written; kernels write before they read";
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
    Ok(of_tanh(&gpu.probe(TANH, 1, &LARGE.map(f32::to_bits)).await?))
}

/// Numbers of which the hyperbolic tangent is ±1 in f32.
const LARGE: [f32; 8] = [20.0, 45.0, 89.0, 100.0, 1e4, 1e10, 3e38, -3e38];

fn of_tanh(found: &[u32]) -> Trap {
    let name = "the built-in tanh";
    let pairs = LARGE.iter().zip(found);
    let mut pairs = pairs.map(|(&x, &found)| (x, f32::from_bits(found)));
    match pairs.find(|(x, found)| *found != x.signum()) {
        None => Trap::new(name, Effect::None, "is ±1 for large numbers"),
        Some((x, found)) => {
            let finding = format!("gives {found} for {x}; kernels use a formula of their own");
            Trap::new(name, Effect::Avoided, finding)
        }
    }
}

/// Whether x is equal to itself, and whether it is neither below a number nor at least that.
const NOT_A_NUMBER: &str = "
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(1)
fn main() {
    let x = bitcast<f32>(words[0]);
    let y = bitcast<f32>(words[1]);
    words[0] = select(0u, 1u, x == x);
    words[1] = select(0u, 1u, !(x < y) && !(x >= y));
}";

async fn not_a_number(gpu: &Gpu) -> Result<Trap, DeviceError> {
    let name = "NaN";
    let found = gpu.probe(NOT_A_NUMBER, 1, &[f32::NAN.to_bits(), 0]).await?;
    Ok(if found == [0, 1] {
        Trap::new(name, Effect::None, "compares as it should")
    } else {
        let finding = "compares as a number in shaders; it is looked for on the host";
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
    let found = gpu.probe(DENORMALS, 1, &[1e-40f32.to_bits(), 1e-20f32.to_bits()]).await?;
    Ok(of_denormals([f32::from_bits(found[0]), f32::from_bits(found[1])]))
}

fn of_denormals([read, made]: [f32; 2]) -> Trap {
    let (effect, finding) = match (read > 0.0, made > 0.0) {
        (true, true) => (Effect::None, "are kept"),
        (false, false) => (Effect::Avoided, "are flushed to 0; tolerances allow it"),
        (true, false) => (Effect::Avoided, "are flushed to 0 where made; tolerances allow it"),
        (false, true) => (Effect::Avoided, "are flushed to 0 where read; tolerances allow it"),
    };
    Trap::new("denormals", effect, finding)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::under_test::gpu;
    use pollster::block_on;

    #[test]
    fn every_trap_is_looked_for_and_none_is_harmful_here() {
        let Some(gpu) = gpu() else { return };
        let found = block_on(find(&gpu)).unwrap();
        assert_eq!(found.len(), 8);
        assert!(!found.iter().any(Trap::is_harmful), "{found:?}");
    }

    #[test]
    fn loops_that_end_early_are_harmful_below_the_limit_only() {
        let effects = [LOOP_ASKED, 65_535, 60_000, 0].map(|done| of_loops(done).effect);
        let expected = [Effect::None, Effect::Avoided, Effect::Harmful, Effect::Harmful];
        assert_eq!(effects, expected);
    }

    #[test]
    fn subgroups_of_another_width_are_harmful_where_kernels_count_on_it() {
        let lanes =
            |width: u32| -> Vec<u32> { (0..64).flat_map(|local| [width, local % width]).collect() };
        assert_eq!(of_subgroups([8, 8], &lanes(8)).effect, Effect::None);
        assert_eq!(of_subgroups([8, 8], &lanes(16)).effect, Effect::Harmful);
        assert_eq!(of_subgroups([32, 32], &lanes(64)).effect, Effect::Avoided);
        assert_eq!(of_subgroups([4, 32], &lanes(16)).effect, Effect::None);
        let mut swapped = lanes(8);
        swapped.swap(1, 3);
        assert_eq!(of_subgroups([8, 8], &swapped).effect, Effect::Avoided);
    }

    #[test]
    fn a_tanh_that_overflows_is_seen() {
        let mut found = LARGE.map(|x| x.signum().to_bits());
        assert_eq!(of_tanh(&found).effect, Effect::None);
        found[7] = f32::NAN.to_bits();
        let trap = of_tanh(&found);
        assert!(trap.effect == Effect::Avoided && trap.finding.contains("NaN for -3"), "{trap:?}");
    }

    #[test]
    fn flushed_denormals_are_told_apart() {
        let findings = [[1e-40, 1e-40], [1e-40, 0.0], [0.0, 1e-40], [0.0, 0.0]];
        let told = findings.map(|values| of_denormals(values).finding);
        let words = ["are kept", "where made", "where read", "flushed to 0;"];
        for (told, word) in told.iter().zip(words) {
            assert!(told.contains(word), "{told}");
        }
    }
}
