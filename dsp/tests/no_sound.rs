//! What features make of samples that are no sound: NaN, infinities, and more than 300 dB above full scale. All are
//! silence, and nothing of them is left in what comes after.

use erbium_dsp::feature::gammatone::{Centres, Gammatone, GammatoneOptions};
use erbium_dsp::feature::isac::{Encoder, Spectrogram, isac_cc};
use erbium_dsp::feature::{FeatureMatrix, csound, log_bands, mel, mfcc, spectrum};

const RATE_HZ: f64 = 16_000.0;

/// A sweep with these samples in it from sample 1000 on, and again at its ends.
fn sweep(no_sound: [f64; 5]) -> Vec<f64> {
    let mut sound: Vec<f64> = (0..4000_u32).map(|n| (f64::from(n * n) * 1e-4).sin()).collect();
    for (k, sample) in no_sound.into_iter().enumerate() {
        sound[1000 + k] = sample;
    }
    (sound[0], sound[3999]) = (no_sound[0], no_sound[1]);
    sound
}

fn every_feature(sound: &[f64]) -> Vec<(&'static str, FeatureMatrix)> {
    let mut features = Vec::new();
    for padding in [spectrum::Padding::None, spectrum::Padding::Zeros, spectrum::Padding::Reflect] {
        let spectra = spectrum::SpectrumOptions { padding, ..spectrum::SpectrumOptions::new(512) };
        features.push(("spectrum", spectrum::Spectrum::new(&spectra).expect("valid").apply(sound)));
        let log = log_bands::LogBandOptions {
            low_hz: 200.0,
            ..log_bands::LogBandOptions::new(RATE_HZ, 512, 24)
        };
        let averages = csound::CsoundOptions {
            bins: 257,
            bands: 24,
            low_hz: 0.0,
            high_hz: 8000.0,
            sample_rate_hz: RATE_HZ,
        };
        let banks = [
            mel::filterbank(&mel::MelOptions::new(RATE_HZ, 512, 24)),
            log_bands::filterbank(&log),
            csound::filterbank(&averages),
        ];
        for bank in banks {
            let bands = mfcc::bands(sound, &spectra, &bank.expect("valid").matrix).expect("fits");
            let options = mfcc::MfccOptions { deltas: 2, ..mfcc::MfccOptions::default() };
            features.push(("mfcc", mfcc::mfcc(&bands, &options).expect("valid")));
            features.push(("bands", bands));
        }
    }
    let centres = Centres::Edges { low_hz: 80.0, high_hz: 5000.0, bands: 9 };
    let gammatone = Gammatone::new(&GammatoneOptions::new(centres, RATE_HZ)).expect("valid");
    features.push(("gammatone powers", gammatone.spectrogram(sound, 160, 80).expect("valid")));
    features.push(("gammatone", gammatone.apply(sound)));
    let encoder = Encoder::design(&Encoder::spec(RATE_HZ, 16, 128, 8)).expect("valid");
    let circular = encoder.circular(sound);
    features.push(("circle", circular.magnitudes(1.0)));
    let powers = Spectrogram::new(encoder.clone()).apply(&encoder.linear(sound));
    features
        .push(("isac cepstra", isac_cc(&powers, &mfcc::MfccOptions::default()).expect("valid")));
    features.push(("isac powers", powers));
    features
}

#[test]
fn samples_that_are_no_sound_are_silence_to_every_feature() {
    let silent = every_feature(&sweep([0.0; 5]));
    let odd = every_feature(&sweep([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2e15, -1e300]));
    assert_eq!(silent.len(), odd.len());
    for ((name, silent), (_, odd)) in silent.iter().zip(&odd) {
        assert!(silent.values().iter().all(|value| value.is_finite()), "{name}");
        assert_eq!(silent, odd, "{name}");
    }
}

#[test]
fn silence_has_finite_features() {
    for (name, feature) in every_feature(&[0.0; 3000]) {
        assert!(feature.values().iter().all(|value| value.is_finite()), "{name}");
    }
}
