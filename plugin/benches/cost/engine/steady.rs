//! How steady the work is: from block to block, while parameters move, and with sounds that are slow
//! to compute.

use crate::cast::{real, single};
use crate::clock;
use crate::engine::players::{DEFAULTS, Player, active, design, least_s};
use crate::row::Row;
use crate::signal::RATE_HZ;
use crate::signal::noise;
use erbium_dsp::stream::{AtRest, Engine};
use erbium_dsp::{Bank, BankSpec};
use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

const BLOCK: usize = 32;
/// A minute at 48 kHz.
const BLOCKS: usize = 90_000;
const RUNS: usize = 5;
const TURNS: usize = 60;
const SAMPLES: usize = 24_576;
/// Solutions are 8, 28 or, in blocks of 512, 1 or 2 blocks apart.
const CURVES: usize = 11;

pub fn rows() -> Vec<Row> {
    let mut rows = clocks();
    rows.extend(DEFAULTS.iter().flat_map(|(name, bank)| of(name, bank)));
    rows
}

fn of(name: &str, bank: &Arc<Bank>) -> Vec<Row> {
    let mut rows = blocks(name, bank);
    let sounds = sounds(bank);
    let many = design(&BankSpec { bands: 64, ..*bank.spec() });
    let smooth = |k: usize| 1.0 + 0.5 * single((0.3 * real(k)).sin());
    let steep = |k: usize| if k.is_multiple_of(3) { 0.3 } else { 1.7 };
    let quiet = "1 or less: no more than noise";
    rows.extend(solving(name, bank, steep));
    rows.extend(solving(&format!("{name}, 64 bands"), &many, steep));
    rows.extend([
        Row::figure(
            format!("{name}: worst block's multiply-adds against the mean"),
            worst_block(bank),
            "×",
            "1.5 or less; those the engine does, without solving for gains",
        ),
        Row::figure(
            format!("{name}: 64 bands, all automated every block of 32, against at rest"),
            automated(&many, BLOCK, smooth),
            "×",
            "1.2 or less",
        ),
        Row::figure(
            format!("{name}: the same in blocks of 512"),
            automated(&many, 512, smooth),
            "×",
            "1.2 or less",
        ),
        Row::figure(
            format!("{name}: the same in blocks of 32, a curve too steep for the bands"),
            automated(&many, BLOCK, steep),
            "×",
            "1.2 or less",
        ),
        Row::figure(
            format!("{name}: gains of 64 bands solved once, smooth"),
            solved_us(&many, smooth),
            "µs",
            format!("{:.0} µs steep", solved_us(&many, steep)),
        ),
        Row::figure(format!("{name}: silence against noise"), sounds[0], "×", quiet),
        Row::figure(format!("{name}: noise at −780 dB (denormal)"), sounds[1], "×", quiet),
        Row::figure(format!("{name}: noise that fades to −780 dB"), sounds[2], "×", quiet),
    ]);
    rows
}

/// How long each block of 60 s takes: the engine's own time, which is the least of several runs, for in
/// every run a block is the same work; and in single runs, disturbed by all else the machine does.
fn blocks(name: &str, bank: &Arc<Bank>) -> Vec<Row> {
    let mut own_us = vec![f64::INFINITY; BLOCKS];
    let (mut disturbed, mut ratio) = ((0.0, 0.0), f64::INFINITY);
    for _ in 0..RUNS {
        for (own_us, time_us) in own_us.iter_mut().zip(run_us(bank, monotonic, &[])) {
            *own_us = own_us.min(time_us);
        }
        let single = percentiles_us(&run_us(bank, processor, &[]));
        if single.1 / single.0 < ratio {
            (disturbed, ratio) = (single, single.1 / single.0);
        }
    }
    let (median_us, late_us) = percentiles_us(&own_us);
    let own = format!("{name}: a block of 32, stereo, engine's own time");
    let least = format!("each block's least of {RUNS} identical runs");
    let steadiest = format!(
        "{:.1} of {:.1} µs, steadiest of {RUNS}; 2.5 or less, on a quiet core",
        disturbed.1, disturbed.0
    );
    let mut rows = vec![
        Row::figure(format!("{own}, median"), median_us, "µs", least),
        Row::figure(format!("{own}, 99.9th percentile"), late_us, "µs", ""),
        Row::figure(format!("{own}, its ratio"), late_us / median_us, "×", "2.5 or less"),
        Row::figure(format!("{name}: ratio in one run, machine included"), ratio, "×", steadiest),
    ];
    rows.extend([128, 32, 8].map(|period| latest(name, &own_us, late_us, period)));
    rows
}

/// The worst block there is: gains are solved for in it, as curves too steep for the bands move with every
/// block. The 99.9th percentile: one block in 28 has a solution in it.
fn solving(name: &str, bank: &Arc<Bank>, target: impl Fn(usize) -> f32) -> [Row; 2] {
    let targets = curves(bank.bands(), target);
    let own_us = |targets: &[Vec<f32>]| {
        let mut own_us = vec![f64::INFINITY; BLOCKS];
        for _ in 0..RUNS {
            for (own_us, time_us) in own_us.iter_mut().zip(run_us(bank, monotonic, targets)) {
                *own_us = own_us.min(time_us);
            }
        }
        own_us
    };
    let (still_us, moving_us) = (own_us(&[]), own_us(&targets));
    let mean_us = still_us.iter().sum::<f64>() / real(BLOCKS);
    let (median_us, worst_us) = percentiles_us(&moving_us);
    let lasts_us = 1e6 * real(BLOCK) / RATE_HZ;
    [
        Row::figure(
            format!("{name}: worst block while a steep curve moves and is solved"),
            worst_us,
            "µs",
            format!(
                "engine's own time, stereo; {median_us:.1} in the median; it lasts {lasts_us:.0}"
            ),
        ),
        Row::figure(
            format!("{name}: the same against the mean with no curve moving"),
            worst_us / mean_us,
            "×",
            "",
        ),
    ]
}

/// The time of each block of a run from a fresh engine on, in microseconds. Every block asks for the next
/// of the targets, if there are any.
fn run_us(
    bank: &Arc<Bank>,
    stopwatch: fn(&mut dyn FnMut()) -> f64,
    targets: &[Vec<f32>],
) -> Vec<f64> {
    let mut player = Player::active(bank, 2);
    player.run(SAMPLES, BLOCK);
    let block = |n: usize| {
        player.load(BLOCK);
        stopwatch(&mut || {
            if !targets.is_empty() {
                player.engine.set_targets(&targets[n % targets.len()]);
            }
            player.play();
        })
    };
    (0..BLOCKS).map(block).collect()
}

/// The time that passes, in microseconds. Its clock is read without a call of the system, which would
/// disturb what comes next.
fn monotonic(work: &mut dyn FnMut()) -> f64 {
    let before = Instant::now();
    work();
    1e6 * before.elapsed().as_secs_f64()
}

/// The processor time of this thread, in microseconds: what others take in between does not count.
fn processor(work: &mut dyn FnMut()) -> f64 {
    let before = clock::own();
    work();
    1e6 * (clock::own() - before).as_secs_f64()
}

/// The median and the 99.9th percentile.
fn percentiles_us(times_us: &[f64]) -> (f64, f64) {
    let mut sorted = times_us.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    (sorted[BLOCKS / 2], sorted[BLOCKS - BLOCKS / 1000])
}

/// Where in a period of blocks the latest ones fall most, and how long those there take.
fn latest(name: &str, times_us: &[f64], late_us: f64, period: usize) -> Row {
    let mut late = vec![0; period];
    let mut all = 0;
    for (n, _) in times_us.iter().enumerate().filter(|(_, time_us)| **time_us >= late_us) {
        late[n % period] += 1;
        all += 1;
    }
    let place = (0..period).max_by_key(|place| late[*place]).unwrap_or(0);
    let mut there: Vec<f64> = times_us.iter().skip(place).step_by(period).copied().collect();
    there.sort_unstable_by(f64::total_cmp);
    Row::new(
        format!("{name}: of the {all} latest blocks, at one place in {period} blocks"),
        format!("{} (place {place})", late[place]),
        format!("there {:.1} µs in the median", there[there.len() / 2]),
    )
}

/// What each clock says of no work.
fn clocks() -> Vec<Row> {
    let row = |name: &str, stopwatch: fn(&mut dyn FnMut()) -> f64| {
        let times_us: Vec<f64> = (0..BLOCKS).map(|_| stopwatch(&mut || ())).collect();
        let (median_us, late_us) = percentiles_us(&times_us);
        let late = format!("99.9th percentile {late_us:.2} µs");
        Row::figure(format!("no work, by the clock of {name}"), median_us, "µs", late)
    };
    vec![
        row("the engine's own time: monotonic", monotonic),
        row("everything else: processor time", processor),
    ]
}

/// The most multiply-adds that an engine does in one block, wherever it starts, against their mean:
/// counted, without running anything.
fn worst_block(bank: &Arc<Bank>) -> f64 {
    let work = Engine::new(bank.clone(), 1).multiply_adds();
    let block = |start| (start..start + BLOCK).map(|n| work[n % work.len()]).sum::<f64>();
    let worst = (0..work.len()).map(block).fold(0.0, f64::max);
    worst / (real(BLOCK) * work.iter().sum::<f64>() / real(work.len()))
}

/// Curves to go through, over and over: so many that the one that is solved for is never the one before.
fn curves(bands: usize, target: impl Fn(usize) -> f32) -> [Vec<f32>; CURVES] {
    let factors = std::array::from_fn(|n| 1.0 + 0.1 * single(real(n)) / single(real(CURVES)));
    factors.map(|factor: f32| (0..bands).map(|k| factor * target(k)).collect())
}

/// What moving all targets with every block costs, against none moving: of the same engine, as where
/// two lie in memory makes a tenth.
fn automated(bank: &Arc<Bank>, block: usize, target: impl Fn(usize) -> f32) -> f64 {
    let player = RefCell::new(Player::active(bank, 2));
    let targets = curves(bank.bands(), target);
    let mut still = || {
        let mut player = player.borrow_mut();
        player.engine.jump_to_gains();
        player.run(SAMPLES, block)
    };
    let mut moving = || {
        let mut player = player.borrow_mut();
        let before = clock::own();
        for n in 0..SAMPLES / block {
            player.load(block);
            player.engine.set_targets(&targets[n % CURVES]);
            player.play();
        }
        clock::own() - before
    };
    let seconds = least_s(TURNS, &mut [&mut still, &mut moving]);
    seconds[1] / seconds[0]
}

/// The time to solve for the bands' gains once, in microseconds.
fn solved_us(bank: &Bank, target: impl Fn(usize) -> f32) -> f64 {
    const TIMES: usize = 100;
    let targets = curves(bank.bands(), target);
    let mut gains = vec![1.0; bank.bands()];
    let mut solve = || {
        let before = clock::own();
        for n in 0..TIMES {
            bank.solve_gains(black_box(&targets[n % CURVES]), &mut gains);
        }
        clock::own() - before
    };
    1e6 * least_s(TURNS, &mut [&mut solve])[0] / real(TIMES)
}

/// What silence, denormal noise and noise that fades into denormals cost, against noise.
fn sounds(bank: &Arc<Bank>) -> [f64; 3] {
    let loud = noise(SAMPLES);
    let scaled = |factor: &dyn Fn(usize) -> f32| {
        loud.iter().enumerate().map(|(n, sample)| sample * factor(n)).collect()
    };
    let faint = scaled(&|_| 1e-39);
    // A hundredth of the way each block: into denormals and back with every turn.
    let fading = scaled(&|n| 0.95_f32.powi(i32::try_from(n / 12).unwrap_or(0)));
    let mut players = [loud.clone(), vec![0.0; SAMPLES], faint, fading]
        .map(|sound| Player::new(bank, 2, &active(bank.bands()), sound, AtRest::Streamed));
    let [loud, silent, faint, fading] = &mut players;
    let seconds = least_s(
        TURNS,
        &mut [
            &mut || loud.run(SAMPLES, 512),
            &mut || silent.run(SAMPLES, 512),
            &mut || faint.run(SAMPLES, 512),
            &mut || fading.run(SAMPLES, 512),
        ],
    );
    [1, 2, 3].map(|at| seconds[at] / seconds[0])
}
