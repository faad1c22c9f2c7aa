//! The feature toolbox: filterbank matrices, the cochleagram of a file, the all-pole gammatone module.

use crate::clock;
use crate::row::Row;
use crate::signal::RATE_HZ;
use erbium_dsp::feature::band_meter::BandMeter;
use erbium_dsp::feature::gammatone::{Centres, Gammatone, GammatoneOptions};
use erbium_dsp::feature::voicebox::{self, Bands, Bins};
use erbium_dsp::feature::{csound, log_bands, mel};
use erbium_dsp::scale::ScaleFormula;
use erbium_dsp::{Bank, BankSpec};
use std::hint::black_box;

/// The headline job of the all-pole module, 16 bands of 16000 samples, by its C version compiled with
/// -O2 on the machine of the README, in seconds.
const C_MODULE_S: f64 = 0.0048;

/// The least time of so many runs in seconds.
fn least_s<T>(runs: usize, mut run: impl FnMut() -> T) -> f64 {
    let once = |_| {
        let before = clock::own();
        black_box(run());
        (clock::own() - before).as_secs_f64()
    };
    (0..runs).map(once).fold(f64::INFINITY, f64::min)
}

/// Matrices, cochleagram, gammatone module.
pub fn features() -> Vec<Row> {
    let mut rows = matrices();
    rows.push(cochleagram());
    rows.extend(gammatone());
    rows
}

fn matrices() -> Vec<Row> {
    const TARGET: &str = "target: 5 ms or less";
    let voicebox = |scale| {
        let bins = Bins { count: 2048, step_hz: RATE_HZ / 2.0 / 2047.0, first_hz: 0.0 };
        voicebox::VoiceboxOptions {
            bands: Bands::Count(128),
            scale,
            extend_low: true,
            extend_high: true,
            ..voicebox::VoiceboxOptions::new(bins, RATE_HZ)
        }
    };
    let ms = |time_s: f64| format!("{:.2} ms", 1000.0 * time_s);
    let scales = [
        ScaleFormula::MelFant,
        ScaleFormula::ErbMoore,
        ScaleFormula::BarkSmooth,
        ScaleFormula::Linear,
    ];
    let slowest = scales
        .map(|scale| least_s(20, || voicebox::filterbank(&voicebox(scale))))
        .into_iter()
        .fold(0.0, f64::max);
    let of_mel = mel::MelOptions::new(RATE_HZ, 4094, 128);
    // 128 bands of a 12th of an octave would reach past half the sample rate.
    let of_log = log_bands::LogBandOptions {
        bands_per_octave: 13,
        low_hz: 20.0,
        ..log_bands::LogBandOptions::new(RATE_HZ, 4094, 128)
    };
    let of_csound = csound::CsoundOptions {
        bins: 2048,
        bands: 128,
        low_hz: 0.0,
        high_hz: RATE_HZ / 2.0,
        sample_rate_hz: RATE_HZ,
    };
    let what = |system: &str| format!("matrix of 128 bands × 2048 bins, {system}");
    vec![
        Row::new(what("voicebox, slowest scale"), ms(slowest), TARGET),
        Row::new(what("librosa mel"), ms(least_s(20, || mel::filterbank(&of_mel))), TARGET),
        Row::new(what("kapre log"), ms(least_s(20, || log_bands::filterbank(&of_log))), TARGET),
        Row::new(what("Csound mfb"), ms(least_s(20, || csound::filterbank(&of_csound))), TARGET),
    ]
}

fn cochleagram() -> Row {
    let bank = Bank::design(&BankSpec::default()).expect("the default bank exists");
    // A sound of every frequency, over and over.
    let second: Vec<f32> = (0..48_000_u16).map(|n| (f32::from(n).powi(2) * 3e-5).sin()).collect();
    let time_s = least_s(1, || {
        let mut levels = BandMeter::new(&bank, 2).expect("an ISAC bank");
        let mut column = vec![0.0; bank.bands()];
        for _ in 0..180 {
            for hop in second.chunks(480) {
                levels.push(&[hop, hop]);
                levels.take_levels(&mut column);
            }
        }
        column
    });
    let what = "cochleagram of three minutes of stereo, default bank, 10 ms hops, one core";
    Row::new(what, format!("{time_s:.2} s"), "target: less than 2 s")
}

fn gammatone() -> [Row; 2] {
    let centres = Centres::Edges { low_hz: 80.0, high_hz: 5000.0, bands: 16 };
    let bank = Gammatone::new(&GammatoneOptions::new(centres, 16_000.0)).expect("in range");
    let sound: Vec<f64> = (0..16_000_u32).map(|n| (f64::from(n * n) * 1e-4).sin()).collect();
    let time_s = least_s(20, || bank.apply(&sound));
    [
        Row::new(
            "all-pole gammatone, 16 bands × 16000 samples",
            format!("{:.2} ms", 1000.0 * time_s),
            "",
        ),
        Row::new(
            format!(
                "its C version's {:.1} ms (-O2, where measured) against that",
                1000.0 * C_MODULE_S
            ),
            format!("{:.1} times", C_MODULE_S / time_s),
            "target: 5 times or more",
        ),
    ]
}
