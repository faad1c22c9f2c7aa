//! WAV files.

use super::*;

const PCM: u16 = 1;
const FLOAT: u16 = 3;

/// The extension of a `fmt ` chunk of WAVE_FORMAT_EXTENSIBLE.
fn extension(valid_bits: u16, speakers: u32, subformat: u16) -> Vec<u8> {
    let mut bytes = vec![22, 0];
    bytes.extend(valid_bits.to_le_bytes());
    bytes.extend(speakers.to_le_bytes());
    bytes.extend(subformat.to_le_bytes());
    bytes.extend(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
    bytes
}

#[test]
fn every_way_to_store_samples_is_exact() {
    let bytes_32 = |values: &[i32]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<_>>();
    let upper_24 = bytes_32(&[0x1234_5600, -0x1234_5600, i32::MIN]);
    let as_24: &[f32] = &[0.142_222_17, -0.142_222_17, -1.0];
    let cases: &[(Vec<u8>, Vec<u8>, &[f32])] = &[
        (fmt(PCM, 1, 8), vec![0, 128, 255, 1], &[-1.0, 0.0, 127.0 / 128.0, -127.0 / 128.0]),
        (fmt(PCM, 1, 16), vec![0, 0x80, 1, 0], &[-1.0, 1.0 / 32_768.0]),
        // The upper bits of two bytes.
        (fmt(PCM, 1, 12), vec![0, 0x40, 0x10, 0], &[0.5, 16.0 / 32_768.0]),
        (fmt(PCM, 1, 20), vec![0, 0, 0x40, 0x10, 0, 0], &[0.5, 16.0 / 8_388_608.0]),
        (fmt(PCM, 1, 24), vec![0, 0, 0xc0, 1, 0, 0], &[-0.5, 1.0 / 8_388_608.0]),
        (fmt(PCM, 1, 32), bytes_32(&[1 << 30, 1]), &[0.5, 1.0 / 2_147_483_648.0]),
        (fmt_with_block(PCM, 1, 24, 4, &[]), upper_24.clone(), as_24),
        (fmt_with_block(0xfffe, 1, 32, 4, &extension(24, 4, PCM)), upper_24, as_24),
        (
            fmt(FLOAT, 1, 32),
            [2.5_f32, -0.1].iter().flat_map(|x| x.to_le_bytes()).collect(),
            &[2.5, -0.1],
        ),
        (
            fmt(FLOAT, 1, 64),
            [2.5_f64, -0.1].iter().flat_map(|x| x.to_le_bytes()).collect(),
            &[2.5, -0.1],
        ),
        // As libsndfile has them.
        (
            fmt(6, 1, 8),
            vec![0, 1, 128, 255],
            &[-0.167_968_75, -0.160_156_25, 0.167_968_75, 0.025_878_906],
        ),
        (fmt(7, 1, 8), vec![0, 1, 128, 255], &[-0.980_346_7, -0.949_096_7, 0.980_346_7, 0.0]),
        // What follows from channels and bits goes before a block of a wrong length.
        (fmt_with_block(PCM, 1, 16, 0, &[]), vec![0, 0x40, 0, 0xc0], &[0.5, -0.5]),
        (fmt_with_block(PCM, 1, 16, 7, &[]), vec![0, 0x40, 0, 0xc0], &[0.5, -0.5]),
        (fmt_with_block(FLOAT, 1, 32, 2, &[]), 0.5_f32.to_le_bytes().to_vec(), &[0.5]),
        (fmt_with_block(PCM, 1, 16, 2, &[0xff; 61]), vec![0, 0x40], &[0.5]),
    ];
    for (fmt, data, expected) in cases {
        let read = read(&riff(&[fmt.clone(), chunk(b"data", data)])).expect("readable");
        assert_eq!((&read.channels[0][..], &*read.warnings), (*expected, ""), "{fmt:?}");
    }
}

#[test]
fn numbers_may_begin_with_their_highest_byte() {
    let big = |tag: u16, bits: u16, data: &[u8]| {
        let block = bits / 8;
        let mut bytes = b"RIFX\0\0\0\0WAVEfmt \0\0\0\x10".to_vec();
        for number in [tag, 1, 0, 8000, 0, 8000 * block, block, bits] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(b"data");
        bytes.extend(u32::try_from(data.len()).expect("short").to_be_bytes());
        bytes.extend(data);
        read(&bytes).expect("readable").channels
    };
    assert_eq!(big(PCM, 16, &[0x40, 0, 0, 1]), [[0.5, 1.0 / 32_768.0]]);
    assert_eq!(big(PCM, 24, &[0x40, 0, 0, 0, 0, 1]), [[0.5, 1.0 / 8_388_608.0]]);
    assert_eq!(big(FLOAT, 32, &2.5_f32.to_be_bytes()), [[2.5]]);
}

/// Bytes that the header promises, of the whole and of the sound; how many samples of two bytes there
/// are, and words of the warning.
type Lengths = (u32, u32, u8, &'static str);

#[test]
fn wrong_lengths_lose_nothing() {
    const RIFF_BYTES: u32 = 36 + 16;
    let cases: &[Lengths] = &[
        (RIFF_BYTES, 16, 8, ""),
        // The outermost length does not matter.
        (RIFF_BYTES - 8, 16, 8, ""),
        (0, 16, 8, ""),
        (u32::MAX, 16, 8, ""),
        // What a program writes that cannot return to the header, or had not yet.
        (0x7fff_f024, 0x7fff_f000, 8, ""),
        (0x8000_0024, 0x8000_0000, 8, ""),
        (0x7fff_ffff, 0x7fff_ffff - 36, 8, ""),
        (u32::MAX, u32::MAX, 8, ""),
        (u32::MAX, u32::MAX - 36, 8, ""),
        (0, 0, 8, ""),
        (36, 0, 8, ""),
        // What is no such number promises something.
        (RIFF_BYTES, 32, 8, "promises 16 samples per channel, it holds 8"),
        (RIFF_BYTES, 1 << 30, 8, "promises 536870912 samples per channel, it holds 8"),
        (RIFF_BYTES, 15, 7, "within a sample: 1 bytes of 2 after 7 samples"),
        (RIFF_BYTES, 12, 6, "goes on behind its chunks, at byte 56"),
    ];
    for (riff_bytes, data_bytes, samples, warning) in cases {
        let data = chunk_promising(b"data", *data_bytes, &thousands());
        let bytes = riff_promising(*riff_bytes, &[fmt(PCM, 1, 16), data].concat());
        for read in [read(&bytes), read_pipe(&bytes)] {
            let read = read.expect("readable");
            assert_eq!(read.channels, thousands_read(*samples), "{riff_bytes} {data_bytes}");
            assert!(read.warnings.contains(warning), "{}", read.warnings);
            assert_eq!(read.warnings.is_empty(), warning.is_empty(), "{}", read.warnings);
        }
    }
}

/// Chunks as they stand behind sound.
fn behind() -> Vec<Vec<u8>> {
    let list = chunk(b"LIST", b"INFOISFT\x04\0\0\0abcd");
    let odd = chunk(b"id3 ", b"ID3 a title");
    let unknown = chunk(b"abcd", b"data of another program");
    vec![
        vec![],
        list.clone(),
        odd.clone(),
        [list.clone(), unknown, odd].concat(),
        [list, vec![0; 7]].concat(),
    ]
}

#[test]
fn sound_ends_where_the_chunks_behind_it_begin_whatever_its_length_says() {
    // Sound that begins with silence, and holds what might be a chunk's name.
    let sound = [&[0; 32], &thousands()[..], b"LIST", &thousands()].concat();
    for tail in behind() {
        for data_bytes in [0, 2, 10, 36, u32::MAX, 0x7fff_f000] {
            let data = chunk_promising(b"data", data_bytes, &sound);
            let whole = [fmt(PCM, 1, 16), data, tail.clone()].concat();
            let riff_bytes = u32::try_from(4 + whole.len()).expect("short");
            for riff_bytes in [riff_bytes, 0, u32::MAX] {
                let file = riff_promising(riff_bytes, &whole);
                let what = format!("{data_bytes} {riff_bytes}, {} behind", tail.len());
                // A pipe is kept where it has to be looked ahead in, which is where it promises nothing.
                if data_bytes == 0 || data_bytes > 100 {
                    let read = read_pipe(&file).expect("readable");
                    assert_eq!(read.channels[0].len(), sound.len() / 2, "by a pipe, {what}");
                    assert_eq!(read.warnings, "", "by a pipe, {what}");
                }
                let read = read(&file).expect("readable");
                assert_eq!(read.channels[0].len(), sound.len() / 2, "{what}");
                let is_told = (1..100).contains(&data_bytes);
                assert_eq!(read.warnings.contains("all of it is read"), is_told, "{what}");
            }
        }
    }
}

#[test]
fn chunks_behind_sound_are_found_without_the_bytes_that_make_lengths_even() {
    let cue = chunk(b"cue ", &[1; 28]);
    let adtl = chunk(b"LIST", b"adtllabl\x05\0\0\0\x01\0\0\0a\0");
    let unpadded = chunk_promising(b"id3 ", 5, b"ID3 a");
    for tail in [
        [cue.clone(), adtl.clone()].concat(),
        [unpadded.clone(), cue.clone(), adtl.clone()].concat(),
        [cue, unpadded, adtl].concat(),
    ] {
        for data_bytes in [0, u32::MAX, 0x7fff_f000] {
            // Fifteen bytes, and no sixteenth.
            let data = chunk_promising(b"data", data_bytes, &[3; 15]);
            let read = read(&riff(&[fmt(PCM, 1, 24), data, tail.clone()])).expect("readable");
            assert_eq!(read.channels[0].len(), 5, "{data_bytes}, {} behind", tail.len());
        }
    }
}

#[test]
fn what_stands_behind_the_outermost_chunk_is_no_sound() {
    let body = [fmt(PCM, 1, 16), chunk(b"data", &thousands())].concat();
    let bytes = [riff_promising(36 + 16, &body), thousands()].concat();
    let read = read(&bytes).expect("readable");
    assert_eq!(read.channels, thousands_read(8));
    assert!(read.warnings.contains("goes on behind its chunks, at byte 60"), "{}", read.warnings);
}

#[test]
fn a_pipe_cannot_be_looked_ahead_in_and_loses_no_sound_without_an_error() {
    let data = chunk_promising(b"data", 4, &thousands());
    let bytes = riff_promising(36 + 16, &[fmt(PCM, 1, 16), data].concat());
    let said = format!("{:#}", read_pipe(&bytes).expect_err("sound would be lost"));
    for words in ["promises 4 bytes of sound", "byte 48", "possible: "] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn lengths_of_64_bits_are_read() {
    let with_data_bytes = |long: u64, short: u32| {
        let mut ds64 = Vec::new();
        for length in [72 + 16, long, 8] {
            ds64.extend(length.to_le_bytes());
        }
        ds64.extend([0; 4]);
        let data = chunk_promising(b"data", short, &thousands());
        let mut bytes =
            riff(&[chunk(b"ds64", &ds64), fmt(PCM, 1, 16), data, chunk(b"LIST", b"INFO")]);
        bytes[..8].copy_from_slice(b"BW64\xff\xff\xff\xff");
        read(&bytes).expect("readable")
    };
    for (long, short) in [(16, u32::MAX), (16, 16), (1 << 40, 16)] {
        let read = with_data_bytes(long, short);
        assert_eq!((read.channels, &*read.warnings), (thousands_read(8), ""));
    }
    let read = with_data_bytes(u64::MAX, u32::MAX);
    assert_eq!((read.channels, &*read.warnings), (thousands_read(8), ""));
    let read = with_data_bytes(6, u32::MAX);
    assert_eq!(read.channels, thousands_read(8));
    assert!(read.warnings.contains("promises 6 bytes of sound and holds 16"), "{}", read.warnings);
    let read = with_data_bytes(1 << 40, u32::MAX);
    assert!(read.warnings.contains("promises 549755813888 samples"), "{}", read.warnings);
}

#[test]
fn what_stands_behind_an_outermost_chunk_of_64_bits_is_no_sound() {
    let ds64 = [80_u64, 16, 8].iter().flat_map(|length| length.to_le_bytes()).collect::<Vec<_>>();
    let ds64 = chunk(b"ds64", &[&ds64[..], &[0; 4]].concat());
    let data = chunk(b"data", &thousands());
    let mut bytes = [riff(&[ds64, fmt(PCM, 1, 16), data]), thousands()].concat();
    bytes[..8].copy_from_slice(b"RF64\xff\xff\xff\xff");
    let read = read(&bytes).expect("readable");
    assert_eq!(read.channels, thousands_read(8));
    assert!(read.warnings.contains("goes on behind its chunks, at byte 96"), "{}", read.warnings);
}

#[test]
fn a_length_that_lost_its_upper_bits_is_completed() {
    let mut file = tempfile::tempfile().expect("a temporary file");
    let data_bytes: u64 = (1 << 32) + (1 << 31) + 16;
    let header = [fmt(PCM, 2, 16), chunk_promising(b"data", (1 << 31) + 16, &[])].concat();
    file.write_all(&riff_promising((1 << 31) + 16 + 36, &header)).expect("writable");
    file.set_len(44 + data_bytes).expect("a hole takes no space");
    file.rewind().expect("possible");
    let reader = Reader::new(Path::new("in"), Source::new(file)).expect("readable");
    assert_eq!(reader.promised_samples(), Some(data_bytes / 4));
}

#[test]
fn other_chunks_do_not_matter() {
    let data = || chunk(b"data", &thousands());
    let fmt = || fmt(PCM, 1, 16);
    let info = b"INFOISFT\x04\0\0\0abcd";
    let long = vec![b'x'; 300_001];
    let id3 = b"ID3\x04\0\0\0\0\0\x05hello".to_vec();
    let id3_wav = [id3, riff(&[fmt(), data()])].concat();
    let found = "chunk was found at byte";
    let cases = [
        (riff(&[chunk(b"JUNK", &long), fmt(), chunk(b"bext", &long), data()]), ""),
        (riff(&[fmt(), data(), chunk(b"iXML", &long), chunk(b"LIST", info)]), ""),
        (riff(&[fmt(), chunk(b"fact", &[0; 12]), chunk(b"fact", &[]), data()]), ""),
        (riff(&[fmt(), chunk(b"JUNK", &[0; 12]), fmt(), data()]), ""),
        // Without the byte that makes the length even.
        (riff(&[fmt(), chunk_promising(b"LIST", 7, b"INFOabc"), data()]), ""),
        (riff(&[fmt(), data(), vec![0; 1000]]), ""),
        ([riff(&[fmt(), data()]), b"TAGtitle".to_vec()].concat(), ""),
        (id3_wav, ""),
        // Shorter and longer than they say.
        (riff(&[fmt(), chunk_promising(b"LIST", 12, info), data()]), found),
        (riff(&[fmt(), chunk_promising(b"LIST", 10, info), data()]), found),
        (riff(&[fmt(), chunk_promising(b"LIST", 40, info), data()]), found),
        (riff(&[fmt(), chunk_promising(b"LIST", 30, info), data()]), found),
        (riff(&[fmt(), chunk_promising(b"LIST", 90, b"INFO, data of the day"), data()]), found),
        (riff(&[fmt(), chunk_promising(b"LIST", u32::MAX, info), data()]), found),
        (riff(&[chunk_promising(b"JUNK", 100, &[0; 6]), fmt(), data()]), found),
        (riff(&[fmt(), vec![0; 10], data()]), found),
        (riff(&[fmt(), data(), data()]), "second data chunk, of 16 bytes at byte 60"),
        ([riff(&[fmt(), data()]), riff(&[fmt(), data()])].concat(), "followed by another file"),
        (riff(&[fmt(), data(), vec![1, 2, 3]]), "goes on behind its chunks, at byte 60"),
    ];
    for (bytes, warning) in cases {
        let read = read(&bytes).expect("readable");
        assert_eq!(read.channels, thousands_read(8), "{warning}");
        assert!(read.warnings.contains(warning), "{}", read.warnings);
        assert_eq!(read.warnings.is_empty(), warning.is_empty(), "{}", read.warnings);
    }
}

#[test]
fn an_odd_number_of_bytes_is_followed_by_one_that_is_no_sound() {
    let list = chunk(b"LIST", b"INFO");
    let bytes = riff(&[fmt(PCM, 1, 24), chunk(b"data", &[0, 0, 0x40]), list]);
    let read = read(&bytes).expect("readable");
    assert_eq!((read.channels, &*read.warnings), (vec![vec![0.5]], ""));
}

#[test]
fn speakers_are_told() {
    let speakers = |fmt| read(&riff(&[fmt, chunk(b"data", &[0; 24])])).expect("readable").speakers;
    assert_eq!(speakers(fmt(PCM, 4, 16)), None);
    let quad = fmt_with_block(0xfffe, 4, 16, 8, &extension(16, 0x33, PCM));
    assert_eq!(speakers(quad), Some(0x33));
}

#[test]
fn what_cannot_be_read_says_why() {
    let data = || chunk(b"data", &thousands());
    let in_format = |fmt| riff(&[fmt, data()]);
    let mut unknown = extension(16, 3, PCM);
    unknown[20] = 1;
    let cases: &[(Vec<u8>, &str)] = &[
        (in_format(fmt(0x11, 1, 4)), "IMA ADPCM"),
        (in_format(fmt(0x55, 1, 16)), "MP3"),
        (in_format(fmt(0x1234, 1, 16)), "format 0x1234"),
        (in_format(fmt(PCM, 1, 64)), "64 bits"),
        (in_format(fmt(PCM, 1, 0)), "0 bits"),
        (in_format(fmt(FLOAT, 1, 16)), "float of 16 bits"),
        (in_format(fmt(PCM, 0, 16)), "0 channels; possible: 1 to 32"),
        (in_format(fmt(PCM, 33, 16)), "33 channels; possible: 1 to 32"),
        (in_format(fmt(0xfffe, 1, 16)), "lacks the extension"),
        (in_format(fmt_with_block(0xfffe, 1, 16, 2, &unknown)), "not known"),
        (in_format(chunk(b"fmt ", &[1, 0, 1, 0])), "fmt chunk has 4 bytes"),
        (riff(&[data(), fmt(PCM, 1, 16)]), "no fmt chunk before its data chunk"),
        (riff(&[fmt(PCM, 1, 16)]), "no data chunk"),
        (riff(&[]), "no fmt chunk"),
        (riff(&[fmt(PCM, 1, 16), chunk(b"data", &[])]), "0 samples"),
        (riff(&[fmt(PCM, 1, 16), chunk(b"data", &[]), chunk(b"LIST", b"INFO")]), "0 samples"),
        (riff(&[fmt(PCM, 1, 16), chunk(b"data", &[7])]), "0 samples"),
        (riff(&[fmt(PCM, 1, 16), fmt(PCM, 2, 16), data()]), "two fmt chunks"),
        (b"RIFF\0\0\0\0AVI LIST".to_vec(), "AVI film"),
        (b"RIFF".to_vec(), "first 12 bytes"),
        (b"ID3\x03\0\0\x7f\x7f\x7f\x7fRIFF".to_vec(), "ID3 tag of 268435465 bytes, longer than it"),
        (b"ID3\x03\0\0\0\0\0\x04RIFF".to_vec(), "it has an ID3 tag and nothing behind it"),
        (b"FORM\0\0\0\x20AIFFCOMM".to_vec(), "an AIFF file"),
        (b"OggS\0\x02\0\0\0\0\0\0".to_vec(), "an Ogg file"),
        (b"ID3\x03\0\0\0\0\0\x02..\xff\xfb\x90\x64...........".to_vec(), "an MP3 file"),
        (b"ID3\x03\0\0\0\0\0\x02..................".to_vec(), "an ID3 tag"),
        (b"no sound at all, only text".to_vec(), "no audio that is known"),
    ];
    for (bytes, words) in cases {
        for read in [read(bytes), read_pipe(bytes)] {
            let said = format!("{:#}", read.expect_err(words));
            assert!(said.starts_with("cannot read in: ") || said.starts_with("in holds"), "{said}");
            assert!(said.contains(words) && said.contains("possible: "), "{words}: {said}");
        }
    }
}
