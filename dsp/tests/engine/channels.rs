//! Channels that are missing for a while.

use super::{BANKS, bits, noise, random_gains};
use erbium_dsp::stream::Engine;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const CHANNELS: usize = 3;
const SAMPLES: usize = 30_000;

/// How many channels there are, and until when.
const GIVEN: [(usize, usize); 6] =
    [(3, 6_000), (1, 6_321), (2, 12_000), (3, 18_017), (1, 24_000), (3, SAMPLES)];

fn sounds() -> Vec<Vec<f32>> {
    (40..).map(|seed| noise(SAMPLES, seed)).take(CHANNELS).collect()
}

/// The same with silence for what is missing.
fn silenced() -> Vec<Vec<f32>> {
    let mut sounds = sounds();
    let mut start = 0;
    for (given, end) in GIVEN {
        sounds[given..].iter_mut().for_each(|sound| sound[start..end].fill(0.0));
        start = end;
    }
    sounds
}

/// Lets an engine play all of it in blocks up to so long.
fn play(
    engine: &mut Engine,
    longest: usize,
    mut block: impl FnMut(&mut Engine, usize, usize, usize),
) {
    let mut random = StdRng::seed_from_u64(44);
    let gains = random_gains(40, 45);
    engine.set_gains(&gains);
    let mut start = 0;
    for (given, end) in GIVEN {
        while start < end {
            let many = random.random_range(1..=longest).min(end - start);
            block(engine, given, start, start + many);
            start += many;
        }
    }
}

#[test]
fn missing_channels_hear_silence() {
    for bank in BANKS.iter() {
        let whole = {
            let mut engine = Engine::new(bank.clone(), CHANNELS);
            let mut sounds = silenced();
            play(&mut engine, 700, |engine, _, start, end| {
                let mut channels: Vec<_> = sounds.iter_mut().map(|s| &mut s[start..end]).collect();
                engine.process(&mut channels);
            });
            sounds
        };
        for longest in [700, 48, 4_000] {
            let mut engine = Engine::new(bank.clone(), CHANNELS);
            let mut sounds = sounds();
            play(&mut engine, longest, |engine, given, start, end| {
                let channels = sounds.iter_mut().take(given).map(|sound| &mut sound[start..end]);
                engine.process(&mut channels.collect::<Vec<_>>());
            });
            for (c, (sound, whole)) in sounds.iter().zip(&whole).enumerate() {
                let mut start = 0;
                for (given, end) in GIVEN {
                    if c < given {
                        let same = bits(&sound[start..end]) == bits(&whole[start..end]);
                        assert!(same, "channel {c} before {end} in blocks of {longest}");
                    }
                    start = end;
                }
            }
        }
    }
}

#[test]
fn channels_missing_in_the_input_hear_silence_and_are_heard_to_their_end() {
    for bank in BANKS.iter() {
        let change = |longest: usize, sounds: &[Vec<f32>], given: &dyn Fn(usize) -> usize| {
            let mut engine = Engine::new(bank.clone(), CHANNELS);
            let mut change = vec![vec![9.0; SAMPLES]; CHANNELS];
            play(&mut engine, longest, |engine, many, start, end| {
                let input: Vec<_> =
                    sounds.iter().take(given(many)).map(|sound| &sound[start..end]).collect();
                let mut change: Vec<_> = change.iter_mut().map(|c| &mut c[start..end]).collect();
                engine.process_change(&input, &mut change);
            });
            change.iter().map(|change| bits(change)).collect::<Vec<_>>()
        };
        let expected = change(700, &silenced(), &|_| CHANNELS);
        for longest in [700, 48, 4_000] {
            assert!(change(longest, &sounds(), &|given| given) == expected, "{longest}");
        }
    }
}
