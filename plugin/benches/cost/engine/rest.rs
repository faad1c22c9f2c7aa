//! Gains at rest, played as one filter: what that costs at every latency, how it is left, and many instances.

use crate::cast::real;
use crate::clock;
use crate::engine::players::{DEFAULTS, Player, active, design, least_s, percent};
use crate::row::Row;
use crate::signal::{RATE_HZ, noise};
use erbium_dsp::stream::{AtRest, Engine};
use erbium_dsp::{Bank, BankSpec, Kind, Sizing};
use std::sync::Arc;
use std::time::{Duration, Instant};

const LATENCIES_MS: [f64; 7] = [2.0, 4.0, 8.0, 11.0, 16.0, 21.0, 43.0];
pub(super) const TURNS: usize = 40;
pub(super) const SAMPLES: usize = 24_576;
const BLOCK: usize = 32;
const RUNS: usize = 7;
const INSTANCES: usize = 64;
/// Half a second.
pub(super) const BLOCKS: usize = 750;
/// How long a block of 32 lasts.
pub(super) const BLOCK_S: f64 = 32.0 / RATE_HZ;

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (kind, name) in [(Kind::Isac, "ISAC"), (Kind::Gammatone, "gammatone")] {
        for ms in LATENCIES_MS {
            let spec = BankSpec { kind, sizing: Sizing::Latency { ms }, ..BankSpec::default() };
            let target = match (kind, ms) {
                (Kind::Isac, 21.0) => "0.06 % or less; ",
                (Kind::Gammatone, 8.0) => "0.1 % or less; ",
                _ => "",
            };
            rows.push(at_rest(&format!("{name} {ms} ms"), &design(&spec), target));
        }
    }
    // Of all banks this has the most to catch up with.
    let longest = BankSpec { kind: Kind::Gammatone, ..BankSpec::default() };
    rows.push(leaving("gammatone 21 ms", &design(&longest)));
    for (name, bank) in DEFAULTS.iter() {
        rows.push(leaving(name, bank));
        rows.extend(automated(name, bank));
        rows.extend(instances(name, bank));
    }
    rows
}

fn at_rest(name: &str, bank: &Arc<Bank>, target: &str) -> Row {
    let (mut streamed, mut resting) = (Player::active(bank, 2), Player::resting(bank, 2));
    let seconds = least_s(
        TURNS,
        &mut [&mut || streamed.run(SAMPLES, 512), &mut || resting.run(SAMPLES, 512)],
    );
    let share = |at: usize| percent(seconds[at], SAMPLES, 2, RATE_HZ);
    let engine = &resting.engine;
    let work = engine.multiply_adds();
    let streamed_work = work.iter().sum::<f64>() / real(work.len());
    Row::figure(
        format!("{name}: at rest, per channel"),
        share(1),
        "% of a core",
        format!(
            "{target}{:.3} % streamed, {:.1} times as much; multiply-adds {:.0} and {streamed_work:.0}; after {:.0} ms",
            share(0),
            share(0) / share(1),
            engine.held_multiply_adds().unwrap_or(f64::NAN),
            1000.0 * real(engine.rest_samples().unwrap_or(0)) / RATE_HZ,
        ),
    )
}

/// Each block's own time: the least of several runs in which an engine does the same, told by the block what gains
/// to go to.
pub(super) fn own_s(
    bank: &Arc<Bank>,
    at_rest: AtRest,
    gains: impl Fn(usize) -> Option<Vec<f32>>,
) -> Vec<f64> {
    let mut own_s = vec![f64::INFINITY; BLOCKS];
    for _ in 0..RUNS {
        let mut player = Player::new(bank, 2, &active(bank.bands()), noise(1 << 16), at_rest);
        // As long as it takes to go over to the filter.
        player.roll(2 * player.engine.rest_samples().unwrap_or(0) + 4096, BLOCK);
        for (block, own_s) in own_s.iter_mut().enumerate() {
            player.load(BLOCK);
            let before = Instant::now();
            if let Some(gains) = gains(block) {
                player.engine.set_gains(&gains);
            }
            player.play();
            *own_s = own_s.min(before.elapsed().as_secs_f64());
        }
    }
    own_s
}

pub(super) fn mean(seconds: &[f64]) -> f64 {
    seconds.iter().sum::<f64>() / real(seconds.len())
}

pub(super) fn worst(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(0.0, f64::max)
}

/// Another curve than that at rest.
pub(super) fn other(bands: usize, lift: f32) -> Vec<f32> {
    active(bands).into_iter().map(|gain| lift / gain).collect()
}

fn leaving(name: &str, bank: &Arc<Bank>) -> Row {
    let streamed = mean(&own_s(bank, AtRest::Streamed, |_| None));
    let moved = own_s(bank, AtRest::Either, |block| (block == 8).then(|| other(bank.bands(), 1.0)));
    // 5 ms from when they are asked to.
    let caught_up = &moved[8..16];
    Row::figure(
        format!("{name}: gains leave rest, the worst block of 5 ms against the streamed bank"),
        worst(caught_up) / streamed,
        "×",
        format!("4 or less; {:.2} in the mean", mean(caught_up) / streamed),
    )
}

fn automated(name: &str, bank: &Arc<Bank>) -> [Row; 2] {
    let bands = bank.bands();
    let lift = |block: usize| 1.0 + 0.1 * f32::from(u8::try_from(block % 7).unwrap_or(0));
    let always = |at_rest| {
        let own_s = own_s(bank, at_rest, |block| Some(other(bands, lift(block))));
        // Once the filter has been left.
        mean(&own_s[BLOCKS * 3 / 4..])
    };
    let rest = Engine::new(bank.clone(), 1).rest_samples().unwrap_or(0) / BLOCK;
    // A ramp, and nearly long enough at rest for a filter to be built.
    let every = rest + 20;
    let sometimes = |at_rest| {
        let own_s = own_s(bank, at_rest, |block| {
            block.is_multiple_of(every).then(|| other(bands, lift(block / every)))
        });
        mean(&own_s[BLOCKS / 2..])
    };
    [
        Row::figure(
            format!("{name}: gains that never rest, against the streamed bank alone"),
            always(AtRest::Either) / always(AtRest::Streamed),
            "×",
            "1 or less, but for what noise adds",
        ),
        Row::figure(
            format!("{name}: gains that rest for just too short a time, against the same"),
            sometimes(AtRest::Either) / sometimes(AtRest::Streamed),
            "×",
            "1.1 or less: filters are built, and not played",
        ),
    ]
}

/// 64 stereo instances with curves of their own in one host, block by block.
fn instances(name: &str, bank: &Arc<Bank>) -> [Row; 2] {
    let curve = |n: usize| {
        let shift =
            |(k, gain): (usize, f32)| gain * if (k + n).is_multiple_of(5) { 0.8 } else { 1.1 };
        active(bank.bands()).into_iter().enumerate().map(shift).collect::<Vec<_>>()
    };
    let mut players: Vec<_> = (0..INSTANCES)
        .map(|n| Player::new(bank, 2, &curve(n), noise(1 << 16), AtRest::Held))
        .collect();
    let mut own_s = vec![f64::INFINITY; BLOCKS];
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        // All on the same grid, so that their transforms fall into the same blocks.
        players.iter_mut().for_each(|player| player.engine.reset());
        let mut sum = Duration::ZERO;
        for own_s in &mut own_s {
            players.iter_mut().for_each(|player| player.load(BLOCK));
            let (before, processor) = (Instant::now(), clock::own());
            players.iter_mut().for_each(Player::play);
            sum += clock::own() - processor;
            *own_s = own_s.min(before.elapsed().as_secs_f64());
        }
        least = least.min(sum.as_secs_f64());
    }
    [
        Row::figure(
            format!("{name}: {INSTANCES} stereo instances at rest, together"),
            percent(least, BLOCKS * BLOCK, 1, RATE_HZ),
            "% of a core",
            "9 or less for ISAC",
        ),
        Row::figure(
            format!("{name}: the worst block of 32 of all of them, of its time"),
            100.0 * worst(&own_s) / BLOCK_S,
            "%",
            format!("25 or less; {:.1} in the mean", 100.0 * mean(&own_s) / BLOCK_S),
        ),
    ]
}
