//! The streaming engine: live audio in blocks of any size through a bank.
//!
//! ```text
//! input ─┬─> Analysis ─> coefficients ─> gains g_k ─> Synthesis ─┐
//!        │                    └─> levels                         │
//!        └─> delay by the latency ─────────────────────────────> + ─> output
//! ```
//!
//! **Difference form**: y = delay(x) + Σ (g_k − 1) v_k, where v_k is band k after analysis and
//! synthesis. At g = 1 the output is the delayed input bit for bit, and bands at unity cost nothing.
//!
//! **What makes it fast.** Bands of low frequencies hear and sound at a half, a quarter or an eighth of
//! the sample rate, where a fraction of the multiplications tells all of them (`rate`).
//! [Hermitian](crate::Kernel::is_symmetric) kernels are folded at their middle, which halves the
//! multiplications (`vector`). Bands whose duals sound long after they hear are not worked out at once
//! but at the end of each step of a grid, or of a window of several steps: the more coefficients at a
//! time, the faster (`plan`, `pass`, `window`); windows of different bands end in different steps, so
//! that every step has about as much to do. Two channels share a pass, and all engines of a bank its
//! layout. Recursive filters keep their states in registers for a whole step (`cascade`) and rest while
//! nothing is wanted of them (`rest`). Of most only the real part of coefficients sounds; those with one at
//! every sample sound together (`dense`), others that are worked out several at a time by pairs, as if
//! two were one that is complex (`vector`). The vectors are the machine's own, found at run time.
//!
//! **Sound that is there already** need not pass sample after sample: [`Offline`] works it off in long
//! frames, by products of spectra (`offline`).
//!
//! **Real-time considerations**: after construction nothing of the [`Engine`] allocates, locks, waits or
//! panics. Time is bounded by the bank's multiply-adds per sample, and by one solution for the gains in 256
//! samples ([`Engine::set_targets`]). The output does not depend on how the stream is cut into blocks, to
//! the bit.

mod bands;
mod cascade;
mod channel;
mod delay;
mod dense;
mod engine;
mod offline;
mod pass;
mod plan;
mod polyphase;
mod rate;
mod rest;
mod tape;
mod vector;
mod window;

pub use crate::vectors::Vectors;
pub use delay::DelayLine;
pub use engine::Engine;
pub use offline::Offline;
pub(crate) use vector::{LANES, correlate};

/// Samples between two looks at what gains do, on a grid that begins with the stream.
const GRID: usize = 32;

/// Steps of the grid in a window.
const STEPS: usize = 4;

/// Samples in a window.
const WINDOW: usize = STEPS * GRID;

/// The time in which gains move to a new value once they have set out, in milliseconds.
pub const RAMP_MS: f64 = 20.0;

/// The loudest sample taken for sound, +300 dB above full scale: louder ones, infinities and NaN
/// are taken as silence, so that no fault upstream can outlast the [`Engine`]'s memory.
pub const LOUDEST: f32 = 1e15;

/// Fainter samples are silence to the bands, and in what they add, −500 dB: near the smallest numbers
/// there are every operation would take many times as long. So much above them that no sum of what bands add
/// and the dry sound comes near them, either.
const FAINTEST: f32 = 1e-25;

/// A sample as the engine takes it.
#[must_use]
pub fn sound(sample: f32) -> f32 {
    // False for NaN too.
    if sample.abs() <= LOUDEST { sample } else { 0.0 }
}

/// A sample as bands hear it: what is so faint that it would be slow to compute is silence to them.
fn audible(sample: f32) -> f32 {
    if sample.abs() < FAINTEST { 0.0 } else { sample }
}

/// Ends what can no longer be heard, and what is not finite, in what bands add.
#[inline(always)] // Compiled with the caller's vector instructions.
fn flush(change: &mut [f32]) {
    for change in change {
        let amplitude = change.abs();
        // False for NaN too.
        *change = if FAINTEST <= amplitude && amplitude <= f32::MAX { *change } else { 0.0 };
    }
}

/// The length of the shortest channel there is.
fn shortest(input: &[&[f32]], change: &[&mut [f32]]) -> usize {
    let lengths = input.iter().map(|channel| channel.len());
    lengths.chain(change.iter().map(|channel| channel.len())).min().unwrap_or(0)
}
