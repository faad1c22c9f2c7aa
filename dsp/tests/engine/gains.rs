//! How gains move.

use super::{BANKS, noise, players, sinusoid};
use erbium_dsp::stream::{AtRest, Engine};

/// Samples of a ramp at 48 kHz.
const RAMP: usize = 960;

/// Plays silence for so many steps of 32 samples and gives the gains after each.
fn gains_of_steps(engine: &mut Engine, steps: usize) -> Vec<Vec<f32>> {
    let step = |_| {
        engine.process(&mut [&mut [0.0; 32]]);
        engine.gains().to_vec()
    };
    (0..steps).map(step).collect()
}

#[test]
fn curves_that_keep_moving_are_followed_steep_ones_too() {
    for (bank, steep) in BANKS.iter().flat_map(|bank| [(bank, false), (bank, true)]) {
        let wanted = |n: usize| {
            let lift = 1.0 + f32::from(u16::try_from(n % 100).expect("few")) / 100.0;
            let raised = |k: usize| k == 20 || (!steep && k < 40);
            (0..40).map(|k| if raised(k) { lift } else { 1.0 }).collect::<Vec<_>>()
        };
        let solved = |n: usize| {
            let mut gains = vec![0.0; 40];
            bank.solve_gains(&wanted(n), &mut gains);
            gains[20]
        };
        let mut engine = Engine::new(bank.clone(), 1);
        let mut block = vec![0.0; 32];
        // In every block further up, for as long as three ramps.
        for n in 0..3 * RAMP / 32 {
            engine.set_targets(&wanted(n));
            engine.process(&mut [&mut block]);
        }
        let (now, asked) = (engine.gains()[20], solved(3 * RAMP / 32 - 1));
        assert!(now > 1.0 + 0.4 * (asked - 1.0), "{now} of {asked}, steep: {steep}");
        assert!(now < asked, "{now} of {asked}, steep: {steep}");
        for _ in 0..2 * RAMP / 32 {
            engine.process(&mut [&mut block]);
        }
        assert_eq!(engine.gains()[20], asked, "steep: {steep}");
    }
}

#[test]
fn gains_move_without_a_click() {
    // At rest, and turning round in the middle of a ramp, which is given up every time.
    for (player, block) in
        players().flat_map(|player| [(player, 4800), (player, 512), (player, 300)])
    {
        // A low sinusoid has no power at 8 kHz and above; a click has.
        let mut engine = player.engine(1);
        let mut sound = sinusoid(100.0, 24_000);
        for (n, block) in sound.chunks_mut(block).enumerate() {
            let target = if n % 2 == 0 { 4.0 } else { 0.0 };
            engine.set_targets(&[target; 40]);
            engine.process(&mut [block]);
        }
        // Fourth differences: 16 sin⁴(ω/2), 3e-9 for the sinusoid and up to 16 for a click.
        let click =
            sound[4800..].windows(5).map(|w| w[0] - 4.0 * w[1] + 6.0 * w[2] - 4.0 * w[3] + w[4]);
        let worst = click.fold(0.0_f32, |worst, value| worst.max(value.abs()));
        // Alias is that of the change: by 4 less 1, or by 4 less 0 where gains moved from a filter at 4.
        let change = if player.options.at_rest == AtRest::Streamed { 3.0 } else { 4.0 };
        println!("{player:?}, blocks of {block}: {worst:.2e}");
        assert!(worst < 1e-4 * change / 3.0, "{player:?}: {worst}");
    }
}

#[test]
fn a_ramp_given_up_for_another_stays_between_its_gains_and_goals() {
    for bank in BANKS.iter() {
        for wait in 1..24 {
            // One band to off, and another moved before it is there.
            let mut engine = Engine::new(bank.clone(), 1);
            let mut gains = [1.0; 40];
            gains[10] = 4.0;
            engine.set_gains(&gains);
            engine.jump_to_gains();
            gains[10] = 0.0;
            engine.set_gains(&gains);
            gains_of_steps(&mut engine, wait);
            gains[30] = 2.0;
            engine.set_gains(&gains);
            for gains in gains_of_steps(&mut engine, 60) {
                assert!((0.0..=4.0).contains(&gains[10]), "{} after {wait}", gains[10]);
            }

            // All to off, one of them not.
            let mut engine = Engine::new(bank.clone(), 1);
            engine.set_gains(&[15.8; 40]);
            engine.jump_to_gains();
            engine.set_gains(&[0.0; 40]);
            gains_of_steps(&mut engine, wait);
            let mut gains = [0.0; 40];
            gains[5] = 1.0;
            engine.set_gains(&gains);
            for gains in gains_of_steps(&mut engine, 60) {
                for (k, gain) in gains.into_iter().enumerate() {
                    assert!((0.0..=15.8).contains(&gain), "band {k}: {gain} after {wait}");
                }
            }
            assert_eq!(engine.gains(), gains);
        }
    }
}

#[test]
fn what_is_asked_for_again_moves_nothing() {
    for bank in BANKS.iter() {
        let curve: Vec<f32> = (0..40).map(|k| if k == 20 { 2.0 } else { 1.0 }).collect();
        let flat = vec![1.0; 40];
        let ramps = |again: bool| {
            let mut engine = Engine::new(bank.clone(), 1);
            let mut gains = Vec::new();
            for n in 0..200 {
                if n == 0 || again {
                    engine.set_targets(&curve);
                }
                gains.extend(gains_of_steps(&mut engine, 1));
            }
            gains
        };
        assert!(ramps(false) == ramps(true), "asked for again");

        // An engine that rests at flat goes on resting: a gain that is asked for next moves no sooner than in
        // one that nobody spoke to, whose filters have to catch up first.
        let moves = |ask: &dyn Fn(&mut Engine, usize)| {
            let mut engine = Engine::new(bank.clone(), 1);
            for n in 0..400 {
                ask(&mut engine, n);
                engine.process(&mut [&mut noise(32, 31)]);
                assert_eq!(engine.gains(), flat);
            }
            engine.set_targets(&curve);
            gains_of_steps(&mut engine, 60)
        };
        let expected = moves(&|_, _| ());
        assert!(expected == moves(&|engine, _| engine.set_targets(&[1.0; 40])));
        assert!(expected == moves(&|engine, _| engine.set_gains(&[1.0; 40])));
        assert!(
            expected
                == moves(&|engine, n| match n % 3 {
                    0 => engine.set_targets(&[]),
                    1 => engine.set_gains(&[]),
                    _ => engine.set_targets(&[1.0; 64]),
                })
        );
        assert!(
            expected
                == moves(&|engine, _| {
                    engine.set_gains(&[0.5]);
                    engine.set_gains(&[1.0]);
                })
        );
    }
}
