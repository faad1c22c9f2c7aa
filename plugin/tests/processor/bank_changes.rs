//! Another bank while sound is playing: it crossfades, and nothing else.

use crate::support::*;
use erbium::state::curve::CurveState;
use erbium::state::params::{MAX_BANDS, Settings};
use erbium_dsp::{BankSpec, Kind, Quality, Scale, Sizing};
use std::sync::Arc;

#[test]
fn another_bank_of_equal_latency_comes_in_without_a_click_or_a_dropout() {
    // With every gain equal, the sound of any two banks is the same but for their duals' error.
    let mut rig =
        Rig::new(Settings { gains_db: [6.0; MAX_BANDS], ..Settings::flat(spec(40)) }, 2, LIVE);
    let mut input = sine(1000.0, 0.25);
    let latency_samples = rig.processor.latency_samples();
    let mut output = rig.play_until_settled(&mut input);
    let steady = roughness(&output[4096..]);
    let begin = output.len();
    for (scale, bands) in
        [(Scale::Erb, 24), (Scale::Mel, 24), (Scale::Linear, 64), (Scale::Erb, 40)]
    {
        rig.settings.spec = BankSpec { scale, ..spec(bands) };
        output.extend(rig.play_until_settled(&mut input));
        assert_eq!(rig.processor.latency_samples(), latency_samples);
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
    // The edits come with the bank, so it starts at once where the old one is 24 dB away.
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
    let mut output = rig.play(&input[..10_000], &BLOCK_SIZES);
    rig.settings.spec = BankSpec { scale: Scale::Bark, ..spec(20) };
    output.extend(rig.play(&input[10_000..], &BLOCK_SIZES));
    assert!(same_bits(&output, &delayed(&input, rig.processor.latency_samples())));
}

#[test]
fn a_flat_null_survives_a_change_of_kind() {
    let mut rig = Rig::new(Settings::flat(spec(40)), 1, OFFLINE);
    let input = noise(40_000, 15);
    let mut output = rig.play(&input[..10_000], &BLOCK_SIZES);
    rig.settings.spec = BankSpec { kind: Kind::Gammatone, ..spec(20) };
    output.extend(rig.play(&input[10_000..], &BLOCK_SIZES));
    assert!(same_bits(&output, &delayed(&input, rig.processor.latency_samples())));
}

#[test]
fn the_latest_request_wins_and_the_others_are_freed() {
    // Banks that no other test has in its hands.
    let spec = |bands| BankSpec { sizing: Sizing::Latency { ms: 7.0 }, ..spec(bands) };
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
            rig.processor.latency_samples(),
            rig.settings.spec.latency_samples().expect("a latency")
        );
        output
    };
    let whole = render(&[40_000]);
    assert!(same_bits(&whole, &render(&[1])));
    assert!(same_bits(&whole, &render(&BLOCK_SIZES)));
}

#[test]
fn an_offline_render_hears_the_bank_it_asked_for() {
    let target = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let input = noise(40_000, 6);
    let expected = Rig::new(target, 1, OFFLINE).play(&input, &[512]);
    let mut rig = Rig::new(Settings { spec: spec(40), ..target }, 1, OFFLINE);
    // With new parameters at the same moment, the edits are the new bank's.
    rig.settings = target;
    rig.curve.load(&CurveState::PARAMETERS);
    let output = rig.play(&input, &[512]);
    let settled = 20_000;
    assert!(same_bits(&output[settled..], &expected[settled..]));
}

#[test]
fn edits_that_come_with_a_new_bank_are_edits_of_its_bands() {
    let mut rig = Rig::new(Settings::flat(spec(40)), 2, LIVE);
    let mut input = sine(500.0, 0.5);
    rig.settings.spec = spec(24);
    rig.settings.gains_db[20] = 9.0;
    rig.play_until_settled(&mut input);
    for k in 0..24 {
        assert_eq!(rig.curve.gain_db(k), if k == 20 { 9.0 } else { 0.0 }, "band {k}");
    }
}

/// What is played through a change of bank, and through both banks alone.
fn across_a_change(from: BankSpec, to: BankSpec, input: &[f32], at: usize) -> [Vec<f32>; 3] {
    let settings = Settings { gains_db: wavy(), ..Settings::flat(from) };
    let before = Rig::new(settings, 1, OFFLINE).play(input, &BLOCK_SIZES);
    let mut rig = Rig::new(settings, 1, OFFLINE);
    let latency_samples = rig.processor.latency_samples();
    let mut output = rig.play(&input[..at], &BLOCK_SIZES);
    rig.settings.spec = to;
    for piece in input[at..].chunks(480) {
        output.extend(rig.play(piece, &BLOCK_SIZES));
        assert_eq!(rig.processor.latency_samples(), latency_samples);
    }
    assert!(!rig.processor.take_restart_request());
    // The new bank plays the curve that was drawn on the old one.
    let mut alone = Rig::new(Settings { spec: to, ..settings }, 1, OFFLINE);
    alone.curve.load(&rig.curve.drawing());
    let after = alone.play(input, &BLOCK_SIZES);
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
