//! Headers: what NumPy writes is read, and all else is refused at once.

use erbium_npy::{Array, ElementType, HEADER_BYTES_MAX, Header, NpyError, write_npy};
use num_complex::Complex;
use std::time::{Duration, Instant};

/// An array as a file, whatever its header says.
fn file(version: u8, text: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend(u16::try_from(text.len()).expect("short").to_le_bytes()),
        _ => bytes.extend(u32::try_from(text.len()).expect("short").to_le_bytes()),
    }
    bytes.extend(text.as_bytes());
    bytes.extend(data);
    bytes
}

fn parse(text: &str) -> Result<Header, NpyError> {
    Header::read(&file(2, text, &[])[..])
}

#[test]
fn what_numpy_writes_is_read_in_every_version() {
    let text = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }          \n";
    for version in 1..=3 {
        let header = Header::read(&file(version, text, &[])[..]).expect("valid");
        assert_eq!((header.element_type(), header.shape()), (ElementType::Float64, &[2, 3][..]));
        assert!(header.fortran_order() && !header.big_endian());
        assert_eq!((header.elements(), header.data_bytes()), (6, 48));
    }
    for (text, shape, kind) in [
        ("{'descr':'>c16','fortran_order':False,'shape':()}", &[][..], ElementType::Complex128),
        (
            "{\"shape\": (7,), \"fortran_order\": False, \"descr\": \"<i4\"}",
            &[7],
            ElementType::Int32,
        ),
        (
            "{'shape': (0, 9999999999), 'fortran_order': False, 'descr': '<c8',}\n",
            &[0, 9_999_999_999],
            ElementType::Complex64,
        ),
    ] {
        let header = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((header.shape(), header.element_type()), (shape, kind), "{text}");
    }
}

#[test]
fn what_is_no_header_is_refused_with_what_is_possible() {
    for (text, told) in [
        ("", "\"\""),
        ("{}", "too few keys"),
        ("{'descr': '<f8', 'fortran_order': False}", "too few keys"),
        (
            "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
            "\"descr\" twice",
        ),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'more': 1}", "\"more\""),
        ("{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}", "True or False"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': [1]}", "tuple"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "\"-1,)}\""),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1 2)}", "\"2)}\""),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': ((1,),)}", "\"(1,),)}\""),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}", "tuple"),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
            "into memory",
        ),
        ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", "in fields"),
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "complex128"),
        ("{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}", "float32"),
        ("{'descr': '', 'fortran_order': False, 'shape': (1,)}", "complex128"),
        ("{'descr': 'ü8', 'fortran_order': False, 'shape': (1,)}", "ü8"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} {", "after its end"),
        ("{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}", "}"),
        ("{'de\\scr': '<f8'}", "descr"),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.contains(told) && error.contains("possible"), "{text}: {error}");
    }
    let many =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({})}}", "1,".repeat(33));
    assert!(parse(&many).expect_err("33 axes").to_string().contains("at most 32"));
    for (bytes, told) in [
        (&b"\x93NUMPY\x04\x00\x00\x00"[..], "version 4.0"),
        (b"PK", "no magic"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "4294967295 bytes of header; possible: up to 10000"),
        (b"\x93NUMPY\x01\x00\xff\x00{", "fewer bytes"),
        (b"\x93NUMPY\x01\x00\x01\x00\xff", "no text"),
    ] {
        let error = Header::read(bytes).expect_err(told).to_string();
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn every_header_is_read_in_no_time() {
    let most = usize::try_from(HEADER_BYTES_MAX).expect("small");
    let start = Instant::now();
    for unit in ["[", "(", "{", "[(", "{'a':", "'", "\"", "((", "1,", " ", "\\", "{'descr': ["] {
        for before in ["", "{'descr': ", "{'descr': '<f8', 'fortran_order': False, 'shape': ("] {
            let text = before.to_owned() + &unit.repeat((most - before.len()) / unit.len());
            assert!(parse(&text).is_err(), "{before}{unit}");
        }
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn numbers_come_back_bit_by_bit_from_either_order_of_bytes() {
    let values = [1.5, -0.0, f64::MIN_POSITIVE, 1e300];
    let mut bytes = Vec::new();
    write_npy(&mut bytes, &[2, 2], values).expect("writes");
    assert_eq!(bytes.len(), 128 + 32, "aligned as by NumPy");
    let array = Array::read(&bytes[..], 32).expect("reads");
    let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&array.values().expect("float64")), bits(&values));
    assert!(array.values::<f32>().expect_err("not single").to_string().contains("f8"));
    let big: Vec<u8> = [1.5_f32, -2.0].iter().flat_map(|part| part.to_be_bytes()).collect();
    let text = "{'descr': '>c8', 'fortran_order': False, 'shape': (1,), }";
    let array = Array::read(&file(1, text, &big)[..], 8).expect("reads");
    assert_eq!(array.values::<Complex<f32>>().expect("complex64"), [Complex::new(1.5, -2.0)]);
}

#[test]
fn there_are_as_many_elements_as_the_shape_says() {
    let text = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }";
    for (bytes, told) in [(15, "15 bytes"), (17, "17 bytes"), (0, "0 bytes")] {
        let error = Array::read(&file(1, text, &vec![0; bytes])[..], 1 << 20).expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
    // A size is refused before it is allocated.
    let text = "{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }";
    let error = Array::read(&file(1, text, &[])[..], 1 << 20).expect_err("8 TB").to_string();
    assert!(error.contains("8000000000000 bytes of elements; possible: up to 1048576"), "{error}");
    let mut bytes = Vec::new();
    assert!(write_npy(&mut bytes, &[3], [1.0, 2.0]).is_err(), "one is missing");
}
