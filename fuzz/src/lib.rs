//! What is fuzzed: each function takes any bytes, and panics only where Ganvas has a mistake. The
//! tests of `crates/gan` run them on the corpus.

use gan::{
    checkpoint::{CheckpointError, decode, encode},
    data::{Fit, Preparation, ZipImages, decode_image, parse_cifar_archive, parse_idx},
    networks::Preset,
    options::TrainOptions,
    state::TrainState,
    variants::ChosenVariants,
    weights::{check_weights, read_state, replace_weights},
};
use std::{io::Cursor, sync::OnceLock};

/// A checkpoint. One whose only fault is its checksum is mended, so that what comes behind the
/// checksum is reached.
pub fn checkpoint(bytes: &[u8]) {
    match decode(bytes) {
        Err(CheckpointError::Checksum { expected, found }) => {
            let crc = |value: u32| format!("\\\"crc32\\\":{value}").into_bytes();
            if let Some(mended) = replaced(bytes, &crc(expected), &crc(found)) {
                stays(decode(&mended));
            }
        }
        other => stays(other),
    }
}

/// What was read is written as it was read.
fn stays(state: Result<TrainState, CheckpointError>) {
    let Ok(state) = state else { return };
    let written = encode(&state).expect("what was read can be written");
    let again = decode(&written).expect("what was written can be read");
    assert!(encode(&again).is_ok_and(|again| again == written));
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let at = bytes.windows(from.len()).position(|window| window == from)?;
    let mut mended = [&bytes[..at], to, &bytes[at + from.len()..]].concat();
    // The header's length, before it.
    let length = u64::from_le_bytes(*mended.first_chunk()?);
    let length = length.wrapping_add(to.len() as u64).wrapping_sub(from.len() as u64);
    mended[..8].copy_from_slice(&length.to_le_bytes());
    Some(mended)
}

/// A file for `--weights`.
pub fn weights(bytes: &[u8]) {
    static STATE: OnceLock<TrainState> = OnceLock::new();
    let state = STATE.get_or_init(|| TrainState::new(tiny()).expect("tiny networks exist"));
    if check_weights(bytes).is_ok() {
        // A file without all weights is an error, which is well.
        _ = replace_weights(&mut state.clone(), bytes);
        _ = read_state(bytes);
    }
}

/// The options of the smallest networks there are.
pub fn tiny() -> TrainOptions {
    TrainOptions {
        size: Some([16, 16]),
        width: Some(1),
        batch: 2,
        ..TrainOptions::new(Preset::Dcgan, 1)
    }
}

/// An IDX file, gzipped or not.
pub fn idx(bytes: &[u8]) {
    if let Ok(images) = parse_idx(bytes) {
        assert_eq!(images.pixels.len(), images.count * images.height * images.width);
    }
}

/// A PNG, JPEG, BMP, GIF or WebP file, and how it is prepared: whole, cut and resized.
pub fn image(bytes: &[u8]) {
    let Ok(image) = decode_image(bytes) else { return };
    let [height, width] = image.size();
    assert!((1..=8192).contains(&height) && (1..=8192).contains(&width));
    if height * width > 1 << 12 {
        // Larger ones are slow and reach nothing else.
        return;
    }
    for (fit, channels) in [(Fit::Crop, None), (Fit::Pad, Some(4))] {
        let size = Some([16, 20]);
        let preparation = Preparation { size, channels, fit, ..Preparation::default() };
        let prepared = preparation.prepare(&image).expect("it has pixels");
        assert_eq!(prepared.pixels.len(), prepared.shape.iter().product::<usize>());
    }
}

/// A zip of images.
pub fn zip(bytes: &[u8]) {
    let Ok(images) = ZipImages::new(Cursor::new(bytes)) else { return };
    for index in 0..images.len().min(16) {
        _ = images.name(index);
        if let Ok(file) = images.read(index, 1 << 16) {
            assert!(file.len() <= 1 << 16);
            image(&file);
        }
    }
}

/// CIFAR-10's binary archive.
pub fn cifar(bytes: &[u8]) {
    let Ok(batches) = parse_cifar_archive(bytes) else { return };
    for batch in batches.values() {
        assert!(batch.count() == 0 || batch.image(batch.count() - 1).is_some());
        assert!(batch.image(batch.count()).is_none());
    }
}

/// The JSON of a run's options, and of the variants that it runs in.
pub fn options(bytes: &[u8]) {
    if let Ok(options) = serde_json::from_slice::<TrainOptions>(bytes)
        && options.check().is_ok()
    {
        let json = serde_json::to_vec(&options).expect("options that hold can be written");
        let again: TrainOptions = serde_json::from_slice(&json).expect("and read");
        assert_eq!(again, options);
    }
    if let Ok(variants) = serde_json::from_slice::<ChosenVariants>(bytes) {
        _ = variants.choices();
    }
}
