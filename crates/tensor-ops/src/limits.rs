//! What the adapter's limits, and the loop limit, do not allow is refused before anything runs.

use crate::{
    Gpu, PlanError,
    launch::{Launch, MAX_LOOP_ITERATIONS},
    memory::{ALIGNMENT, SCALARS},
};
use graph::Graph;

/// Refuses what the adapter or the loop limit does not allow.
pub(crate) fn check_launch(gpu: &Gpu, launch: &Launch) -> Result<(), PlanError> {
    let limits = gpu.device().limits();
    let checks = [
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
            let op = launch.shader.name.clone();
            return Err(PlanError::Limit { op, what, needed, available, adapter, advice });
        }
    }
    Ok(())
}

/// Refuses views that cannot be bound and scalars that have no place.
pub(crate) fn check_graph(gpu: &Gpu, graph: &Graph) -> Result<(), PlanError> {
    let adapter = || gpu.adapter().to_owned();
    if graph.scalar_names().len() > SCALARS {
        return Err(PlanError::Limit {
            op: "the graph".to_owned(),
            what: "scalars",
            needed: graph.scalar_names().len() as u64,
            available: SCALARS as u64,
            adapter: adapter(),
            advice: "constants need none",
        });
    }
    for (_, node) in graph.nodes() {
        let graph::Op::View { storage, offset } = node.op else { continue };
        if !(offset as u64 * 4).is_multiple_of(ALIGNMENT) {
            return Err(PlanError::Limit {
                op: format!("a view of {}", graph.storages()[storage.index()].name),
                what: "bytes of alignment at most",
                needed: 1 << (offset * 4).trailing_zeros(),
                available: ALIGNMENT,
                adapter: adapter(),
                advice: "begin every view at a multiple of 64 elements",
            });
        }
    }
    Ok(())
}
