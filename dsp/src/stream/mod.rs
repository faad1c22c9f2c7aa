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

mod engine;
mod offline;
mod plan;
mod process;
mod sanitize;
mod simd;
mod state;
mod timing;

pub use crate::vectors::Vectors;
pub use engine::Engine;
pub use offline::Offline;
pub use sanitize::{LOUDEST, sound};
pub(crate) use simd::{LANES, correlate};
pub use state::DelayLine;
pub use timing::RAMP_MS;
