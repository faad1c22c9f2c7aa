//! A bank laid out for streaming: single precision, padded to whole vectors, scheduled.

use super::GRID;
use super::cascade::Poles;
use super::vector::{LANES, MARGIN};
use crate::bank::Bank;
use crate::cast::single;
use crate::kernel::Kernel;
use num_complex::{Complex, Complex32};
use std::ops::Range;

/// A bank as the engine reads it.
pub(super) struct Plan {
    pub form: Form,
    pub bands: Vec<BandPlan>,
    /// Bands that sound [`GRID`] samples after they hear or later, rising: all that they hear in one
    /// step of the grid is worked out at its end, one band after the other.
    pub patient: Vec<usize>,
    /// Samples of the past that any kernel hears, or that recursive filters remember, and a step of
    /// the grid.
    pub past: usize,
    /// Samples of the future that any dual sounds in, and a step of the grid.
    pub future: usize,
    /// For every sample of the period the other bands that are due, in [`Self::prompt`].
    schedule: Vec<Range<usize>>,
    prompt: Vec<usize>,
}

/// How a bank's bands hear and sound.
pub(super) enum Form {
    /// Hermitian kernels and duals, kept from their middle outwards: half the multiplications.
    Folded,
    /// Any kernels and duals.
    Plain,
    /// Recursive filters, any duals.
    Recursive(Poles),
}

/// One band's kernels.
pub(super) struct BandPlan {
    /// What is heard; no taps where filters are recursive.
    pub analysis: Taps,
    /// What sounds.
    pub synthesis: Taps,
    /// The same for runs of coefficients, where that is faster.
    pub run: Option<Taps>,
    /// What the kernels' constant phases make of a coefficient.
    pub turn: Complex32,
    /// Samples between coefficients.
    pub stride: usize,
    /// The time of the first coefficient in the period.
    pub phase: usize,
    /// From the amplitude of a coefficient to that of the sinusoid behind it.
    pub level: f32,
}

/// The longest stride at which folded duals are faster in runs, whole: with longer ones halving the
/// multiplications counts for more.
const FOLDED_RUN: usize = 8;

/// Complex taps as two lists: of a whole kernel from now on, of a folded one from its middle on.
#[derive(Default)]
pub(super) struct Taps {
    pub re: Vec<f32>,
    pub im: Vec<f32>,
    /// Samples between now and the first tap; where folded the nearer of the two in the middle.
    pub near: usize,
    /// Samples between now and the other tap in the middle, the same where there is but one.
    pub far: usize,
}

impl Plan {
    pub fn new(bank: &Bank) -> Self {
        let symmetric =
            || bank.analysis_kernels().iter().chain(bank.dual_kernels()).all(Kernel::is_symmetric);
        let form = if !bank.poles().is_empty() {
            Form::Recursive(Poles::new(bank.poles()))
        } else if symmetric() {
            Form::Folded
        } else {
            Form::Plain
        };
        let edge = |k: usize| k == 0 || k == bank.bands() - 1;
        let kernels = bank.analysis_kernels().iter().zip(bank.dual_kernels());
        let bands = kernels.enumerate().map(|(k, (kernel, dual))| {
            let times = (bank.strides()[k], bank.phases()[k]);
            BandPlan::new(&form, kernel, dual, times, edge(k))
        });
        let bands = bands.collect();
        let (patient, prompt): (Vec<usize>, Vec<usize>) =
            (0..bank.bands()).partition(|&k| bank.dual_kernels()[k].offset >= GRID);
        let reach = |kernels: &[Kernel]| kernels.iter().map(Kernel::length).max().unwrap_or(0);
        let mut plan = Self {
            form,
            bands,
            patient,
            past: reach(bank.analysis_kernels()) + GRID,
            future: reach(bank.dual_kernels()) + GRID,
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

    /// The filters of a recursive bank.
    pub const fn poles(&self) -> Option<&Poles> {
        match &self.form {
            Form::Recursive(poles) => Some(poles),
            Form::Folded | Form::Plain => None,
        }
    }
}

impl BandPlan {
    /// Recursive filters have unit gain at the centre frequency.
    fn new(
        form: &Form,
        kernel: &Kernel,
        dual: &Kernel,
        (stride, phase): (usize, usize),
        edge: bool,
    ) -> Self {
        let (analysis, synthesis) = match form {
            Form::Folded => (Taps::folded(kernel), Taps::folded(dual)),
            Form::Plain => (Taps::whole(kernel), Taps::whole(dual)),
            Form::Recursive(_) => (Taps::default(), Taps::whole(dual)),
        };
        let turn = match form {
            Form::Folded => kernel.turn() * dual.turn(),
            Form::Plain | Form::Recursive(_) => Complex::ONE,
        };
        let runs = match form {
            Form::Folded => stride <= FOLDED_RUN,
            Form::Plain | Form::Recursive(_) => stride < GRID,
        };
        Self {
            analysis,
            synthesis,
            run: (runs && dual.offset >= GRID)
                .then(|| Taps::run(dual, matches!(form, Form::Folded))),
            turn: Complex32::new(single(turn.re), single(turn.im)),
            stride,
            phase,
            // A sinusoid has half its amplitude at its positive frequency, but at 0 Hz and Nyquist.
            level: match (edge, form) {
                (false, _) => 2.0,
                (true, Form::Recursive(_)) => 1.0,
                (true, _) => std::f32::consts::SQRT_2,
            },
        }
    }

    /// The first coefficient from this sample of the period on.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub const fn wait_samples(&self, moment: usize) -> usize {
        let phase = moment % self.stride;
        if phase > self.phase { self.stride + self.phase - phase } else { self.phase - phase }
    }
}

impl Taps {
    /// All taps.
    fn whole(kernel: &Kernel) -> Self {
        Self::padded(kernel.taps.iter().copied(), kernel.offset, kernel.offset)
    }

    /// All taps between [`MARGIN`]s of silence, without the constant phase of a folded kernel.
    fn run(kernel: &Kernel, folded: bool) -> Self {
        let back = if folded { kernel.turn().conj() } else { Complex::ONE };
        let silence = || std::iter::repeat_n(Complex::ZERO, MARGIN);
        let taps = kernel.taps.iter().map(|tap| tap * back);
        let (re, im) = silence().chain(taps).chain(silence()).map(parts).unzip();
        Self { re, im, near: kernel.offset, far: kernel.offset }
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
        Self::padded(taps.into_iter(), far + odd - 1, far)
    }

    /// Taps followed by silence to whole vectors.
    fn padded(taps: impl Iterator<Item = Complex<f64>>, near: usize, far: usize) -> Self {
        let (mut re, mut im): (Vec<f32>, Vec<f32>) = taps.map(parts).unzip();
        let whole = re.len().next_multiple_of(LANES);
        re.resize(whole, 0.0);
        im.resize(whole, 0.0);
        Self { re, im, near, far }
    }
}

/// A tap's real and imaginary part.
fn parts(tap: Complex<f64>) -> (f32, f32) {
    (single(tap.re), single(tap.im))
}
