//! The exponentials that one band's synthesis kernel is made of, and their responses.

use super::Band;
use super::grid::{Extent, Grid};
use crate::cast::{count, real};
use crate::kernel::{Kernel, phasor};
use faer::Mat;
use num_complex::Complex;
use rustfft::FftPlanner;
use std::f64::consts::PI;
use std::ops::Range;

/// Exponentials to either side of the centre frequency, 1 / support apart. With 4 the error of the worst sinusoid
/// is up to 18 dB higher at high quality; with 6 it changes by no more than 0.6 dB in the mean, and the
/// equations grow with the square of their number.
const REACH: usize = 5;

/// The same for duals with real taps and coefficients at every sample, which have to compensate for
/// what the kernel passes below 0 Hz, and no alias to keep low. With 5 the error of the worst sinusoid
/// is up to 1.4 dB higher, with 9 no lower.
const REAL_REACH: usize = 7;

/// The taper of the exponentials, Hann squared: cosines −2 to 2. It keeps the responses of distant bands apart.
const TAPER: [f64; 5] = [1.0 / 16.0, 1.0 / 4.0, 3.0 / 8.0, 1.0 / 4.0, 1.0 / 16.0];

/// Where a band's response is this far below its peak, in power, it is left out of the equations: −160 dB, below
/// any error a dual reaches.
const NEGLIGIBLE: f64 = 1e-16;

/// The exponentials over one band's support, seen from its middle and scaled to unit gain.
struct Exponentials {
    support: usize,
    centre_cycles: f64,
    reach: usize,
    /// Cosines instead: the real band of a symmetric bank, at 0 Hz or Nyquist.
    real: bool,
}

impl Exponentials {
    fn new(band: &Band, symmetric: bool) -> Self {
        let support = band.support.len();
        let dense = takes_real_part(band, symmetric) && band.stride == 1;
        let mut reach = if dense { REAL_REACH } else { REACH };
        let mut centre_cycles = band.kernel.centre_cycles();
        if let Some((low, high)) = band.passband_cycles {
            centre_cycles = 0.5 * (low + high);
            reach += count((0.5 * (high - low) * real(support)).ceil());
        }
        let edge = |cycles: f64| (centre_cycles.abs() - cycles).abs() < 1e-9;
        Self {
            support,
            centre_cycles,
            reach: reach.min((support - 1) / 2),
            real: symmetric && (edge(0.0) || edge(0.5)),
        }
    }

    const fn len(&self) -> usize {
        if self.real { self.reach + 1 } else { 2 * self.reach + 1 }
    }

    /// Their spectra at `cycles`, all real.
    fn spectra(&self, cycles: f64, spectra: &mut [f64]) {
        let many = 2 * self.reach + 1;
        let width = real(self.support);
        let away = (cycles - self.centre_cycles) * width + real(self.reach + 2);
        let sine = (PI * away).sin();
        let line = |n: usize| {
            // The Dirichlet kernel, whose numerator only changes sign from line to line.
            let away = away - real(n);
            let below = (PI * away / width).sin();
            if below.abs() < 1e-9 {
                (PI * away).cos() / (PI * away / width).cos()
            } else {
                if n.is_multiple_of(2) { sine / (width * below) } else { -sine / (width * below) }
            }
        };
        let (mut few, mut more) = ([0.0; 2 * REAL_REACH + TAPER.len()], Vec::new());
        let lines = many + TAPER.len() - 1;
        let lines = if lines <= few.len() {
            &mut few[..lines]
        } else {
            more.resize(lines, 0.0);
            &mut more
        };
        lines.iter_mut().enumerate().for_each(|(n, value)| *value = line(n));
        let tapered = |n: usize| TAPER.iter().zip(&lines[n..]).map(|(a, b)| a * b).sum::<f64>();
        for (n, spectrum) in spectra.iter_mut().enumerate() {
            *spectrum = if self.real {
                0.5 * (tapered(self.reach + n) + tapered(self.reach - n))
            } else {
                tapered(n)
            };
        }
    }

    /// The taps of the sum with these weights.
    fn sum(&self, weights: &[Complex<f64>]) -> Vec<Complex<f64>> {
        let half = 0.5 * real(self.support - 1);
        let tap = |n: usize| {
            let time = real(n) - half;
            let turn = time / real(self.support);
            let taper = (PI * turn).cos().powi(4);
            let first = if self.real { 0.0 } else { -real(self.reach) };
            let sum: Complex<f64> = weights
                .iter()
                .enumerate()
                .map(|(n, weight)| {
                    let order = phasor((first + real(n)) * turn);
                    weight * if self.real { Complex::new(order.re, 0.0) } else { order }
                })
                .sum();
            sum * phasor(self.centre_cycles * time) * taper / real(self.support)
        };
        (0..self.support).map(tap).collect()
    }
}

/// A band's exponentials, before any grid.
pub(super) struct Basis<'a> {
    band: &'a Band<'a>,
    latency_samples: usize,
    exponentials: Exponentials,
    /// The constant phase that makes a symmetric kernel real, seen from the middle of the support.
    lead: Complex<f64>,
    /// Whether the weights of the exponentials are real; if not, imaginary parts follow the real ones.
    symmetric: bool,
    /// The frequencies at which the band is not negligible.
    pub extent: Extent,
    /// Products of the exponentials (not of the unknowns) in the measure of the band's alias power.
    pub alias: Mat<f64>,
}

impl<'a> Basis<'a> {
    /// `coarsest`: every FFT is a power of two times this.
    pub fn new(
        band: &'a Band<'a>,
        latency_samples: usize,
        symmetric: bool,
        coarsest: usize,
        planner: &mut FftPlanner<f64>,
    ) -> Self {
        let least = band.kernel.taps.len() + band.support.len();
        let mut size = 2 * coarsest;
        while size < least || !size.is_multiple_of(band.stride) {
            size *= 2;
        }
        let exponentials = Exponentials::new(band, symmetric);
        let spectrum = band.kernel.spectrum(&*planner.plan_fft_forward(size));
        let power: Vec<f64> = spectrum.iter().map(Complex::norm_sqr).collect();
        let alias_power = if takes_real_part(band, symmetric) {
            // The mirror image folds as well.
            let image = |i: usize| spectrum[(size - i) % size].conj();
            let both: Vec<f64> = (0..size).map(|i| (spectrum[i] + image(i)).norm_sqr()).collect();
            alias_power(&both, band.stride)
        } else {
            alias_power(&power, band.stride)
        };
        let mut spectra = vec![0.0; exponentials.len()];
        let mut passed = vec![0.0; size];
        let mut alias = Mat::zeros(spectra.len(), spectra.len());
        for i in 0..size {
            exponentials.spectra(real(i) / real(size), &mut spectra);
            let most = spectra.iter().fold(0.0_f64, |most, value| most.max(value * value));
            passed[i] = most * power[i];
            let weight = alias_power[i] / real(size);
            for (column, b) in spectra.iter().enumerate() {
                let rows = &mut alias.col_as_slice_mut(column)[column..];
                for (sum, a) in rows.iter_mut().zip(&spectra[column..]) {
                    *sum += weight * a * b;
                }
            }
        }
        let middle = real(latency_samples) - middle(&band.support);
        let centre_cycles = exponentials.centre_cycles;
        let lead = band.kernel.response(centre_cycles) * phasor(centre_cycles * middle);
        Self {
            band,
            latency_samples,
            exponentials,
            lead: lead / lead.norm(),
            symmetric,
            extent: extent(&passed),
            alias,
        }
    }

    /// The number of unknowns.
    pub const fn unknowns(&self) -> usize {
        if self.symmetric { self.exponentials.len() } else { 2 * self.exponentials.len() }
    }

    /// The band's response on a grid.
    pub fn on(&self, grid: &Grid, planner: &mut FftPlanner<f64>) -> Responses {
        let points = grid.within(&self.extent);
        let bins = &grid.bins[points.clone()];
        let step = bins.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(grid.finest);
        let size = grid.finest / step;
        let spectrum = self.band.kernel.spectrum(&*planner.plan_fft_forward(size));
        let delay = real(self.latency_samples) - middle(&self.band.support);
        // Seen from the middle of the support; real where the kernel is symmetric.
        let at = |i: usize| spectrum[i] * phasor(delay * real(i) / real(size)) * self.lead.conj();
        let real_part = takes_real_part(self.band, self.symmetric);
        let parts = if self.symmetric { 1 } else { 2 };
        let many = self.exponentials.len();
        let mut matrix = Mat::zeros(parts * points.len(), parts * many);
        let mut power = Vec::with_capacity(points.len());
        let (mut spectra, mut mirror_spectra) = (vec![0.0; many], vec![0.0; many]);
        for (n, &bin) in bins.iter().enumerate() {
            let i = bin / step;
            let mirror = (size - i) % size;
            let cycles = real(i) / real(size);
            self.exponentials.spectra(cycles, &mut spectra);
            self.exponentials.spectra(-cycles, &mut mirror_spectra);
            // The phase of the mirror image is taken at −ω, not at 2π − ω: `delay` may be a half.
            let (own, image) =
                (at(i), spectrum[mirror] * phasor(-delay * cycles) * self.lead.conj());
            power.push(own.norm_sqr() + image.norm_sqr());
            let (own, image) = if real_part {
                // The real part of a coefficient holds a frequency and its mirror image alike.
                let factor = self.lead.conj() * self.lead.conj();
                let both = own + factor * image.conj();
                (both, factor * both.conj())
            } else {
                (own, image)
            };
            let root = grid.weights[points.start + n].sqrt();
            for m in 0..many {
                // The real part of the output mirrors the spectrum.
                let up = 0.5 * root * spectra[m] * own;
                let down = (0.5 * root * mirror_spectra[m] * image).conj();
                matrix[(parts * n, m)] = (up + down).re;
                if !self.symmetric {
                    matrix[(2 * n + 1, m)] = (up + down).im;
                    // Of i times the exponential: i (up − down).
                    matrix[(2 * n, many + m)] = (down - up).im;
                    matrix[(2 * n + 1, many + m)] = (up - down).re;
                }
            }
        }
        Responses { points, parts, matrix, power }
    }

    /// The synthesis kernel with these unknowns found.
    pub fn kernel(&self, found: &[f64]) -> Kernel {
        let many = self.exponentials.len();
        // The stride, and the kernel's own phase undone.
        let factor = self.lead.conj() * real(self.band.stride);
        let weights: Vec<Complex<f64>> = (0..many)
            .map(|n| Complex::new(found[n], if self.symmetric { 0.0 } else { found[many + n] }))
            .map(|weight| weight * factor)
            .collect();
        let mut taps = self.exponentials.sum(&weights);
        if takes_real_part(self.band, self.symmetric) {
            taps.iter_mut().for_each(|tap| *tap = Complex::new(2.0 * tap.re, 0.0));
        }
        Kernel { offset: self.band.support.start, taps }
    }
}

/// One band on a grid.
pub(super) struct Responses {
    /// The points of the grid at which the band is not negligible.
    pub points: Range<usize>,
    /// Rows of `matrix` per point: the real part, and the imaginary one if there is one.
    pub parts: usize,
    /// The part of each unknown (column) in the flat response, delay removed, times the square root
    /// of the point's weight.
    pub matrix: Mat<f64>,
    /// The power of the analysis kernel at each point, its mirror image included.
    pub power: Vec<f64>,
}

/// Whether a band's dual has real taps. A symmetric bank's are Hermitian.
const fn takes_real_part(band: &Band, symmetric: bool) -> bool {
    band.real && !symmetric
}

fn middle(support: &Range<usize>) -> f64 {
    real(support.start) + 0.5 * real(support.len() - 1)
}

/// What reaches each output frequency from elsewhere through a strided kernel of this power.
fn alias_power(power: &[f64], stride: usize) -> Vec<f64> {
    let step = power.len() / stride;
    let sums: Vec<f64> = (0..step).map(|i| power.iter().skip(i).step_by(step).sum()).collect();
    power.iter().enumerate().map(|(i, own)| (sums[i % step] - own).max(0.0)).collect()
}

/// The frequencies up to Nyquist at which a band or its mirror image passes anything.
fn extent(passed: &[f64]) -> Extent {
    let size = passed.len();
    let floor = NEGLIGIBLE * passed.iter().copied().fold(0.0, f64::max);
    let matters = |i: &usize| passed[*i].max(passed[(size - i) % size]) > floor;
    let first = (0..=size / 2).find(matters).unwrap_or(0);
    let last = (0..=size / 2).rev().find(matters).unwrap_or(0);
    Extent { cycles: (real(first) / real(size), real(last) / real(size)), size }
}
