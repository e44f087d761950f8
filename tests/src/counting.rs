//! Proof that results of a GPU were compared.

use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
};
use tensor_ops::Gpu;

/// Adds to the number of GPU results compared: to this process's count, which lies in the folder
/// that `GANVAS_GPU_CASES` names as a file with the line `adapter name<TAB>cases`.
///
/// # Panics
/// If the file cannot be written.
pub fn count_cases(gpu: &Gpu, cases: u64) {
    static COUNT: Mutex<u64> = Mutex::new(0);
    let Some(folder) = std::env::var_os("GANVAS_GPU_CASES") else { return };
    // Written anew each time, as a test process has no place to do so at its end.
    let mut count = COUNT.lock().unwrap_or_else(PoisonError::into_inner);
    *count += cases;
    let path = Path::new(&folder).join(format!("{}-0", std::process::id()));
    fs::write(&path, format!("{}\t{count}\n", gpu.adapter()))
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}
