//! How steady the work is: from block to block, while parameters move, and with sounds that are slow
//! to compute.

use crate::cast::{real, single};
use crate::clock;
use crate::engines::{DEFAULTS, Player, active, design, least_s, noise};
use crate::row::Row;
use erbium_dsp::{Bank, BankSpec};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const BLOCK: usize = 32;
/// A minute at 48 kHz.
const BLOCKS: usize = 90_000;
const RUNS: usize = 3;
const TURNS: usize = 15;
const SAMPLES: usize = 24_576;

pub fn rows() -> Vec<Row> {
    DEFAULTS.iter().flat_map(|(name, bank)| of(name, bank)).collect()
}

fn of(name: &str, bank: &Arc<Bank>) -> Vec<Row> {
    let (median_us, late_us) = percentiles_us(bank);
    let sounds = sounds(bank);
    let many = design(&BankSpec { bands: 64, ..*bank.spec() });
    let smooth = |k: usize| 1.0 + 0.5 * single((0.3 * real(k)).sin());
    let steep = |k: usize| if k.is_multiple_of(3) { 0.3 } else { 1.7 };
    let quiet = "1 or less: no more than noise";
    vec![
        Row::figure(
            format!("{name}: a block of 32, stereo, median over 60 s"),
            median_us,
            "µs",
            "the steadiest of 3 runs",
        ),
        Row::figure(format!("{name}: 99.9th percentile"), late_us, "µs", ""),
        Row::figure(
            format!("{name}: 99.9th percentile against the median"),
            late_us / median_us,
            "×",
            "2.5 or less, on a quiet core",
        ),
        Row::figure(
            format!("{name}: worst block's multiply-adds against the mean, plain form"),
            worst_block(bank),
            "×",
            "1.5 or less",
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
    ]
}

/// The median and the 99.9th percentile of the processor time of a block, of the run where they lie
/// closest together: what disturbs a run is not the engine's.
fn percentiles_us(bank: &Arc<Bank>) -> (f64, f64) {
    let run = || {
        let mut player = Player::active(bank, 2);
        player.run(SAMPLES, BLOCK);
        let mut times: Vec<Duration> = (0..BLOCKS)
            .map(|_| {
                player.load(BLOCK);
                let before = clock::own();
                player.play();
                clock::own() - before
            })
            .collect();
        times.sort_unstable();
        let at = |place: usize| 1e6 * times[place].as_secs_f64();
        (at(BLOCKS / 2), at(BLOCKS - BLOCKS / 1000))
    };
    let ratio = |(median, late): &(f64, f64)| late / median;
    let runs = (0..RUNS).map(|_| run());
    runs.min_by(|a, b| ratio(a).total_cmp(&ratio(b))).unwrap_or_default()
}

/// The most multiply-adds that fall into one block, wherever it starts, against their mean: counted
/// tap by tap from strides and phases, without running anything.
fn worst_block(bank: &Bank) -> f64 {
    let period = bank.period();
    let recursion = 4.0 * 4.0 * real(bank.poles().len());
    let at = |n: usize| {
        let due = |k: &usize| n % bank.strides()[*k] == bank.phases()[*k];
        let taps = |k: usize| {
            let heard =
                if bank.poles().is_empty() { &bank.analysis_kernels()[k].taps[..] } else { &[] };
            2.0 * real(heard.len() + bank.dual_kernels()[k].taps.len())
        };
        recursion + (0..bank.bands()).filter(due).map(taps).sum::<f64>()
    };
    let work: Vec<f64> = (0..period).map(at).collect();
    let block = |start| (start..start + BLOCK).map(|n| work[n % period]).sum::<f64>();
    let worst = (0..period).map(block).fold(0.0, f64::max);
    worst / (real(BLOCK) * work.iter().sum::<f64>() / real(period))
}

/// Two curves to go to and fro between.
fn curves(bands: usize, target: impl Fn(usize) -> f32) -> [Vec<f32>; 2] {
    [1.0, 1.1].map(|factor| (0..bands).map(|k| factor * target(k)).collect())
}

/// What moving all targets with every block costs, against none moving.
fn automated(bank: &Arc<Bank>, block: usize, target: impl Fn(usize) -> f32) -> f64 {
    let mut still = Player::active(bank, 2);
    let mut moving = Player::active(bank, 2);
    let targets = curves(bank.bands(), target);
    let seconds = least_s(
        TURNS,
        &mut [&mut || still.run(SAMPLES, block), &mut || {
            let before = clock::own();
            for n in 0..SAMPLES / block {
                moving.load(block);
                moving.engine.set_targets(&targets[n % 2]);
                moving.play();
            }
            clock::own() - before
        }],
    );
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
            bank.solve_gains(black_box(&targets[n % 2]), &mut gains);
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
        .map(|sound| Player::new(bank, 2, &active(bank.bands()), sound));
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
