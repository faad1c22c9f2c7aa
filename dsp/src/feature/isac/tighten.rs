//! Kernels moved towards a tight frame, by gradient descent.
//!
//! At each frequency the frame operator couples the d images of a stride d, S = ½ Σ_k (a a* + b b*), with
//! a the kernel's responses at the images and b those of its mirror image. A tight frame has S = μ 1
//! everywhere, so the mean of ‖S/μ − 1‖²/d over frequency is descended; with it the condition number
//! falls, and unlike it, it is smooth.

use super::Encoder;
use crate::Kernel;
use crate::bank::FrameBounds;
use crate::cast::real;
use crate::feature::OptionError;
use num_complex::Complex;
use rustfft::FftPlanner;

const ZERO: Complex<f64> = Complex { re: 0.0, im: 0.0 };

/// What tightening has made.
#[derive(Clone, Debug)]
pub struct Tightened {
    /// The encoder with the new kernels, of the same supports.
    pub encoder: Encoder,
    /// The frame bounds before.
    pub before: FrameBounds,
    /// The frame bounds after.
    pub after: FrameBounds,
    /// Steps of descent that were taken.
    pub steps: usize,
}

/// The untightness of kernels at a stride, 0 for a tight frame, and its gradient: for each tap
/// ∂/∂Re + i ∂/∂Im. The mean power μ is that of the kernels given, but held in the gradient.
#[must_use]
pub fn tightness(encoder: &Encoder) -> (f64, Vec<Vec<Complex<f64>>>) {
    let power = mean_power(encoder.kernels());
    untightness(encoder.kernels(), encoder.stride(), encoder.longest(), power)
}

/// Moves kernels towards a tight frame in at most so many steps of gradient descent; supports and mean
/// power stay. Deterministic.
///
/// # Errors
/// [`OptionError`] when the kernels are silent, or the stride is so long that the
/// [frame bounds](Encoder::frame_bounds) are not found.
///
/// ```
/// use erbium_dsp::feature::isac::{Encoder, tighten};
///
/// let encoder = Encoder::design(&Encoder::spec(16_000.0, 40, 128, 8))?;
/// let tight = tighten(&encoder, 50)?;
/// assert!(tight.after.condition_number() < tight.before.condition_number());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn tighten(encoder: &Encoder, steps: usize) -> Result<Tightened, OptionError> {
    let (stride, longest) = (encoder.stride(), encoder.longest());
    let power = mean_power(encoder.kernels());
    OptionError::unless(power > 0.0, "mean power of the kernels", power, "more than 0")?;
    let bounds = |encoder: &Encoder| {
        let possible = "one at which the frame bounds can be found, such as 64 samples";
        encoder.frame_bounds().ok_or_else(|| OptionError::new("stride", stride, possible))
    };
    let before = bounds(encoder)?;
    let mut kernels = encoder.kernels().to_vec();
    let (mut loss, mut gradient) = untightness(&kernels, stride, longest, power);
    let (mut rate, mut taken) = (power, 0);
    // Steps of the length that worked, a little bolder each time, halved until they descend.
    while taken < steps && rate > 1e-12 * power {
        let moved = moved(&kernels, &gradient, rate);
        let (new_loss, new_gradient) = untightness(&moved, stride, longest, power);
        if new_loss < loss {
            (kernels, loss, gradient) = (moved, new_loss, new_gradient);
            rate *= 1.5;
            taken += 1;
        } else {
            rate *= 0.5;
        }
    }
    let tightened = encoder.with_kernels(kernels);
    Ok(Tightened { before, after: bounds(&tightened)?, encoder: tightened, steps: taken })
}

/// Σ_k ‖h_k‖²: the mean of the power spectral density.
fn mean_power(kernels: &[Kernel]) -> f64 {
    kernels.iter().flat_map(|kernel| &kernel.taps).map(Complex::norm_sqr).sum()
}

fn moved(kernels: &[Kernel], gradient: &[Vec<Complex<f64>>], rate: f64) -> Vec<Kernel> {
    let each = |(kernel, gradient): (&Kernel, &Vec<Complex<f64>>)| {
        let taps = kernel.taps.iter().zip(gradient).map(|(tap, slope)| tap - slope * rate);
        Kernel { offset: kernel.offset, taps: taps.collect() }
    };
    kernels.iter().zip(gradient).map(each).collect()
}

fn untightness(
    kernels: &[Kernel],
    stride: usize,
    longest: usize,
    power: f64,
) -> (f64, Vec<Vec<Complex<f64>>>) {
    // Products of two kernels are twice as long, and so is what distinguishes them.
    let points = (2 * longest).div_ceil(stride);
    let size = points * stride;
    let mut planner = FftPlanner::new();
    let forward = planner.plan_fft_forward(size);
    let inverse = planner.plan_fft_inverse(size);
    let spectra: Vec<_> = kernels.iter().map(|kernel| kernel.spectrum(&*forward)).collect();
    let mut slopes = vec![vec![ZERO; size]; kernels.len()];
    let mut loss = 0.0;
    for point in 0..points {
        let images = |image: usize| point + image * points;
        let mut operator = vec![ZERO; stride * stride];
        for spectrum in &spectra {
            for row in 0..stride {
                let (own, mirror) = (spectrum[images(row)], spectrum[(size - images(row)) % size]);
                for column in 0..stride {
                    let at = images(column);
                    let product =
                        own.conj() * spectrum[at] + mirror * spectrum[(size - at) % size].conj();
                    operator[row * stride + column] += product * (0.5 / power);
                }
            }
        }
        for image in 0..stride {
            operator[image * stride + image] -= 1.0;
        }
        loss += operator.iter().map(Complex::norm_sqr).sum::<f64>();
        for (spectrum, slopes) in spectra.iter().zip(&mut slopes) {
            for row in 0..stride {
                let (mut own, mut mirror) = (ZERO, ZERO);
                for column in 0..stride {
                    let (at, weight) = (images(column), operator[row * stride + column]);
                    own += weight.conj() * spectrum[at];
                    mirror += weight * spectrum[(size - at) % size];
                }
                slopes[images(row)] += own;
                slopes[(size - images(row)) % size] += mirror;
            }
        }
    }
    // Points and images together are all frequencies: the mean over points and the share per image.
    let share = 1.0 / real(size);
    let gradient = kernels
        .iter()
        .zip(slopes)
        .map(|(kernel, mut slopes)| {
            inverse.process(&mut slopes);
            let tap = |n: usize| slopes[(kernel.offset + n) % size] * (2.0 * share / power);
            (0..kernel.taps.len()).map(tap).collect()
        })
        .collect();
    (loss * share, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_agrees_with_finite_differences() {
        let encoder = Encoder::design(&Encoder::spec(8000.0, 12, 32, 4)).expect("valid");
        let power = mean_power(encoder.kernels());
        let loss = |kernels: &[Kernel]| untightness(kernels, 4, encoder.longest(), power).0;
        let (_, gradient) = tightness(&encoder);
        let step = 1e-6;
        for (band, tap) in [(0, 3), (5, 7), (8, 0), (11, 2)] {
            for direction in [Complex::new(step, 0.0), Complex::new(0.0, step)] {
                let mut kernels = encoder.kernels().to_vec();
                kernels[band].taps[tap] += direction;
                let up = loss(&kernels);
                kernels[band].taps[tap] -= 2.0 * direction;
                let slope = (up - loss(&kernels)) / (2.0 * step);
                let ours = gradient[band][tap];
                let ours = if direction.im == 0.0 { ours.re } else { ours.im };
                assert!((slope - ours).abs() < 1e-6 * (1.0 + slope.abs()), "{slope} {ours}");
            }
        }
    }
}
