//! Bands of recursive filters that are not strided: every sample has a coefficient, and its real part is
//! all that sounds. Those of a vector are scaled together, and all bands sound in one go.

use super::GRID;
use super::bands::{AHEAD, Bands};
use super::cascade::{Cascade, Poles, SIDE};
use super::channel::Channel;
use super::pass::Pass;
use super::plan::BandPlan;
use super::tape::Tape;
use super::vector::{Aligned, LANES, Source, aligned, gather};
use crate::cast::single;
use pulp::Simd;

/// The dense bands of a bank.
pub(super) struct DensePlan {
    /// Rising.
    pub bands: Vec<usize>,
    /// Samples until the first of them sounds.
    nearest: usize,
    /// Samples of coefficients that sound in a step.
    span: usize,
}

impl DensePlan {
    pub fn new(dense: Vec<usize>, bands: &[BandPlan]) -> Self {
        let taps = || dense.iter().map(|&k| &bands[k].synthesis[0].taps);
        let nearest = taps().map(|taps| taps.near).min().unwrap_or(0);
        let span = taps().map(|taps| taps.reach() - nearest + GRID).max().unwrap_or(0);
        Self { nearest, span, bands: dense }
    }

    /// Those of each vector of so many bands.
    fn vectors(&self, lanes: usize) -> impl Iterator<Item = &[usize]> {
        self.bands.chunk_by(move |a, b| a / lanes == b / lanes)
    }

    /// Steps until the last of a band has sounded.
    const fn steps(&self) -> usize {
        self.span.div_ceil(GRID)
    }
}

/// What the dense bands of a channel have told of late, scaled.
pub(super) struct Told {
    /// For each vector of bands with any dense one, those of a sample side by side.
    vectors: Vec<Tape>,
    /// Room for those of a step.
    scaled: Aligned<f64>,
    /// For each dense band the steps in which it still sounds.
    left: Vec<usize>,
}

impl Told {
    /// For vectors of so many bands.
    pub fn new(plan: &DensePlan, lanes: usize) -> Self {
        Self {
            vectors: plan.vectors(lanes).map(|_| Tape::new(plan.span * lanes)).collect(),
            scaled: aligned(&vec![0.0; GRID * lanes]),
            left: vec![0; plan.bands.len()],
        }
    }

    /// Whether any band still sounds.
    pub fn sounds(&self) -> bool {
        self.left.iter().any(|&left| left > 0)
    }

    pub fn reset(&mut self) {
        self.vectors.iter_mut().for_each(Tape::reset);
        self.left.fill(0);
    }

    /// Takes in what the filters have told in a step.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn take_in<S: Simd>(
        &mut self,
        simd: S,
        plan: &DensePlan,
        gains: &Bands,
        (cascade, poles): (&Cascade, &Poles),
    ) {
        let lanes = S::F64_LANES;
        let mut left = &mut self.left[..];
        for (bands, tape) in plan.vectors(lanes).zip(&mut self.vectors) {
            let (own, others) = left.split_at_mut(bands.len());
            left = others;
            for (left, &k) in own.iter_mut().zip(bands) {
                *left = if gains.is_unity(k) { left.saturating_sub(1) } else { plan.steps() };
            }
            if own.iter().all(|&left| left == 0) {
                // What there was is silence by now.
                continue;
            }
            let first = bands[0] / lanes * lanes;
            let (mut changes, mut slopes) = ([0.0; SIDE], [0.0; SIDE]);
            gains.line(first, (&mut changes[..lanes], &mut slopes[..lanes]));
            let line = [&changes[..lanes], &slopes[..lanes]].map(|part| S::as_simd_f64s(part).0[0]);
            let (re, im) = cascade.vector::<S>(first);
            let (turn_re, turn_im) = poles.told.from(first, 0);
            let turns = turn_re.chunks(SIDE).zip(turn_im.chunks(SIDE));
            let outs = S::as_simd_f64s(re).0.iter().zip(S::as_simd_f64s(im).0);
            let scaled = S::as_mut_simd_f64s(&mut self.scaled).0;
            for ((scaled, (re, im)), ((turn_re, turn_im), ahead)) in
                scaled.iter_mut().zip(outs).zip(turns.zip(AHEAD))
            {
                let turn_re = S::as_simd_f64s(turn_re).0[0];
                let turn_im = S::as_simd_f64s(turn_im).0[0];
                let change =
                    simd.mul_add_e_f64s(line[1], simd.splat_f64s(f64::from(ahead)), line[0]);
                let part = simd.mul_f64s(simd.neg_f64s(*im), turn_im);
                *scaled = simd.mul_f64s(simd.mul_add_e_f64s(*re, turn_re, part), change);
            }
            for (told, scaled) in tape.move_on(GRID * lanes).iter_mut().zip(&*self.scaled) {
                *told = single(*scaled);
            }
        }
    }
}

impl Pass<'_> {
    /// At the end of a step: lets the change of its coefficients sound.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn sound_densely<S: Simd, const C: usize>(&mut self, simd: S, channels: &mut [Channel; C]) {
        let (plan, lanes) = (&self.plan.dense, S::F64_LANES);
        if plan.bands.is_empty() {
            return;
        }
        if self.metering && self.chunk.many == GRID {
            self.note_densely::<S, C>(channels);
        }
        for channel in &mut *channels {
            if let (Some(cascade), Some(poles)) = (&channel.cascade, &self.plan.poles) {
                channel.told.take_in(simd, plan, self.gains, (cascade, poles));
            }
        }
        // Seen from the samples that are told next.
        let start = plan.nearest - self.chunk.ahead;
        let mut parts = channels.each_mut().map(|Channel { told, later, .. }| (&*told, later));
        let mut first = 0;
        for (v, bands) in plan.vectors(lanes).enumerate() {
            let mut sounding = [Source { taps: &[], values: [&[]; C] }; LANES / 2];
            let mut many = 0;
            for (&k, left) in bands.iter().zip(&parts[0].0.left[first..]) {
                if *left == 0 {
                    continue;
                }
                let taps = &self.plan.bands[k].synthesis[0].taps;
                let oldest = plan.span - (taps.reach() - plan.nearest + GRID);
                sounding[many].taps = &taps.re;
                for (values, (told, _)) in sounding[many].values.iter_mut().zip(&parts) {
                    *values = &told.vectors[v].at(oldest * lanes)[k % lanes..];
                }
                many += 1;
            }
            first += bands.len();
            if many > 0 {
                let mut outputs = [(); C].map(|()| Default::default());
                for (output, (_, later)) in outputs.iter_mut().zip(&mut parts) {
                    *output = &mut later.at_mut(start)[..GRID];
                }
                gather(simd, &sounding[..many], (1, lanes), outputs);
            }
        }
    }

    /// Takes note of how loud bands were in a step.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn note_densely<S: Simd, const C: usize>(&mut self, channels: &[Channel; C]) {
        for cascade in channels.iter().filter_map(|channel| channel.cascade.as_ref()) {
            for &k in &self.plan.dense.bands {
                let (re, im) = cascade.vector::<S>(k);
                let lane = k % S::F64_LANES;
                let re = re[lane..].iter().step_by(S::F64_LANES);
                for (re, im) in re.zip(im[lane..].iter().step_by(S::F64_LANES)) {
                    self.peaks[k] = self.peaks[k].max(single(re * re + im * im));
                }
            }
        }
    }
}
