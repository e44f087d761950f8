//! One name per op through five places, so that no kernel lands without its twin, its proof and its
//! test.

use super::{Violation, source::Tree};

/// A folder with one file per op.
pub(crate) struct Place {
    /// From the root.
    folder: &'static str,
    extension: &'static str,
    /// What an op's file is.
    role: &'static str,
    /// The other files that belong there.
    shared: &'static [&'static str],
}

/// The five places.
pub(crate) const PLACES: [Place; 5] = [
    Place {
        folder: "shaders",
        extension: "wgsl",
        role: "shader",
        shared: &[
            "conv_transpose2d_phases",
            "divide",
            "load_floats",
            "load_pairs",
            "philox",
            "philox_quads",
            "philox_scalars",
            "pointwise_binary",
            "pointwise_unary",
            "product_line_16x32",
            "product_line_16x64",
            "product_line_32x16",
            "product_line_32x32",
            "product_loads",
            "product_registers",
            "product_shared",
            "product_shared_sums4x4",
            "product_shared_sums8x8",
            "product_shared_tiles",
            "product_store_pairs",
            "product_store_quads",
            "product_store_scalars",
            "product_subgroup8",
            "weight_product_block_16x32",
            "weight_product_block_16x64",
            "weight_product_block_32x16",
            "weight_product_block_32x32",
            "weight_product_channels",
            "weight_product_loads",
            "weight_product_patches",
            "weight_product_registers",
            "weight_product_shared",
            "weight_product_subgroup8",
        ],
    },
    Place {
        folder: "crates/tensor-ops/src/ops",
        extension: "rs",
        role: "wrapper",
        shared: &["mod", "pointwise", "product", "random", "shared_tile", "weight_product"],
    },
    Place {
        folder: "crates/cpu-reference/src",
        extension: "rs",
        role: "CPU twin",
        shared: &[
            "elements",
            "evaluate",
            "interpreter",
            "lib",
            "philox",
            "real",
            "rows",
            "values",
            "window",
        ],
    },
    Place {
        folder: "crates/verification/src/ops",
        extension: "rs",
        role: "proof",
        shared: &["mod", "tests"],
    },
    Place { folder: "tests/tests", extension: "rs", role: "test", shared: &["main"] },
];

/// Holds that every op has a file in each place, and every file an op.
pub(crate) fn check(tree: &Tree, kernels: &[&str], places: &[Place]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for place in places {
        let Place { folder, extension, role, shared } = place;
        let path = |name: &str| format!("{folder}/{name}.{extension}");
        let found = tree.stems(folder, extension);
        for kernel in kernels.iter().filter(|kernel| !found.contains(kernel)) {
            let advice = format!("missing: the op `{kernel}` needs its {role} here");
            violations.push(Violation::of_file(&path(kernel), advice));
        }
        for name in shared.iter().filter(|name| !found.contains(name)) {
            let advice =
                "missing, but listed as shared in xtask/src/tidy/names.rs: remove it there";
            violations.push(Violation::of_file(&path(name), advice));
        }
        for name in found.iter().filter(|name| !kernels.contains(name) && !shared.contains(name)) {
            let advice = format!(
                "a {role} without an op: name it as in graph::Op::KERNELS, or list it as shared in \
                 xtask/src/tidy/names.rs"
            );
            violations.push(Violation::of_file(&path(name), advice));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const TEST_PLACES: [Place; 2] = [
        Place { folder: "shaders", extension: "wgsl", role: "shader", shared: &["gemm"] },
        Place { folder: "tests/tests", extension: "rs", role: "test", shared: &["main"] },
    ];
    const COMPLETE: [&str; 6] = [
        "shaders/add.wgsl",
        "shaders/tanh.wgsl",
        "shaders/gemm.wgsl",
        "tests/tests/add.rs",
        "tests/tests/tanh.rs",
        "tests/tests/main.rs",
    ];

    fn violations(files: &[&str]) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let tree = Tree::read(root.path()).unwrap();
        let violations = check(&tree, &["add", "tanh"], &TEST_PLACES);
        violations.into_iter().map(|violation| violation.path).collect()
    }

    #[test]
    fn a_complete_tree_passes() {
        assert!(violations(&COMPLETE).is_empty());
    }

    #[test]
    fn each_missing_file_is_named() {
        for missing in COMPLETE {
            let rest: Vec<&str> = COMPLETE.into_iter().filter(|&file| file != missing).collect();
            assert_eq!(violations(&rest), [missing]);
        }
    }

    #[test]
    fn a_file_without_an_op_is_named() {
        for extra in ["shaders/relu.wgsl", "tests/tests/relu.rs"] {
            assert_eq!(violations(&[&COMPLETE[..], &[extra]].concat()), [extra]);
        }
    }

    #[test]
    fn files_of_another_kind_or_deeper_are_left_alone() {
        let more = ["shaders/README.md", "tests/tests/support/compare.rs"];
        assert!(violations(&[&COMPLETE[..], &more].concat()).is_empty());
    }
}
