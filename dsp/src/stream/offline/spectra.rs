//! A bank as spectra: every band's kernel and dual on the bins of a frame.
//!
//! A frame of N samples has the spectrum X, band k with stride s the kernel's spectrum H and the dual's S.
//! Its coefficients, from the first on, have the spectrum C\[q\] = Σ_a H\[q + a N/s\] X\[q + a N/s\] / s for N/s
//! bins; their output is the real part of what has the spectrum S\[m\] C\[m mod N/s\], which is half of it
//! and half of its mirror image. With a real dual only the real part of coefficients is synthesised: it follows
//! from half the bins of C, and its output from the positive frequencies.

use crate::bank::Bank;
use crate::cast::{real, single};
use crate::kernel::{Kernel, phasor};
use crate::stream::simd::{Aligned, LANES, aligned};
use num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftPlanner};
use std::ops::Range;
use std::sync::Arc;

/// Of a band's spectra what is no greater than this part of the greatest is left out: −150 dB,
/// below the rounding of the single precision that spectra are kept in.
const NEGLIGIBLE: f64 = 3.2e-8;

/// Gaps of so few bins are multiplied with the bins around them, however small: a few vectors cost less than
/// another loop (`cargo xtask bench cost`, group of whole sounds offline).
const GAP: usize = 4 * LANES;

/// A frame is at least so many times as long as the history in it, so that two thirds of its work or more are
/// for new samples.
const FRAME_PARTS: usize = 3;

/// A frame has at least so many samples: in shorter ones too many bands have but a vector or two of bins
/// (`cargo xtask bench cost`).
const FRAME_MIN: usize = 8192;

/// A frame has no more samples: 40 narrow bands then have some 50 MB of spectra.
const FRAME_MAX: usize = 1 << 18;

/// A bank's spectra, for frames of a fixed length that begin at multiples of its period.
pub(crate) struct Spectra {
    /// Samples of a frame, a multiple of the period.
    pub frame_samples: usize,
    /// Samples of history at a frame's start; a multiple of the period.
    pub past_samples: usize,
    pub bands: Vec<BandSpectra>,
    pub forward: Arc<dyn RealToComplex<f64>>,
    pub inverse: Arc<dyn ComplexToReal<f64>>,
}

/// One band's spectra.
pub(crate) struct BandSpectra {
    /// Coefficients in a frame.
    pub coefficients: usize,
    /// Whether only the real part of coefficients is synthesised.
    pub real: bool,
    /// From the spectrum of a frame to that of its coefficients; where they are real, to the lower half.
    pub analysis: Vec<BinFactors>,
    /// From the spectrum of coefficients to what is to be added to its mirror image; where they are
    /// real, only at positive frequencies.
    pub synthesis: Vec<BinFactors>,
}

/// Factors for neighbouring bins, padded with zeros to a multiple of [`LANES`].
pub(crate) struct BinFactors {
    /// The first bin that they multiply.
    pub from: usize,
    /// The first bin that they add to.
    pub to: usize,
    pub re: Aligned<f32>,
    pub im: Aligned<f32>,
}

/// A spectrum of both signs of frequency, as [`Spectra`] count it: from minus Nyquist on.
struct TwoSided(Vec<Complex<f64>>);

impl Spectra {
    /// None where the kernels are too long for frames.
    pub fn new(bank: &Bank) -> Option<Self> {
        let period = bank.period();
        let kernels = bank.analysis_kernels().iter().zip(bank.dual_kernels());
        let reach = kernels.map(|(kernel, dual)| kernel.length() + dual.length()).max()?;
        // The history of the delayed dry signal, too.
        let past_samples = reach.max(bank.latency_samples()).next_multiple_of(period);
        let least = (FRAME_PARTS * past_samples).max(FRAME_MIN);
        let frame_samples = period.checked_mul(least.div_ceil(period).next_power_of_two())?;
        if frame_samples > FRAME_MAX {
            return None;
        }
        let fft = FftPlanner::new().plan_fft_forward(frame_samples);
        let turns: Vec<_> =
            (0..frame_samples).map(|n| phasor(real(n) / real(frame_samples))).collect();
        let mut planner = RealFftPlanner::new();
        Some(Self {
            frame_samples,
            past_samples,
            bands: (0..bank.bands()).map(|k| BandSpectra::new(bank, k, &*fft, &turns)).collect(),
            forward: planner.plan_fft_forward(frame_samples),
            inverse: planner.plan_fft_inverse(frame_samples),
        })
    }
}

impl BandSpectra {
    fn new(bank: &Bank, k: usize, fft: &dyn Fft<f64>, turns: &[Complex<f64>]) -> Self {
        let (kernel, dual) = (&bank.analysis_kernels()[k], &bank.dual_kernels()[k]);
        let (stride, phase) = (bank.strides()[k], bank.phases()[k]);
        let real_only = dual.is_real();
        let (half, coefficients) = (fft.len() / 2, fft.len() / stride);
        let kernel = if real_only { &real_part(kernel) } else { kernel };
        let scale = 1.0 / (real(stride) * real(fft.len()));

        // As if the first coefficient came at once.
        let mut analysis = TwoSided::of(kernel, fft);
        analysis.turn(phase, turns, 1.0);
        let mut synthesis = TwoSided::of(dual, fft);
        synthesis.turn(fft.len() - phase, turns, if real_only { scale } else { scale / 2.0 });
        let (analysis_bins, mut synthesis_bins) = (analysis.bins(), synthesis.bins());
        let to = |bin: usize| (bin + coefficients * stride - half) % coefficients;
        if real_only {
            // What is its own mirror image is added to itself.
            synthesis.0[0] /= 2.0;
            synthesis.0[half] /= 2.0;
            let positive = |bins: Range<usize>| bins.start.max(half)..bins.end;
            let nyquist = synthesis_bins.iter().any(|bins| bins.contains(&0)).then_some(0..1);
            synthesis_bins =
                synthesis_bins.into_iter().map(positive).filter(|bins| !bins.is_empty()).collect();
            synthesis_bins.extend(nyquist);
        }
        let lower = |bin: usize| !real_only || to(bin) <= coefficients / 2;
        Self {
            coefficients,
            real: real_only,
            analysis: pieces(analysis_bins, coefficients, &to)
                .filter_map(|bins| {
                    // A piece begins in the lower half if any of it is there.
                    let end = bins.clone().find(|bin| !lower(*bin)).unwrap_or(bins.end);
                    (bins.start < end)
                        .then(|| analysis.factors(bins.start..end, bins.start, to(bins.start)))
                })
                .collect(),
            synthesis: pieces(synthesis_bins, coefficients, &to)
                .map(|bins| synthesis.factors(bins.clone(), to(bins.start), bins.start))
                .collect(),
        }
    }
}

/// A kernel without its imaginary part.
fn real_part(kernel: &Kernel) -> Kernel {
    let taps = kernel.taps.iter().map(|tap| Complex::from(tap.re)).collect();
    Kernel { offset: kernel.offset, taps }
}

/// Bins cut where the coefficients' spectrum begins anew.
fn pieces(
    bins: Vec<Range<usize>>,
    coefficients: usize,
    to: &impl Fn(usize) -> usize,
) -> impl Iterator<Item = Range<usize>> {
    bins.into_iter().flat_map(move |Range { mut start, end }| {
        std::iter::from_fn(move || {
            let first = start;
            start = end.min(first + coefficients - to(first));
            (first < end).then_some(first..start)
        })
    })
}

impl TwoSided {
    fn of(kernel: &Kernel, fft: &dyn Fft<f64>) -> Self {
        let mut bins = kernel.spectrum(fft);
        bins.rotate_right(fft.len() / 2);
        Self(bins)
    }

    /// Moves the kernel to so many samples earlier, around the frame, and scales it. `turns` are those of
    /// one sample at every bin from 0 Hz on.
    fn turn(&mut self, samples: usize, turns: &[Complex<f64>], scale: f64) {
        let size = turns.len();
        for (n, bin) in self.0.iter_mut().enumerate() {
            *bin *= turns[(n + size - size / 2) * samples % size] * scale;
        }
    }

    /// The bins that are not [`NEGLIGIBLE`].
    fn bins(&self) -> Vec<Range<usize>> {
        let greatest = self.0.iter().map(Complex::norm_sqr).fold(0.0, f64::max);
        let least = NEGLIGIBLE * NEGLIGIBLE * greatest;
        let mut bins: Vec<Range<usize>> = Vec::new();
        for (n, _) in self.0.iter().enumerate().filter(|(_, bin)| bin.norm_sqr() > least) {
            match bins.last_mut() {
                Some(last) if n < last.end + GAP => last.end = n + 1,
                _ => bins.push(n..n + 1),
            }
        }
        bins
    }

    /// The factors of some bins.
    fn factors(&self, bins: Range<usize>, from: usize, to: usize) -> BinFactors {
        let part = |part: fn(&Complex<f64>) -> f64| {
            let mut list: Vec<f32> =
                self.0[bins.clone()].iter().map(|bin| single(part(bin))).collect();
            list.resize(list.len().next_multiple_of(LANES), 0.0);
            aligned(&list)
        };
        BinFactors { from, to, re: part(|bin| bin.re), im: part(|bin| bin.im) }
    }
}
