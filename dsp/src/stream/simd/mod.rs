//! The inner loops, written once for every vector width that [`pulp`] finds at run time. Slices and numbers
//! only.

mod dot;
mod gather;
mod polyphase;
mod product;
mod run;
#[cfg(test)]
mod tests;

pub(crate) use dot::{add_real, add_real_folded, correlate, correlate_folded, dot};
pub(crate) use gather::{Source, gather};
pub(crate) use polyphase::{PolyphaseSamples, PolyphaseTaps};
pub(crate) use product::{Parts, PartsMut, add_products};
pub(crate) use run::{BLOCK, CoefficientBlock, add_run, correlate_run, correlate_run_folded};

use aligned_vec::AVec;

/// A list aligned to cache lines, so that fewer vectors straddle two.
pub(crate) type Aligned<T> = AVec<T>;

/// An [`Aligned`] list of these.
pub(crate) fn aligned<T: Copy>(list: &[T]) -> Aligned<T> {
    Aligned::from_slice(0, list)
}

/// Kernels are padded with zeros to a multiple of this many taps: whole vectors of any width.
pub(crate) const LANES: usize = 16;

/// Zeros before and after the taps that [`add_run`] takes.
pub(crate) const MARGIN: usize = 2 * LANES;
