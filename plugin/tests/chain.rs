//! The audio thread's chain, played as plugin and offline render play it.

mod support;

use ebur128::{EbuR128, Mode};
use erbium::audio::Processor;
use erbium::state::curve::CurveState;
use erbium::state::params::{MAX_BANDS, OFF_DB, Settings, linear_gain};
use erbium_dsp::stream::Engine;
use erbium_dsp::{Bank, BankSpec, Kind, Quality, Scale, Sizing};
use std::sync::Arc;
use support::*;

/// Block sizes of every sort: one sample, none, primes, longer than any host declares.
const SIZES: [usize; 9] = [1, 0, 7, 16_384, 509, 64, 1, 1021, 333];

#[test]
fn flat_is_the_delayed_input_bit_for_bit() {
    for (scale, bands, rate_hz) in
        [(Scale::Erb, 40, 48_000.0), (Scale::Bark, 8, 44_100.0), (Scale::Linear, 64, 8_000.0)]
    {
        let spec = BankSpec { scale, sample_rate_hz: rate_hz, ..spec(bands) };
        for channels in [1, 2] {
            for watched in [false, true] {
                let mut rig = Rig::new(Settings::flat(spec), channels, LIVE);
                rig.telemetry.set_watched(watched);
                assert_eq!(rig.chain.latency_samples(), spec.latency_samples().expect("a latency"));
                let mut input = noise(60_000, 1);
                input[100] = -0.0;
                let output = rig.play(&input, &SIZES);
                let expected = delayed(&input, spec.latency_samples().expect("a latency"));
                assert!(same_bits(&output, &expected), "{scale} {bands} {rate_hz} {channels}");
            }
        }
    }
}

#[test]
fn bypass_is_the_delayed_input_whatever_the_rest() {
    let spec = spec(40);
    let settings = Settings {
        gains_db: wavy(),
        output_db: 9.0,
        mix: 0.5,
        bypass: true,
        delta: true,
        ..Settings::flat(spec)
    };
    let mut rig = Rig::new(settings, 2, LIVE);
    let input = noise(30_000, 2);
    let output = rig.play(&input, &SIZES);
    assert!(same_bits(&output, &delayed(&input, spec.latency_samples().expect("a latency"))));
}

#[test]
fn bypass_switches_without_a_click_and_is_exact_once_switched() {
    let spec = spec(40);
    let boosted = Settings { gains_db: [9.0; MAX_BANDS], ..Settings::flat(spec) };
    let mut rig = Rig::new(boosted, 1, LIVE);
    let mut input = sine(440.0, 0.25);
    let input: Vec<f32> = (0..48_000).map(|_| input()).collect();
    let dry = delayed(&input, spec.latency_samples().expect("a latency"));
    let before = rig.play(&input[..24_000], &[256]);
    rig.settings.bypass = true;
    let after = rig.play(&input[24_000..], &[256]);
    let ramp = 480;
    assert!(same_bits(&after[ramp..], &dry[24_000 + ramp..]));
    let steady = roughness(&before[12_000..]);
    let whole: Vec<f32> = before.iter().chain(&after).copied().collect();
    assert!(roughness(&whole[12_000..]) < 1.3 * steady, "{}", roughness(&whole[12_000..]) / steady);
}

#[test]
fn delta_is_the_change_and_mix_scales_it() {
    let spec = spec(24);
    let settings = Settings { gains_db: wavy(), ..Settings::flat(spec) };
    let input = noise(20_000, 3);
    let full = Rig::new(settings, 1, LIVE).play(&input, &[512]);
    let delta = Rig::new(Settings { delta: true, ..settings }, 1, LIVE).play(&input, &[512]);
    let half = Rig::new(Settings { mix: 0.5, ..settings }, 1, LIVE).play(&input, &[512]);
    let none = Rig::new(Settings { mix: 0.0, ..settings }, 1, LIVE).play(&input, &[512]);
    let down = Rig::new(Settings { output_db: -20.0, ..settings }, 1, LIVE).play(&input, &[512]);
    let dry = delayed(&input, spec.latency_samples().expect("a latency"));
    assert!(same_bits(&none, &dry));
    let loudest = full.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    let rounding = 4.0 * f32::EPSILON * loudest;
    for n in 0..input.len() {
        assert!((full[n] - dry[n] - delta[n]).abs() <= rounding);
        assert!((half[n] - dry[n] - 0.5 * delta[n]).abs() <= rounding);
        assert!((down[n] - 0.1 * full[n]).abs() <= rounding);
    }
    assert!(delta.iter().any(|sample| sample.abs() > 0.1));
}

#[test]
fn another_bank_of_equal_latency_comes_in_without_a_click_or_a_dropout() {
    // With every gain equal, the sound of any two banks is the same but for their duals' error.
    let mut rig =
        Rig::new(Settings { gains_db: [6.0; MAX_BANDS], ..Settings::flat(spec(40)) }, 2, LIVE);
    let mut input = sine(1000.0, 0.25);
    let latency_samples = rig.chain.latency_samples();
    let mut output = rig.play_until_settled(&mut input);
    let steady = roughness(&output[4096..]);
    let begin = output.len();
    for (scale, bands) in
        [(Scale::Erb, 24), (Scale::Mel, 24), (Scale::Linear, 64), (Scale::Erb, 40)]
    {
        rig.settings.spec = BankSpec { scale, ..spec(bands) };
        output.extend(rig.play_until_settled(&mut input));
        assert_eq!(rig.chain.latency_samples(), latency_samples);
    }
    assert!(roughness(&output[begin..]) < 1.01 * steady);
    for period in output[begin..].chunks_exact(48) {
        let peak = period.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
        assert!((peak - 0.5 * 0.997_6).abs() < 0.005, "peak {peak}");
    }
}

#[test]
fn another_bank_of_another_sound_fades_in_without_a_click() {
    let loud = Settings { gains_db: [12.0; MAX_BANDS], ..Settings::flat(spec(40)) };
    let mut rig = Rig::new(loud, 1, LIVE);
    let mut input = sine(250.0, 0.1);
    let before = rig.play_until_settled(&mut input);
    // The touches come with the bank, so it starts at once where the old one is 24 dB away.
    rig.settings.spec = spec(24);
    rig.settings.gains_db = [-12.0; MAX_BANDS];
    let after = rig.play_until_settled(&mut input);
    let steady = roughness(&before[4096..]);
    assert!(roughness(&after) < 1.05 * steady, "{}", roughness(&after) / steady);
    let quiet = after[after.len() - 480..].iter().fold(0.0_f32, |most, s| most.max(s.abs()));
    assert!((quiet - 0.025_1).abs() < 0.000_5, "{quiet}");
}

#[test]
fn a_flat_null_survives_a_change_of_bank() {
    let mut rig = Rig::new(Settings::flat(spec(40)), 1, OFFLINE);
    let input = noise(60_000, 4);
    let mut output = rig.play(&input[..10_000], &SIZES);
    rig.settings.spec = BankSpec { scale: Scale::Bark, ..spec(20) };
    output.extend(rig.play(&input[10_000..], &SIZES));
    assert!(same_bits(&output, &delayed(&input, rig.chain.latency_samples())));
}

#[test]
fn the_latest_request_wins_and_the_others_are_freed() {
    let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(40)) }, 2, LIVE);
    let mut input = sine(500.0, 0.5);
    let mut banks = Vec::new();
    for turn in 0..200_usize {
        rig.settings.spec = spec(8 + turn * 5 % 50);
        let piece: Vec<f32> = (0..64).map(|_| input()).collect();
        let output = rig.play(&piece, &[64]);
        assert!(output.iter().all(|sample| sample.abs() < 8.0));
        banks.extend(rig.telemetry.bank().map(|bank| Arc::downgrade(&bank)));
        if turn % 20 == 0 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    rig.settings.spec = spec(33);
    rig.play_until_settled(&mut input);
    let settled = rig.telemetry.bank().expect("a bank");
    assert_eq!(*settled.spec(), spec(33));
    rig.play_until_settled(&mut input);
    let alive = banks.iter().filter_map(std::sync::Weak::upgrade);
    assert_eq!(alive.filter(|bank| !Arc::ptr_eq(bank, &settled)).count(), 0);
}

#[test]
fn cutting_into_blocks_changes_nothing_even_across_banks_and_ramps() {
    let input = noise(40_000, 5);
    let render = |sizes: &[usize]| {
        let mut rig =
            Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(40)) }, 2, OFFLINE);
        let mut output = rig.play(&input[..8_000], sizes);
        rig.settings.spec = spec(24);
        rig.settings.mix = 0.7;
        output.extend(rig.play(&input[8_000..9_000], sizes));
        // Asked for while the one before still fades in, and of another latency.
        rig.settings.spec.sizing = Sizing::Latency { ms: 4.0 };
        rig.settings.gains_db[3] = 12.0;
        rig.settings.output_db = -3.0;
        output.extend(rig.play(&input[9_000..], sizes));
        assert_eq!(
            rig.chain.latency_samples(),
            rig.settings.spec.latency_samples().expect("a latency")
        );
        output
    };
    let whole = render(&[40_000]);
    assert!(same_bits(&whole, &render(&[1])));
    assert!(same_bits(&whole, &render(&SIZES)));
}

#[test]
fn an_offline_render_hears_the_bank_it_asked_for() {
    let target = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let input = noise(40_000, 6);
    let expected = Rig::new(target, 1, OFFLINE).play(&input, &[512]);
    let mut rig = Rig::new(Settings { spec: spec(40), ..target }, 1, OFFLINE);
    // With new parameters at the same moment, the touches are the new bank's.
    rig.settings = target;
    rig.curve.load(&CurveState::PARAMETERS);
    let output = rig.play(&input, &[512]);
    let settled = 20_000;
    assert!(same_bits(&output[settled..], &expected[settled..]));
}

#[test]
fn another_latency_comes_in_while_playing_where_the_format_allows_it() {
    let mut rig =
        Rig::new(Settings { gains_db: [6.0; MAX_BANDS], ..Settings::flat(spec(24)) }, 1, LIVE);
    let mut input = sine(250.0, 0.25);
    let steady = roughness(&rig.play_until_settled(&mut input)[4096..]);
    rig.settings.spec.sizing = Sizing::Latency { ms: 4.0 };
    let output = rig.play_until_settled(&mut input);
    assert_eq!(
        rig.chain.latency_samples(),
        rig.settings.spec.latency_samples().expect("a latency")
    );
    assert!(!rig.chain.take_restart_request());
    assert!(roughness(&output) < 1.5 * steady, "{}", roughness(&output) / steady);
}

#[test]
fn another_latency_waits_for_a_restart_in_clap() {
    let before = spec(24);
    let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(before) }, 1, CLAP);
    let after = BankSpec { sizing: Sizing::Latency { ms: 4.0 }, ..before };
    rig.settings.spec = after;
    let mut asked = 0;
    for _ in 0..200 {
        rig.play(&[0.5; 256], &[256]);
        std::thread::sleep(std::time::Duration::from_millis(2));
        asked += u32::from(rig.chain.take_restart_request());
        assert_eq!(rig.chain.latency_samples(), before.latency_samples().expect("a latency"));
    }
    assert_eq!(asked, 1);
    // A drag goes on meanwhile: the bands are the same.
    rig.settings.gains_db[5] = -20.0;
    rig.play(&[0.5; 256], &[256]);
    assert_eq!(rig.curve.gain_db(5), -20.0);
    rig.chain.prepare(&rig.settings, 1, CLAP).expect("valid");
    assert_eq!(rig.curve.gain_db(5), -20.0, "a touch of the bank asked for");
    assert_eq!(rig.chain.latency_samples(), after.latency_samples().expect("a latency"));
    let input = noise(20_000, 7);
    // The drawn curve has nodes at the centres of both banks' time, so it is taken along.
    let mut fresh = Rig::new(rig.settings, 1, CLAP);
    fresh.curve.load(&rig.curve.drawing());
    fresh.chain.reset();
    let expected = fresh.play(&input, &[100]);
    rig.chain.reset();
    assert!(same_bits(&rig.play(&input, &[100]), &expected));
}

#[test]
fn parameters_loaded_with_another_latency_are_that_banks_gains() {
    let mut rig = Rig::new(Settings::flat(spec(24)), 1, LIVE);
    rig.settings.spec.sizing = Sizing::Latency { ms: 4.0 };
    rig.settings.gains_db = wavy();
    rig.curve.load(&CurveState::PARAMETERS);
    rig.play_until_settled(&mut sine(250.0, 0.25));
    for (k, gain_db) in wavy().iter().enumerate().take(24) {
        assert_eq!(rig.curve.gain_db(k), *gain_db);
    }
}

#[test]
fn a_latency_taken_back_before_the_restart_changes_nothing() {
    let before = spec(24);
    let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(before) }, 1, CLAP);
    rig.settings.spec = BankSpec { sizing: Sizing::Latency { ms: 2.0 }, ..before };
    let mut input = sine(250.0, 0.25);
    let mut asked = false;
    while !asked {
        let piece: Vec<f32> = (0..256).map(|_| input()).collect();
        rig.play(&piece, &[256]);
        asked = rig.chain.take_restart_request();
    }
    rig.settings.spec = before;
    rig.play_until_settled(&mut input);
    assert!(!rig.chain.take_restart_request());
    rig.chain.prepare(&rig.settings, 1, CLAP).expect("valid");
    assert_eq!(rig.chain.latency_samples(), before.latency_samples().expect("a latency"));
}

#[test]
fn a_refused_bank_leaves_the_old_one_and_is_told() {
    let good = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let input = noise(30_000, 8);
    let expected = Rig::new(good, 1, OFFLINE).play(&input, &[512]);
    let mut rig = Rig::new(good, 1, OFFLINE);
    let mut output = rig.play(&input[..10_240], &[512]);
    rig.settings.spec.bands = 3;
    output.extend(rig.play(&input[10_240..], &[512]));
    assert!(same_bits(&output, &expected));
    assert!(rig.telemetry.notice().is_some_and(|notice| notice.contains("possible: 8 to 64")));
}

#[test]
fn a_chain_without_any_bank_passes_sound_on() {
    let refused = BankSpec { sample_rate_hz: 500.0, ..spec(24) };
    let mut chain = Processor::new(Arc::default(), Arc::default());
    let settings = Settings { gains_db: wavy(), ..Settings::flat(refused) };
    assert!(chain.prepare(&settings, 1, LIVE).is_err());
    assert_eq!(chain.latency_samples(), 0);
    let mut samples = [0.25, f32::NAN, -0.5];
    chain.process(&settings, &mut [&mut samples]);
    assert_eq!(samples, [0.25, 0.0, -0.5]);
}

#[test]
fn what_is_no_sound_never_stays() {
    let settings = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let mut rig = Rig::new(settings, 2, LIVE);
    let clean = noise(20_000, 9);
    let expected = Rig::new(settings, 1, LIVE).play(&clean, &[256]);
    let mut ill = clean.clone();
    for (sample, nonsense) in
        ill[3_000..].iter_mut().zip([f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX])
    {
        *sample = nonsense;
    }
    let mut channels = [clean.clone(), ill];
    rig.block(&mut channels);
    assert!(same_bits(&channels[0], &expected), "the other channel");
    assert!(channels[1].iter().all(|sample| sample.is_finite()));
    let memory = rig.chain.tail_samples();
    assert!(same_bits(&channels[1][3_004 + memory..], &expected[3_004 + memory..]));
}

#[test]
fn reset_leaves_no_tail_and_silence_ends_in_zero() {
    let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(24)) }, 2, LIVE);
    rig.play(&noise(10_000, 10), &[512]);
    rig.chain.reset();
    assert!(rig.play(&[0.0; 10_000], &[512]).iter().all(|sample| *sample == 0.0));
    rig.play(&noise(10_000, 11), &[512]);
    let memory = rig.chain.tail_samples();
    let tail = rig.play(&vec![0.0; memory + 1000], &[512]);
    assert!(tail[..100].iter().any(|sample| *sample != 0.0));
    assert!(tail[memory..].iter().all(|sample| *sample == 0.0));
}

#[test]
fn rate_and_channels_may_change_again_and_again() {
    let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(16)) }, 2, LIVE);
    for turn in 0..20_usize {
        rig.settings.spec.sample_rate_hz = [44_100.0, 48_000.0, 96_000.0, 1_234.567_8][turn % 4];
        rig.channels = 1 + turn % 2;
        // The centres move with the rate; this makes the gains the parameters' again.
        rig.curve.load(&CurveState::PARAMETERS);
        rig.chain.prepare(&rig.settings, rig.channels, LIVE).expect("valid");
        assert_eq!(
            rig.chain.latency_samples(),
            rig.settings.spec.latency_samples().expect("a latency")
        );
        let input = noise(5_000, 12);
        let output = rig.play(&input, &SIZES);
        let fresh = Rig::new(rig.settings, rig.channels, LIVE).play(&input, &SIZES);
        assert!(same_bits(&output, &fresh), "turn {turn}");
    }
}

#[test]
fn too_few_channels_or_none_are_no_trouble() {
    let mut rig = Rig::new(Settings::flat(spec(16)), 2, LIVE);
    rig.settings.gains_db[2] = 4.0;
    rig.chain.process(&rig.settings, &mut []);
    assert_eq!(rig.curve.gain_db(2), 4.0, "parameters apply without sound");
    let mut one = [1.0; 64];
    rig.chain.process(&rig.settings, &mut [&mut one]);
    assert!(one.iter().all(|sample| *sample == 0.0));
}

#[test]
fn columns_and_peaks_come_only_when_watched_and_whatever_the_blocks() {
    let input = noise(48_000, 13);
    let columns = |sizes: &[usize]| {
        let mut rig = Rig::new(Settings { gains_db: wavy(), ..Settings::flat(spec(24)) }, 2, LIVE);
        rig.play(&input[..1000], &[500]);
        assert!(rig.telemetry.pop_column().is_none());
        assert_eq!(rig.telemetry.take_peaks(), (0.0, 0.0));
        rig.telemetry.set_watched(true);
        rig.play(&input, sizes);
        let (input_peak, output_peak) = rig.telemetry.take_peaks();
        assert!(input_peak > 0.99 && input_peak <= 1.0 && output_peak > 0.1);
        let columns: Vec<_> = std::iter::from_fn(|| rig.telemetry.pop_column()).collect();
        rig.telemetry.set_watched(false);
        rig.play(&input[..1000], &[500]);
        assert!(rig.telemetry.pop_column().is_none());
        columns
    };
    let whole = columns(&[48_000]);
    assert_eq!(whole.len(), 100);
    assert!(whole.iter().all(|column| column.bands == 24));
    assert!(whole[10].input[..24].iter().all(|level| *level > 0.0));
    for other in [columns(&[1]), columns(&SIZES)] {
        assert_eq!(other.len(), 100);
        for (a, b) in whole.iter().zip(&other) {
            assert!(same_bits(&a.input, &b.input) && same_bits(&a.gains, &b.gains));
        }
    }
}

#[test]
fn touches_that_come_with_a_new_bank_are_touches_of_its_bands() {
    let mut rig = Rig::new(Settings::flat(spec(40)), 2, LIVE);
    let mut input = sine(500.0, 0.5);
    rig.settings.spec = spec(24);
    rig.settings.gains_db[20] = 9.0;
    rig.play_until_settled(&mut input);
    for k in 0..24 {
        assert_eq!(rig.curve.gain_db(k), if k == 20 { 9.0 } else { 0.0 }, "band {k}");
    }
}

#[test]
fn listening_is_the_bands_own_filter_at_its_gain_and_leaves_no_trace() {
    let mut gains_db = [0.0; MAX_BANDS];
    (gains_db[9], gains_db[10], gains_db[12]) = (12.0, 6.0, OFF_DB);
    let mut settings = Settings { gains_db, mix: 0.5, ..Settings::flat(spec(24)) };
    let input = noise(24_000, 5);
    // The same without anybody listening, through the engine itself.
    let alone = |band: usize, gain: f32| {
        let bank = Arc::new(Bank::design(&spec(24)).expect("a valid bank"));
        let mut engine = Engine::new(bank, 1);
        let mut gains = [0.0; 24];
        gains[band] = gain;
        engine.set_gains(&gains);
        engine.jump_to_gains();
        let mut output = input.clone();
        engine.process(&mut [&mut output]);
        output
    };
    for (band, gain) in [(10, linear_gain(6.0)), (12, 1.0)] {
        let mut rig = Rig::new(settings, 1, LIVE);
        rig.telemetry.set_watched(true);
        rig.telemetry.solo(Some(band));
        let heard = rig.play(&input, &[441]);
        // The ramps are over after the first tenth of a second.
        let differences = heard.iter().zip(alone(band, gain)).skip(4800);
        let worst = differences.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "band {band}: {worst}");
        assert!(heard.iter().skip(4800).any(|sample| sample.abs() > 1e-3), "is heard");

        rig.telemetry.solo(None);
        rig.play(&input, &[441]);
        rig.settings.gains_db = [0.0; MAX_BANDS];
        rig.play(&input, &[441]);
        let after = rig.play(&input, &[441]);
        let latency = rig.chain.latency_samples();
        assert!(same_bits(&after[latency..], &input[..input.len() - latency]), "flat again");
    }
    // A render is what is drawn, and a closed window listens to nothing.
    settings.mix = 1.0;
    let mut expected = Rig::new(settings, 1, LIVE);
    let expected = expected.play(&input, &[441]);
    let mut render = Rig::new(settings, 1, OFFLINE);
    render.telemetry.set_watched(true);
    render.telemetry.solo(Some(3));
    assert!(same_bits(&render.play(&input, &[441]), &expected));
    let mut closed = Rig::new(settings, 1, LIVE);
    closed.telemetry.solo(Some(3));
    assert!(same_bits(&closed.play(&input, &[441]), &expected));
}

/// A loudness in LUFS by the reference library, gated, of the part after `skip` samples.
fn loudness(samples: &[f32], skip: usize) -> f64 {
    let mut meter = EbuR128::new(1, 48_000, Mode::I).expect("possible");
    meter.add_frames_f32(&samples[skip..]).expect("whole frames");
    meter.loudness_global().expect("in its mode")
}

#[test]
fn gain_match_keeps_the_loudness_and_depends_on_no_block() {
    let gains_db = std::array::from_fn(|k| if k < 12 { 12.0 } else { 6.0 });
    let input = noise(6 * 48_000, 9);
    let plain = Settings { gains_db, ..Settings::flat(spec(24)) };
    for mix in [1.0, 0.5] {
        let unmatched = Settings { mix, ..plain };
        let matched = Settings { gain_match: true, ..unmatched };
        let before = loudness(&input, 96_000);
        let off = loudness(&Rig::new(unmatched, 1, LIVE).play(&input, &[512]), 96_000) - before;
        assert!(off.abs() > 2.0, "there is something to match: {off} LU");
        let output = Rig::new(matched, 1, LIVE).play(&input, &[512]);
        let off = loudness(&output, 96_000) - before;
        assert!(off.abs() < 0.1, "mix {mix}: {off} LU");
        assert!(same_bits(&Rig::new(matched, 1, OFFLINE).play(&input, &SIZES), &output));
        // The output gain comes after the match.
        let louder = Settings { output_db: 6.0, ..matched };
        let off = loudness(&Rig::new(louder, 1, LIVE).play(&input, &[512]), 96_000) - before;
        assert!((off - 6.0).abs() < 0.1, "mix {mix}: {off} LU");
    }
}

#[test]
fn gain_match_leaves_flat_bypass_delta_and_silence_as_they_are() {
    let matched = Settings { gain_match: true, ..Settings::flat(spec(24)) };
    let input = noise(48_000, 3);
    let mut rig = Rig::new(matched, 1, LIVE);
    let output = rig.play(&input, &[256]);
    assert!(same_bits(&output, &delayed(&input, rig.chain.latency_samples())), "flat");
    let wavy = Settings { gains_db: wavy(), ..matched };
    let mut rig = Rig::new(Settings { bypass: true, ..wavy }, 1, LIVE);
    let output = rig.play(&input, &[256]);
    assert!(same_bits(&output, &delayed(&input, rig.chain.latency_samples())), "bypass");
    let delta = Settings { delta: true, ..wavy };
    let expected = Rig::new(Settings { gain_match: false, ..delta }, 1, LIVE).play(&input, &[256]);
    assert!(same_bits(&Rig::new(delta, 1, LIVE).play(&input, &[256]), &expected), "delta");
    // Silence neither blows up nor moves what was learned; all off is not pulled up.
    let mut rig = Rig::new(wavy, 1, LIVE);
    rig.telemetry.set_watched(true);
    rig.play(&input, &[256]);
    let learned = rig.telemetry.match_gain();
    assert!((learned - 1.0).abs() > 0.05, "{learned}");
    rig.play(&[0.0; 48_000], &[256]);
    rig.telemetry.set_watched(true);
    rig.play(&input[..4800], &[256]);
    assert!((rig.telemetry.match_gain() / learned - 1.0).abs() < 0.1);
    let off = Settings { gains_db: [OFF_DB; MAX_BANDS], ..matched };
    let output = Rig::new(off, 1, LIVE).play(&input, &[256]);
    assert!(output.iter().skip(4800).all(|sample| sample.abs() < 1e-3));
}

#[test]
fn gain_match_ends_exactly_where_the_bands_are_flat_again() {
    let mut rig = Rig::new(
        Settings { gains_db: wavy(), gain_match: true, ..Settings::flat(spec(24)) },
        1,
        LIVE,
    );
    let input = noise(48_000, 22);
    rig.play(&input, &[256]);
    rig.settings.gains_db = [0.0; MAX_BANDS];
    (0..4).for_each(|_| drop(rig.play(&input, &[256])));
    let latency = rig.chain.latency_samples();
    let output = rig.play(&input, &[256]);
    assert!(same_bits(&output[latency..], &input[..input.len() - latency]));
}

#[test]
fn gain_match_keeps_what_it_learned_live_and_starts_afresh_in_a_render() {
    let settings = Settings { gains_db: wavy(), gain_match: true, ..Settings::flat(spec(24)) };
    let input = noise(24_000, 21);
    for (mode, keeps) in [(LIVE, true), (OFFLINE, false)] {
        let mut rig = Rig::new(settings, 1, mode);
        let first = rig.play(&input, &[256]);
        rig.telemetry.set_watched(true);
        rig.play(&input[..256], &[256]);
        let learned = rig.telemetry.match_gain();
        assert!((learned - 1.0).abs() > 0.05, "{learned}");
        rig.chain.reset();
        rig.telemetry.set_watched(true);
        let again = rig.play(&input, &[256]);
        assert_eq!(same_bits(&first, &again), !keeps);
    }
}

#[test]
fn gain_match_moves_without_a_click() {
    let mut rig = Rig::new(Settings { gain_match: true, ..Settings::flat(spec(24)) }, 1, LIVE);
    let mut tone = sine(300.0, 0.25);
    let mut play = |rig: &mut Rig, samples: usize| -> Vec<f32> {
        let input: Vec<f32> = (0..samples).map(|_| tone()).collect();
        rig.play(&input, &[128])
    };
    let flat = play(&mut rig, 48_000);
    rig.settings.gains_db = [12.0; MAX_BANDS];
    let mut moving = play(&mut rig, 48_000);
    rig.settings.gain_match = false;
    moving.extend(play(&mut rig, 48_000));
    // Four times as loud is four times as rough, and no more.
    let limit = 4.2 * roughness(&flat[9600..]);
    assert!(roughness(&moving) < limit, "{} {limit}", roughness(&moving));
}

/// What is played through a change of bank, and through both banks alone.
fn across_a_change(from: BankSpec, to: BankSpec, input: &[f32], at: usize) -> [Vec<f32>; 3] {
    let settings = Settings { gains_db: wavy(), ..Settings::flat(from) };
    let before = Rig::new(settings, 1, OFFLINE).play(input, &SIZES);
    let mut rig = Rig::new(settings, 1, OFFLINE);
    let latency_samples = rig.chain.latency_samples();
    let mut output = rig.play(&input[..at], &SIZES);
    rig.settings.spec = to;
    for piece in input[at..].chunks(480) {
        output.extend(rig.play(piece, &SIZES));
        assert_eq!(rig.chain.latency_samples(), latency_samples);
    }
    assert!(!rig.chain.take_restart_request());
    // The new bank plays the curve that was drawn on the old one.
    let mut alone = Rig::new(Settings { spec: to, ..settings }, 1, OFFLINE);
    alone.curve.load(&rig.curve.drawing());
    let after = alone.play(input, &SIZES);
    [output, before, after]
}

#[test]
fn another_kind_scale_band_count_or_quality_crossfades_and_nothing_else() {
    let isac = spec(40);
    let gammatone = BankSpec { kind: Kind::Gammatone, ..spec(24) };
    let changes = [
        (isac, gammatone),
        (gammatone, BankSpec { scale: Scale::Mel, ..isac }),
        (isac, BankSpec { quality: Quality::Eco, ..isac }),
        (gammatone, BankSpec { bands: 32, quality: Quality::High, ..gammatone }),
        (isac, BankSpec { bands: 12, scale: Scale::Bark, ..isac }),
    ];
    let input = noise(48_000, 14);
    let at = 12_000;
    for (from, to) in changes {
        let [output, before, after] = across_a_change(from, to, &input, at);
        assert!(same_bits(&output[..at], &before[..at]), "{from:?} {to:?}: too early");
        // The new bank began to compute at another time, so that its alias differs.
        let nothing = 3e-4;
        let mut faded = 0;
        for (n, sample) in output.iter().enumerate().skip(at) {
            let (low, high) = (before[n].min(after[n]), before[n].max(after[n]));
            let inside = (low - nothing..=high + nothing).contains(sample);
            assert!(inside, "{from:?} {to:?}: {sample} outside {low} to {high} at {n}");
            let is = |other: &[f32]| (sample - other[n]).abs() <= nothing;
            faded += usize::from(!is(&before) && !is(&after));
        }
        // 30 ms between the one and the other, and no more.
        assert!((500..=1440).contains(&faded), "{from:?} {to:?}: {faded} samples of neither");
        let late = output.len() - 4_800;
        let arrived = output[late..].iter().zip(&after[late..]);
        assert!(arrived.clone().all(|(a, b)| (a - b).abs() <= nothing), "{from:?} {to:?}");
        let steps = output[late..].iter().zip(&before[late..]);
        assert!(steps.clone().any(|(a, b)| (a - b).abs() > 0.1), "the banks sound alike");
    }
}

#[test]
fn a_flat_null_survives_a_change_of_kind() {
    let mut rig = Rig::new(Settings::flat(spec(40)), 1, OFFLINE);
    let input = noise(40_000, 15);
    let mut output = rig.play(&input[..10_000], &SIZES);
    rig.settings.spec = BankSpec { kind: Kind::Gammatone, ..spec(20) };
    output.extend(rig.play(&input[10_000..], &SIZES));
    assert!(same_bits(&output, &delayed(&input, rig.chain.latency_samples())));
}

#[test]
fn another_kind_with_another_latency_waits_for_a_restart_in_clap() {
    let before = spec(24);
    let settings = Settings { gains_db: wavy(), ..Settings::flat(before) };
    let mut rig = Rig::new(settings, 1, CLAP);
    let input = noise(80_000, 16);
    let expected = Rig::new(settings, 1, CLAP).play(&input, &SIZES);
    let after = BankSpec { kind: Kind::Gammatone, sizing: Sizing::Latency { ms: 4.0 }, ..before };
    rig.settings.spec = after;
    let mut output = Vec::new();
    let mut asked = false;
    for piece in input.chunks(400) {
        output.extend(rig.play(piece, &SIZES));
        std::thread::sleep(std::time::Duration::from_millis(20));
        asked |= rig.chain.take_restart_request();
    }
    assert!(asked, "no restart was asked for");
    assert!(same_bits(&output, &expected), "the old bank plays on");
    assert_eq!(rig.chain.latency_samples(), before.latency_samples().expect("a latency"));
    rig.chain.prepare(&rig.settings, 1, CLAP).expect("valid");
    assert_eq!(rig.chain.latency_samples(), after.latency_samples().expect("a latency"));
    assert_eq!(rig.telemetry.bank().expect("a bank").spec(), &after);
}
