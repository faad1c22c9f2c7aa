//! What a second of sound costs: the engine and the chain around it, default bank of each kind.

use crate::engine::plain::PlainForm;
use crate::engine::players::{DEFAULTS, Frames, Player, active, least_s, percent};
use crate::row::Row;
use crate::signal::RATE_HZ;
use crate::signal::noise;
use crate::{clock, instance};
use erbium_dsp::Bank;
use erbium_dsp::stream::AtRest;
use std::sync::Arc;

const TURNS: usize = 60;
const SAMPLES: usize = 24_576;
const BLOCK: usize = 512;

/// The engine with every band at work and at flat, the plain form, whole sounds, and the chain.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for ((name, bank), target) in DEFAULTS.iter().zip(["0.55 % or less", "0.7 % or less"]) {
        assert_same_sound(bank);
        let gains = active(bank.bands());
        let (mut busy, mut flat) = (Player::active(bank, 2), Player::flat(bank, 2));
        let mut resting = Player::resting(bank, 2);
        let mut plain = PlainForm::new(bank, &gains);
        let mut sound = noise(SAMPLES);
        let mut frames = Frames::active(bank);
        let mut chains = [true, false].map(|active| instance::Playing::new(bank.spec(), active));
        let [busy_chain, flat_chain] = &mut chains;
        let seconds = least_s(
            TURNS,
            &mut [
                &mut || busy.run(SAMPLES, BLOCK),
                &mut || flat.run(SAMPLES, BLOCK),
                &mut || {
                    let before = clock::own();
                    plain.change(&mut sound);
                    let worked = clock::own() - before;
                    sound.copy_from_slice(&noise(SAMPLES));
                    worked
                },
                &mut || busy_chain.run(SAMPLES, BLOCK),
                &mut || flat_chain.run(SAMPLES, BLOCK),
                &mut || frames.run(),
                &mut || resting.run(SAMPLES, BLOCK),
            ],
        );
        let share = |at: usize, channels| percent(seconds[at], SAMPLES, channels, RATE_HZ);
        let (busy, flat, plain) = (share(0, 2), share(1, 2), share(2, 1));
        let (busy_chain, flat_chain) = (share(3, 2), share(4, 2));
        let offline = percent(seconds[5], Frames::SAMPLES, 2, RATE_HZ);
        let resting = share(6, 2);
        let each = "% of a core";
        rows.extend([
            Row::figure(format!("{name}: engine, all bands, per channel"), busy, each, target),
            Row::figure(format!("{name}: the same at rest, per channel"), resting, each, ""),
            Row::figure(format!("{name}: engine, flat, per channel"), flat, each, "0.05 % or less"),
            Row::figure(format!("{name}: the plain form in Rust, per channel"), plain, each, ""),
            Row::figure(format!("{name}: engine, times faster than it"), plain / busy, "×", ""),
            Row::figure(
                format!("{name}: whole sound offline, all bands, per channel"),
                offline,
                each,
                format!("{:.1} times faster than the engine", busy / offline),
            ),
            Row::figure(
                format!("{name}: the plugin's chain, all bands at rest, per channel"),
                busy_chain,
                each,
                format!("{:+.3} % for the chain itself", busy_chain - resting),
            ),
            Row::figure(
                format!("{name}: the plugin's chain, flat, per channel"),
                flat_chain,
                each,
                format!("{:+.3} % for the chain itself", flat_chain - flat),
            ),
        ]);
    }
    rows
}

/// What is compared has to do the same.
fn assert_same_sound(bank: &Arc<Bank>) {
    let gains = active(bank.bands());
    let input = noise(20_000);
    let mut plain = input.clone();
    PlainForm::new(bank, &gains).change(&mut plain);
    let mut engine = Player::new(bank, 1, &gains, input.clone(), AtRest::Streamed).engine;
    let mut played = vec![0.0; input.len()];
    engine.process_change(&[&input], &mut [&mut played]);
    let worst = plain.iter().zip(&played).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "the plain form differs from the engine by {worst}");
}
