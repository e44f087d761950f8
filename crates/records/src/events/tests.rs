//! Event files read back by other means than they are written with: the framing and the wire format
//! of protobuf by hand, and the checksum bit by bit.

use super::*;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use serde_json::json;

const START: Moment = Moment { step: 3, wall_time: 12.5 };

/// CRC-32C by its definition: the reflected polynomial 0x1edc6f41, one bit at a time.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 * (crc & 1)))
    })
}

fn masked(bytes: &[u8]) -> [u8; 4] {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// The records of a file, each checked.
fn records(mut file: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while let Some((length, rest)) = file.split_first_chunk::<8>() {
        let (check, rest) = rest.split_first_chunk::<4>().unwrap();
        assert_eq!(*check, masked(length));
        let (record, rest) = rest.split_at(u64::from_le_bytes(*length) as usize);
        let (check, rest) = rest.split_first_chunk::<4>().unwrap();
        assert_eq!(*check, masked(record));
        records.push(record);
        file = rest;
    }
    assert!(file.is_empty());
    records
}

/// A field's bytes; those of a varint are its number.
fn fields(mut message: &[u8]) -> Vec<(u64, Vec<u8>)> {
    fn varint(message: &mut &[u8]) -> u64 {
        let length = message.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let (digits, rest) = message.split_at(length);
        *message = rest;
        digits.iter().rev().fold(0, |number, digit| (number << 7) | u64::from(digit & 0x7f))
    }
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let value = match key & 7 {
            0 => varint(&mut message).to_le_bytes().to_vec(),
            kind => {
                let length = match kind {
                    1 => 8,
                    2 => varint(&mut message) as usize,
                    5 => 4,
                    _ => panic!("wire type {kind}"),
                };
                let (value, rest) = message.split_at(length);
                message = rest;
                value.to_vec()
            }
        };
        fields.push((key >> 3, value));
    }
    fields
}

fn one(message: &[u8], number: u64) -> Vec<u8> {
    let found: Vec<_> = fields(message).into_iter().filter(|(field, _)| *field == number).collect();
    assert_eq!(found.len(), 1, "field {number}");
    found[0].1.clone()
}

fn step(event: &[u8]) -> u64 {
    let step = fields(event).into_iter().find(|(field, _)| *field == 2);
    step.map_or(0, |(_, value)| u64::from_le_bytes(value.try_into().unwrap()))
}

fn file(write: impl FnOnce(&mut EventFile<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut EventFile::begin(&mut bytes, START).unwrap());
    bytes
}

#[test]
fn a_file_begins_with_its_version_and_its_start() {
    let bytes = file(|_| ());
    let [version, start] = records(&bytes)[..] else { panic!("two records") };
    assert_eq!(one(version, 1), 12.5_f64.to_le_bytes());
    assert_eq!((step(version), one(version, 3)), (0, b"brain.Event:2".to_vec()));
    assert_eq!((step(start), one(&one(start, 7), 1)), (3, 1_u64.to_le_bytes().to_vec()));
}

/// The golden is by TensorBoard's own writer: `tests/golden/events.py --golden`.
#[test]
fn a_file_has_the_bytes_that_tensorboard_writes() {
    let golden = include_bytes!("../../../../tests/golden/events.tfevents");
    // The picture is the last field of the last record.
    let picture = one(&one(&one(&one(records(golden)[3], 5), 1), 4), 4);
    let at = |step: u64, wall_time: f64| Moment { step, wall_time };
    let mut bytes = Vec::new();
    let mut events = EventFile::begin(&mut bytes, at(3, 1.5)).unwrap();
    let line = json!({"step": 4, "loss_d": 1.25, "health": {"norm": 0.1}});
    events.scalars(at(4, 2.5), &line).unwrap();
    events.picture(at(4, 3.5), "fakes", &picture).unwrap();
    assert!(bytes == golden, "{bytes:x?}");
}

#[test]
fn every_number_of_a_line_is_a_scalar_but_the_step() {
    let line = json!({"step": 7, "loss_d": 1.25, "health": {"verdict": "fine", "grad_norm": 3}});
    let bytes = file(|events| {
        events.scalars(Moment { step: 7, wall_time: 20.0 }, &line).unwrap();
        events.scalars(START, &json!({"step": 8})).unwrap();
    });
    let [_, _, event] = records(&bytes)[..] else { panic!("three records") };
    assert_eq!((step(event), one(event, 1)), (7, 20_f64.to_le_bytes().to_vec()));
    let found: Vec<(String, f32)> = fields(&one(event, 5))
        .iter()
        .map(|(_, value)| {
            let number = f32::from_le_bytes(one(value, 2).try_into().unwrap());
            (String::from_utf8(one(value, 1)).unwrap(), number)
        })
        .collect();
    assert_eq!(found, [("health/grad_norm".to_owned(), 3.0), ("loss_d".to_owned(), 1.25)]);
}

#[test]
fn a_picture_is_its_file_with_its_size() {
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(&[5; 18], 2, 3, ExtendedColorType::Rgb8).unwrap();
    let bytes = file(|events| events.picture(START, "fakes", &png).unwrap());
    let [_, _, event] = records(&bytes)[..] else { panic!("three records") };
    let value = one(&one(event, 5), 1);
    assert_eq!(one(&value, 1), b"fakes");
    let image = one(&value, 4);
    let number = |field| u64::from_le_bytes(one(&image, field).try_into().unwrap());
    assert_eq!([number(1), number(2), number(3)], [3, 2, 3]);
    assert_eq!(one(&image, 4), png);
}

#[test]
fn what_is_no_png_is_an_error_and_leaves_the_file_whole() {
    let bytes = file(|events| {
        let error = events.picture(START, "fakes", b"GIF89a").unwrap_err();
        assert!(matches!(error, EventError::Png { .. }), "{error}");
    });
    assert_eq!(records(&bytes).len(), 2);
}
