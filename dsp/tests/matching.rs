//! Gains that bring one sound to another, against filters and levels known from elsewhere.

use erbium_dsp::feature::long_term::{LongTermMeter, LongTermSpectrum};
use erbium_dsp::matching::{MatchOptions, MatchedBand, Reference, match_bands};
use erbium_dsp::{Bank, BankSpec, Kind, Phase, Scale, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::f64::consts::TAU;

const RATE_HZ: f64 = 48_000.0;

fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..samples).map(|_| random.random_range(-0.5..0.5)).collect()
}

#[expect(clippy::cast_possible_truncation)]
const fn single(value: f64) -> f32 {
    value as f32
}

fn spectrum(rate_hz: f64, channels: &[&[f32]]) -> LongTermSpectrum {
    let mut meter = LongTermMeter::new(rate_hz, channels.len()).expect("possible");
    meter.push(channels);
    meter.finish()
}

fn bank(spec: BankSpec) -> Bank {
    Bank::design(&spec).expect("valid")
}

fn matched(
    bank: &Bank,
    input: &[f32],
    reference: &[f32],
    options: &MatchOptions,
) -> Vec<MatchedBand> {
    let [input, reference] = [input, reference].map(|sound| spectrum(RATE_HZ, &[sound]));
    match_bands(bank, &input, Reference::Sound(&reference), options)
}

/// A peak of the Audio EQ Cookbook.
struct Peak {
    b: [f64; 3],
    a: [f64; 3],
}

impl Peak {
    fn new(hz: f64, gain_db: f64, q: f64) -> Self {
        let (w, amplitude) = (TAU * hz / RATE_HZ, 10.0_f64.powf(gain_db / 40.0));
        let alpha = w.sin() / (2.0 * q);
        let middle = -2.0 * w.cos();
        Self {
            b: [1.0 + alpha * amplitude, middle, 1.0 - alpha * amplitude],
            a: [1.0 + alpha / amplitude, middle, 1.0 - alpha / amplitude],
        }
    }

    fn apply(&self, sound: &[f32]) -> Vec<f32> {
        let (mut x, mut y) = ([0.0; 2], [0.0; 2]);
        let step = |sample: &f32| {
            let new = f64::from(*sample);
            let [b0, b1, b2] = self.b;
            let [a0, a1, a2] = self.a;
            let out = (b0 * new + b1 * x[0] + b2 * x[1] - a1 * y[0] - a2 * y[1]) / a0;
            (x, y) = ([new, x[0]], [out, y[0]]);
            single(out)
        };
        sound.iter().map(step).collect()
    }

    fn at_db(&self, hz: f64) -> f64 {
        let w = TAU * hz / RATE_HZ;
        let power = |[c0, c1, c2]: [f64; 3]| {
            let re = c0 + c1 * w.cos() + c2 * (2.0 * w).cos();
            let im = c1 * w.sin() + c2 * (2.0 * w).sin();
            re * re + im * im
        };
        10.0 * (power(self.b) / power(self.a)).log10()
    }
}

#[test]
fn filters_come_back_within_half_a_db_in_every_band() {
    let peaks =
        [Peak::new(300.0, 8.0, 0.8), Peak::new(2500.0, -10.0, 0.7), Peak::new(9000.0, 6.0, 1.0)];
    let input = noise(12 * 48_000, 1);
    let reference = peaks.iter().fold(input.clone(), |sound, peak| peak.apply(&sound));
    for spec in [
        BankSpec::default(),
        BankSpec { bands: 24, scale: Scale::Mel, ..BankSpec::default() },
        BankSpec { bands: 64, sizing: Sizing::Latency { ms: 43.0 }, ..BankSpec::default() },
        BankSpec { bands: 30, kind: Kind::Gammatone, ..BankSpec::default() },
        BankSpec { phase: Phase::Minimum, ..BankSpec::default() },
    ] {
        let bank = bank(spec);
        let found = matched(&bank, &input, &reference, &MatchOptions::default());
        // At 0 Hz and half the sample rate there is half a band, whose level is that of its flank.
        let last = found.len() - 1;
        for (hz, band) in bank.centres_hz().iter().zip(&found).take(last).skip(1) {
            let expected_db: f64 = peaks.iter().map(|peak| peak.at_db(*hz)).sum();
            let off_db = band.gain_db - expected_db;
            assert!(off_db.abs() < 0.5, "{spec:?}: {off_db} dB at {hz} Hz");
            let difference = band.difference.expect("noise is everywhere");
            assert!(difference.after_db.abs() < 0.05, "{difference:?} at {hz} Hz");
        }
    }
}

#[test]
fn amount_range_and_smoothing_do_as_they_say() {
    let bank = bank(BankSpec::default());
    let input = noise(6 * 48_000, 2);
    let reference = Peak::new(1000.0, 12.0, 1.5).apply(&input);
    let gains = |options: MatchOptions| -> Vec<f64> {
        let found = matched(&bank, &input, &reference, &options);
        found.iter().map(|band| band.gain_db).collect()
    };
    let whole = gains(MatchOptions::default());
    for (part, whole) in
        gains(MatchOptions { amount: 0.25, ..MatchOptions::default() }).iter().zip(&whole)
    {
        assert!((part - 0.25 * whole).abs() < 1e-12);
    }
    assert!(
        gains(MatchOptions { amount: 0.0, ..MatchOptions::default() }).iter().all(|db| *db == 0.0)
    );
    for (limited, whole) in
        gains(MatchOptions { range_db: 5.0, ..MatchOptions::default() }).iter().zip(&whole)
    {
        assert_eq!(*limited, whole.clamp(-5.0, 5.0));
    }
    let smoothed = gains(MatchOptions { smoothing_units: 3.0, ..MatchOptions::default() });
    // A bell of 3 ERB around a band keeps the mean and lowers the peak.
    let sum = |gains: &[f64]| gains.iter().sum::<f64>();
    let highest = |gains: &[f64]| gains.iter().copied().fold(0.0, f64::max);
    assert!(
        (sum(&smoothed) - sum(&whole)).abs() < 0.05 * sum(&whole),
        "{} {}",
        sum(&smoothed),
        sum(&whole)
    );
    let peaks = [highest(&whole), highest(&smoothed)];
    assert!(peaks[0] > 11.5 && (7.0..11.0).contains(&peaks[1]), "{peaks:?}");
    let bends = |gains: &[f64]| -> f64 {
        gains.array_windows().map(|[a, b, c]| (a - 2.0 * b + c).powi(2)).sum()
    };
    assert!(bends(&smoothed) < 0.3 * bends(&whole));
}

#[test]
fn bands_without_signal_in_either_stay_at_0_db() {
    let bank = bank(BankSpec::default());
    let centres_hz = bank.centres_hz();
    let whole = noise(6 * 48_000, 3);
    // Sinusoids a hertz or two apart, up to 3 kHz and from 400 Hz on: noise with ends that nothing leaks over.
    let comb = |low_hz: f64, high_hz: f64| -> Vec<f32> {
        let mut random = StdRng::seed_from_u64(9);
        let mut sound = vec![0.0; 3 * 48_000];
        let mut hz = low_hz;
        while hz < high_hz {
            let (turn, phase) = (TAU * hz / RATE_HZ, random.random_range(0.0..TAU));
            for (n, sample) in sound.iter_mut().enumerate() {
                let n = f64::from(u32::try_from(n).expect("short"));
                *sample += 3e-3 * (turn * n + phase).sin();
            }
            hz += 10.0;
        }
        sound.into_iter().map(single).collect()
    };
    let (low, high) = (comb(25.0, 3000.0), comb(400.0, 9000.0));
    for (input, reference, [from_hz, to_hz]) in [
        (&low, &whole, [0.0, 3000.0]),
        (&whole, &low, [0.0, 3000.0]),
        (&high, &low, [400.0, 3000.0]),
    ] {
        let found = matched(&bank, input, reference, &MatchOptions::default());
        for (k, (hz, band)) in centres_hz.iter().zip(&found).enumerate() {
            let next_hz = [k.saturating_sub(1), (k + 1).min(39)].map(|k| centres_hz[k]);
            if next_hz[0] > to_hz + 20.0 || next_hz[1] < from_hz - 20.0 {
                assert_eq!(*band, MatchedBand { gain_db: 0.0, difference: None }, "{hz} Hz");
            } else if next_hz[1] < to_hz && next_hz[0] > from_hz {
                let difference = band.difference.unwrap_or_else(|| panic!("signal at {hz} Hz"));
                let limited = band.gain_db.abs() > 23.9;
                assert!(difference.after_db.abs() < 0.3 || limited, "{difference:?} at {hz} Hz");
            }
        }
    }
    let silence = vec![0.0; 48_000];
    for (input, reference) in [(&silence, &whole), (&whole, &silence), (&silence, &silence)] {
        for options in [
            MatchOptions::default(),
            MatchOptions { keeps_loudness: true, ..MatchOptions::default() },
        ] {
            let found = matched(&bank, input, reference, &options);
            assert!(
                found.iter().all(|band| *band == MatchedBand { gain_db: 0.0, difference: None })
            );
        }
    }
}

#[test]
fn another_sample_rate_has_the_same_levels_as_far_as_it_goes() {
    let bank = bank(BankSpec::default());
    let input = noise(20 * 48_000, 4);
    // 6 dB more in every hertz than at 48 kHz.
    let factor = 10.0_f32.powf(0.3) * (1.0_f32 / 3.0).sqrt();
    let reference: Vec<f32> = noise(20 * 16_000, 5).iter().map(|sample| factor * sample).collect();
    let [fast, slow] = [spectrum(RATE_HZ, &[&input]), spectrum(16_000.0, &[&reference])];
    let found = match_bands(&bank, &fast, Reference::Sound(&slow), &MatchOptions::default());
    for (hz, band) in bank.centres_hz().iter().zip(&found) {
        if *hz > 8000.0 {
            assert_eq!(*band, MatchedBand { gain_db: 0.0, difference: None }, "{hz} Hz");
        } else {
            // Chance: the bands have some 30 Hz and 20 s.
            assert!((band.gain_db - 6.0).abs() < 1.0, "{} dB at {hz} Hz", band.gain_db);
        }
    }
    let upper =
        bank.centres_hz().iter().zip(&found).filter(|(hz, _)| (1000.0..6000.0).contains(*hz));
    assert!(upper.clone().count() > 8);
    for (hz, band) in upper {
        assert!((band.gain_db - 6.0).abs() < 0.3, "{} dB at {hz} Hz", band.gain_db);
    }
}

#[test]
fn loudness_is_kept_where_it_is_asked_for_and_for_shapes() {
    let bank = bank(BankSpec::default());
    let input = spectrum(RATE_HZ, &[&noise(6 * 48_000, 6)]);
    let pink = |hz: f64| (hz > 0.0).then(|| 1.0 / hz);
    let louder = |hz: f64| if hz < 1000.0 { 9.0 } else { -3.0 };
    let keeps = MatchOptions { keeps_loudness: true, ..MatchOptions::default() };
    for (reference, options) in [
        (Reference::Shape(&pink), MatchOptions::default()),
        (Reference::Shape(&pink), MatchOptions { amount: 0.5, range_db: 6.0, ..keeps }),
        (Reference::Change(&louder), keeps),
    ] {
        let found = match_bands(&bank, &input, reference, &options);
        // White noise: the power of each hertz is that of its gain and of the K-weighting.
        let gains_db: Vec<f64> = found.iter().map(|band| band.gain_db).collect();
        assert!(gains_db.iter().all(|db| db.abs() <= options.range_db));
        let targets: Vec<f32> =
            gains_db.iter().map(|db| single(10.0_f64.powf(db / 20.0))).collect();
        let mut gains = vec![0.0; targets.len()];
        bank.solve_gains(&targets, &mut gains);
        let hz: Vec<f64> = (1..4800).map(|k| 5.0 * f64::from(k)).collect();
        let mut amplitudes = vec![0.0; hz.len()];
        bank.responses(&hz).total(&gains, &mut amplitudes);
        let weights: Vec<f64> =
            hz.iter().map(|hz| erbium_dsp::matching::k_weighting(*hz)).collect();
        let after: f64 =
            amplitudes.iter().zip(&weights).map(|(a, w)| f64::from(*a).powi(2) * w).sum();
        let louder_db = 10.0 * (after / weights.iter().sum::<f64>()).log10();
        assert!(louder_db.abs() < 0.1, "{louder_db} dB");
    }
    let found = match_bands(&bank, &input, Reference::Change(&louder), &MatchOptions::default());
    let at = |hz: f64| {
        let band = bank.centres_hz().iter().position(|centre| *centre > hz).expect("inside");
        found[band].gain_db
    };
    assert!(
        (at(300.0) - 9.0).abs() < 0.3 && (at(5000.0) + 3.0).abs() < 0.3,
        "{} {}",
        at(300.0),
        at(5000.0)
    );
}

#[test]
fn the_spectrum_holds_the_power_of_the_sound_and_no_pauses() {
    let sound = noise(5 * 48_000, 7);
    let power = |sound: &[f32]| {
        let count = f64::from(u32::try_from(sound.len()).expect("short"));
        sound.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / count
    };
    let sum = |spectrum: &LongTermSpectrum| spectrum.powers().iter().sum::<f64>();
    let whole = spectrum(RATE_HZ, &[&sound]);
    let off_db = 10.0 * (sum(&whole) / power(&sound)).log10();
    assert!(off_db.abs() < 0.05, "{off_db} dB");
    assert_eq!(whole.sounding_s(), 5.0);
    // A sinusoid has half of its squared amplitude, all of it near its frequency.
    let sine: Vec<f32> =
        (0..96_000).map(|n| single(0.5 * (TAU * 1000.0 / RATE_HZ * f64::from(n)).sin())).collect();
    let sine = spectrum(RATE_HZ, &[&sine]);
    let around = sine.between(&[0.0, 990.0, 1010.0, 24_000.0]);
    assert!((around[1] - 0.125).abs() < 0.002, "{around:?}");
    assert!(around[0] + around[2] < 1e-4, "{around:?}");
    // Pauses, of silence or of the noise of 16 bits, change nothing, and a constant neither.
    let hiss: Vec<f32> = noise(3 * 48_000, 8).iter().map(|sample| 5e-5 * sample).collect();
    let paused = spectrum(RATE_HZ, &[&[&vec![0.0; 96_000], &sound[..], &hiss].concat()]);
    assert_eq!(paused.sounding_s(), 5.0);
    assert!((10.0 * (sum(&paused) / sum(&whole)).log10()).abs() < 0.1);
    let raised: Vec<f32> = sound.iter().map(|sample| sample + 0.25).collect();
    let raised = spectrum(RATE_HZ, &[&raised]);
    assert!(
        (10.0 * (sum(&raised) / sum(&whole)).log10()).abs() < 0.1,
        "{} {}",
        sum(&raised),
        sum(&whole)
    );
    assert_eq!(spectrum(RATE_HZ, &[&hiss]).powers().iter().sum::<f64>(), 0.0);
}

#[test]
fn channels_pieces_and_what_is_no_sound_make_no_difference() {
    let (left, right) = (noise(30_000, 10), noise(30_000, 11));
    let whole = spectrum(RATE_HZ, &[&left, &right]);
    let mut meter = LongTermMeter::new(RATE_HZ, 2).expect("possible");
    let mut start = 0;
    for piece in [1, 0, 4799, 4801, 999, 19_400] {
        meter.push(&[&left[start..start + piece], &right[start..start + piece]]);
        start += piece;
    }
    assert_eq!(start, 30_000);
    let near = |a: &LongTermSpectrum, b: &LongTermSpectrum| {
        // Sums in another order.
        assert_eq!(a.sounding_s(), b.sounding_s());
        let pairs = a.powers().iter().zip(b.powers());
        pairs.for_each(|(a, b)| assert!((a - b).abs() <= 1e-12 * a, "{a} {b}"));
    };
    near(&meter.finish(), &whole);
    near(&spectrum(RATE_HZ, &[&left, &left]), &spectrum(RATE_HZ, &[&left]));
    let holes = |filler: [f32; 4]| {
        let mut sound = left.clone();
        sound[5000..5004].copy_from_slice(&filler);
        spectrum(RATE_HZ, &[&sound])
    };
    assert_eq!(holes([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38]), holes([0.0; 4]));
    // One sample is a sound as well; without one there is none.
    assert!(spectrum(RATE_HZ, &[&[0.5]]).powers().iter().all(|power| power.is_finite()));
    assert_eq!(spectrum(RATE_HZ, &[&[]]).sounding_s(), 0.0);
    for (rate_hz, channels) in [(48_000.0, 0), (0.5, 1), (f64::NAN, 1), (1e12, 1)] {
        assert!(
            LongTermMeter::new(rate_hz, channels).is_err(),
            "{rate_hz} Hz, {channels} channels"
        );
    }
}
