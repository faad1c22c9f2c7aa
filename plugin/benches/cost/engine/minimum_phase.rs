//! The minimum-phase filter, without latency: what it costs at rest, flat, and while gains move.

use super::rest::{BLOCK_S, BLOCKS, SAMPLES, TURNS, mean, other, own_s, worst};
use crate::engine::players::{Player, design, least_s, percent};
use crate::row::Row;
use crate::signal::RATE_HZ;
use erbium_dsp::stream::AtRest;
use erbium_dsp::{Bank, BankSpec, Kind, Phase};
use std::sync::Arc;

pub fn rows() -> Vec<Row> {
    let kinds = [(Kind::Isac, "ISAC 0 ms"), (Kind::Gammatone, "gammatone 0 ms")];
    let rows = kinds.map(|(kind, name)| {
        let spec = BankSpec { kind, phase: Phase::Minimum, ..BankSpec::default() };
        let bank = design(&spec);
        let [rest, flat] = standing(name, &bank);
        let [mean, worst, fine] = moving(name, &bank);
        [rest, flat, mean, worst, fine]
    });
    rows.into_iter().flatten().collect()
}

fn standing(name: &str, bank: &Arc<Bank>) -> [Row; 2] {
    let (mut resting, mut flat) = (Player::resting(bank, 2), Player::flat(bank, 2));
    let seconds =
        least_s(TURNS, &mut [&mut || resting.run(SAMPLES, 512), &mut || flat.run(SAMPLES, 512)]);
    let share = |at: usize| percent(seconds[at], SAMPLES, 2, RATE_HZ);
    let work = resting.engine.held_multiply_adds().unwrap_or(f64::NAN);
    [
        Row::figure(
            format!("{name}: at rest, per channel"),
            share(0),
            "% of a core",
            format!("0.1 % or less; multiply-adds {work:.0}"),
        ),
        Row::figure(format!("{name}: flat, per channel"), share(1), "% of a core", ""),
    ]
}

/// Other gains in every block of the first half; in the other they stand still, and the exact filter is built.
fn moving(name: &str, bank: &Arc<Bank>) -> [Row; 3] {
    let lift = |block: usize| 1.0 + 0.1 * f32::from(u8::try_from(block % 7).unwrap_or(0));
    let own_s = own_s(bank, AtRest::Either, |block| {
        (block < BLOCKS / 2).then(|| other(bank.bands(), lift(block)))
    });
    let (moving_s, still_s) = own_s.split_at(BLOCKS / 2);
    let percent = |seconds: f64| 100.0 * seconds / BLOCK_S;
    [
        Row::figure(
            format!("{name}: gains that move in every block of 32, per channel"),
            percent(mean(moving_s)) / 2.0,
            "% of a core",
            "0.6 % or less; each block's least time of several runs",
        ),
        Row::figure(
            format!("{name}: the worst block of 32 of two channels meanwhile, of its time"),
            percent(worst(moving_s)),
            "%",
            "",
        ),
        Row::figure(
            format!("{name}: the same once they stand still, while the exact filter is built"),
            percent(worst(still_s)),
            "%",
            "",
        ),
    ]
}
