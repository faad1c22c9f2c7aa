//! No subnormal number leaves: they are slow wherever the sound goes next.

use crate::support::*;
use erbium::state::params::{MAX_BANDS, Settings};
use erbium_dsp::{BankSpec, Kind};

/// Plays an impulse and the silence after it, and counts what is subnormal.
fn subnormal_after_an_impulse(rig: &mut Rig, samples: usize) -> usize {
    let mut input = vec![0.0; samples];
    input[10] = 1.0;
    // Faint, but not subnormal: products of it are.
    input[20..400].fill(3.0 * f32::MIN_POSITIVE);
    rig.play(&input, &[64, 333]).iter().filter(|sample| sample.is_subnormal()).count()
}

#[test]
fn nothing_subnormal_comes_out_whatever_is_set() {
    let one = std::array::from_fn(|k| if k == 9 { 24.0 } else { 0.0 });
    for kind in [Kind::Isac, Kind::Gammatone] {
        for gains_db in [one, wavy(), [-0.01; MAX_BANDS], [-60.0; MAX_BANDS]] {
            let plain = Settings { gains_db, ..Settings::flat(BankSpec { kind, ..spec(24) }) };
            for settings in [
                plain,
                Settings { mix: 0.37, output_db: -7.0, ..plain },
                Settings { gain_match: true, output_db: -24.0, ..plain },
                Settings { delta: true, mix: 0.01, ..plain },
            ] {
                for (channels, mode) in [(1, LIVE), (2, OFFLINE)] {
                    let mut rig = Rig::new(settings, channels, mode);
                    assert_eq!(subnormal_after_an_impulse(&mut rig, 8192), 0, "{settings:?}");
                    rig.processor.reset();
                    rig.processor.go_offline();
                    assert_eq!(subnormal_after_an_impulse(&mut rig, 8192), 0, "offline");
                }
            }
        }
    }
}

#[test]
fn nothing_subnormal_comes_out_of_ramps_and_crossfades() {
    let gains_db = wavy();
    let mut rig = Rig::new(Settings { gains_db, ..Settings::flat(spec(24)) }, 1, OFFLINE);
    for turn in 0..12 {
        rig.settings.bypass = turn % 3 == 1;
        rig.settings.delta = turn % 4 == 2;
        rig.settings.gain_match = turn % 5 < 2;
        rig.settings.spec = spec(if turn % 2 == 0 { 24 } else { 16 });
        assert_eq!(subnormal_after_an_impulse(&mut rig, 2500), 0, "turn {turn}");
    }
}

#[test]
fn subnormal_input_is_silence_where_all_else_passes_as_it_is() {
    let tiny = f32::MIN_POSITIVE;
    let input = [tiny / 2.0, -tiny / 2.0, 1e-45, tiny, -tiny, -0.0, 0.5, -tiny * 0.999_99];
    let passes = |sample: f32| if sample.is_subnormal() { 0.0 } else { sample };
    for bypass in [false, true] {
        for mode in [LIVE, OFFLINE] {
            let plain = Settings { bypass, ..Settings::flat(spec(24)) };
            let mut rig = Rig::new(plain, 1, mode);
            let mut padded = input.to_vec();
            padded.resize(input.len() + rig.processor.latency_samples(), 0.0);
            let output = rig.play(&padded, &[64]);
            let expected: Vec<f32> = input.into_iter().map(passes).collect();
            assert!(same_bits(&output[output.len() - input.len()..], &expected), "{bypass}");
        }
    }
}
