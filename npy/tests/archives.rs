//! Archives: damage is found before anything is used, and nothing is unpacked beyond the limits.

use erbium_npy::{Limits, Npz, NpzWriter, write_npy};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const METHODS: [CompressionMethod; 2] = [CompressionMethod::Stored, CompressionMethod::Deflated];

/// An archive of files of these names and bytes.
fn archive(files: &[(&str, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        archive.start_file(*name, options).expect("begins");
        archive.write_all(bytes).expect("writes");
    }
    archive.finish().expect("ends").into_inner()
}

fn array(values: &[f64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_npy(&mut bytes, &[values.len()], values.iter().copied()).expect("writes");
    bytes
}

fn noise(count: u32) -> Vec<f64> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state)
    };
    (0..count).map(|_| next()).collect()
}

fn open(bytes: &[u8]) -> Result<Npz<Cursor<&[u8]>>, erbium_npy::NpyError> {
    Npz::new(Cursor::new(bytes), Limits::default())
}

#[test]
fn no_flipped_bit_is_ever_used() {
    let values = noise(200);
    for method in METHODS {
        let whole = archive(&[("a.npy", array(&values))], method);
        let read = |bytes: &[u8]| -> Result<Vec<f64>, erbium_npy::NpyError> {
            open(bytes)?.array("a")?.map_or(Ok(Vec::new()), |array| array.values())
        };
        assert_eq!(read(&whole).expect("reads"), values);
        let mut refused = 0;
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1 << (place % 8);
            // What nothing follows from, such as the time of a file, may differ.
            match read(&damaged) {
                Ok(read) => assert!(read == values || read.is_empty(), "byte {place}, {method}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > whole.len() * 9 / 10, "{refused} of {} by {method}", whole.len());
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length} bytes of {}", whole.len());
        }
    }
}

#[test]
fn a_changed_checksum_is_told_for_stored_and_packed_arrays() {
    for method in METHODS {
        let mut bytes = archive(&[("a.npy", array(&[1.0, 2.0]))], method);
        let directory =
            bytes.windows(4).position(|magic| magic == b"PK\x01\x02").expect("is there");
        bytes[directory + 16] ^= 1;
        let error = open(&bytes).expect("opens").array("a").expect_err("damaged").to_string();
        assert!(error.contains("checksum"), "{error}");
    }
}

#[test]
fn what_is_too_much_is_refused_before_it_is_unpacked() {
    let zeros = array(&[0.0; 150_000]);
    let within = |bytes: &[u8], array_bytes: u64| {
        let limits = Limits { array_bytes, ..Limits::default() };
        let mut archive = Npz::new(Cursor::new(bytes), limits).expect("opens");
        archive.array("a").map(|array| array.expect("is there").header().elements())
    };
    for method in METHODS {
        let bytes = archive(&[("a.npy", zeros.clone())], method);
        let error = within(&bytes, 1 << 20).expect_err("1.2 MB").to_string();
        assert!(error.contains("1200128 unpacked bytes in a.npy; possible: up to 10"), "{error}");
        assert_eq!(within(&bytes, 1_200_000).expect("just fits"), 150_000);
        let error = within(&bytes, 1_199_999).expect_err("just not").to_string();
        assert!(error.contains("1200000 bytes of elements; possible: up to 1199999"), "{error}");
    }
    // One that says it were smaller is read no further than that.
    let mut bytes = archive(&[("a.npy", zeros)], CompressionMethod::Deflated);
    let directory = bytes.windows(4).rposition(|magic| magic == b"PK\x01\x02").expect("is there");
    bytes[directory + 24..directory + 28].copy_from_slice(&4096_u32.to_le_bytes());
    assert!(open(&bytes).expect("opens").array("a").is_err(), "1.2 MB as 4096 bytes");
}

#[test]
fn the_number_of_files_and_their_names_are_limited() {
    let names: Vec<_> = (0..1025).map(|k| format!("{k}.npy")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), Vec::new())).collect();
    let bytes = archive(&files, CompressionMethod::Stored);
    let error = open(&bytes).err().expect("too many").to_string();
    assert!(error.contains("1025 files in the archive; possible: up to 1024"), "{error}");
    assert!(open(&archive(&files[1..], CompressionMethod::Stored)).is_ok());
    let long = "x".repeat(257);
    let bytes = archive(&[(&long, Vec::new())], CompressionMethod::Stored);
    let error = open(&bytes).err().expect("too long").to_string();
    assert!(error.contains("257 bytes in the name") && error.contains("up to 256"), "{error}");
    // A directory that says more than it is.
    let mut bytes = archive(&files[..2], CompressionMethod::Stored);
    let end = bytes.len() - 22;
    bytes[end + 8..end + 12].copy_from_slice(&[0xff; 4]);
    assert!(open(&bytes).is_err());
}

#[test]
fn what_is_no_archive_of_arrays_is_told() {
    for bytes in [&b""[..], b"no archive", &[0; 100_000]] {
        assert!(open(bytes).err().expect("none").to_string().contains("numpy.savez"));
    }
    let mut bytes = archive(&[("a.npy", array(&[1.0])), ("b.npy", array(&[2.0]))], METHODS[0]);
    for place in 0..bytes.len() - 5 {
        if &bytes[place..place + 5] == b"b.npy" {
            bytes[place] = b'a';
        }
    }
    assert!(open(&bytes).err().expect("two").to_string().contains("a.npy twice"));
    let bytes = archive(&[("a.npy", b"no array".to_vec())], METHODS[0]);
    let mut open = open(&bytes).expect("opens");
    assert!(open.header("a").expect_err("no array").to_string().contains("magic"));
    assert!(open.array("b").expect("is not there").is_none());
    let folder = tempfile::tempdir().expect("a folder");
    let error = Npz::open(folder.path(), Limits::default()).err().expect("a folder").to_string();
    assert!(error.contains("no regular file"), "{error}");
}

#[test]
fn what_is_written_is_read_and_a_string_is_written_as_scipy_does() {
    let mut writer = NpzWriter::new(Cursor::new(Vec::new()));
    writer.array("a", &[], [7_i64]).expect("writes");
    writer.text("format", "csr").expect("writes");
    assert!(writer.array("a", &[1], [7_i64]).is_err(), "twice");
    let bytes = writer.finish().expect("ends").into_inner();
    let mut archive = open(&bytes).expect("opens");
    assert_eq!(archive.array("a").expect("reads").expect("is there").values::<i64>().unwrap(), [7]);
    assert!(archive.array("format").expect_err("text").to_string().contains("|S3"));
}
