//! How a band is laid out: at which rate, how soon, and with which taps.

use super::decimate::{Thinned, thin};
use super::taps::{Part, Taps};
use super::{BandPlan, Pace, Rate};
use crate::bank::Bank;
use crate::cast::{real, single};
use crate::kernel::Kernel;
use crate::stream::timing::{GRID, WINDOW};
use num_complex::{Complex, Complex32};

/// The longest stride at which folded duals are faster in runs, whole: with longer ones halving the
/// multiplications counts for more.
const FOLDED_RUN: usize = 8;

/// A lower rate has to leave out so much of a band's work.
const WORTH: f64 = 0.75;

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
            Self::Step | Self::Dense => GRID,
            Self::Window => WINDOW,
        }
    }
}

/// A band to be laid out.
pub(crate) struct Layout<'a> {
    pub bank: &'a Bank,
    pub k: usize,
    /// Whether kernels and duals are Hermitian.
    pub folded: bool,
    /// Whether it is the first or the last.
    pub edge: bool,
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

    /// Whether only the real part of a recursive filter sounds, at every sample and not at once.
    fn is_dense(&self) -> bool {
        let dual = self.dual();
        self.is_real() && self.bank.strides()[self.k] == 1 && dual.offset >= GRID
    }

    /// Whether only the real part of a recursive filter sounds.
    fn is_real(&self) -> bool {
        self.recursive() && self.dual().is_real()
    }

    /// Recursive filters have unit gain at the centre frequency.
    pub fn band(&self, rates: &mut [Rate]) -> BandPlan {
        let stride = self.bank.strides()[self.k];
        let Work { analysis, synthesis, turn, pace } =
            self.at_lower_rate(rates).unwrap_or_else(|| self.at_full_rate());
        let windows = pace == Pace::Window;
        BandPlan {
            sorted: analysis.first().filter(|_| windows).map(|part| part.sorted(stride, rates)),
            analysis,
            synthesis,
            turn: Complex32::new(single(turn.re), single(turn.im)),
            turns: Vec::new(),
            real: self.is_real(),
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
        let pace = if self.is_dense() { Pace::Dense } else { Pace::of(self.dual(), stride, 0) };
        let part = |taps| vec![Part { rate: None, taps }];
        let analysis = match (self.recursive(), self.folded) {
            (true, _) => Vec::new(),
            (false, true) => part(Taps::folded(self.kernel())),
            (false, false) => part(Taps::whole(self.kernel())),
        };
        let runs = match pace {
            Pace::Prompt => false,
            Pace::Step => stride <= if self.folded { FOLDED_RUN } else { GRID - 1 },
            Pace::Dense | Pace::Window => true,
        };
        let synthesis = if pace == Pace::Dense {
            Taps::run(self.dual(), false)
        } else {
            self.synthesis(self.dual(), stride, (runs, self.folded))
        };
        let turn =
            if self.folded { self.kernel().turn() * self.dual().turn() } else { Complex::ONE };
        Work { analysis, synthesis: part(synthesis), turn, pace }
    }

    /// What sounds of a kernel with coefficients so many samples apart, in runs or not, folded or whole.
    fn synthesis(&self, kernel: &Kernel, stride: usize, (runs, folded): (bool, bool)) -> Taps {
        match (runs, folded) {
            (true, _) if self.is_real() => Taps::run_of_pairs(kernel, stride),
            (false, _) if self.is_real() => Taps::whole_real(kernel),
            (true, folded) => Taps::run(kernel, folded),
            (false, true) => Taps::folded(kernel),
            (false, false) => Taps::whole(kernel),
        }
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
            let sounding = |kernel: &Kernel, stride| self.synthesis(kernel, stride, (runs, false));
            let synthesis = parts((r, factor), synthesis, stride, sounding);
            let whole = |kernel: &Kernel, _| Taps::whole(kernel);
            let analysis = analysis
                .map_or_else(Vec::new, |thinned| parts((r, factor), thinned, stride, whole));
            Some(Work { analysis, synthesis, turn: Complex::ONE, pace })
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
fn parts(
    (rate, factor): (usize, usize),
    thinned: Thinned,
    stride: usize,
    taps: impl Fn(&Kernel, usize) -> Taps,
) -> Vec<Part> {
    let low = taps(&Kernel { offset: thinned.near, taps: thinned.taps }, stride / factor);
    let mut parts = vec![Part { rate: Some(rate), taps: low }];
    if !thinned.edge.taps.is_empty() {
        parts.push(Part { rate: None, taps: taps(&thinned.edge, stride) });
    }
    parts
}
