//! What the averages of a log of band levels say of the bands' mean power.

use erbium::audio::{Mode, Processor};
use erbium::editor::monitor::log::intervals::{Interval, Intervals};
use erbium::state::params::ErbiumParams;
use erbium::telemetry::Telemetry;
use erbium_dsp::Bank;
use std::f64::consts::{SQRT_2, TAU};
use std::sync::Arc;

const RATE_HZ: f64 = 48_000.0;
/// Samples of a block: 20 ms.
const BLOCK: usize = 960;
/// Twelve rows.
const SECONDS: u32 = 120;

/// Plays a sound, a block of each channel after the other, through the real chain for two minutes, and
/// returns the bank and the logged averages before the gains as powers, the mean of all rows but the first.
fn logged<const C: usize>(mut sound: impl FnMut() -> f64) -> (Arc<Bank>, Vec<f64>) {
    let params = Arc::<ErbiumParams>::default();
    let telemetry = Arc::<Telemetry>::default();
    let mut processor = Processor::new(params.curve.clone(), telemetry.clone());
    let mode = Mode { waits: true, changes_latency: true };
    let settings = params.settings(RATE_HZ);
    processor.prepare(&settings, C, mode).expect("the default bank exists");
    let bank = telemetry.bank().expect("plays");
    let mut intervals = Intervals::new(bank.bands(), Interval::TenSeconds);
    let mut rows = Vec::new();
    for block in 1..=50 * SECONDS {
        telemetry.set_editor_visible(true);
        #[expect(clippy::cast_possible_truncation, reason = "as a host has it")]
        let mut channels = [[0.0; BLOCK]; C].map(|block| block.map(|_: f32| sound() as f32));
        processor.process(&settings, &mut channels.each_mut().map(|block| &mut block[..]));
        let columns: Vec<_> = std::iter::from_fn(|| telemetry.pop_column()).collect();
        rows.extend(intervals.push(&columns, 0.02 * f64::from(block)));
    }
    rows.extend(intervals.finish());
    // The first holds the onset.
    rows.remove(0);
    let count = f64::from(u32::try_from(rows.len()).expect("few"));
    let power = |level_db: f32| 10.0_f64.powf(f64::from(level_db) / 10.0);
    let mean = |k: usize| rows.iter().map(|row| power(row.levels_db[k])).sum::<f64>() / count;
    let averages = (0..bank.bands()).map(mean).collect();
    (bank, averages)
}

/// The mean power of a band's coefficients, on the scale of the levels, while white noise of this
/// variance plays: its variance times the energy of the kernel.
fn mean_power(bank: &Bank, band: usize, variance: f64) -> f64 {
    // A sinusoid has half its amplitude at its positive frequency, but at 0 Hz and Nyquist.
    let edge = band == 0 || band == bank.bands() - 1;
    let level = if edge { SQRT_2 } else { 2.0 };
    let taps = &bank.analysis_kernels()[band].taps;
    level * level * variance * taps.iter().map(|tap| tap.norm_sqr()).sum::<f64>()
}

/// The band whose centre is nearest.
fn band_at(bank: &Bank, hz: f64) -> usize {
    let away = |k: &usize| (bank.centres_hz()[*k] - hz).abs();
    (0..bank.bands()).min_by(|a, b| away(a).total_cmp(&away(b))).expect("bands")
}

/// White noise, even from −0.25 to 0.25.
fn noise() -> impl FnMut() -> f64 {
    let mut seed = 1_u64;
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let part = f64::from(u32::try_from(seed >> 32).expect("32 bits")) / f64::from(u32::MAX);
        0.5 * part - 0.25
    }
}

/// By how many dB the averages lie above the mean power of each band.
fn excess_db<const C: usize>() -> (Arc<Bank>, Vec<f64>) {
    let (bank, averages) = logged::<C>(noise());
    let variance = 0.25 * 0.25 / 3.0;
    let db = |k: usize| 10.0 * (averages[k] / mean_power(&bank, k, variance)).log10();
    let excess_db = (0..bank.bands()).map(db).collect();
    (bank, excess_db)
}

/// The figures of `docs/editor.md`.
#[test]
fn averages_of_noise_lie_above_its_mean_power_by_what_the_manual_says() {
    let (bank, mono_db) = excess_db::<1>();
    let (_, stereo_db) = excess_db::<2>();
    for (hz, in_mono_db, in_stereo_db) in [
        (0.0, 3.0, 4.7),
        (150.0, 2.5, 3.8),
        (500.0, 2.5, 3.9),
        (1_200.0, 3.6, 4.8),
        (4_000.0, 5.2, 6.1),
        (14_000.0, 6.4, 7.0),
        (24_000.0, 8.6, 9.3),
    ] {
        let band = band_at(&bank, hz);
        let (mono_db, stereo_db) = (mono_db[band], stereo_db[band]);
        assert!((mono_db - in_mono_db).abs() < 0.15, "{hz} Hz: {mono_db}");
        assert!((stereo_db - in_stereo_db).abs() < 0.15, "{hz} Hz: {stereo_db}");
    }
}

#[test]
fn the_average_of_a_sinusoid_is_its_mean_power() {
    for hz in [150.0, 1_200.0, 14_000.0] {
        let bank = crate::harness::bank();
        let band = band_at(&bank, hz);
        let step = TAU * bank.centres_hz()[band] / RATE_HZ;
        let mut phase = 0.0_f64;
        let (_, averages) = logged::<1>(|| {
            phase += step;
            0.5 * phase.sin()
        });
        // Of full scale: that of a sinusoid of amplitude 1.
        let level_db = 10.0 * averages[band].log10();
        assert!((level_db + 6.02).abs() < 0.02, "{hz} Hz: {level_db}");
    }
}
