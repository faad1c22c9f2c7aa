//! Files cut short and with bytes changed anywhere: whatever is read, nothing panics or hangs, and nothing
//! is made up.

use super::*;
use std::fs;
use std::time::{Duration, Instant};
use symphonia::core::checksum::Crc16Ansi;
use symphonia::core::io::Monitor;

/// Headers of every form, with little sound.
fn files() -> Vec<Vec<u8>> {
    let mut quad = case("speakers_quad_0x33.wav");
    quad.truncate(68 + 64);
    let mut long = case("rf64.wav");
    long.truncate(80 + 64);
    let list = chunk_promising(b"LIST", 7, b"INFOabc");
    let data = || chunk(b"data", &thousands());
    let odd = riff(&[fmt(1, 1, 16), list, data(), chunk(b"LIST", b"INFO")]);
    let float = riff(&[fmt(3, 1, 32), chunk(b"fact", &[0; 4]), data()]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac");
    vec![quad, long, odd, float, fs::read(path).expect("readable")]
}

/// Samples that bytes can stand for at most: the FLAC file's own, or one a byte.
fn most_samples(bytes: &[u8]) -> usize {
    bytes.len().max(2 * 4000)
}

fn check(bytes: &[u8]) {
    let as_file = read(bytes);
    let file_of = |bytes: &[u8]| {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).and_then(|()| file.rewind()).expect("writable");
        Source::new(file)
    };
    // What memory is reserved by.
    if !bytes.starts_with(b"fLaC")
        && let Ok(reader) = Reader::new(Path::new("in"), file_of(bytes))
    {
        let promised = reader.promised_samples().expect("no more than the file holds");
        assert!(promised <= u64::try_from(bytes.len()).expect("short"), "{promised}");
    }
    for result in [as_file, read_pipe(bytes)] {
        match result {
            Ok(read) => {
                let samples: usize = read.channels.iter().map(Vec::len).sum();
                assert!((1..=most_samples(bytes)).contains(&samples), "{samples}");
            }
            Err(error) => {
                let said = format!("{error:#}");
                assert!(
                    said.starts_with("cannot read in: ") || said.starts_with("in holds"),
                    "{said}"
                );
            }
        }
    }
}

#[test]
fn a_file_may_end_anywhere() {
    for file in files() {
        for end in (0..file.len().min(200)).chain(file.len().saturating_sub(20)..file.len()) {
            check(&file[..end]);
        }
    }
}

#[test]
fn any_byte_of_a_header_may_be_any_other() {
    for file in files() {
        for place in 0..file.len().min(160) {
            for change in [0x01, 0x80, 0x10, 0xff, file[place]] {
                let mut bytes = file.clone();
                bytes[place] ^= change;
                check(&bytes);
            }
        }
    }
}

#[test]
fn a_truncated_file_is_never_taken_for_a_complete_one() {
    let whole = riff(&[fmt(1, 1, 16), chunk(b"data", &thousands())]);
    for end in 46..whole.len() {
        let read = read(&whole[..end]).expect("readable");
        let samples = u8::try_from((end - 44) / 2).expect("few");
        assert_eq!(read.channels, thousands_read(samples));
        assert!(
            read.warnings.contains(&format!("promises 8 samples per channel, it holds {samples}"))
        );
    }
}

/// The checksum of a frame stays right over zeros: each of them might be the frame's end.
#[test]
fn zeros_behind_a_frame_that_cannot_be_decoded_are_not_tried_one_by_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/saws.flac");
    let mut file = fs::read(path).expect("readable");
    // The only frame; behind its header of eight bytes the kind of its first subframe, which is none.
    let frame = &mut file[136..];
    frame[8] = 0x04;
    let end = frame.len() - 2;
    let mut checksum = Crc16Ansi::new(0);
    checksum.process_buf_bytes(&frame[..end]);
    frame[end..].copy_from_slice(&checksum.crc().to_be_bytes());
    file.extend(std::iter::repeat_n(0, 2 << 20));
    file.push(1);
    let begun = Instant::now();
    check(&file);
    // It took minutes.
    let taken = begun.elapsed();
    assert!(taken < Duration::from_secs(20), "{taken:?}");
}
