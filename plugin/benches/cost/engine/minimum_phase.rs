//! The minimum-phase filter, without latency: what it costs at rest, flat, and while gains move.

use crate::cast::real;
use crate::engine::players::{Player, active, design, least_s, percent};
use crate::row::Row;
use crate::signal::{RATE_HZ, noise};
use erbium_dsp::stream::AtRest;
use erbium_dsp::{Bank, BankSpec, Kind, Phase};
use std::sync::Arc;
use std::time::Instant;

const TURNS: usize = 40;
const SAMPLES: usize = 24_576;
const BLOCK: usize = 32;
const RUNS: usize = 7;
/// Half a second.
const BLOCKS: usize = 750;
/// How long a block of 32 lasts.
const BLOCK_S: f64 = 32.0 / RATE_HZ;

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

/// Other gains in every block.
fn moving(name: &str, bank: &Arc<Bank>) -> [Row; 3] {
    let mut player = Player::new(bank, 2, &active(bank.bands()), noise(1 << 16), AtRest::Either);
    let lift = |block: usize| 1.0 + 0.1 * f32::from(u8::try_from(block % 7).unwrap_or(0));
    let mut curves = Vec::new();
    for block in 0..7 {
        curves.push(
            active(bank.bands()).into_iter().map(|gain| lift(block) / gain).collect::<Vec<_>>(),
        );
    }
    let mut own_s = vec![f64::INFINITY; BLOCKS];
    for _ in 0..RUNS {
        player.engine.reset();
        for (block, own_s) in own_s.iter_mut().enumerate() {
            player.load(BLOCK);
            let before = Instant::now();
            // In the first half; in the other the exact filter is built.
            player.engine.set_gains(&curves[block.min(BLOCKS / 2) % curves.len()]);
            player.play();
            *own_s = own_s.min(before.elapsed().as_secs_f64());
        }
    }
    let (own_s, still_s) = own_s.split_at(BLOCKS / 2);
    let mean = own_s.iter().sum::<f64>() / real(own_s.len());
    let worst = |own_s: &[f64]| 100.0 * own_s.iter().copied().fold(0.0, f64::max) / BLOCK_S;
    [
        Row::figure(
            format!("{name}: gains that move in every block of 32, per channel"),
            100.0 * mean / (2.0 * BLOCK_S),
            "% of a core",
            "0.6 % or less; each block's least time of several runs",
        ),
        Row::figure(
            format!("{name}: the worst block of 32 of two channels meanwhile, of its time"),
            worst(own_s),
            "%",
            "",
        ),
        Row::figure(
            format!("{name}: the same once they stand still, while the exact filter is built"),
            worst(still_s),
            "%",
            "",
        ),
    ]
}
