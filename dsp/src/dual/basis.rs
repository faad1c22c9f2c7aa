//! The exponentials that one band's synthesis kernel is made of, and what they do to the sound.

use super::{Band, phasor};
use crate::bank::Kernel;
use crate::cast::real;
use nalgebra::{DMatrix, DVector};
use num_complex::Complex;
use rustfft::Fft;

/// Exponentials to either side of the centre frequency, 1 / support apart.
const REACH: usize = 6;

/// Where a kernel's power is this far below its peak, its response matters to no other band.
const NEGLIGIBLE: f64 = 1e-20;

/// One band's exponentials. Frequencies are those of the FFT, from 0 to Nyquist.
pub(super) struct Basis {
    /// Where the dual starts, in samples.
    offset: usize,
    /// What turns the sum of exponentials into the dual: the stride, and the kernel's own phase undone.
    factor: Complex<f64>,
    /// The first frequency at which the band matters.
    first: usize,
    /// Square roots of the frequencies' weights, from `first` on.
    weights: DVector<f64>,
    /// The part of each exponential (column) in the flat response, delay removed, times `weights`.
    response: DMatrix<f64>,
    /// Products of the exponentials in the measure of the band's alias power.
    pub alias: DMatrix<f64>,
}

impl Basis {
    pub fn new(band: &Band, latency_samples: usize, fft: &dyn Fft<f64>) -> Self {
        let support = band.kernel.taps.len();
        let offset = latency_samples + 1 - band.kernel.offset - support;
        let half = 0.5 * real(support - 1);
        let lead = band.kernel.response(band.centre_cycles)
            * phasor(band.centre_cycles * (real(band.kernel.offset) + half));
        let lead = lead / lead.norm();
        let kernel = band.kernel.spectrum(fft);
        let power: Vec<f64> = kernel.iter().map(Complex::norm_sqr).collect();
        let kernel = zero_phase(&kernel, &turns(real(band.kernel.offset) + half, lead, fft.len()));
        let turns = turns(real(offset) + half, Complex::new(1.0, 0.0), fft.len());
        let spectra: Vec<Vec<f64>> = exponentials(band, support)
            .map(|taps| zero_phase(&Kernel { offset, taps }.spectrum(fft), &turns))
            .collect();
        let (first, end) = extent(&power);
        let size = power.len();
        let weights =
            DVector::from_iterator(end - first, (first..end).map(|i| weight(i, size).sqrt()));
        let response = DMatrix::from_fn(end - first, spectra.len(), |row, column| {
            // The real part of the output mirrors the spectrum.
            let at = |i: usize| spectra[column][i] * kernel[i];
            0.5 * (at(first + row) + at((size - first - row) % size)) * weights[row]
        });
        let alias = alias_products(&spectra, &alias_power(&power, band.stride));
        let factor = lead.conj() * real(band.stride);
        Self { offset, factor, first, weights, response, alias }
    }

    /// The number of exponentials.
    pub fn len(&self) -> usize {
        self.response.ncols()
    }

    /// How far each exponential goes towards a flat response.
    pub fn against_unity(&self) -> DVector<f64> {
        self.response.tr_mul(&self.weights)
    }

    /// Products (own × other) of the parts in the flat response; `None` where they do not meet.
    pub fn product(&self, other: &Self) -> Option<DMatrix<f64>> {
        let first = self.first.max(other.first);
        let end = (self.first + self.response.nrows()).min(other.first + other.response.nrows());
        let rows = end.checked_sub(first).filter(|&rows| rows > 0)?;
        let own = self.response.rows(first - self.first, rows);
        Some(own.tr_mul(&other.response.rows(first - other.first, rows)))
    }

    /// The synthesis kernel of the same band with these weights on the exponentials.
    pub fn kernel(&self, band: &Band, weights: &[f64]) -> Kernel {
        let support = band.kernel.taps.len();
        let mut taps = vec![Complex::new(0.0, 0.0); support];
        for (weight, exponential) in weights.iter().zip(exponentials(band, support)) {
            for (tap, value) in taps.iter_mut().zip(exponential) {
                *tap += value * self.factor * weight;
            }
        }
        Kernel { offset: self.offset, taps }
    }
}

/// Exponentials around the centre frequency over the support, seen from its middle; cosines in the
/// two real bands at 0 Hz and Nyquist. Scaled to unit gain.
fn exponentials(band: &Band, support: usize) -> impl Iterator<Item = Vec<Complex<f64>>> {
    let half = 0.5 * real(support - 1);
    let reach = REACH.min((support - 1) / 2);
    let edge = band.centre_cycles <= 0.0 || band.centre_cycles >= 0.5;
    let lowest = if edge { 0.0 } else { -real(reach) };
    let orders = if edge { reach + 1 } else { 2 * reach + 1 };
    let times = (0..support).map(move |n| real(n) - half);
    let line =
        |cycles: f64| times.clone().map(move |time| phasor(cycles * time)).collect::<Vec<_>>();
    let carrier = line(band.centre_cycles);
    let step = line(1.0 / real(support));
    let mut shift = line(lowest / real(support));
    (0..orders).map(move |_| {
        let tap = |(carrier, shift): (&Complex<f64>, &Complex<f64>)| {
            let shift = if edge { Complex::new(shift.re, 0.0) } else { *shift };
            carrier * shift / real(support)
        };
        let taps = carrier.iter().zip(&shift).map(tap).collect();
        shift.iter_mut().zip(&step).for_each(|(value, step)| *value *= step);
        taps
    })
}

/// What removes a delay of `middle` samples and a constant phase `lead` from a spectrum.
fn turns(middle: f64, lead: Complex<f64>, size: usize) -> Vec<Complex<f64>> {
    (0..size).map(|i| phasor(middle * real(i) / real(size)) * lead.conj()).collect()
}

/// A spectrum that these turns make real.
fn zero_phase(spectrum: &[Complex<f64>], turns: &[Complex<f64>]) -> Vec<f64> {
    spectrum.iter().zip(turns).map(|(value, turn)| (value * turn).re).collect()
}

/// What reaches each output frequency from elsewhere through a strided kernel of this power.
fn alias_power(power: &[f64], stride: usize) -> Vec<f64> {
    let size = power.len();
    let all: Vec<f64> = if size.is_multiple_of(stride) {
        let step = size / stride;
        let sums: Vec<f64> = (0..step).map(|i| power.iter().skip(i).step_by(step).sum()).collect();
        (0..size).map(|i| sums[i % step]).collect()
    } else {
        // Images fall between the FFT's frequencies: take the nearest.
        let image = |i: usize, m: usize| power[(i + (m * size + stride / 2) / stride) % size];
        (0..size).map(|i| (0..stride).map(|m| image(i, m)).sum()).collect()
    };
    all.iter().zip(power).map(|(all, own)| (all - own).max(0.0)).collect()
}

fn alias_products(spectra: &[Vec<f64>], alias_power: &[f64]) -> DMatrix<f64> {
    let size = alias_power.len();
    let root: Vec<f64> = alias_power.iter().map(|power| (power / real(size)).sqrt()).collect();
    let scaled = DMatrix::from_fn(size, spectra.len(), |i, column| spectra[column][i] * root[i]);
    scaled.tr_mul(&scaled)
}

/// The frequencies up to Nyquist at which a kernel or its mirror image has power.
fn extent(power: &[f64]) -> (usize, usize) {
    let size = power.len();
    let floor = NEGLIGIBLE * power.iter().copied().fold(0.0, f64::max);
    let matters = |i: &usize| power[*i].max(power[(size - i) % size]) > floor;
    let first = (0..=size / 2).find(matters).unwrap_or(0);
    let last = (0..=size / 2).rev().find(matters).unwrap_or(0);
    (first, last + 1)
}

/// The share of a frequency in the circle: those between 0 and Nyquist stand for two.
fn weight(i: usize, size: usize) -> f64 {
    if i == 0 || 2 * i == size { 1.0 / real(size) } else { 2.0 / real(size) }
}
