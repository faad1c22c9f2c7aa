//! FLAC files. That samples are exact is what the checksum in the file says, which is verified.

use super::*;

/// A file of three frames of 4096, 4096 and 1408 samples, with nothing around them.
fn plain() -> Vec<u8> {
    let mut bytes = case("flac_id3v1_at_end.flac");
    bytes.truncate(bytes.len() - 128);
    bytes
}

/// What it holds.
fn expected() -> ChannelBuffers {
    read(&plain()).expect("readable").channels
}

/// Where the description begins, and its frames.
const INFO: usize = 8;
const FRAMES: usize = 86;
/// Where the third and last frame begins.
const LAST_FRAME: usize = 27_008;

#[test]
fn samples_are_those_of_the_same_sound_as_wav() {
    let wav = read(&case("riff_size_8_too_small.wav")).expect("readable").channels;
    let flac = expected();
    assert_eq!((flac.len(), flac[0].len()), (2, 9600));
    for (wav, flac) in wav.iter().flatten().zip(flac.iter().flatten()) {
        // They were rounded apart.
        assert!((wav - flac).abs() < 1.5 / 32_768.0, "{wav} {flac}");
    }
}

#[test]
fn what_is_around_the_sound_does_not_matter() {
    let id3v1 = [&b"TAG"[..], &[b' '; 125]].concat();
    let ape = [&b"APETAGEX\xd0\x07\0\0"[..], &[0x5a; 2000], b"APETAGEX\xd0\x07\0\0"].concat();
    let lyrics = b"LYRICSBEGININD0000200000027LYRICS200".to_vec();
    let id3v2 = b"ID3\x04\0\0\0\0\0\x05hello".to_vec();
    let behind = [
        Vec::new(),
        [ape.clone(), id3v1.clone()].concat(),
        [lyrics, id3v1].concat(),
        vec![0; 70_000],
        ape,
    ];
    let before = [Vec::new(), id3v2.clone(), [id3v2.clone(), id3v2].concat()];
    for (k, behind) in behind.iter().enumerate() {
        let bytes = [&before[k % 3][..], &plain(), behind].concat();
        for read in [read(&bytes), read_pipe(&bytes)] {
            let read = read.expect("readable");
            assert!(read.channels == expected() && read.warnings.is_empty(), "{k}");
        }
    }
}

#[test]
fn what_follows_the_sound_and_is_no_tag_is_warned_of() {
    let on = "goes on behind its sound, at byte 31676; that is left out";
    let file = "is followed by another file, at byte 31676; that is left out";
    let cases = [
        (b"hello world".to_vec(), on),
        (vec![7], on),
        (vec![b'x'; 70_000], on),
        // Bytes that begin as a frame does.
        (b"\xff\xf8\xff\xf9\xff\xf8".to_vec(), on),
        (plain()[FRAMES..FRAMES + 300].to_vec(), on),
        // Whole frames, which do not follow.
        (plain()[FRAMES..].to_vec(), on),
        (plain(), file),
        (case("riff_size_8_too_small.wav"), file),
    ];
    for (k, (behind, warning)) in cases.iter().enumerate() {
        for bytes in [plain(), promising(9600), promising(0)] {
            // Which frames are the sound's is not known then.
            let holds_frames = behind.windows(4).any(|bytes| bytes == &plain()[FRAMES..FRAMES + 4]);
            let is_refused = promises_nothing(&bytes) && holds_frames;
            for read in [read, read_pipe] {
                let read = read(&[&bytes[..], behind].concat());
                if is_refused {
                    let said = format!("{:#}", read.map(|_| k).expect_err("not known"));
                    let is_told = ["after 8192 samples", "after 9600 samples"];
                    assert!(is_told.iter().any(|words| said.contains(words)), "{k}: {said}");
                    continue;
                }
                let read = read.expect("readable");
                assert!(read.channels == expected(), "{k}");
                assert_eq!(read.warnings, format!("in {warning}"), "{k}");
            }
        }
    }
}

#[test]
fn what_the_description_says_wrongly_does_not_matter() {
    // The shortest and the longest block, and frame, as bytes.
    for lengths in [[0, 0, 0x10, 0], [0x05, 0x80, 0x10, 0], [0, 0, 0, 0], [0xff; 4]] {
        for frame_bytes in [[0; 6], [0xff; 6], [0, 0, 9, 0, 0, 1]] {
            let mut bytes = plain();
            bytes[INFO..INFO + 4].copy_from_slice(&lengths);
            bytes[INFO + 4..INFO + 10].copy_from_slice(&frame_bytes);
            let read = read(&bytes).expect("readable");
            assert!(read.channels == expected() && read.warnings.is_empty(), "{lengths:?}");
        }
    }
}

/// Whether a file's number of samples is unknown.
fn promises_nothing(bytes: &[u8]) -> bool {
    bytes[INFO + 16..INFO + 18] == [0; 2]
}

/// The file with another number of samples, 0 for unknown, and without a checksum.
fn promising(samples: u16) -> Vec<u8> {
    let mut bytes = plain();
    bytes[INFO + 16..INFO + 18].copy_from_slice(&samples.to_be_bytes());
    bytes[INFO + 18..INFO + 34].fill(0);
    bytes
}

#[test]
fn a_wrong_or_unknown_length_loses_nothing() {
    for (samples, warning) in [(0, ""), (9600, ""), (4096, "holds 9600"), (9599, "promises 9599")] {
        for behind in [0, 128] {
            let bytes = [promising(samples), vec![0; behind]].concat();
            let read_so = read_pipe(&bytes).expect("readable");
            assert!(read_so.channels == expected() && read_so.warnings.contains(warning));
            assert_eq!(read_so.warnings.is_empty(), warning.is_empty());
        }
    }
    let said = read(&promising(9601)).expect_err("truncated").to_string();
    assert!(said.contains("cannot read in"), "{said}");
}

#[test]
fn blocks_may_be_numbered_by_sample() {
    let read = read(&case("flac_variable_blocks.flac")).expect("readable");
    assert!(read.channels == expected() && read.warnings.is_empty());
}

#[test]
fn a_missing_or_damaged_frame_is_told() {
    let without = |mut bytes: Vec<u8>, from: usize, to: usize| {
        bytes.drain(from..to);
        bytes
    };
    let flipped = |mut bytes: Vec<u8>, place: usize| {
        bytes[place] ^= 0x10;
        bytes
    };
    let end = plain().len();
    for file in [plain(), promising(0), promising(9600)] {
        let cases = [
            (without(file.clone(), end - 1, end), "it"),
            (without(file.clone(), 20_000, end), "it"),
            (without(file.clone(), 13_543, LAST_FRAME), "damaged after 4096 samples"),
            (flipped(file.clone(), 20_000), "damaged after 4096 samples"),
            (flipped(file.clone(), LAST_FRAME + 1000), "it"),
            (flipped(file, FRAMES + 1000), "it"),
        ];
        for (k, (bytes, words)) in cases.into_iter().enumerate() {
            let said = format!("{:#}", read(&bytes).expect_err("incomplete"));
            assert!(said.starts_with("cannot read in: it") && said.contains(words), "{k}: {said}");
        }
    }
    // Whole frames, but fewer.
    let said = read(&without(plain(), LAST_FRAME, end)).expect_err("incomplete");
    assert!(format!("{said:#}").contains("promises 9600 samples per channel, it holds 8192"));
    // Less than a frame.
    let said = read(&without(plain(), FRAMES + 1000, end)).expect_err("incomplete");
    assert!(
        format!("{said:#}").contains("promises 9600 samples per channel, it holds 0"),
        "{said:#}"
    );
}

#[test]
fn speakers_are_told() {
    let with_comment = |comment: &str| {
        let mut body = vec![0; 8];
        body[4] = 1;
        body.extend(u32::try_from(comment.len()).expect("short").to_le_bytes());
        body.extend(comment.as_bytes());
        let length = u8::try_from(body.len()).expect("short");
        let plain = plain();
        let bytes =
            [&plain[..FRAMES - 44], &[4, 0, 0, length], &body, &plain[FRAMES - 44..]].concat();
        read(&bytes).expect("readable").speakers
    };
    assert_eq!(with_comment("TITLE=x"), None);
    assert_eq!(with_comment("WaveFormatExtensible_Channel_Mask=0x30"), Some(0x30));
}
