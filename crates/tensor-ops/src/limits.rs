//! What the adapter's limits, and the loop limit, do not allow is refused before anything runs.

use crate::{
    Gpu, PlanError,
    launch::{Launch, MAX_LOOP_ITERATIONS},
    memory::{ALIGNMENT, SCALARS},
};
use graph::{Graph, Op};

/// Shaders count elements in u32, with room for the last workgroup's and a stride's overshoot.
const MOST_ELEMENTS: u64 = 1 << 31;

/// Refuses what the adapter or the loop limit does not allow.
pub(crate) fn check_launch(gpu: &Gpu, launch: &Launch) -> Result<(), PlanError> {
    let limits = gpu.device().limits();
    let scratch = launch.scratch.iter().copied().max().unwrap_or_default() as u64;
    let checks = [
        ("elements of scratch memory", scratch, MOST_ELEMENTS, "a smaller --batch needs fewer"),
        (
            "workgroups in one dimension",
            u64::from(launch.workgroups.into_iter().max().unwrap_or_default()),
            u64::from(limits.max_compute_workgroups_per_dimension),
            "a smaller --batch needs fewer",
        ),
        (
            "storage buffers in one kernel",
            launch.places.len() as u64,
            u64::from(limits.max_storage_buffers_per_shader_stage),
            "this adapter cannot run it",
        ),
        (
            "loop iterations of one invocation",
            launch.iterations,
            MAX_LOOP_ITERATIONS,
            "smaller images or fewer channels need fewer",
        ),
    ];
    for (what, needed, available, advice) in checks {
        if needed > available {
            let adapter = gpu.adapter().to_owned();
            let op = launch.shader.name();
            return Err(PlanError::Limit { op, what, needed, available, adapter, advice });
        }
    }
    Ok(())
}

/// Refuses views that cannot be bound, scalars that have no place, and tensors whose elements a
/// shader could not count.
pub(crate) fn check_graph(gpu: &Gpu, graph: &Graph) -> Result<(), PlanError> {
    let limit = |op: String, what, needed, available, advice| {
        let adapter = gpu.adapter().to_owned();
        Err(PlanError::Limit { op, what, needed, available, adapter, advice })
    };
    let scalars = graph.scalar_names().len();
    if scalars > SCALARS {
        let advice = "constants need none";
        return limit("the graph".to_owned(), "scalars", scalars as u64, SCALARS as u64, advice);
    }
    for (_, node) in graph.nodes() {
        if let Op::View { storage, offset } = node.op
            && !(offset as u64 * 4).is_multiple_of(ALIGNMENT)
        {
            let storage = graph.storages()[storage.index()].name.clone();
            return Err(PlanError::Alignment { storage, offset, multiple: ALIGNMENT as usize / 4 });
        }
        for &result in &node.results {
            let elements = graph.shape(result).elements() as u64;
            if elements > MOST_ELEMENTS {
                let advice = "a smaller --batch needs fewer";
                let op = node.op.name().to_owned();
                return limit(op, "elements in one tensor", elements, MOST_ELEMENTS, advice);
            }
        }
    }
    Ok(())
}
