//! The checksums of FLAC frames.

/// Where the checksum of all sound stands.
pub const MD5: std::ops::Range<usize> = 26..42;

/// A file in which the checksums of all frames are right, and that of all sound is left out.
#[must_use]
pub fn with_checksums(data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    if let Some(md5) = data.get_mut(MD5) {
        md5.fill(0);
    }
    let mut starts: Vec<usize> =
        (MD5.end..data.len()).filter(|start| header_bytes(&data[*start..]).is_some()).collect();
    starts.push(data.len());
    for frame in starts.windows(2) {
        let frame = &mut data[frame[0]..frame[1]];
        let Some(bytes) = header_bytes(frame) else { continue };
        frame[bytes] = crc(&frame[..bytes], 8, 0x07).to_be_bytes()[1];
        let end = frame.len() - 2;
        let checksum = crc(&frame[..end], 16, 0x8005).to_be_bytes();
        frame[end..].copy_from_slice(&checksum);
    }
    data
}

/// The bytes of a frame's header before its checksum (RFC 9639, 9.1); `None` where none begins.
fn header_bytes(frame: &[u8]) -> Option<usize> {
    let [0xff, 0xf8 | 0xf9, sizes, _, number, ..] = *frame else { return None };
    let number_bytes = match number.leading_ones() {
        0 => 1,
        ones @ 2..=7 => usize::try_from(ones).ok()?,
        _ => return None,
    };
    let block_bytes = match sizes >> 4 {
        6 => 1,
        7 => 2,
        _ => 0,
    };
    let rate_bytes = match sizes & 0xf {
        12 => 1,
        13 | 14 => 2,
        _ => 0,
    };
    let bytes = 4 + number_bytes + block_bytes + rate_bytes;
    (bytes + 3 < frame.len()).then_some(bytes)
}

/// A checksum of `bits` bits without an inversion, by the polynomial of these coefficients.
fn crc(data: &[u8], bits: u32, polynomial: u16) -> u16 {
    let mask = u16::MAX >> (16 - bits);
    let mut remainder = 0;
    for byte in data {
        remainder ^= u16::from(*byte) << (bits - 8);
        for _ in 0..8 {
            let carry = remainder >> (bits - 1) & 1;
            remainder = (remainder << 1 & mask) ^ (carry * polynomial);
        }
    }
    remainder
}
