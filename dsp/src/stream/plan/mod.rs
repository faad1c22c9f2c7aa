//! A bank laid out for streaming: single precision, padded to whole vectors, scheduled.

mod cost;
mod decimate;
mod dense;
mod filter;
mod gammatone;
mod layout;
mod lowpass;
mod schedule;
mod subrate;
mod taps;

pub(crate) use dense::DensePlan;
pub(crate) use filter::{
    HeldPlan, Level, MinimumPhasePlan, Partitions, Resolution, transform_work,
};
pub(crate) use gammatone::{FLUSH_BELOW, GammatoneCoefs, SIDE};
pub(crate) use schedule::BatchGroup;
pub(crate) use subrate::SubRate;
pub(crate) use taps::{Part, TapLayout};

use crate::bank::{Bank, Phase};
use crate::cast::{real, single};
use crate::kernel::Kernel;
use crate::stream::simd::PolyphaseTaps;
use crate::stream::timing::{BATCH, BATCH_BLOCKS, CONTROL_BLOCK, catch_up_samples};
use layout::Layout;
use num_complex::{Complex, Complex32};
use schedule::groups;
use std::collections::BTreeSet;
use std::ops::Range;

/// A bank as the engine reads it.
pub(crate) struct Plan {
    pub bands: Vec<BandPlan>,
    /// The filters of a recursive bank.
    pub gammatone: Option<GammatoneCoefs>,
    /// The lower rates that bands are analysed and synthesised at.
    pub rates: Vec<SubRate>,
    /// Bands that are computed at the end of each control block, rising.
    pub by_control_block: Vec<usize>,
    /// The same of recursive filters with a coefficient at every sample.
    pub dense: DensePlan,
    /// Bands that are computed at the end of each batch, by the control block of the batch in which theirs ends.
    pub by_batch: [Vec<BatchGroup>; BATCH_BLOCKS],
    /// Samples of input that the output depends on: the longest kernel or impulse response, and a batch.
    pub past: usize,
    /// Samples of input history: these, and what is needed to catch up with them.
    pub history: usize,
    /// Samples in which what was idle at rest catches up.
    pub catch_up: usize,
    /// Samples of pending output: the longest dual, and a batch.
    pub future: usize,
    /// For every sample of the period the other bands that are due, in [`Self::immediate`].
    schedule: Vec<Range<usize>>,
    immediate: Vec<usize>,
    /// Gains that stand still as one filter, where that is less work.
    pub held: Option<HeldPlan>,
    /// The one filter that plays gains with minimum phase, where that is asked for.
    pub minimum_phase: Option<MinimumPhasePlan>,
}

/// One band's kernels.
pub(crate) struct BandPlan {
    /// The kernel's taps; none where filters are recursive.
    pub analysis: Vec<Part>,
    /// The same for a batch's coefficients, where there are kernels and that is the deadline.
    pub polyphase: Option<PolyphaseTaps>,
    /// The dual's taps.
    pub synthesis: Vec<Part>,
    /// The constant phase that folded kernel and dual leave out.
    pub phase_factor: Complex32,
    /// Shift a batch's coefficients of a recursive filter back from baseband.
    pub batch_phasors: Vec<BatchPhasors>,
    /// Whether only the real part of coefficients is synthesised.
    pub real: bool,
    /// Samples between coefficients.
    pub stride: usize,
    /// The time of the first coefficient in the period.
    pub phase: usize,
    pub deadline: Deadline,
    /// From the amplitude of a coefficient to that of the sinusoid behind it.
    pub level: f32,
}

/// A factor for each coefficient of a batch.
pub(crate) struct BatchPhasors {
    /// Samples of the batch before the first coefficient.
    wait: usize,
    pub re: Vec<f32>,
    pub im: Vec<f32>,
}

/// When a band's coefficients are computed: the later, the more of them at once and the faster. A band
/// whose dual begins late has time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deadline {
    /// At once.
    Immediate,
    /// At the end of a control block.
    ControlBlock,
    /// The same of a recursive filter at every sample, of which only the real part is synthesised: neighbours
    /// together.
    Dense,
    /// At the end of a batch.
    Batch,
}

impl Plan {
    pub fn new(bank: &Bank) -> Self {
        let kernels = bank.analysis_kernels().iter().chain(bank.dual_kernels());
        let folded = bank.poles().is_empty() && kernels.clone().all(Kernel::is_symmetric);
        let reach = |kernels: &[Kernel]| kernels.iter().map(Kernel::length).max().unwrap_or(0);
        let edge = |k: usize| k == 0 || k == bank.bands() - 1;
        let layout = |rates: &mut Vec<SubRate>| {
            rates.iter_mut().for_each(SubRate::reset);
            (0..bank.bands())
                .map(|k| Layout { bank, k, folded, edge: edge(k) }.band(rates))
                .collect()
        };
        let mut rates = SubRate::all();
        let mut bands: Vec<BandPlan> = layout(&mut rates);
        while let Some(costly) = rates.iter().position(|rate| !rate.pays_off()) {
            rates.remove(costly);
            bands = layout(&mut rates);
        }
        let with_deadline = |deadline| {
            let of = |(k, band): (usize, &BandPlan)| (band.deadline == deadline).then_some(k);
            bands.iter().enumerate().filter_map(of).collect::<Vec<_>>()
        };
        let more = rates.iter().map(SubRate::span).max().unwrap_or(0) + BATCH;
        let past = reach(bank.analysis_kernels()) + more;
        let catch_up = catch_up_samples(bank.spec().sample_rate_hz);
        let (immediate, by_control_block) =
            (with_deadline(Deadline::Immediate), with_deadline(Deadline::ControlBlock));
        let dense = DensePlan::new(with_deadline(Deadline::Dense), &bands);
        let gammatone = (!bank.poles().is_empty()).then(|| GammatoneCoefs::new(bank.poles()));
        if let Some(gammatone) = &gammatone {
            for (k, band) in bands.iter_mut().enumerate() {
                band.batch_phasors = band.design_batch_phasors(|n| gammatone.output.at(k, n));
            }
        }
        let mut plan = Self {
            by_batch: groups(bank, &bands, &rates),
            by_control_block,
            dense,
            bands,
            gammatone,
            rates,
            past,
            history: past + more + catch_up,
            catch_up,
            future: reach(bank.dual_kernels()) + more,
            schedule: Vec::new(),
            immediate: Vec::new(),
            held: None,
            minimum_phase: None,
        };
        for now in 0..bank.period() {
            let first = plan.immediate.len();
            let due = |&k: &usize| now % bank.strides()[k] == bank.phases()[k];
            plan.immediate.extend(immediate.iter().copied().filter(due));
            plan.schedule.push(first..plan.immediate.len());
        }
        let work = plan.multiply_adds();
        let mean = work.iter().sum::<f64>() / real(work.len());
        match bank.spec().phase {
            Phase::OfBank => plan.held = HeldPlan::new(bank, mean, plan.future),
            Phase::Minimum => plan.minimum_phase = MinimumPhasePlan::new(bank),
        }
        plan
    }

    /// The bands that are due at this sample of the period and have no time to wait.
    #[inline(always)]
    pub fn immediate(&self, moment: usize) -> &[usize] {
        &self.immediate[self.schedule[moment].clone()]
    }

    /// All bands that have no time to wait.
    pub fn all_immediate(&self) -> Vec<usize> {
        let is_immediate = |k: &usize| self.bands[*k].deadline == Deadline::Immediate;
        (0..self.bands.len()).filter(is_immediate).collect()
    }

    /// For as many bands as catch up together the samples of input that they remember, falling; none where
    /// nothing is idle at rest.
    pub fn memory_samples(&self) -> Vec<usize> {
        let low_passed = self.rates.iter().any(|rate| rate.analysed);
        match &self.gammatone {
            Some(coefs) => coefs.memory_samples.clone(),
            None if low_passed => vec![self.past],
            None => Vec::new(),
        }
    }

    /// The samples after which the schedule begins anew.
    pub fn period(&self) -> usize {
        self.schedule.len()
    }
}

impl BandPlan {
    /// Whether coefficients are synthesised two at a time, as [`TapLayout::RunOfPairs`].
    #[inline(always)]
    pub fn is_paired(&self) -> bool {
        self.synthesis[0].taps.layout == TapLayout::RunOfPairs
    }

    /// The phasors of a batch in which so many samples are before the first coefficient.
    #[inline(always)]
    pub fn batch_phasors_at(&self, wait: usize) -> Option<&BatchPhasors> {
        self.batch_phasors.iter().find(|phasors| phasors.wait == wait)
    }

    /// For every batch, by the factors of the samples of a control block.
    fn design_batch_phasors(&self, phasor: impl Fn(usize) -> Complex<f64>) -> Vec<BatchPhasors> {
        if self.deadline != Deadline::Batch {
            return Vec::new();
        }
        let waits = (0..self.stride).map(|step| self.wait_samples(step * CONTROL_BLOCK));
        let waits: BTreeSet<usize> = waits.collect();
        let of = |wait: usize| {
            let phasors = (wait..BATCH).step_by(self.stride).map(|n| phasor(n % CONTROL_BLOCK));
            let (re, im) = phasors.map(|phasor| (single(phasor.re), single(phasor.im))).unzip();
            BatchPhasors { wait, re, im }
        };
        waits.into_iter().map(of).collect()
    }

    /// The first coefficient from this sample of the period on.
    #[inline(always)]
    pub const fn wait_samples(&self, moment: usize) -> usize {
        let phase = if self.stride.is_power_of_two() {
            moment & (self.stride - 1)
        } else {
            moment % self.stride
        };
        if phase > self.phase { self.stride + self.phase - phase } else { self.phase - phase }
    }
}
