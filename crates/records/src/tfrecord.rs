//! TFRecord, the framing of TensorFlow's files: each record between its length and checksums.
//!
//! A record is `length: u64`, `masked(crc(length)): u32`, its bytes, `masked(crc(bytes)): u32`, all
//! little-endian. The checksum is CRC-32C (Castagnoli), and
//! `masked(c) = ((c >> 15) | (c << 17)) + 0xa282ead8` modulo 2³², so that a checksum of bytes which
//! hold checksums is still one. Source: TensorFlow, "TFRecord and tf.train.Example",
//! <https://www.tensorflow.org/tutorials/load_data/tfrecord>.

use crc::{CRC_32_ISCSI, Crc, Table};

static CASTAGNOLI: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
const MASK_DELTA: u32 = 0xa282_ead8;

/// A record in its frame.
pub fn frame(record: &[u8]) -> Vec<u8> {
    let length = (record.len() as u64).to_le_bytes();
    let length_checksum = masked_crc32c(&length).to_le_bytes();
    let checksum = masked_crc32c(record).to_le_bytes();
    [&length, length_checksum.as_slice(), record, &checksum].concat()
}

/// The masked CRC-32C of some bytes.
pub fn masked_crc32c(bytes: &[u8]) -> u32 {
    CASTAGNOLI.checksum(bytes).rotate_right(15).wrapping_add(MASK_DELTA)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, appendix B.4: CRC-32C of 32 zeros, 32 ones and 32 bytes that count up.
    #[test]
    fn checksums_are_those_of_the_standard() {
        let counting: Vec<u8> = (0..32).collect();
        assert_eq!(CASTAGNOLI.checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(CASTAGNOLI.checksum(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(CASTAGNOLI.checksum(&counting), 0x46dd_794e);
    }

    #[test]
    fn a_frame_is_as_long_as_it_says_and_checked_twice() {
        let framed = frame(b"123456789");
        assert_eq!(framed.len(), 8 + 4 + 9 + 4);
        assert_eq!(framed[..8], 9_u64.to_le_bytes());
        // CRC-32C of "123456789" is 0xe3069283; turned by 15 bits and moved it is this.
        assert_eq!(framed[21..], 0xc78a_b0e5_u32.to_le_bytes());
        assert_ne!(framed[8..12], [0; 4]);
    }
}
