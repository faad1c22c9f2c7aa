//! The levels of bands.

use super::{BANKS, noise, players, sinusoid};
use erbium_dsp::stream::Engine;

#[test]
fn levels_read_the_amplitude_of_a_sinusoid() {
    for player in players() {
        let bank = player.bank;
        let mut engine = player.engine(1);
        engine.set_metering(true);
        let hz = bank.centres_hz()[20];
        let mut sound = sinusoid(hz, 9600);
        let mut levels = [0.0; 40];
        engine.process(&mut [&mut sound[..4800]]);
        engine.take_levels(&mut levels);
        engine.process(&mut [&mut sound[4800..]]);
        engine.take_levels(&mut levels);
        assert!((levels[20] - 1.0).abs() < 0.01, "{}", levels[20]);
        // A gammatone filter's skirts fall by 24 dB per octave.
        assert!(levels[30] < 2e-3, "{}", levels[30]);
    }
}

#[test]
fn levels_are_of_what_was_heard_since_they_were_asked_for() {
    for bank in BANKS.iter() {
        // Whenever it is in a step and in a window that they are asked for.
        for moment in [20_000, 20_001, 20_031, 20_032, 20_064, 20_100, 20_127] {
            let mut engine = Engine::new(bank.clone(), 1);
            let mut levels = [0.0; 40];
            engine.set_metering(true);
            engine.process(&mut [&mut noise(4800, 20)]);
            engine.set_metering(false);
            let mut silence = vec![0.0; moment - 4800];
            engine.process(&mut [&mut silence]);
            engine.set_metering(true);
            engine.process(&mut [&mut [0.0; 500]]);
            engine.take_levels(&mut levels);
            assert_eq!(levels, [0.0; 40], "at {moment}");
        }
    }
}

#[test]
fn levels_are_finite_whatever_is_heard() {
    for bank in BANKS.iter() {
        let mut engine = Engine::new(bank.clone(), 1);
        engine.set_metering(true);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 1e15, -1e15] {
            let mut levels = [0.0; 40];
            engine.process(&mut [&mut vec![bad; 4800]]);
            engine.take_levels(&mut levels);
            assert!(levels.iter().all(|level| level.is_finite()), "{bad}: {levels:?}");
        }
    }
}

#[test]
fn levels_asked_for_while_low_passes_catch_up_are_of_no_older_sound() {
    for bank in BANKS.iter() {
        for since in [1, 10, 31, 32, 40, 64, 100, 200, 300] {
            let mut engine = Engine::new(bank.clone(), 1);
            let mut levels = [0.0; 40];
            engine.set_metering(true);
            engine.process(&mut [&mut noise(9600, 21)]);
            engine.set_metering(false);
            engine.process(&mut [&mut vec![0.0; 100_000]]);
            engine.set_metering(true);
            engine.process(&mut [&mut vec![0.0; since]]);
            engine.take_levels(&mut levels);
            assert_eq!(levels, [0.0; 40], "after {since}");
        }
    }
}
