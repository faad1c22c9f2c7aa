//! The latest coefficients of a channel's dense bands.

use super::{AHEAD, Cascade, GainSegments, History};
use crate::cast::single;
use crate::stream::plan::{DensePlan, GammatoneCoefs, SIDE};
use crate::stream::simd::{Aligned, aligned};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// The latest coefficients of a channel's dense bands, scaled.
pub(crate) struct DenseHistory {
    /// For each vector of bands with any dense one, those of a sample side by side.
    pub vectors: Vec<History>,
    /// Scratch for those of a control block.
    pub scaled: Aligned<f64>,
    /// For each dense band the control blocks to which it still contributes.
    pub left_blocks: Vec<usize>,
}

impl DenseHistory {
    /// For vectors of so many bands.
    pub fn new(plan: &DensePlan, lanes: usize) -> Self {
        Self {
            vectors: plan.vectors(lanes).map(|_| History::new(plan.span * lanes)).collect(),
            scaled: aligned(&vec![0.0; CONTROL_BLOCK * lanes]),
            left_blocks: vec![0; plan.bands.len()],
        }
    }

    /// Whether any band still contributes.
    pub fn has_output(&self) -> bool {
        self.left_blocks.iter().any(|&left| left > 0)
    }

    pub fn reset(&mut self) {
        self.vectors.iter_mut().for_each(History::reset);
        self.left_blocks.fill(0);
    }

    /// Takes the filters' output in a control block.
    #[inline(always)]
    pub fn push<S: Simd>(
        &mut self,
        simd: S,
        plan: &DensePlan,
        gains: &GainSegments,
        (cascade, coefs): (&Cascade, &GammatoneCoefs),
    ) {
        let lanes = S::F64_LANES;
        let mut left = &mut self.left_blocks[..];
        for (bands, history) in plan.vectors(lanes).zip(&mut self.vectors) {
            let (own, others) = left.split_at_mut(bands.len());
            left = others;
            for (left, &k) in own.iter_mut().zip(bands) {
                *left = if gains.is_at_base(k) { left.saturating_sub(1) } else { plan.steps() };
            }
            if own.iter().all(|&left| left == 0) {
                // All of its history is zero by now.
                continue;
            }
            let first = bands[0] / lanes * lanes;
            let (mut changes, mut slopes) = ([0.0; SIDE], [0.0; SIDE]);
            gains.segment(first, (&mut changes[..lanes], &mut slopes[..lanes]));
            let line = [&changes[..lanes], &slopes[..lanes]].map(|part| S::as_simd_f64s(part).0[0]);
            let (re, im) = cascade.vector::<S>(first);
            let (phasor_re, phasor_im) = coefs.output.from(first, 0);
            let phasors = phasor_re.chunks(SIDE).zip(phasor_im.chunks(SIDE));
            let outs = S::as_simd_f64s(re).0.iter().zip(S::as_simd_f64s(im).0);
            let scaled = S::as_mut_simd_f64s(&mut self.scaled).0;
            for ((scaled, (re, im)), ((phasor_re, phasor_im), ahead)) in
                scaled.iter_mut().zip(outs).zip(phasors.zip(AHEAD))
            {
                let phasor_re = S::as_simd_f64s(phasor_re).0[0];
                let phasor_im = S::as_simd_f64s(phasor_im).0[0];
                let change =
                    simd.mul_add_e_f64s(line[1], simd.splat_f64s(f64::from(ahead)), line[0]);
                let part = simd.mul_f64s(simd.neg_f64s(*im), phasor_im);
                *scaled = simd.mul_f64s(simd.mul_add_e_f64s(*re, phasor_re, part), change);
            }
            for (newest, scaled) in
                history.advance(CONTROL_BLOCK * lanes).iter_mut().zip(&*self.scaled)
            {
                *newest = single(*scaled);
            }
        }
    }
}
