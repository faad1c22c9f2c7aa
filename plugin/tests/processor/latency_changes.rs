//! Another latency: at once where the format allows it, after a restart where it does not.

use crate::support::*;
use erbium::state::curve::CurveState;
use erbium::state::params::{MAX_BANDS, Settings};
use erbium_dsp::{BankSpec, Kind, Sizing};

#[test]
fn another_latency_comes_in_while_playing_where_the_format_allows_it() {
    let mut rig =
        Rig::new(Settings { gains_db: [6.0; MAX_BANDS], ..Settings::flat(spec(24)) }, 1, LIVE);
    let mut input = sine(250.0, 0.25);
    let steady = roughness(&rig.play_until_settled(&mut input)[4096..]);
    rig.settings.spec.sizing = Sizing::Latency { ms: 4.0 };
    let output = rig.play_until_settled(&mut input);
    assert_eq!(
        rig.processor.latency_samples(),
        rig.settings.spec.latency_samples().expect("a latency")
    );
    assert!(!rig.processor.take_restart_request());
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
        asked += u32::from(rig.processor.take_restart_request());
        assert_eq!(rig.processor.latency_samples(), before.latency_samples().expect("a latency"));
    }
    assert_eq!(asked, 1);
    // A drag goes on meanwhile: the bands are the same.
    rig.settings.gains_db[5] = -20.0;
    rig.play(&[0.5; 256], &[256]);
    assert_eq!(rig.curve.gain_db(5), -20.0);
    rig.processor.prepare(&rig.settings, 1, CLAP).expect("valid");
    assert_eq!(rig.curve.gain_db(5), -20.0, "an edit of the bank asked for");
    assert_eq!(rig.processor.latency_samples(), after.latency_samples().expect("a latency"));
    let input = noise(20_000, 7);
    // The drawn curve has nodes at the centres of both banks' time, so it is taken along.
    let mut fresh = Rig::new(rig.settings, 1, CLAP);
    fresh.curve.load(&rig.curve.drawing());
    fresh.processor.reset();
    let expected = fresh.play(&input, &[100]);
    rig.processor.reset();
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
        asked = rig.processor.take_restart_request();
    }
    rig.settings.spec = before;
    rig.play_until_settled(&mut input);
    assert!(!rig.processor.take_restart_request());
    rig.processor.prepare(&rig.settings, 1, CLAP).expect("valid");
    assert_eq!(rig.processor.latency_samples(), before.latency_samples().expect("a latency"));
}

#[test]
fn another_kind_with_another_latency_waits_for_a_restart_in_clap() {
    let before = spec(24);
    let settings = Settings { gains_db: wavy(), ..Settings::flat(before) };
    let mut rig = Rig::new(settings, 1, CLAP);
    let input = noise(80_000, 16);
    let expected = Rig::new(settings, 1, CLAP).play(&input, &BLOCK_SIZES);
    let after = BankSpec { kind: Kind::Gammatone, sizing: Sizing::Latency { ms: 4.0 }, ..before };
    rig.settings.spec = after;
    let mut output = Vec::new();
    let mut asked = false;
    for piece in input.chunks(400) {
        output.extend(rig.play(piece, &BLOCK_SIZES));
        std::thread::sleep(std::time::Duration::from_millis(20));
        asked |= rig.processor.take_restart_request();
    }
    assert!(asked, "no restart was asked for");
    assert!(same_bits(&output, &expected), "the old bank plays on");
    assert_eq!(rig.processor.latency_samples(), before.latency_samples().expect("a latency"));
    rig.processor.prepare(&rig.settings, 1, CLAP).expect("valid");
    assert_eq!(rig.processor.latency_samples(), after.latency_samples().expect("a latency"));
    assert_eq!(rig.telemetry.bank().expect("a bank").spec(), &after);
}
