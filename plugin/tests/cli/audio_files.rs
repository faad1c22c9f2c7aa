//! Files as users' programs write them, through the program: rendered flat, each comes out whole.

use crate::program::{erbium, folder, names, succeed};
use crate::wav::read_wav;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of `data/audio`; its channels, and words of the warning.
const CASES: [(&str, usize, &str); 10] = [
    ("data_size_16_too_large.wav", 2, "promises 9604 samples per channel, it holds 9600"),
    ("data_size_from_a_pipe.wav", 1, ""),
    ("fmt_chunk_oversized.wav", 2, ""),
    ("info_list_bad_length.wav", 2, ""),
    ("rf64.wav", 2, ""),
    ("riff_and_data_size_zero_pad.wav", 1, ""),
    ("riff_size_8_too_small.wav", 2, ""),
    ("speakers_quad_0x33.wav", 4, ""),
    ("flac_id3v1_at_end.flac", 2, ""),
    ("flac_min_block_0.flac", 2, ""),
];

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/audio").join(name)
}

/// The samples of 16 bits that end a file, of `count` channels.
fn last_samples(name: &str, count: usize) -> Vec<Vec<f32>> {
    let bytes = fs::read(case(name)).expect("readable");
    let sound = &bytes[bytes.len() - 9600 * 2 * count..];
    let sample = |bytes: &[u8; 2]| f32::from(i16::from_le_bytes(*bytes)) / 32_768.0;
    let all: Vec<f32> = sound.as_chunks().0.iter().map(sample).collect();
    (0..count).map(|c| all.iter().skip(c).step_by(count).copied().collect()).collect()
}

#[test]
fn every_file_is_rendered_whole_as_a_file_and_by_a_pipe() {
    let folder = folder();
    let path = folder.path();
    let sound = last_samples("riff_size_8_too_small.wav", 2);
    for (name, channels, warning) in CASES {
        let given = case(name).display().to_string();
        let (_, warned) = succeed(path, &["render", &given, "-o", "file.wav"]);
        let rendered = read_wav(&path.join("file.wav"));
        assert_eq!((rendered.len(), rendered[0].len()), (channels, 9600), "{name}");
        if name.ends_with(".wav") {
            assert!(rendered == last_samples(name, channels), "{name}");
        }
        // They are all one sound; the FLAC files were rounded apart, and hold a checksum.
        let tolerance = if name.ends_with(".wav") { 0.0 } else { 1.5 / 32_768.0 };
        for (sound, rendered) in sound.iter().zip(&rendered) {
            let error = sound.iter().zip(rendered).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(error <= tolerance, "{name}: {error}");
        }
        assert!(warned.contains(warning) && warned.is_empty() == warning.is_empty(), "{warned}");
        #[cfg(unix)]
        {
            let command = format!(
                "cat '{given}' | '{}' render /dev/stdin -o pipe.wav",
                env!("CARGO_BIN_EXE_erbium")
            );
            let output = Command::new("sh").args(["-c", &command]).current_dir(path).output();
            let said = String::from_utf8(output.expect("a shell").stderr).expect("text");
            assert_eq!(said, warned.replace(&given, "/dev/stdin"), "{name}");
            let bytes = |name| fs::read(path.join(name)).expect("written");
            assert!(
                bytes("pipe.wav") == with_room(&bytes("file.wav"))
                    || bytes("pipe.wav") == bytes("file.wav")
            );
        }
    }
}

/// A file with the room for long lengths that one of unknown length has.
fn with_room(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 8 + 36).expect("short");
    let room = [&b"JUNK\x1c\0\0\0"[..], &[0; 28]].concat();
    [b"RIFF", &length.to_le_bytes()[..], b"WAVE", &room, &bytes[12..]].concat()
}

#[test]
fn float_samples_are_given_back_bit_for_bit() {
    let folder = folder();
    let given = case("fact_chunk_12_bytes.wav");
    let bytes = fs::read(&given).expect("readable");
    let sample = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
    let all: Vec<f32> = bytes[bytes.len() - 9600 * 8..].as_chunks().0.iter().map(sample).collect();
    let given = given.display().to_string();
    let (_, warned) = succeed(folder.path(), &["render", &given, "-o", "a.wav"]);
    assert_eq!(warned, "");
    let rendered = read_wav(&folder.path().join("a.wav"));
    for (c, channel) in rendered.iter().enumerate() {
        assert!(all.iter().skip(c).step_by(2).eq(channel), "channel {c}");
    }
}

/// The format tag and the speakers of a file's header.
fn format(path: &Path) -> (u16, Option<u32>) {
    let bytes = fs::read(path).expect("written");
    let fmt = bytes.windows(4).position(|id| id == b"fmt ").expect("a fmt chunk") + 8;
    let tag = u16::from_le_bytes([bytes[fmt], bytes[fmt + 1]]);
    let speakers = bytes[fmt + 20..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
    (tag, speakers.filter(|_| tag == 0xfffe))
}

#[test]
fn outputs_keep_speakers_and_else_are_as_old_readers_know_them() {
    let folder = folder();
    let path = folder.path();
    let cases = [
        ("speakers_quad_0x33.wav", "f32", (0xfffe, Some(0x33))),
        ("riff_size_8_too_small.wav", "f32", (3, None)),
        ("riff_size_8_too_small.wav", "i24", (1, None)),
        // It names the speakers that two channels have anyway.
        ("fmt_chunk_oversized.wav", "i16", (1, None)),
        ("flac_min_block_0.flac", "i24", (1, None)),
    ];
    for (name, kind, expected) in cases {
        let given = case(name).display().to_string();
        succeed(path, &["render", &given, "-o", "a.wav", "--format", kind]);
        assert_eq!(format(&path.join("a.wav")), expected, "{name}");
        // What the program writes it reads.
        let (_, warned) = succeed(path, &["render", "a.wav", "-o", "b.wav", "--format", kind]);
        assert_eq!(warned, "");
        let bytes = |name| fs::read(path.join(name)).expect("written");
        assert!(bytes("a.wav") == bytes("b.wav"), "{name}");
    }
}

#[test]
fn analysis_warns_of_what_rendering_warns_of() {
    let folder = folder();
    let path = folder.path();
    let given = case("data_size_16_too_large.wav").display().to_string();
    for feature in ["cochleagram", "mel"] {
        let arguments = ["analyze", &given, "--feature", feature, "-o", "a.npy"];
        let (_, warned) = succeed(path, &arguments);
        assert!(
            warned.starts_with("erbium: warning: ") && warned.contains("promises 9604"),
            "{warned}"
        );
        assert_eq!(warned.lines().count(), 1);
    }
}

#[test]
fn a_frame_lost_midway_leaves_no_output() {
    let folder = folder();
    let path = folder.path();
    let mut flac = fs::read(case("flac_min_block_0.flac")).expect("readable");
    flac[20_000] ^= 1;
    fs::write(path.join("a.flac"), flac).expect("written");
    let output = erbium(path, &["render", "a.flac"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success() && said.contains("damaged after 4096 samples"), "{said}");
    assert_eq!(names(path), ["a.flac".to_owned()].into());
}
