//! Arrays of NumPy's, archives of them, and banks in those.

use crate::number::Number;
use arbitrary::{Arbitrary, Unstructured};
use erbium::state::bank_file::{BankFile, StoredBankFile};
use erbium::state::limits::MAX_BANDS;
use erbium_npy::{Array, Element, ElementType, Limits, Npz, write_npy};
use num_complex::Complex;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What Erbium looks for in an archive, and one name more.
const NAMES: [&str; 7] =
    ["kernels", "learned", "strides", "stride", "latency_samples", "sample_rate_hz", "a"];
const LIMITS: Limits = Limits { members: 16, name_bytes: 64, array_bytes: 1 << 20 };

/// An array or an archive that is read holds what its shape says, and is written so that it reads back the same; the
/// kernels of a bank keep within their limits, and a project that stores them has the same again.
///
/// # Panics
/// Where that is not so.
pub fn arrays(data: &[u8]) {
    if let Ok(array) = Array::read(data, LIMITS.array_bytes) {
        check(&array);
    }
    let Ok(mut archive) = Npz::new(Cursor::new(data), LIMITS) else { return };
    for name in NAMES {
        let header = archive.header(name);
        if let Ok(Some(array)) = archive.array(name) {
            assert_eq!(header.expect("it was read").as_ref(), Some(array.header()));
            check(&array);
        }
    }
    check_bank(data);
}
/// What holds for whatever is read.
fn check(array: &Array) {
    match array.element_type() {
        ElementType::Float32 => check_values::<f32>(array),
        ElementType::Float64 => check_values::<f64>(array),
        ElementType::Complex64 => check_values::<Complex<f32>>(array),
        ElementType::Complex128 => check_values::<Complex<f64>>(array),
        ElementType::Int32 => check_values::<i32>(array),
        ElementType::Int64 => check_values::<i64>(array),
    }
}

fn check_values<T: Element>(array: &Array) {
    let values = array.values::<T>().expect("of this type");
    assert_eq!(values.len(), array.shape().iter().product::<usize>(), "{:?}", array.header());
    let mut file = Vec::new();
    write_npy(&mut file, array.shape(), values.iter().copied()).expect("it is written");
    let again = Array::read(file.as_slice(), LIMITS.array_bytes).expect("what is written is read");
    assert_eq!((again.shape(), again.element_type()), (array.shape(), array.element_type()));
    // To the bit, as some are no numbers.
    assert!(bytes(&again.values::<T>().expect("of this type")) == bytes(&values));
}

fn bytes<T: Element>(values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.iter().for_each(|value| value.append(&mut bytes));
    bytes
}

/// Takes an archive for a bank.
fn check_bank(archive: &[u8]) {
    let file = crate::file(archive);
    let Ok(bank) = BankFile::read(file.path()) else { return };
    let kernels = bank.kernels.kernels();
    assert!((1..=MAX_BANDS).contains(&kernels.len()));
    assert_eq!(bank.kernels.bands(), kernels.len());
    for kernel in kernels {
        assert!(kernel.taps.iter().all(|tap| tap.re.is_finite() && tap.im.is_finite()));
    }
    let text = serde_json::to_string(&StoredBankFile::from(Some(&bank))).expect("it is stored");
    let stored: StoredBankFile = serde_json::from_str(&text).expect("it is JSON");
    assert!(stored.is_possible(), "{text}");
    assert_eq!(stored.bank_file().as_ref(), Some(&bank), "{text}");
}

/// Numbers of an array at most.
const NUMBERS_MAX: usize = 4096;

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Type {
    Float32,
    Float64,
    Complex64,
    Complex128,
    Int32,
    Int64,
}

#[derive(Arbitrary, Debug)]
struct Member {
    name: u8,
    kind: Type,
    fortran_order: bool,
    shape: [u8; 3],
    axes: u8,
    /// Over and over, until there are enough.
    numbers: Vec<Number>,
}

/// [`arrays`] for banks that are put together array by array, so that every archive is sound in itself: `data` is what up
/// to six arrays are made of.
///
/// # Panics
/// As there.
pub fn bank_file(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::STORE);
    for _ in 0..u.int_in_range(1..=6_u8).unwrap_or(1) {
        let Ok(member) = Member::arbitrary(&mut u) else { break };
        let name = NAMES[usize::from(member.name) % NAMES.len()];
        // One of each name; of two the first is taken.
        if archive.start_file(format!("{name}.npy"), options).is_ok() {
            archive.write_all(&member.file()).expect("there is room");
        }
    }
    let archive = archive.finish().expect("there is room").into_inner();
    arrays(&archive);
}

impl Member {
    /// The .npy file.
    fn file(&self) -> Vec<u8> {
        let shape: Vec<_> = self.shape.iter().take(usize::from(self.axes % 4)).collect();
        let lengths: String = shape.iter().map(|length| format!("{length},")).collect();
        let (code, bytes) = match self.kind {
            Type::Float32 => ("<f4", 4),
            Type::Float64 => ("<f8", 8),
            Type::Complex64 => ("<c8", 8),
            Type::Complex128 => ("<c16", 16),
            Type::Int32 => ("<i4", 4),
            Type::Int64 => ("<i8", 8),
        };
        let order = if self.fortran_order { "True" } else { "False" };
        let text =
            format!("{{'descr': '{code}', 'fortran_order': {order}, 'shape': ({lengths}), }}\n");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
        file.extend(text.as_bytes());
        let numbers = shape.iter().map(|length| usize::from(**length)).product::<usize>();
        let zero = Number(0.0);
        let pattern = if self.numbers.is_empty() { &[zero][..] } else { &self.numbers };
        let elements = pattern.iter().cycle().flat_map(|number| self.element(number.0));
        file.extend(elements.take(numbers.min(NUMBERS_MAX) * bytes));
        file
    }

    #[expect(clippy::cast_possible_truncation)]
    fn element(&self, number: f64) -> Vec<u8> {
        match self.kind {
            Type::Float32 | Type::Complex64 => (number as f32).to_le_bytes().to_vec(),
            Type::Float64 | Type::Complex128 => number.to_le_bytes().to_vec(),
            Type::Int32 => (number as i32).to_le_bytes().to_vec(),
            Type::Int64 => (number as i64).to_le_bytes().to_vec(),
        }
    }
}
