//! What a wrapper asks for: plain data that the plan turns into a dispatch.

use crate::pipeline::{Access, Shader};

/// The loop iterations that no invocation of a kernel may exceed, outer and inner loops added up:
/// llvmpipe silently ends all loops of an invocation after 65,535 in all.
pub const MAX_LOOP_ITERATIONS: u64 = 60_000;

/// The iterations of a loop inside another, as llvmpipe counts them: the last look at each loop's
/// condition is one too.
pub(crate) fn nested(outer: usize, inner: usize) -> u64 {
    outer as u64 * (2 + inner as u64) + 1
}

/// A tensor or scratch memory, seen from an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An operand, by its position.
    Operand(usize),
    /// A result, by its position.
    Result(usize),
    /// The kernel's scratch memory of this number, from 0.
    Scratch(usize),
}

/// One dispatch.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) shader: Shader,
    /// What is bound from binding 2 on, in step with the shader's bindings.
    pub(crate) places: Vec<Place>,
    /// The bytes of `Params`.
    pub(crate) params: Vec<u8>,
    /// Workgroups in x, y and z.
    pub(crate) workgroups: [u32; 3],
    /// Elements of f32 of each scratch memory that it uses.
    pub(crate) scratch: Vec<usize>,
    /// An upper bound of the loop iterations of one invocation.
    pub(crate) iterations: u64,
}

/// The dispatch of a kernel of which every invocation has one place in a list.
pub(crate) fn linear(
    shader: Shader,
    places: &[(Place, Access)],
    params: &[u8],
    invocations: usize,
) -> Launch {
    Launch {
        shader: Shader { bindings: places.iter().map(|(_, access)| *access).collect(), ..shader },
        places: places.iter().map(|(place, _)| *place).collect(),
        params: params.to_vec(),
        workgroups: spread(invocations.div_ceil(64)),
        scratch: Vec::new(),
        iterations: 0,
    }
}

/// Workgroups in x and y for at least this many in all, within 65,535 a dimension.
fn spread(workgroups: usize) -> [u32; 3] {
    const WIDE: usize = 32_768;
    if workgroups <= WIDE {
        [workgroups as u32, 1, 1]
    } else {
        [WIDE as u32, workgroups.div_ceil(WIDE) as u32, 1]
    }
}
