//! A bank laid out for streaming: single precision, padded to whole vectors, scheduled.

mod cost;
mod decimate;
mod dense;
mod gammatone;
mod layout;
mod lowpass;
mod schedule;
mod subrate;
mod taps;

pub(crate) use dense::DensePlan;
pub(crate) use gammatone::{NOTHING, Poles, SIDE};
pub(crate) use schedule::Group;
pub(crate) use subrate::Rate;
pub(crate) use taps::{Form, Part};

use crate::bank::Bank;
use crate::cast::single;
use crate::kernel::Kernel;
use crate::stream::simd::Sorted;
use crate::stream::timing::{GRID, STEPS, WINDOW};
use layout::Layout;
use num_complex::{Complex, Complex32};
use schedule::groups;
use std::collections::BTreeSet;
use std::ops::Range;

/// A bank as the engine reads it.
pub(crate) struct Plan {
    pub bands: Vec<BandPlan>,
    /// The filters of a recursive bank.
    pub poles: Option<Poles>,
    /// The lower rates that bands hear and sound at.
    pub rates: Vec<Rate>,
    /// Bands that are worked out at the end of each step of the grid, rising.
    pub by_step: Vec<usize>,
    /// The same of recursive filters with a coefficient at every sample.
    pub dense: DensePlan,
    /// Bands that are worked out at the end of each window, and in which of its steps windows end.
    pub by_window: [Vec<Group>; STEPS],
    /// Samples of the past that any kernel hears, or that recursive filters remember, and a window.
    pub past: usize,
    /// Samples of the future that any dual sounds in, and a window.
    pub future: usize,
    /// For every sample of the period the other bands that are due, in [`Self::prompt`].
    schedule: Vec<Range<usize>>,
    prompt: Vec<usize>,
}

/// One band's kernels.
pub(crate) struct BandPlan {
    /// What hears; nothing where filters are recursive.
    pub analysis: Vec<Part>,
    /// The same for a window's coefficients, where kernels hear and that is the pace.
    pub sorted: Option<Sorted>,
    /// What sounds.
    pub synthesis: Vec<Part>,
    /// What the kernels' constant phases make of a coefficient.
    pub turn: Complex32,
    /// What turns a window's coefficients of a recursive filter back.
    pub turns: Vec<WindowTurns>,
    /// Whether only the real part of coefficients sounds.
    pub real: bool,
    /// Samples between coefficients.
    pub stride: usize,
    /// The time of the first coefficient in the period.
    pub phase: usize,
    pub pace: Pace,
    /// From the amplitude of a coefficient to that of the sinusoid behind it.
    pub level: f32,
}

/// A factor for each coefficient of a window.
pub(crate) struct WindowTurns {
    /// Samples of the window before the first coefficient.
    wait: usize,
    pub re: Vec<f32>,
    pub im: Vec<f32>,
}

/// When a band's coefficients are worked out: the later, the more of them at once and the faster. A band
/// that sounds long after it hears has time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// At once.
    Prompt,
    /// At the end of a step of the grid.
    Step,
    /// The same of a recursive filter at every sample, whose real part alone sounds: neighbours together.
    Dense,
    /// At the end of a window.
    Window,
}

impl Plan {
    pub fn new(bank: &Bank) -> Self {
        let kernels = bank.analysis_kernels().iter().chain(bank.dual_kernels());
        let folded = bank.poles().is_empty() && kernels.clone().all(Kernel::is_symmetric);
        let reach = |kernels: &[Kernel]| kernels.iter().map(Kernel::length).max().unwrap_or(0);
        let edge = |k: usize| k == 0 || k == bank.bands() - 1;
        let layout = |rates: &mut Vec<Rate>| {
            rates.iter_mut().for_each(Rate::reset);
            (0..bank.bands())
                .map(|k| Layout { bank, k, folded, edge: edge(k) }.band(rates))
                .collect()
        };
        let mut rates = Rate::all();
        let mut bands: Vec<BandPlan> = layout(&mut rates);
        while let Some(waste) = rates.iter().position(|rate| !rate.pays()) {
            rates.remove(waste);
            bands = layout(&mut rates);
        }
        let at_pace = |pace| {
            let of = |(k, band): (usize, &BandPlan)| (band.pace == pace).then_some(k);
            bands.iter().enumerate().filter_map(of).collect::<Vec<_>>()
        };
        let more = rates.iter().map(Rate::span).max().unwrap_or(0) + WINDOW;
        let (prompt, by_step) = (at_pace(Pace::Prompt), at_pace(Pace::Step));
        let dense = DensePlan::new(at_pace(Pace::Dense), &bands);
        let poles = (!bank.poles().is_empty()).then(|| Poles::new(bank.poles()));
        if let Some(poles) = &poles {
            for (k, band) in bands.iter_mut().enumerate() {
                band.turns = band.window_turns(|n| poles.told.at(k, n));
            }
        }
        let mut plan = Self {
            by_window: groups(bank, &bands, &rates),
            by_step,
            dense,
            bands,
            poles,
            rates,
            past: reach(bank.analysis_kernels()) + more,
            future: reach(bank.dual_kernels()) + more,
            schedule: Vec::new(),
            prompt: Vec::new(),
        };
        for now in 0..bank.period() {
            let first = plan.prompt.len();
            let due = |&k: &usize| now % bank.strides()[k] == bank.phases()[k];
            plan.prompt.extend(prompt.iter().copied().filter(due));
            plan.schedule.push(first..plan.prompt.len());
        }
        plan
    }

    /// The bands that hear and sound at once at this sample of the period.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn prompt(&self, moment: usize) -> &[usize] {
        &self.prompt[self.schedule[moment].clone()]
    }

    /// The samples after which the schedule begins anew.
    pub fn period(&self) -> usize {
        self.schedule.len()
    }
}

impl BandPlan {
    /// Whether coefficients sound two at a time, as [`Form::RunOfPairs`].
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn sounds_in_pairs(&self) -> bool {
        self.synthesis[0].taps.form == Form::RunOfPairs
    }

    /// What turns the coefficients back of a window in which so many samples are before the first.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn turns(&self, wait: usize) -> Option<&WindowTurns> {
        self.turns.iter().find(|turns| turns.wait == wait)
    }

    /// For every window, by the factors of the samples of a step.
    fn window_turns(&self, turn: impl Fn(usize) -> Complex<f64>) -> Vec<WindowTurns> {
        if self.pace != Pace::Window {
            return Vec::new();
        }
        let waits = (0..self.stride).map(|step| self.wait_samples(step * GRID));
        let waits: BTreeSet<usize> = waits.collect();
        let of = |wait: usize| {
            let turns = (wait..WINDOW).step_by(self.stride).map(|n| turn(n % GRID));
            let (re, im) = turns.map(|turn| (single(turn.re), single(turn.im))).unzip();
            WindowTurns { wait, re, im }
        };
        waits.into_iter().map(of).collect()
    }

    /// The first coefficient from this sample of the period on.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub const fn wait_samples(&self, moment: usize) -> usize {
        let phase = if self.stride.is_power_of_two() {
            moment & (self.stride - 1)
        } else {
            moment % self.stride
        };
        if phase > self.phase { self.stride + self.phase - phase } else { self.phase - phase }
    }
}
