//! The options of VOICEBOX's `filtbankm`.
//!
//! A matrix that is made has the shape that was asked for, and is finite and nowhere negative.

use crate::number::Number;
use arbitrary::{Arbitrary, Unstructured};
use erbium_dsp::feature::voicebox::{Bands, Call, filterbank};

/// Bins and bands at most, so that a run is quick.
const BINS_MAX: usize = 512;
const BANDS_MAX: usize = 1024;
const LETTERS: &[u8] = b"flebmchHyYpPsSuUgGx";

#[derive(Arbitrary, Debug)]
struct Arguments {
    bands: Option<Number>,
    bins: [Number; 3],
    bins_given: u8,
    sample_rate_hz: Number,
    low: Option<Number>,
    high: Option<Number>,
    letters: [u8; 6],
    letters_given: u8,
}

/// Takes `data` for the arguments of a call.
///
/// # Panics
/// Where something of what must hold does not.
pub fn voicebox(data: &[u8]) {
    let Ok(arguments) = Arguments::arbitrary(&mut Unstructured::new(data)) else { return };
    let Arguments { bands, bins, bins_given, sample_rate_hz, low, high, letters, letters_given } =
        arguments;
    let bins = bins.map(|bin| bin.0);
    let letters: String = letters
        .iter()
        .take(usize::from(letters_given) % 7)
        .map(|letter| char::from(LETTERS[usize::from(*letter) % LETTERS.len()]))
        .collect();
    let number = |number: Option<Number>| number.map(|number| number.0);
    let call = Call::parse(
        number(bands),
        &bins[..usize::from(bins_given) % 4],
        sample_rate_hz.0,
        number(low),
        number(high),
        &letters,
    );
    let call = match call {
        Ok(call) => call,
        Err(error) => {
            assert!(error.to_string().contains("possible"), "{error}");
            return;
        }
    };
    let options = call.options;
    let many = matches!(options.bands, Bands::Count(count) if count > BANDS_MAX);
    if options.bins.count > BINS_MAX || many {
        return;
    }
    let bank = match filterbank(&options) {
        Ok(bank) => bank,
        Err(error) => {
            assert!(error.to_string().contains("possible"), "{error}");
            return;
        }
    };
    let (matrix, centres_hz) = (&bank.matrix, &bank.centres_hz);
    assert_eq!(matrix.columns(), options.bins.count, "{options:?}");
    assert_eq!(matrix.rows(), centres_hz.len(), "{options:?}");
    if let Bands::Count(count) = options.bands {
        assert_eq!(matrix.rows(), count, "{options:?}");
    }
    let is_possible = |value: &f64| value.is_finite() && *value >= 0.0;
    let value = matrix.values().iter().find(|value| !is_possible(value));
    assert!(value.is_none(), "{value:?} of {options:?}");
    assert!(centres_hz.iter().all(|hz| !hz.is_nan()), "{options:?}: {centres_hz:?}");
    assert!(centres_hz.is_sorted(), "{options:?}: {centres_hz:?}");
}
