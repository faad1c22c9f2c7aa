//! Kernels from files, matrices and banks.

use arbitrary::{Arbitrary, Result, Unstructured};
use erbium::state::bank_file::BankFile;
use erbium_dsp::feature::voicebox::{self, Call};
use erbium_dsp::{Bank, BankSpec, Kind, Prototype, Quality, Scale, Sizing};
use erbium_npy::{Array, Limits, Npz, write_npy};
use num_complex::Complex;
use std::io::Cursor;

/// Bytes of one array.
const ARRAY_BYTES_MAX: u64 = 1 << 20;

/// An array or an archive that is read holds what its shape says, and is written so that it reads back the same; kernels
/// of a bank file keep within its limits.
///
/// # Panics
/// Where that is not so.
pub fn arrays(data: &[u8]) {
    check_array(Array::read(data, ARRAY_BYTES_MAX).ok());
    if let Ok(mut archive) = Npz::new(Cursor::new(data), Limits::default()) {
        for name in ["kernels", "strides", "stride", "learned", "latency_samples", "a"] {
            let header = archive.header(name);
            if let Ok(Some(array)) = archive.array(name) {
                assert!(matches!(header, Ok(Some(_))), "{name}");
                check_array(Some(array));
            }
        }
    }
    let file = crate::file(data);
    if let Ok(BankFile { kernels, .. }) = BankFile::read(file.path()) {
        assert!((1..=64).contains(&kernels.bands()));
    }
}

fn check_array(array: Option<Array>) {
    let Some(array) = array else { return };
    let Ok(values) = array.values::<Complex<f64>>() else { return };
    let shape = array.shape();
    assert_eq!(shape.iter().product::<usize>(), values.len());
    let mut bytes = Vec::new();
    write_npy(&mut bytes, shape, values.iter().copied()).expect("memory takes it");
    let again = Array::read(&bytes[..], ARRAY_BYTES_MAX * 16).expect("what was written is read");
    let read = again.values::<Complex<f64>>().expect("complex");
    let bits = |values: &[Complex<f64>]| -> Vec<_> {
        values.iter().map(|value| (value.re.to_bits(), value.im.to_bits())).collect()
    };
    assert_eq!((again.shape(), bits(&read)), (shape, bits(&values)));
}

/// The arguments of a call of VOICEBOX's `filtbankm`.
#[derive(Arbitrary, Debug)]
struct Arguments {
    bands: Option<f64>,
    bins: Vec<f64>,
    sample_rate_hz: f64,
    low: Option<f64>,
    high: Option<f64>,
    letters: Vec<u8>,
}

/// A matrix that is made has the shape that it says, in finite numbers.
///
/// # Panics
/// Where that is not so.
pub fn voicebox(data: &[u8]) {
    const LETTERS: &[u8] = b"flebmchHyYpPsSuUgG?";
    let Ok(mut given) = Arguments::arbitrary(&mut Unstructured::new(data)) else { return };
    given.bins.truncate(4);
    // What is larger takes long, and no other way.
    if given.bins.first().is_some_and(|bins| *bins > 5000.0) {
        return;
    }
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    let letters: String = given.letters.iter().take(12).map(letter).collect();
    let Arguments { bands, bins, sample_rate_hz, low, high, .. } = given;
    let Ok(call) = Call::parse(bands, &bins, sample_rate_hz, low, high, &letters) else { return };
    let Ok(bank) = voicebox::filterbank(&call.options) else { return };
    let dense = bank.matrix.to_dense();
    assert!(dense.iter().all(|value| value.is_finite()), "{call:?}");
    assert_eq!(dense.len(), bank.matrix.rows() * bank.matrix.columns(), "{call:?}");
}

/// A spec of a bank as it may be asked for.
fn spec(u: &mut Unstructured<'_>) -> Result<BankSpec> {
    let sizing = match u.int_in_range(0..=7)? {
        0 => Sizing::Latency { ms: f64::arbitrary(u)? },
        1 => Sizing::UserKernels { fingerprint: u.arbitrary()? },
        _ => Sizing::Latency { ms: f64::from(u.int_in_range(10..=240_u32)?) / 10.0 },
    };
    let sample_rate_hz = match u.int_in_range(0..=3)? {
        0 => f64::arbitrary(u)?,
        1 => *u.choose(&[8000.0, 22_050.0, 44_100.0, 96_000.0])?,
        _ => f64::from(u.int_in_range(1000..=48_000_u32)?),
    };
    Ok(BankSpec {
        kind: *u.choose(&[Kind::Isac, Kind::Gammatone])?,
        scale: *u.choose(&Scale::ALL)?,
        bands: u.int_in_range(0..=20)?,
        sizing,
        prototype: *u.choose(&[Prototype::Hann2, Prototype::Hann])?,
        quality: *u.choose(&[Quality::Eco, Quality::Standard])?,
        sample_rate_hz,
    })
}

/// A bank that is designed is the one asked for, and its centres rise within its range.
///
/// # Panics
/// Where that is not so.
pub fn bank_spec(data: &[u8]) {
    let Ok(spec) = spec(&mut Unstructured::new(data)) else { return };
    let checked = spec.check();
    // Long kernels take long, and no other way.
    if spec.latency_samples().is_some_and(|samples| samples > 2000) {
        return;
    }
    let Ok(bank) = Bank::design(&spec) else { return };
    assert!(checked.is_ok(), "{spec:?}");
    assert_eq!(*bank.spec(), spec);
    let centres_hz = bank.centres_hz();
    assert_eq!((centres_hz.len(), bank.bands()), (spec.bands, spec.bands));
    assert!(centres_hz.is_sorted_by(|a, b| a < b), "{spec:?}");
    assert!(centres_hz.iter().all(|hz| (0.0..=spec.sample_rate_hz / 2.0).contains(hz)));
    assert_eq!(Some(bank.latency_samples()), spec.latency_samples());
}
