//! The products' forms whose tiles lie in workgroup memory: their texts, which products they fit,
//! and what their loops take.

use super::product::Extents;
use crate::{SharedTile, Variant, shaders::shader};

/// Values of k in workgroup memory at once.
const DEPTH: usize = 16;

impl SharedTile {
    /// The constants that its shaders are generated with.
    pub(super) fn constants(self) -> String {
        let [rows, columns] = self.extents();
        format!("const TILE_ROWS: u32 = {rows}u;\nconst TILE_COLUMNS: u32 = {columns}u;\n")
    }

    /// The tiles in workgroup memory, the sums of an invocation, and then the core.
    pub(crate) fn parts(self, core: &'static str) -> Vec<&'static str> {
        let sums = match self {
            Self::Flat | Self::Small => shader!("product_shared_sums4x4"),
            Self::Large => shader!("product_shared_sums8x8"),
        };
        vec![shader!("product_shared_tiles"), sums, core]
    }

    /// Whether more than half of a tile's columns are there, and half of the k that it holds, all
    /// in fours. Rows do not count: they are few where the batch is, and empty ones are not added.
    pub(super) fn fits(self, extents: Extents) -> bool {
        let Extents { narrowest, depth, quads, .. } = extents;
        let [_, columns] = self.extents();
        quads && 2 * narrowest > columns && 2 * depth >= DEPTH
    }

    /// An upper bound of the loop iterations of one invocation: `outer` times up to `inner` values
    /// of k, added by fours and one by one. Each loop's last look at its condition is one more, and
    /// goes through the loops inside with nothing to do, whose only look it is.
    pub(super) fn iterations(outer: usize, inner: usize) -> u64 {
        let added = |count: usize| count / 4 + count % 4;
        let of = |inner: usize| {
            3 * inner.div_ceil(DEPTH) + inner / DEPTH * added(DEPTH) + added(inner % DEPTH)
        };
        // One k fewer can take more, as a split's last images do.
        let most = (inner.saturating_sub(DEPTH)..=inner).map(of).max().unwrap_or_default();
        outer as u64 * (4 + most) as u64 + 4
    }

    /// Of the variants that fit, the one to take on a GPU where nothing was measured: the largest
    /// tile of which more than half of the rows are there, or the flat one whatever the rows; none
    /// where rounds are less than half full.
    pub(super) fn by_rule(variants: &[Variant], extents: Extents) -> Option<Variant> {
        let Extents { rows, round, .. } = extents;
        if 2 * round < DEPTH {
            return None;
        }
        let tiles = variants.iter().filter_map(|&variant| match variant {
            Variant::Shared(tile) => Some(tile),
            Variant::Registers | Variant::Phases | Variant::Subgroup(_) => None,
        });
        let filled = tiles.filter(|&tile| tile == Self::Flat || 2 * rows > tile.extents()[0]);
        let largest = filled.max_by_key(|tile| tile.extents().iter().product::<usize>());
        largest.map(Variant::Shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The looks of a loop whose body has some of its own; the last one has nothing to do.
    fn looks(bodies: impl Iterator<Item = u64>, idle: u64) -> u64 {
        bodies.map(|body| 1 + body).sum::<u64>() + 1 + idle
    }

    /// Every loop of the shaders' cores, counted one look at a time.
    fn counted(outer: usize, inner: usize) -> u64 {
        let added = |count: usize| {
            looks(std::iter::repeat_n(0, count / 4), 0)
                + looks(std::iter::repeat_n(0, count % 4), 0)
        };
        let rounds = (0..inner).step_by(DEPTH).map(|first| added((inner - first).min(DEPTH)));
        let one = looks(rounds, added(0));
        looks(std::iter::repeat_n(one, outer), looks(std::iter::empty(), added(0)))
    }

    #[test]
    fn iterations_are_the_most_that_the_loops_take() {
        for outer in [0, 1, 3, 25] {
            for inner in 1..=100 {
                let most = (1..=inner).map(|fewer| counted(outer, fewer)).max();
                assert_eq!(Some(SharedTile::iterations(outer, inner)), most, "{outer} x {inner}");
            }
        }
    }

    #[test]
    fn the_rule_follows_the_batch_and_the_channels() {
        let of = |rows, narrowest| {
            let extents = Extents {
                rows,
                columns: narrowest,
                narrowest,
                depth: 64,
                round: 64,
                quads: true,
                phases: false,
            };
            let fitting = Variant::ALL.into_iter().filter(|variant| match variant {
                Variant::Shared(tile) => tile.fits(extents),
                Variant::Registers | Variant::Phases | Variant::Subgroup(_) => true,
            });
            SharedTile::by_rule(&fitting.collect::<Vec<_>>(), extents)
        };
        let shared = |tile| Some(Variant::Shared(tile));
        assert_eq!(of(64, 64), shared(SharedTile::Large));
        assert_eq!(of(33, 33), shared(SharedTile::Large));
        assert_eq!(of(16, 128), shared(SharedTile::Flat));
        assert_eq!(of(1, 128), shared(SharedTile::Flat));
        assert_eq!(of(64, 32), shared(SharedTile::Small));
        assert_eq!(of(16, 32), None);
        assert_eq!(of(64, 16), None);
    }
}
