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
//! **At rest** all bands, gains and duals are one filter, [`Bank::collapse`](crate::Bank::collapse), as Löllmann and
//! Vary (2007, DOI 10.1016/j.specom.2007.04.009) have it for speech enhancement: once gains h have stood still for
//! [`Engine::rest_samples`], y = delay(x) + e_h ∗ x + Σ (g_k − h_k) v_k, with e_h convolved in partitions inside
//! the same latency (`plan::filter`), and only bands that have moved since are streamed (`state::held`).
//! There is then no alias, and a fifth to an eighth of the work.
//!
//! **Without latency** ([`Phase::Minimum`](crate::bank::Phase)) it is the minimum-phase twin of that filter that plays, moving gains,
//! too: filters are built in turn, and the output goes from one to the next (`state::minimum_phase`).
//!
//! **Where things are.** `plan`: a bank laid out for streaming, immutable and shared by all engines of the
//! bank. `state`: what one engine keeps, allocated once. `process`: functions that turn a plan, a state and
//! input into output. `simd`: the inner loops, on slices. `timing`: block sizes and intervals. Loops do not
//! depend on plans, plans not on states, and states not on what is done with them.
//!
//! **What makes it fast.** Bands of low frequencies are analysed and synthesised at a half, a quarter or an
//! eighth of the sample rate, where a fraction of the multiplications is enough (`plan::subrate`).
//! [Hermitian](crate::Kernel::is_symmetric) kernels are folded at their middle, which halves the
//! multiplications (`simd::dot`). Time is cut into control blocks of 32 samples, and into batches of four of
//! these. Bands whose duals begin late are not computed at once but at the end of each control block, or
//! of a batch: the more coefficients at a time, the faster (`plan::schedule`, `process::batch`); batches of
//! different bands end in different control blocks, so that every one has about as much to do. Two channels
//! are processed together, so that kernels are read once. Recursive filters keep their states in registers
//! for a whole control block (`state::cascade`) and are idle while no output is needed of them
//! (`state::catch_up`). Of most only the real part of coefficients is synthesised; those with one at every
//! sample together (`process::dense`), others by pairs, as if two were one that is complex (`simd::run`).
//!
//! **Whole recordings** need not pass sample after sample: [`Offline`] processes them in long frames through the same
//! filter (`offline`).
//!
//! **Real-time considerations**: after construction nothing of the [`Engine`] allocates, locks, waits or
//! panics. Time is bounded by the bank's multiply-adds per sample, and by one solution for the gains in 256
//! samples ([`Engine::set_targets`]); a filter is built in slices of a tenth of that. The output does not depend on how the stream is cut into blocks, to
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
pub use engine::{AtRest, Engine, EngineOptions};
pub use offline::Offline;
pub use sanitize::{LOUDEST, sanitize};
pub(crate) use simd::{LANES, correlate};
pub use state::DelayLine;
pub use timing::GAIN_RAMP_MS;
