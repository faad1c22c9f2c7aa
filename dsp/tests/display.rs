//! What a picture of sound shows: clicks as lines across, sinusoids as lines along, at their level.

use erbium_dsp::Scale;
use erbium_dsp::display::{DisplayBank, DisplaySpec, DisplayStream};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Columns of levels in dB.
fn columns(spec: &DisplaySpec, sound: &[f32]) -> Vec<Vec<f32>> {
    let mut stream = DisplayStream::new(Arc::new(DisplayBank::new(spec)), 1);
    let mut columns = Vec::new();
    for piece in sound.chunks(777) {
        stream.push(&[piece], &mut |power| columns.push(db(&power[0])));
    }
    columns
}

fn db(power: &[f32]) -> Vec<f32> {
    power.iter().map(|power| 10.0 * power.max(1e-20).log10()).collect()
}

#[expect(clippy::cast_possible_truncation)]
fn sine(hz: f64, rate_hz: f64, samples: u32) -> Vec<f32> {
    (0..samples).map(|n| (TAU * hz * f64::from(n) / rate_hz).sin() as f32).collect()
}

fn loudest(levels: &[f32]) -> usize {
    (0..levels.len()).max_by(|&a, &b| levels[a].total_cmp(&levels[b])).expect("rows")
}

#[test]
fn a_full_scale_sine_is_one_line_in_its_row_at_0_db() {
    for (rate_hz, sharpness) in [(48_000.0, 1.0), (44_100.0, 2.0), (96_000.0, 4.0)] {
        let spec = DisplaySpec { sample_rate_hz: rate_hz, sharpness, ..DisplaySpec::default() };
        let bank = DisplayBank::new(&spec);
        for row in [40, 100, 200, 300, 350, 400, 450, 500] {
            let hz = bank.rows_hz()[row];
            let columns = columns(&spec, &sine(hz, rate_hz, 96_000));
            // From where the longest kernel hears nothing but the sine.
            for (c, column) in columns.iter().enumerate().skip(60) {
                let level_db = column[row];
                assert!(level_db.abs() < 0.05, "{hz} Hz, column {c}: {level_db} dB");
                assert!(loudest(column).abs_diff(row) <= 1, "{hz} Hz: row {}", loudest(column));
                // Outside the main lobe only side lobes of the window are left, −46.7 dB and less.
                let own_hz = |hz| spec.scale.bandwidth_hz(hz).expect("ERB has one") / sharpness;
                let far = |k: &usize| {
                    let away_hz = (bank.rows_hz()[*k] - hz).abs();
                    away_hz > 2.0 * own_hz(bank.rows_hz()[*k])
                };
                let rest = (0..512).filter(far).map(|k| column[k]).fold(f32::MIN, f32::max);
                assert!(rest < -46.0, "{hz} Hz, column {c}: {rest} dB elsewhere");
            }
        }
    }
}

#[test]
fn the_ends_of_the_axis_read_no_more_than_their_power() {
    let spec = DisplaySpec::default();
    for (sound, row) in [(vec![1.0; 48_000], 0), ([1.0, -1.0].repeat(24_000), 511)] {
        let columns = columns(&spec, &sound);
        let column = columns.last().expect("columns");
        assert!(column[row].abs() < 0.05, "{} dB", column[row]);
        // A constant has twice the power of a sine of its amplitude.
        assert!(column.iter().all(|&db| db < 3.01), "{column:?}");
    }
}

#[test]
fn a_click_is_one_line_across_all_rows() {
    for (scale, sharpness) in [(Scale::Erb, 1.0), (Scale::Mel, 2.0), (Scale::Linear, 1.0)] {
        let spec = DisplaySpec { scale, sharpness, ..DisplaySpec::default() };
        for at in [24_000, 24_057, 24_119, 24_203] {
            let mut sound = vec![0.0; 48_000];
            sound[at] = 1.0;
            let columns = columns(&spec, &sound);
            for row in 0..512 {
                let line: Vec<f32> = columns.iter().map(|column| column[row]).collect();
                let (peak, expected) = (loudest(&line), at / 240);
                // Where a kernel spans many columns, the click may lie between two middles.
                assert!(peak.abs_diff(expected) <= usize::from(row < 200), "{scale} {row}: {peak}");
                // What the column says is what the row's kernel says of a click, within 0.7 dB.
                assert!(line[expected] > line[peak] - 0.7, "{scale} row {row}");
            }
        }
    }
}

#[test]
fn levels_do_not_depend_on_how_the_stream_is_cut() {
    let mut random = StdRng::seed_from_u64(5);
    let sound: Vec<f32> = (0..24_000).map(|_| random.random_range(-1.0..1.0)).collect();
    let spec = DisplaySpec::default();
    let whole = columns(&spec, &sound);
    assert!(whole.len() > 80, "{}", whole.len());
    let mut stream = DisplayStream::new(Arc::new(DisplayBank::new(&spec)), 2);
    let mut cut = Vec::new();
    let mut rest = sound.as_slice();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.random_range(1..400).min(rest.len()));
        rest = after;
        let half: Vec<f32> = piece.iter().map(|sample| 0.5 * sample).collect();
        stream.push(&[piece, &half], &mut |power| cut.push((db(&power[0]), db(&power[1]))));
    }
    assert_eq!(whole.len(), cut.len());
    for (whole, (first, second)) in whole.iter().zip(&cut) {
        assert_eq!(whole, first);
        let apart = first.iter().zip(second).map(|(a, b)| (a - b - 6.0206).abs());
        assert!(apart.fold(0.0, f32::max) < 1e-3, "half the amplitude is 6 dB less");
    }
}

#[test]
fn what_is_no_sound_is_taken_for_silence() {
    let mut sound = vec![0.0; 24_000];
    (sound[5_000], sound[6_000], sound[7_000]) = (f32::NAN, f32::INFINITY, 1e30);
    assert!(columns(&DisplaySpec::default(), &sound).iter().flatten().all(|&db| db == -200.0));
}
