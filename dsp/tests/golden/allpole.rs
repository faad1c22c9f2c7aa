//! The classic gammatone filterbank against its published module's numbers (`tests/data/gammatone`).

use erbium_dsp::feature::gammatone::{Centres, Common, Gammatone, GammatoneOptions};
use erbium_npy::{Element, Limits, Npz};
use num_complex::Complex;

const RATE_HZ: f64 = 16_000.0;
const EDGES: Centres = Centres::Edges { low_hz: 80.0, high_hz: 5000.0, bands: 16 };
/// When the impulse came.
const START: usize = 100;

fn array<T: Element>(name: &str) -> Vec<T> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/gammatone/allpole.npz");
    let mut arrays = Npz::open(path.as_ref(), Limits::default()).expect("npz");
    arrays.array(name).expect("readable").expect(name).values().expect("numbers")
}

fn db(error: f64, peak: f64) -> f64 {
    20.0 * (error / peak).log10()
}

fn bank(options: &GammatoneOptions) -> Gammatone {
    Gammatone::new(options).expect("valid")
}

#[test]
fn centres_and_bandwidths_agree() {
    let bank = bank(&GammatoneOptions::new(EDGES, RATE_HZ));
    for (ours, theirs) in
        [(bank.centres_hz(), array::<f64>("cf")), (bank.bandwidths_hz(), array("bw"))]
    {
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
        }
    }
}

#[test]
fn responses_to_an_impulse_agree_with_every_alignment_and_normalisation() {
    let aligned = |envelope, fine_structure, normalised| GammatoneOptions {
        envelope,
        fine_structure,
        normalised,
        ..GammatoneOptions::new(EDGES, RATE_HZ)
    };
    let cases = [
        ("ir_env0_fine0_dc-1_norm0", aligned(None, false, false)),
        ("ir_env0_fine0_dc-1_norm1", aligned(None, false, true)),
        ("ir_env1_fine0_dc-1_norm1", aligned(Some(Common::Longest), false, true)),
        ("ir_env1_fine1_dc-1_norm1", aligned(Some(Common::Longest), true, true)),
        ("ir_env1_fine1_dc400_norm1", aligned(Some(Common::Samples(400)), true, true)),
        ("ir_env1_fine1_dc0_norm1", aligned(Some(Common::Samples(0)), true, true)),
        ("ir_env0_fine1_dc-1_norm1", aligned(None, true, true)),
    ];
    for (name, options) in cases {
        let theirs: Vec<f64> = array::<f32>(name).into_iter().map(f64::from).collect();
        let bank = bank(&options);
        let mut sound = vec![0.0; 2400];
        sound[START] = 1.0;
        let ours = bank.apply(&sound);
        let closed = bank.impulse_responses(2400 - START);
        for (band, theirs) in (0..16).step_by(3).zip(theirs.chunks_exact(2400)) {
            let peak = theirs.iter().fold(0.0_f64, |peak, x| peak.max(x.abs()));
            let worst = |ours: &[f64], theirs: &[f64]| {
                ours.iter().zip(theirs).fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()))
            };
            let filtered = db(worst(ours.row(band), theirs), peak);
            assert!(filtered < -100.0, "{name} band {band}: {filtered} dB");
            let evaluated = db(worst(closed.row(band), &theirs[START..]), peak);
            assert!(evaluated < -100.0, "{name} band {band} in closed form: {evaluated} dB");
        }
    }
}

#[test]
fn frequency_responses_gains_and_delays_are_those_of_the_impulse_response() {
    let options = GammatoneOptions {
        envelope: Some(Common::Samples(250)),
        fine_structure: true,
        ..GammatoneOptions::new(EDGES, RATE_HZ)
    };
    let bank = bank(&options);
    let responses = bank.impulse_responses(8000);
    for band in [0, 3, 9, 15] {
        let centre_hz = bank.centres_hz()[band];
        for hz in [0.0, 0.7 * centre_hz, centre_hz, 1.2 * centre_hz, 8000.0] {
            let mut sums = [Complex::new(0.0, 0.0); 2];
            for (n, tap) in (0_u32..).zip(responses.row(band)) {
                let turn = Complex::cis(-std::f64::consts::TAU * hz / RATE_HZ * f64::from(n));
                sums[0] += turn * *tap;
                sums[1] += turn * *tap * f64::from(n);
            }
            let ours = bank.response(band, hz);
            assert!((ours - sums[0]).norm() < 1e-9, "{band} {hz}: {ours} {}", sums[0]);
            if hz == centre_hz {
                assert!((bank.gain_at_centre(band) - sums[0].norm()).abs() < 1e-9);
                let delay = (sums[1] / sums[0]).re;
                assert!((bank.delay_at_centre_samples(band) - delay).abs() < 1e-5);
            }
        }
        assert!((bank.gain_at_centre(band) - 1.0).abs() < 0.01, "{}", bank.gain_at_centre(band));
        let hz: Vec<f64> = (0..200_u32).map(|n| centre_hz - 40.0 + 0.5 * f64::from(n)).collect();
        let phases = bank.phase_spectrum(band, &hz);
        for ((phase, next), &hz) in phases.iter().zip(&phases[1..]).zip(&hz) {
            assert!((phase - next).abs() < 1.0, "{band} jumps at {hz}: {phase} {next}");
            let turn =
                Complex::cis(*phase) - bank.response(band, hz) / bank.response(band, hz).norm();
            assert!(turn.norm() < 1e-12);
        }
    }
}

#[test]
fn plain_summation_restores_an_impulse_as_well_as_alignment_lets_it() {
    let ripple_db = |envelope, fine_structure| {
        let options =
            GammatoneOptions { envelope, fine_structure, ..GammatoneOptions::new(EDGES, RATE_HZ) };
        let bank = bank(&options);
        let levels = (0..=18_400_u32).map(|n| {
            let hz = 100.0 + 0.25 * f64::from(n);
            let sum: Complex<f64> = (0..16).map(|band| bank.response(band, hz)).sum();
            20.0 * sum.norm().log10()
        });
        let levels: Vec<_> = levels.collect();
        levels.iter().fold(f64::MIN, |a, b| a.max(*b))
            - levels.iter().fold(f64::MAX, |a, b| a.min(*b))
    };
    for (envelope, fine_structure, published) in [
        (None, false, 3.6),
        (Some(Common::Longest), false, 34.7),
        (Some(Common::Longest), true, 5.5),
    ] {
        let ours = ripple_db(envelope, fine_structure);
        assert!((ours - published).abs() < 0.1, "{envelope:?} {fine_structure}: {ours} dB");
    }
}

#[test]
fn channels_lists_ranges_and_spectrograms() {
    let list = Centres::List(vec![1000.0, 250.0]);
    let bank = bank(&GammatoneOptions::new(list, RATE_HZ));
    let left: Vec<f64> = (0..1600_u32)
        .map(|n| (std::f64::consts::TAU * 1000.0 / RATE_HZ * f64::from(n)).sin())
        .collect();
    let right = vec![0.0; 1600];
    let planes = bank.apply_to_channels(&[&left, &right]);
    assert_eq!(planes[0], bank.apply(&left));
    assert!(planes[1].values().iter().all(|&x| x == 0.0));
    let powers = bank.spectrogram(&left, 400, 160).expect("valid");
    assert_eq!((powers.rows(), powers.frames()), (2, 8));
    assert!((powers.row(0)[7] - 0.5).abs() < 0.01, "{}", powers.row(0)[7]);
    let between = |bands, low_hz, high_hz| Centres::Between { low_hz, high_hz, bands };
    let one =
        Gammatone::new(&GammatoneOptions::new(between(1, 100.0, 4000.0), RATE_HZ)).expect("valid");
    assert_eq!(one.centres_hz(), [100.0]);
    let many =
        Gammatone::new(&GammatoneOptions::new(between(9, 100.0, 4000.0), RATE_HZ)).expect("valid");
    assert!((many.centres_hz()[8] - 4000.0).abs() < 1e-9);
    let refuse = |centres, rate_hz| {
        Gammatone::new(&GammatoneOptions::new(centres, rate_hz)).expect_err("invalid").to_string()
    };
    assert!(refuse(between(0, 100.0, 4000.0), RATE_HZ).contains("band count 0"));
    assert!(refuse(between(4, 900.0, 400.0), RATE_HZ).contains("highest centre frequency 400"));
    assert!(refuse(between(4, 900.0, 9000.0), RATE_HZ).contains("0 to 8000 Hz"));
    assert!(refuse(Centres::List(vec![]), RATE_HZ).contains("list of centre frequencies"));
    assert!(refuse(Centres::List(vec![f64::NAN]), RATE_HZ).contains("centre frequency NaN"));
    assert!(refuse(between(4, 900.0, 9000.0), 0.0).contains("sample rate 0"));
}

#[test]
fn a_sound_in_pieces_has_the_bands_of_the_whole() {
    let sound: Vec<f64> = (0..3000_u32).map(|n| (f64::from(n * n) * 1e-3).sin()).collect();
    for envelope in [None, Some(Common::Longest), Some(Common::Samples(70))] {
        let options = GammatoneOptions {
            envelope,
            fine_structure: true,
            ..GammatoneOptions::new(EDGES, RATE_HZ)
        };
        let bank = bank(&options);
        let whole = bank.apply(&sound);
        let mut stream = bank.stream();
        // 70 samples are less than the slow bands take.
        assert_eq!(stream.lag_samples() > 0, envelope == Some(Common::Samples(70)));
        for _ in 0..2 {
            let mut pieces = vec![Vec::new(); bank.bands()];
            let mut rest = &sound[..];
            let mut take = |plane: erbium_dsp::feature::FeatureMatrix| {
                for (band, pieces) in pieces.iter_mut().enumerate() {
                    pieces.extend_from_slice(plane.row(band));
                }
            };
            for length in [1, 0, 127, 128, 129, 700, usize::MAX] {
                let (piece, left) = rest.split_at(length.min(rest.len()));
                take(stream.push(piece));
                rest = left;
            }
            take(stream.finish());
            for (band, pieces) in pieces.iter().enumerate() {
                assert!(pieces == whole.row(band), "{envelope:?} {band}");
            }
        }
    }
}
