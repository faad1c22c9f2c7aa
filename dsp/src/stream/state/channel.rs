//! What is kept of each channel: the past that bands hear and the future that they sound in.

use super::{Cascade, Collected, Lower, Rest, ReverseTape, Tape, Told};
use crate::stream::plan::{Group, Plan};
use crate::stream::timing::GRID;
use pulp::Simd;

/// One channel of an engine.
pub(crate) struct Channel {
    /// The past of the input in the order of time, for folded kernels newer than their middle, and for what
    /// recursive filters may have to catch up with.
    pub newer: Tape,
    /// The past of the input the other way round, for whole kernels, and for folded ones older than their
    /// middle.
    pub older: ReverseTape,
    /// The recursive filters, where there are any.
    pub cascade: Option<Cascade>,
    /// What recursive filters tell at every sample.
    pub told: Told,
    /// Per other recursive filter what it has told in a window.
    pub collected: Vec<Collected>,
    /// What is heard and sounds at each of the lower rates.
    pub lower: Vec<Lower>,
    /// The future of the output, as far as it is known; the sum of both, and of what sounds at the lower
    /// rates.
    pub later: Tape,
    /// The part of it that folded duals give on the near side of their middle.
    pub sooner: ReverseTape,
}

impl Channel {
    /// For vectors of so many numbers of double precision.
    pub fn new(plan: &Plan, lanes: usize) -> Self {
        let lower = |rate| Lower::new(rate, plan.past, plan.future);
        Self {
            newer: Tape::new(plan.past),
            older: ReverseTape::new(plan.past),
            cascade: plan.poles.as_ref().map(Cascade::new),
            told: Told::new(&plan.dense, lanes),
            collected: if plan.poles.is_some() {
                plan.bands.iter().map(Collected::new).collect()
            } else {
                Vec::new()
            },
            lower: plan.rates.iter().map(lower).collect(),
            later: Tape::new(plan.future),
            sooner: ReverseTape::new(plan.future),
        }
    }

    /// Lets recursive filters take in so many samples that they have missed; now is so many after a point
    /// of the grid.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn catch_up<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        rest: &Rest,
        (samples, ahead): (usize, usize),
    ) {
        if let (Some(cascade), Some(poles)) = (&mut self.cascade, &plan.poles) {
            if rest.has_forgotten() {
                cascade.reset();
            }
            let behind = rest.behind_samples();
            let mut missed = &self.newer.at(plan.past - behind)[..samples];
            // As if they had been heard in time.
            let mut ahead = (ahead + behind.next_multiple_of(GRID) - behind) % GRID;
            while !missed.is_empty() {
                let (step, later) = missed.split_at(missed.len().min(GRID - ahead));
                cascade.advance(simd, step, ahead, poles);
                (missed, ahead) = (later, 0);
            }
        }
    }

    /// Takes samples in, so many after a point of the grid and none past the next one; recursive
    /// filters only when `awake`.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn hear<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        samples: &[f32],
        ahead: usize,
        awake: bool,
    ) {
        self.newer.append(samples);
        if let (Some(cascade), Some(poles)) = (&mut self.cascade, &plan.poles) {
            if awake {
                cascade.advance(simd, samples, ahead, poles);
            }
            return;
        }
        self.older.append(samples);
        for (lower, rate) in self.lower.iter_mut().zip(&plan.rates) {
            lower.hear(simd, rate, self.older.at(0), (ahead, samples.len()));
        }
    }

    /// The samples that a group of bands has heard in a window, in the order of time.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn heard_by(&self, plan: &Plan, group: &Group) -> &[f32] {
        let reach = group.unheard + group.heard;
        let past = match group.rate {
            Some(r) => self.lower[r].recent(reach),
            None => &self.newer.at(plan.past - reach)[..reach],
        };
        &past[..group.heard]
    }

    /// Lets what recursive filters hold end where it can no longer be heard.
    pub fn settle(&mut self) {
        self.cascade.iter_mut().for_each(Cascade::settle);
    }

    pub fn reset(&mut self) {
        self.newer.reset();
        self.older.reset();
        self.cascade.iter_mut().for_each(Cascade::reset);
        self.told.reset();
        self.collected.iter_mut().for_each(Collected::reset);
        self.lower.iter_mut().for_each(Lower::reset);
        self.later.reset();
        self.sooner.reset();
    }
}
