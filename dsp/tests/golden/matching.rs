//! Long-term levels against NumPy's.

use erbium_dsp::feature::long_term::{LongTermMeter, LongTermSpectrum};
use erbium_dsp::matching::{MatchOptions, Reference, match_bands};
use erbium_dsp::{Bank, BankSpec};
use std::fs;
use std::path::PathBuf;

fn data(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../tests/data", name].iter().collect()
}

fn table(name: &str) -> Vec<Vec<f64>> {
    let text = fs::read_to_string(data("matching").join(name)).expect("readable");
    let number = |text: &str| text.parse().expect("a number");
    text.lines().skip(1).map(|line| line.split(',').map(number).collect()).collect()
}

/// The spectrum of the demo, whose header is of 44 bytes.
fn demo() -> LongTermSpectrum {
    let bytes = fs::read(data("demo.wav")).expect("readable");
    assert_eq!(&bytes[36..40], b"data");
    let sample = |bytes: &[u8; 2]| f32::from(i16::from_le_bytes(*bytes)) / 32_768.0;
    let samples: Vec<f32> = bytes[44..].as_chunks().0.iter().map(sample).collect();
    let channel = |at| samples.iter().skip(at).step_by(2).copied().collect::<Vec<f32>>();
    let mut meter = LongTermMeter::new(48_000.0, 2).expect("possible");
    meter.push(&[&channel(0), &channel(1)]);
    meter.finish()
}

#[test]
fn third_octaves_have_the_levels_of_one_transform_of_the_whole() {
    let demo = demo();
    let rows = table("levels.csv");
    assert!(rows.len() > 20);
    for row in rows {
        let &[low_hz, high_hz, expected_db] = row.as_slice() else { panic!("{row:?}") };
        let level_db = 10.0 * demo.between(&[low_hz, high_hz])[0].log10();
        // Tones near an edge are narrower in the transform of the whole.
        assert!(
            (level_db - expected_db).abs() < 0.25,
            "{level_db} for {expected_db} dB at {low_hz} Hz"
        );
    }
}

#[test]
fn bands_lack_to_pink_noise_what_they_lack_by_their_definition() {
    let demo = demo();
    let bank = Bank::design(&BankSpec::default()).expect("valid");
    let pink = |hz: f64| (hz >= 20.0).then(|| 1.0 / hz);
    let found = match_bands(&bank, &demo, Reference::Shape(&pink), &MatchOptions::default());
    let rows = table("pink.csv");
    assert_eq!(rows.len(), 32);
    for (row, (hz, band)) in rows.iter().zip(bank.centres_hz().iter().zip(&found).skip(1)) {
        assert!((row[0] - hz).abs() < 1e-6 * hz, "{row:?} at {hz} Hz");
        let difference = band.difference.expect("signal");
        let off_db = difference.before_db - row[1];
        // Power counts as in the middle of its cell, by up to a 24th of the way to the next centre.
        assert!(off_db.abs() < 0.2, "{off_db} dB at {hz} Hz");
    }
}
