//! No subnormal numbers come out that did not go in.

use super::Player;
use erbium_dsp::stream::{AtRest, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Quality, Sizing};
use std::sync::Arc;

/// Ten seconds at 48 kHz.
const SAMPLES: usize = 480_000;

#[test]
fn an_impulse_leaves_no_subnormal_numbers() {
    for kind in [Kind::Isac, Kind::Gammatone] {
        for (quality, ms) in [Quality::Eco, Quality::Standard, Quality::High]
            .into_iter()
            .flat_map(|quality| [(quality, 4.0), (quality, 21.0)])
        {
            let spec =
                BankSpec { kind, quality, sizing: Sizing::Latency { ms }, ..BankSpec::default() };
            let bank = Arc::new(Bank::design(&spec).expect("designs"));
            for at_rest in [AtRest::Streamed, AtRest::Held] {
                let player = |vectors| Player::new(&bank, vectors, at_rest);
                assert_no_subnormals(player(Vectors::new()), 1.0);
                if quality == Quality::Standard {
                    assert_no_subnormals(player(Vectors::new()), 1e-24);
                    assert_no_subnormals(player(Vectors::Scalar), 1.0);
                }
            }
        }
    }
}

/// Gains alternate from band to band, and once in a second.
fn assert_no_subnormals(player: Player, amplitude: f32) {
    let bank = player.bank;
    let engine = || player.engine(1);
    let (mut whole, mut parts) = (engine(), engine());
    let mut sound = vec![0.0; SAMPLES];
    sound[77] = amplitude;
    let input = sound.clone();
    let mut change = vec![9.0; SAMPLES];
    let seconds = sound.chunks_mut(48_000).zip(input.chunks(48_000)).zip(change.chunks_mut(48_000));
    for (second, ((sound, input), change)) in seconds.enumerate() {
        let odd = |k: usize| (k + second) % 2 == 1;
        let gains: Vec<f32> = (0..bank.bands()).map(|k| if odd(k) { 4.0 } else { 0.25 }).collect();
        for engine in [&mut whole, &mut parts] {
            engine.set_gains(&gains);
            if second == 0 {
                engine.jump_to_gains();
            }
        }
        whole.process(&mut [sound]);
        parts.process_change(&[input], &mut [change]);
    }
    for output in [&sound, &change] {
        let subnormal = output.iter().filter(|sample| sample.is_subnormal()).count();
        assert_eq!(subnormal, 0, "{:?}, amplitude {amplitude}", bank.spec());
        assert!(output.iter().all(|sample| sample.is_finite()));
    }
    assert!(amplitude < 1.0 || change.iter().any(|change| change.abs() > 0.01));
}
