//! The engine against the core's limit: its peak rate of fused multiply-adds.

use crate::cast::real;
use crate::clock;
use crate::engine::players::{DEFAULTS, Player, least_s};
use crate::row::Row;
use erbium_dsp::Bank;
use erbium_dsp::stream::Engine;
use pulp::{Arch, Simd, WithSimd};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const TURNS: usize = 60;
const SAMPLES: usize = 24_576;
/// Sums that do not wait for each other: enough to fill two units of five cycles' latency.
const SUMS: usize = 12;
const ROUNDS: usize = 1_000_000;

/// Fused multiply-adds in registers alone, with the widest vectors that the engine can have.
struct Peak;

impl WithSimd for Peak {
    type Output = usize;

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let (factor, offset) = (simd.splat_f32s(black_box(0.999)), simd.splat_f32s(black_box(0.1)));
        let mut sums = [simd.splat_f32s(black_box(1.0)); SUMS];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, offset);
            }
        }
        black_box(sums);
        SUMS * ROUNDS * S::F32_LANES
    }
}

/// The name of the vector instructions, without what they consist of.
fn name_of(arch: Arch) -> String {
    let name = format!("{arch:?}");
    name.split('(').next().unwrap_or_default().to_owned()
}

/// The share of the peak that the engine's multiply-adds take.
pub fn rows() -> Vec<Row> {
    let arch = Arch::new();
    let mut operations = 0;
    let mut peak = || -> Duration {
        let before = clock::own();
        operations = arch.dispatch(Peak);
        clock::own() - before
    };
    let mut players = DEFAULTS.each_ref().map(|(_, bank)| Player::active(bank, 2));
    let [isac, gammatone] = &mut players;
    let seconds = least_s(
        TURNS,
        &mut [&mut peak, &mut || isac.run(SAMPLES, 512), &mut || gammatone.run(SAMPLES, 512)],
    );
    let peak = real(operations) / seconds[0];
    let billions = |rate: f64| rate / 1e9;
    let mut rows = vec![Row::figure(
        format!("peak of one core, single precision, {}", name_of(arch)),
        billions(peak),
        "G/s",
        "fused multiply-adds",
    )];
    for ((name, bank), seconds) in DEFAULTS.iter().zip(&seconds[1..]) {
        let macs = bank.report().macs_per_sample;
        let rate = 2.0 * real(SAMPLES) * macs / seconds;
        rows.push(Row::figure(
            format!("{name}: multiply-adds of the plain form"),
            macs,
            "",
            "a sample and channel: the count used here",
        ));
        rows.push(Row::figure(
            format!("{name}: multiply-adds the engine does for them"),
            done(bank),
            "",
            "folded, and at lower rates",
        ));
        rows.push(Row::figure(
            format!("{name}: engine's rate of the plain form's"),
            billions(rate),
            "G/s",
            "",
        ));
        let share = 100.0 * rate / peak;
        rows.push(Row::figure(format!("{name}: of the peak"), share, "%", "50 or more for ISAC"));
    }
    rows
}

/// The multiply-adds that the engine itself does, a sample and channel.
fn done(bank: &Arc<Bank>) -> f64 {
    let work = Engine::new(bank.clone(), 1).multiply_adds();
    work.iter().sum::<f64>() / real(work.len())
}
