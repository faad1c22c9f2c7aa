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
const NEGLIGIBLE: f64 = 1e-13;

/// One band's exponentials. Frequencies are those of the FFT, from 0 to Nyquist.
pub(super) struct Basis {
    /// What turns the sum of exponentials into the dual: the stride, and the kernel's own phase undone.
    factor: Complex<f64>,
    /// Whether the weights of the exponentials are real; if not, imaginary parts follow the real ones.
    symmetric: bool,
    /// The first frequency at which the band matters.
    first: usize,
    /// Rows of `response` per frequency: the real part, and the imaginary one if there is one.
    parts: usize,
    /// What a flat response would be in the rows of `response`.
    unity: DVector<f64>,
    /// The part of each unknown (column) in the flat response, delay removed, times the square root
    /// of the frequency's weight.
    response: DMatrix<f64>,
    /// Products of the unknowns in the measure of the band's alias power.
    pub alias: DMatrix<f64>,
}

impl Basis {
    pub fn new(band: &Band, latency_samples: usize, fft: &dyn Fft<f64>) -> Self {
        let size = fft.len();
        let middle = real(band.support.start) + 0.5 * real(band.support.len() - 1);
        let lead = lead(band, real(latency_samples) - middle);
        let kernel = band.kernel.spectrum(fft);
        let power: Vec<f64> = kernel.iter().map(Complex::norm_sqr).collect();
        // Seen from the middle of the support; real where the kernel is symmetric.
        let kernel = turned(&kernel, &turns(real(latency_samples) - middle, lead, size));
        let one = Complex::new(1.0, 0.0);
        let turns = turns(middle, one, size);
        let mut spectra: Vec<Vec<Complex<f64>>> = exponentials(band)
            .map(|taps| {
                let taps = Kernel { offset: band.support.start, taps };
                turned(&taps.spectrum(fft), &turns)
            })
            .collect();
        if !band.symmetric {
            let imaginary = |spectrum: &Vec<Complex<f64>>| {
                spectrum.iter().map(|value| Complex::new(0.0, 1.0) * value).collect()
            };
            spectra.extend(spectra.iter().map(imaginary).collect::<Vec<_>>());
        }
        let parts = if band.symmetric { 1 } else { 2 };
        let (first, end) = extent(&power);
        let weight = |row: usize| weight(first + row / parts, size).sqrt();
        let rows = parts * (end - first);
        let unity =
            DVector::from_fn(rows, |row, _| if row % parts == 0 { weight(row) } else { 0.0 });
        let response = DMatrix::from_fn(rows, spectra.len(), |row, column| {
            // The real part of the output mirrors the spectrum.
            let at = |i: usize| spectra[column][i] * kernel[i];
            let i = first + row / parts;
            let value = 0.5 * (at(i) + at((size - i) % size).conj());
            weight(row) * if row % parts == 0 { value.re } else { value.im }
        });
        let alias = alias_products(&spectra, &alias_power(&power, band.stride), parts);
        let factor = lead.conj() * real(band.stride);
        Self { factor, symmetric: band.symmetric, first, parts, unity, response, alias }
    }

    /// The number of unknowns.
    pub fn len(&self) -> usize {
        self.response.ncols()
    }

    /// How far each unknown goes towards a flat response.
    pub fn against_unity(&self) -> DVector<f64> {
        self.response.tr_mul(&self.unity)
    }

    /// Products (own × other) of the parts in the flat response; `None` where they do not meet.
    pub fn product(&self, other: &Self) -> Option<DMatrix<f64>> {
        let end = |basis: &Self| basis.first + basis.response.nrows() / basis.parts;
        let first = self.first.max(other.first);
        let frequencies = end(self).min(end(other)).checked_sub(first).filter(|&many| many > 0)?;
        let rows = |basis: &Self| (basis.parts * (first - basis.first), basis.parts * frequencies);
        let (start, many) = rows(self);
        let own = self.response.rows(start, many);
        let (start, many) = rows(other);
        Some(own.tr_mul(&other.response.rows(start, many)))
    }

    /// The synthesis kernel of the same band with these unknowns found.
    pub fn kernel(&self, band: &Band, found: &[f64]) -> Kernel {
        let mut taps = vec![Complex::new(0.0, 0.0); band.support.len()];
        for (n, exponential) in exponentials(band).enumerate() {
            let imaginary = if self.symmetric { 0.0 } else { found[found.len() / 2 + n] };
            let weight = Complex::new(found[n], imaginary) * self.factor;
            for (tap, value) in taps.iter_mut().zip(exponential) {
                *tap += value * weight;
            }
        }
        Kernel { offset: band.support.start, taps }
    }
}

/// The phase of a kernel at the centre frequency, seen from time `middle`.
fn lead(band: &Band, middle: f64) -> Complex<f64> {
    let value = band.kernel.response(band.centre_cycles) * phasor(band.centre_cycles * middle);
    value / value.norm()
}

/// Exponentials around the centre frequency over the support, seen from its middle. In a symmetric
/// bank the two real bands at 0 Hz and Nyquist have cosines. Scaled to unit gain.
fn exponentials(band: &Band) -> impl Iterator<Item = Vec<Complex<f64>>> {
    let support = band.support.len();
    let half = 0.5 * real(support - 1);
    let reach = REACH.min((support - 1) / 2);
    let edge = band.symmetric && (band.centre_cycles <= 0.0 || band.centre_cycles >= 0.5);
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

fn turned(spectrum: &[Complex<f64>], turns: &[Complex<f64>]) -> Vec<Complex<f64>> {
    spectrum.iter().zip(turns).map(|(value, turn)| value * turn).collect()
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

fn alias_products(
    spectra: &[Vec<Complex<f64>>],
    alias_power: &[f64],
    parts: usize,
) -> DMatrix<f64> {
    let size = alias_power.len();
    let root: Vec<f64> = alias_power.iter().map(|power| (power / real(size)).sqrt()).collect();
    let scaled = DMatrix::from_fn(parts * size, spectra.len(), |row, column| {
        let value = spectra[column][row / parts] * root[row / parts];
        if row % parts == 0 { value.re } else { value.im }
    });
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
