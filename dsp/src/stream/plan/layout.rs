//! How a band is laid out: at which rate, how soon, and with which taps.

use super::decimate::{DecimatedKernel, decimate};
use super::taps::{Part, Taps};
use super::{BandPlan, Deadline, SubRate};
use crate::bank::Bank;
use crate::cast::{real, single};
use crate::kernel::Kernel;
use crate::stream::timing::{BATCH, CONTROL_BLOCK};
use num_complex::{Complex, Complex32};

/// The longest stride at which folded duals are faster unfolded, in runs: with longer ones halving the
/// multiplications counts for more. Measured with `cargo bench -p erbium-dsp`, as is the next.
const FOLDED_RUN: usize = 8;

/// A band goes to a lower rate where no more than this part of its taps is left there: the low-passes that
/// bands share have a cost, too.
const MAX_TAP_RATIO: f64 = 0.75;

impl Deadline {
    /// That of a band with this dual, at the full rate or at a lower one whose low-pass begins `sooner`
    /// samples before its middle. A batch needs eight coefficients to fill a vector.
    fn of(dual: &Kernel, stride: usize, sooner: usize) -> Self {
        if dual.offset >= BATCH + sooner && stride <= BATCH / 8 {
            Self::Batch
        } else if dual.offset >= CONTROL_BLOCK {
            Self::ControlBlock
        } else {
            Self::Immediate
        }
    }

    /// How long a coefficient may wait, in samples.
    const fn wait_samples(self) -> usize {
        match self {
            Self::Immediate => 0,
            Self::ControlBlock | Self::Dense => CONTROL_BLOCK,
            Self::Batch => BATCH,
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

    /// Whether only the real part of a recursive filter is synthesised, at every sample and with a deadline.
    fn is_dense(&self) -> bool {
        let dual = self.dual();
        self.is_real() && self.bank.strides()[self.k] == 1 && dual.offset >= CONTROL_BLOCK
    }

    /// Whether only the real part of a recursive filter is synthesised.
    fn is_real(&self) -> bool {
        self.recursive() && self.dual().is_real()
    }

    /// Recursive filters have unit gain at the centre frequency.
    pub fn band(&self, rates: &mut [SubRate]) -> BandPlan {
        let stride = self.bank.strides()[self.k];
        let BandTaps { analysis, synthesis, phase_factor, deadline } =
            self.at_lower_rate(rates).unwrap_or_else(|| self.at_full_rate());
        let in_batches = deadline == Deadline::Batch;
        BandPlan {
            polyphase: analysis
                .first()
                .filter(|_| in_batches)
                .map(|part| part.polyphase(stride, rates)),
            analysis,
            synthesis,
            phase_factor: Complex32::new(single(phase_factor.re), single(phase_factor.im)),
            batch_phasors: Vec::new(),
            real: self.is_real(),
            deadline,
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

    fn at_full_rate(&self) -> BandTaps {
        let stride = self.bank.strides()[self.k];
        let deadline =
            if self.is_dense() { Deadline::Dense } else { Deadline::of(self.dual(), stride, 0) };
        let part = |taps| vec![Part { rate: None, taps }];
        let analysis = match (self.recursive(), self.folded) {
            (true, _) => Vec::new(),
            (false, true) => part(Taps::folded(self.kernel())),
            (false, false) => part(Taps::whole(self.kernel())),
        };
        let runs = match deadline {
            Deadline::Immediate => false,
            Deadline::ControlBlock => {
                stride <= if self.folded { FOLDED_RUN } else { CONTROL_BLOCK - 1 }
            }
            Deadline::Dense | Deadline::Batch => true,
        };
        let synthesis = if deadline == Deadline::Dense {
            Taps::run(self.dual(), false)
        } else {
            self.synthesis(self.dual(), stride, (runs, self.folded))
        };
        let phase_factor = if self.folded {
            self.kernel().phase_factor() * self.dual().phase_factor()
        } else {
            Complex::ONE
        };
        BandTaps { analysis, synthesis: part(synthesis), phase_factor, deadline }
    }

    /// The taps of a dual with coefficients so many samples apart, in runs or not, folded or whole.
    fn synthesis(&self, kernel: &Kernel, stride: usize, (runs, folded): (bool, bool)) -> Taps {
        match (runs, folded) {
            (true, _) if self.is_real() => Taps::run_of_pairs(kernel, stride),
            (false, _) if self.is_real() => Taps::whole_real(kernel),
            (true, folded) => Taps::run(kernel, folded),
            (false, true) => Taps::folded(kernel),
            (false, false) => Taps::whole(kernel),
        }
    }

    /// At the lowest rate that represents the band, where that saves enough.
    fn at_lower_rate(&self, rates: &mut [SubRate]) -> Option<BandTaps> {
        let (stride, phase) = (self.bank.strides()[self.k], self.bank.phases()[self.k]);
        let (kernel, dual) = (self.kernel(), self.dual());
        let analysis_taps = if self.recursive() { 0 } else { kernel.taps.len() };
        let whole = real(analysis_taps + dual.taps.len());
        rates.iter_mut().enumerate().find_map(|(r, rate)| {
            let factor = rate.factor();
            if !stride.is_multiple_of(factor) {
                return None;
            }
            let before = phase % factor;
            let after = (factor - before) % factor;
            let mut deadline = Deadline::of(dual, stride, rate.span() / 2);
            let synthesis = decimate(dual, rate, after, deadline.wait_samples())?;
            let analysis =
                if self.recursive() { None } else { Some(decimate(kernel, rate, before, 0)?) };
            // All of a batch's coefficients are computed at one rate.
            if deadline == Deadline::Batch
                && analysis.as_ref().is_some_and(DecimatedKernel::has_edge)
            {
                deadline = Deadline::ControlBlock;
            }
            let work = synthesis.work() + analysis.as_ref().map_or(0.0, DecimatedKernel::work);
            if work > MAX_TAP_RATIO * whole {
                return None;
            }
            rate.analysed |= analysis.is_some();
            rate.saved_taps += (whole - work) / real(stride);
            let runs = deadline != Deadline::Immediate && stride < CONTROL_BLOCK;
            let synthesised =
                |kernel: &Kernel, stride| self.synthesis(kernel, stride, (runs, false));
            let synthesis = parts((r, factor), synthesis, stride, synthesised);
            let whole = |kernel: &Kernel, _| Taps::whole(kernel);
            let analysis = analysis
                .map_or_else(Vec::new, |decimated| parts((r, factor), decimated, stride, whole));
            Some(BandTaps { analysis, synthesis, phase_factor: Complex::ONE, deadline })
        })
    }
}

/// Kernel and dual as taps, the constant phase that both leave out, and the deadline.
struct BandTaps {
    analysis: Vec<Part>,
    synthesis: Vec<Part>,
    phase_factor: Complex<f64>,
    deadline: Deadline,
}

/// A decimated kernel's parts.
fn parts(
    (rate, factor): (usize, usize),
    decimated: DecimatedKernel,
    stride: usize,
    taps: impl Fn(&Kernel, usize) -> Taps,
) -> Vec<Part> {
    let low = taps(&Kernel { offset: decimated.near, taps: decimated.taps }, stride / factor);
    let mut parts = vec![Part { rate: Some(rate), taps: low }];
    if !decimated.edge.taps.is_empty() {
        parts.push(Part { rate: None, taps: taps(&decimated.edge, stride) });
    }
    parts
}
