//! A bank laid out for streaming: single precision, padded to whole vectors, scheduled.

use super::cascade::Poles;
use super::polyphase::Sorted;
use super::rate::{Rate, Thinned, thin};
use super::vector::{LANES, MARGIN};
use super::{GRID, STEPS, WINDOW};
use crate::bank::Bank;
use crate::cast::{real, single};
use crate::kernel::Kernel;
use num_complex::{Complex, Complex32};
use std::ops::Range;

/// A bank as the engine reads it.
pub(crate) struct Plan {
    pub(super) bands: Vec<BandPlan>,
    /// The filters of a recursive bank.
    pub(super) poles: Option<Poles>,
    /// The lower rates that bands hear and sound at.
    pub(super) rates: Vec<Rate>,
    /// Bands that are worked out at the end of each step of the grid, rising.
    pub(super) by_step: Vec<usize>,
    /// Bands that are worked out at the end of each window, and in which of its steps windows end.
    pub(super) by_window: [Vec<Group>; STEPS],
    /// Samples of the past that any kernel hears, or that recursive filters remember, and a window.
    pub(super) past: usize,
    /// Samples of the future that any dual sounds in, and a window.
    pub(super) future: usize,
    /// For every sample of the period the other bands that are due, in [`Self::prompt`].
    schedule: Vec<Range<usize>>,
    prompt: Vec<usize>,
}

/// One band's kernels.
pub(super) struct BandPlan {
    /// What hears; nothing where filters are recursive.
    pub analysis: Vec<Part>,
    /// The same for a window's coefficients, where kernels hear and that is the pace.
    pub sorted: Option<Sorted>,
    /// What sounds.
    pub synthesis: Vec<Part>,
    /// What the kernels' constant phases make of a coefficient.
    pub turn: Complex32,
    /// Samples between coefficients.
    pub stride: usize,
    /// The time of the first coefficient in the period.
    pub phase: usize,
    pub pace: Pace,
    /// From the amplitude of a coefficient to that of the sinusoid behind it.
    pub level: f32,
}

/// When a band's coefficients are worked out: the later, the more of them at once and the faster. A band
/// that sounds long after it hears has time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// At once.
    Prompt,
    /// At the end of a step of the grid.
    Step,
    /// At the end of a window.
    Window,
}

/// Bands of one rate and stride that share what they hear.
pub(super) struct Group {
    /// The lower rate, in [`Plan::rates`]; none for the full one.
    pub rate: Option<usize>,
    /// Samples of the rate between coefficients.
    pub stride: usize,
    pub bands: Vec<usize>,
    /// The samples of the rate that none of the kernels hears, the newest ones.
    pub unheard: usize,
    /// The samples before them that any hears in a window; none where filters are recursive.
    pub heard: usize,
}

/// What of a kernel is at one rate.
pub(super) struct Part {
    /// The lower rate, in [`Plan::rates`]; none for the full one.
    pub rate: Option<usize>,
    pub taps: Taps,
}

impl Part {
    /// The taps sorted for coefficients so many samples of the full rate apart.
    fn sorted(&self, stride: usize, rates: &[Rate]) -> Sorted {
        let stride = self.rate.map_or(stride, |r| stride / rates[r].factor());
        let Taps { re, im, many, .. } = &self.taps;
        Sorted::new(&re[..*many], &im[..*many], stride)
    }
}

/// Complex taps as two lists.
pub(super) struct Taps {
    pub re: Vec<f32>,
    pub im: Vec<f32>,
    /// The taps that are not silence at the end.
    pub many: usize,
    pub form: Form,
    /// Samples between now and the first tap; where folded the nearer of the two in the middle.
    pub near: usize,
    /// Samples between now and the other tap in the middle, the same where there is but one.
    pub far: usize,
}

/// How taps are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Those of a Hermitian kernel from its middle outwards, without its constant phase: half the
    /// multiplications.
    Folded,
    /// All from now on.
    Whole,
    /// All from now on between [`MARGIN`]s of silence: many coefficients sound in one go.
    Run,
}

/// The longest stride at which folded duals are faster in runs, whole: with longer ones halving the
/// multiplications counts for more.
const FOLDED_RUN: usize = 8;

/// A lower rate has to leave out so much of a band's work.
const WORTH: f64 = 0.75;

impl Plan {
    pub(crate) fn new(bank: &Bank) -> Self {
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
        let mut plan = Self {
            by_window: groups(bank, &bands, &rates),
            by_step,
            bands,
            poles: (!bank.poles().is_empty()).then(|| Poles::new(bank.poles())),
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

impl Pace {
    /// That of a band with this dual, at the full rate or at a lower one whose low-pass begins `sooner`
    /// samples before its middle.
    fn of(dual: &Kernel, stride: usize, sooner: usize) -> Self {
        if dual.offset >= WINDOW + sooner && stride <= WINDOW / 8 {
            Self::Window
        } else if dual.offset >= GRID {
            Self::Step
        } else {
            Self::Prompt
        }
    }

    /// How long a coefficient may wait, in samples.
    const fn wait_samples(self) -> usize {
        match self {
            Self::Prompt => 0,
            Self::Step => GRID,
            Self::Window => WINDOW,
        }
    }
}

/// The bands that are worked out by windows, in groups, so that every step has about as much to do.
fn groups(bank: &Bank, bands: &[BandPlan], rates: &[Rate]) -> [Vec<Group>; STEPS] {
    let mut groups: Vec<Group> = Vec::new();
    for (k, band) in bands.iter().enumerate().filter(|(_, band)| band.pace == Pace::Window) {
        let rate = band.synthesis[0].rate;
        let factor = rate.map_or(1, |r| rates[r].factor());
        let stride = band.stride / factor;
        let alike = groups.iter_mut().find(|group| (group.rate, group.stride) == (rate, stride));
        match (alike, band.analysis.first()) {
            (Some(group), Some(part)) => {
                let reach = group.unheard + group.heard;
                group.bands.push(k);
                group.unheard = group.unheard.min(part.taps.nearest());
                group.heard = reach.max(part.taps.reach() + WINDOW / factor) - group.unheard;
            }
            // Recursive filters share nothing.
            (_, part) => {
                let (unheard, reach) = part.map_or((0, 0), |part| {
                    (part.taps.nearest(), part.taps.reach() + WINDOW / factor)
                });
                groups.push(Group {
                    rate,
                    stride,
                    bands: vec![k],
                    unheard,
                    heard: reach - unheard,
                });
            }
        }
    }
    let work = |k: &usize| {
        let parts = bands[*k].analysis.iter().chain(&bands[*k].synthesis);
        let taps: usize = parts.map(|part| part.taps.many).sum();
        real(taps) / real(bank.strides()[*k])
    };
    let work = |group: &Group| group.bands.iter().map(work).sum::<f64>();
    groups.sort_by(|a, b| work(b).total_cmp(&work(a)));
    let mut steps: [Vec<Group>; STEPS] = Default::default();
    for group in groups {
        let load = |step: &Vec<Group>| step.iter().map(work).sum::<f64>();
        if let Some(least) = steps.iter_mut().min_by(|a, b| load(a).total_cmp(&load(b))) {
            least.push(group);
        }
    }
    steps
}

/// A band to be laid out.
struct Layout<'a> {
    bank: &'a Bank,
    k: usize,
    /// Whether kernels and duals are Hermitian.
    folded: bool,
    /// Whether it is the first or the last.
    edge: bool,
}

impl Layout<'_> {
    fn kernel(&self) -> &Kernel {
        &self.bank.analysis_kernels()[self.k]
    }

    fn dual(&self) -> &Kernel {
        &self.bank.dual_kernels()[self.k]
    }

    fn recursive(&self) -> bool {
        !self.bank.poles().is_empty()
    }

    /// Recursive filters have unit gain at the centre frequency.
    fn band(&self, rates: &mut [Rate]) -> BandPlan {
        let stride = self.bank.strides()[self.k];
        let Work { analysis, synthesis, turn, pace } =
            self.at_lower_rate(rates).unwrap_or_else(|| self.at_full_rate());
        let windows = pace == Pace::Window;
        BandPlan {
            sorted: analysis.first().filter(|_| windows).map(|part| part.sorted(stride, rates)),
            analysis,
            synthesis,
            turn: Complex32::new(single(turn.re), single(turn.im)),
            pace,
            stride,
            phase: self.bank.phases()[self.k],
            // A sinusoid has half its amplitude at its positive frequency, but at 0 Hz and Nyquist.
            level: match (self.edge, self.recursive()) {
                (false, _) => 2.0,
                (true, true) => 1.0,
                (true, false) => std::f32::consts::SQRT_2,
            },
        }
    }

    fn at_full_rate(&self) -> Work {
        let stride = self.bank.strides()[self.k];
        let pace = Pace::of(self.dual(), stride, 0);
        let part = |taps| vec![Part { rate: None, taps }];
        let analysis = match (self.recursive(), self.folded) {
            (true, _) => Vec::new(),
            (false, true) => part(Taps::folded(self.kernel())),
            (false, false) => part(Taps::whole(self.kernel())),
        };
        let runs = match pace {
            Pace::Prompt => false,
            Pace::Step => stride <= if self.folded { FOLDED_RUN } else { GRID - 1 },
            Pace::Window => true,
        };
        let synthesis = match (runs, self.folded) {
            (true, folded) => Taps::run(self.dual(), folded),
            (false, true) => Taps::folded(self.dual()),
            (false, false) => Taps::whole(self.dual()),
        };
        let turn =
            if self.folded { self.kernel().turn() * self.dual().turn() } else { Complex::ONE };
        Work { analysis, synthesis: part(synthesis), turn, pace }
    }

    /// At the lowest rate that tells all of the band, where it is worth it.
    fn at_lower_rate(&self, rates: &mut [Rate]) -> Option<Work> {
        let (stride, phase) = (self.bank.strides()[self.k], self.bank.phases()[self.k]);
        let (kernel, dual) = (self.kernel(), self.dual());
        let heard = if self.recursive() { 0 } else { kernel.taps.len() };
        let whole = real(heard + dual.taps.len());
        rates.iter_mut().enumerate().find_map(|(r, rate)| {
            let factor = rate.factor();
            if !stride.is_multiple_of(factor) {
                return None;
            }
            let before = phase % factor;
            let after = (factor - before) % factor;
            let mut pace = Pace::of(dual, stride, rate.span() / 2);
            let synthesis = thin(dual, rate, after, pace.wait_samples())?;
            let analysis =
                if self.recursive() { None } else { Some(thin(kernel, rate, before, 0)?) };
            // A window's coefficients are heard at one rate.
            if pace == Pace::Window && analysis.as_ref().is_some_and(Thinned::has_edge) {
                pace = Pace::Step;
            }
            let work = synthesis.work() + analysis.as_ref().map_or(0.0, Thinned::work);
            if work > WORTH * whole {
                return None;
            }
            rate.heard |= analysis.is_some();
            rate.spared += (whole - work) / real(stride);
            let runs = pace != Pace::Prompt && stride < GRID;
            let analysis = analysis.map_or_else(Vec::new, |thinned| parts(r, thinned, false));
            Some(Work { analysis, synthesis: parts(r, synthesis, runs), turn: Complex::ONE, pace })
        })
    }
}

/// What hears, what sounds, the constant phase that both leave out, and when.
struct Work {
    analysis: Vec<Part>,
    synthesis: Vec<Part>,
    turn: Complex<f64>,
    pace: Pace,
}

/// A thinned kernel's parts.
fn parts(rate: usize, thinned: Thinned, runs: bool) -> Vec<Part> {
    let taps = |kernel: &Kernel| {
        if runs { Taps::run(kernel, false) } else { Taps::whole(kernel) }
    };
    let low = taps(&Kernel { offset: thinned.near, taps: thinned.taps });
    let mut parts = vec![Part { rate: Some(rate), taps: low }];
    if !thinned.edge.taps.is_empty() {
        parts.push(Part { rate: None, taps: taps(&thinned.edge) });
    }
    parts
}

impl BandPlan {
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

impl Taps {
    /// Samples between now and the nearest tap.
    fn nearest(&self) -> usize {
        if self.form == Form::Folded { self.near + 1 - self.many } else { self.near }
    }

    /// Samples from now to after the last tap.
    const fn reach(&self) -> usize {
        self.far + self.many
    }

    /// All taps.
    fn whole(kernel: &Kernel) -> Self {
        let taps = kernel.taps.iter().copied();
        Self::padded(Form::Whole, taps, kernel.offset, kernel.offset)
    }

    /// All taps between [`MARGIN`]s of silence, without the constant phase of a folded kernel.
    fn run(kernel: &Kernel, folded: bool) -> Self {
        let back = if folded { kernel.turn().conj() } else { Complex::ONE };
        let silence = || std::iter::repeat_n(Complex::ZERO, MARGIN);
        let taps = kernel.taps.iter().map(|tap| tap * back);
        let (re, im) = silence().chain(taps).chain(silence()).map(parts_of).unzip();
        let many = kernel.taps.len();
        Self { re, im, many, form: Form::Run, near: kernel.offset, far: kernel.offset }
    }

    /// The taps of a Hermitian kernel from the middle on, where there is one tap half of it: for it
    /// is heard and sounds on both sides.
    fn folded(kernel: &Kernel) -> Self {
        let back = kernel.turn().conj();
        let mut taps: Vec<_> =
            kernel.taps[kernel.taps.len() / 2..].iter().map(|tap| tap * back).collect();
        let odd = kernel.taps.len() % 2;
        if odd == 1 {
            taps[0] = Complex::new(taps[0].re / 2.0, 0.0);
        }
        let far = kernel.offset + kernel.taps.len() / 2;
        Self::padded(Form::Folded, taps.into_iter(), far + odd - 1, far)
    }

    /// Taps followed by silence to whole vectors.
    fn padded(
        form: Form,
        taps: impl Iterator<Item = Complex<f64>>,
        near: usize,
        far: usize,
    ) -> Self {
        let (mut re, mut im): (Vec<f32>, Vec<f32>) = taps.map(parts_of).unzip();
        let many = re.len();
        let whole = many.next_multiple_of(LANES);
        re.resize(whole, 0.0);
        im.resize(whole, 0.0);
        Self { re, im, many, form, near, far }
    }
}

/// A tap's real and imaginary part.
fn parts_of(tap: Complex<f64>) -> (f32, f32) {
    (single(tap.re), single(tap.im))
}
