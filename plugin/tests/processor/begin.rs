//! Where nothing has sounded, there is nothing to fade from.

use crate::support::*;
use erbium::state::curve::CurveState;
use erbium::state::params::{MAX_BANDS, OFF_DB, Settings};
use erbium_dsp::{BankSpec, Kind, Scale, Sizing};
use std::time::{Duration, Instant};

/// Other banks than `spec(40)`: of its latency and of another.
fn others() -> [BankSpec; 3] {
    [
        BankSpec { scale: Scale::Bark, ..spec(24) },
        BankSpec { sizing: Sizing::Latency { ms: 43.0 }, ..spec(64) },
        BankSpec { kind: Kind::Gammatone, sizing: Sizing::Latency { ms: 4.0 }, ..spec(30) },
    ]
}

#[test]
fn a_render_begins_with_the_bank_that_was_chosen_before_it() {
    let input = noise(20_000, 30);
    for other in others() {
        let chosen = Settings { gains_db: [OFF_DB; MAX_BANDS], ..Settings::flat(other) };
        let expected = Rig::new(chosen, 2, OFFLINE).play(&input, &BLOCK_SIZES);
        let played = |rig: &mut Rig| {
            rig.settings = chosen;
            rig.curve.load(&CurveState::PARAMETERS);
            let output = rig.play(&input, &BLOCK_SIZES);
            assert_eq!(Some(rig.processor.latency_samples()), other.latency_samples());
            output
        };
        let mut rig = Rig::new(Settings::flat(spec(40)), 2, OFFLINE);
        assert!(same_bits(&played(&mut rig), &expected), "prepared for another: {other:?}");
        let mut rig = Rig::new(Settings::flat(spec(40)), 2, OFFLINE);
        rig.play(&input, &BLOCK_SIZES);
        rig.processor.reset();
        assert!(same_bits(&played(&mut rig), &expected), "after a reset: {other:?}");
    }
}

#[test]
fn a_bank_that_comes_before_the_first_sample_is_simply_in_place() {
    let input = noise(20_000, 31);
    for other in others() {
        let chosen = Settings { gains_db: [12.0; MAX_BANDS], ..Settings::flat(other) };
        let expected = Rig::new(chosen, 1, LIVE).play(&input, &BLOCK_SIZES);
        let mut rig = Rig::new(Settings::flat(spec(40)), 1, LIVE);
        rig.settings = chosen;
        rig.curve.load(&CurveState::PARAMETERS);
        let deadline = Instant::now() + Duration::from_secs(60);
        while rig.telemetry.bank().expect("a bank").spec() != &other {
            assert!(Instant::now() < deadline, "the bank never came");
            rig.processor.process(&rig.settings, &mut [&mut []]);
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(same_bits(&rig.play(&input, &BLOCK_SIZES), &expected), "{other:?}");
    }
}

#[test]
fn a_band_keeps_its_gain_where_only_the_sample_rate_is_another() {
    let at = |sample_rate_hz| Settings::flat(BankSpec { sample_rate_hz, ..spec(40) });
    let mut first = Rig::new(at(44_100.0), 1, OFFLINE);
    first.settings.gains_db[20] = 24.0;
    first.play(&[0.0; 512], &[512]);
    let saved = first.curve.drawing();
    let mut second = Rig::new(at(48_000.0), 1, OFFLINE);
    second.settings.gains_db = first.settings.gains_db;
    second.curve.load(&saved);
    second.play(&[0.0; 512], &[512]);
    for k in 0..40 {
        let expected = if k == 20 { 24.0 } else { 0.0 };
        assert_eq!(second.curve.gain_db(k), expected, "band {k}");
    }
}
