//! When bands compute: coefficients of equal stride need not fall on the same sample.
//!
//! The phase of a band's alias follows the time of its coefficients, and where bands overlap their alias
//! adds up. Times at which it cancels at equal gains cost nothing and gain several dB.

use super::{Band, DualError, common, period, strides};
use crate::cast::real;
use crate::kernel::Kernel;
use num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// How many bands above a band are taken to overlap with it: with 1 alias is up to 7 dB
/// higher (gammatone), with 5 no lower.
const NEIGHBOURS: usize = 3;

/// Rounds of coordinate descent over all bands; with one alias is up to 2.4 dB higher, with six no lower.
const ROUNDS: usize = 3;

/// Times tried per band, at most: with 4 alias is up to 1.4 dB higher, with 32 it is no lower.
const CHOICES: usize = 16;

/// Alias power against the peak below which it is left out: −140 dB, below any alias that is to be cancelled.
const NEGLIGIBLE: f64 = 1e-14;

/// The most images that are held for all bands, 512 MiB: 20 times those of any bank that is designed (64 bands of
/// 100 ms at 768 kHz have 803027).
const VALUES_MAX: usize = 1 << 24;

/// Gives each band the time of its first coefficient, below its stride: by coordinate descent on the
/// fourth power of the alias power at unity gains, summed over frequency, for it is the peak that
/// matters. Ties go to the earliest.
pub(super) fn choose(
    bands: &[Band],
    duals: &[Kernel],
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<usize>, DualError> {
    let unless_cancelled = || if cancelled() { Err(DualError::Cancelled) } else { Ok(()) };
    let period = period(strides(bands));
    let length = bands.iter().map(|band| band.support.end).max().unwrap_or(1);
    let mut size = period;
    while size < 2 * length || size % 2 == 1 {
        size *= 2;
    }
    let mut planner = FftPlanner::new();
    let fft = planner.plan_fft_forward(size);
    let mut images = Vec::with_capacity(bands.len());
    let mut left = VALUES_MAX;
    for (band, dual) in bands.iter().zip(duals) {
        unless_cancelled()?;
        let found = Images::new(band, dual, period, &*fft, left).ok_or(DualError::TooMuch {
            what: "or more images that are no silence",
            given: VALUES_MAX,
            limit: VALUES_MAX - 1,
            possible: "shorter strides, or kernels that pass fewer frequencies",
        })?;
        left -= found.values.len();
        images.push(found);
    }
    let mut power = vec![0.0; size / 2 + 1];
    for band in &images {
        band.values.iter().for_each(|(i, _, value)| power[*i] += value.norm_sqr());
    }
    let mut couplings = Vec::new();
    for k in 0..bands.len() {
        unless_cancelled()?;
        let above = k + 1..bands.len().min(k + 1 + NEIGHBOURS);
        couplings.extend(above.map(|l| Coupling::new(&images, (k, l), period, &mut planner)));
    }
    let mut phases = vec![0; bands.len()];
    couplings.iter().for_each(|coupling| coupling.add(&phases, 1.0, &mut power));
    for _ in 0..ROUNDS {
        for k in (0..bands.len()).rev().filter(|&k| bands[k].stride > 1) {
            unless_cancelled()?;
            let own: Vec<&Coupling> =
                couplings.iter().filter(|coupling| coupling.concerns(k)).collect();
            own.iter().for_each(|coupling| coupling.add(&phases, -1.0, &mut power));
            phases[k] = best(k, &images[k], &own, &phases, &mut power);
            own.iter().for_each(|coupling| coupling.add(&phases, 1.0, &mut power));
        }
    }
    Ok(phases)
}

/// The phase of band `k` that makes the peaks of the power least; leaves the power as it is.
fn best(
    k: usize,
    images: &Images,
    own: &[&Coupling],
    phases: &[usize],
    power: &mut [f64],
) -> usize {
    let mut frequencies: Vec<usize> =
        own.iter().flat_map(|coupling| coupling.frequencies.iter().copied()).collect();
    frequencies.sort_unstable();
    frequencies.dedup();
    let without: Vec<f64> = frequencies.iter().map(|&i| power[i]).collect();
    let mut phases = phases.to_vec();
    let mut least = (f64::INFINITY, 0);
    for phase in (0..images.stride).step_by(images.step) {
        phases[k] = phase;
        own.iter().for_each(|coupling| coupling.add(&phases, 1.0, power));
        let cost = frequencies.iter().map(|&i| power[i].powi(4)).sum::<f64>();
        if cost < least.0 {
            least = (cost, phase);
        }
        frequencies.iter().zip(&without).for_each(|(&i, &value)| power[i] = value);
    }
    least.1
}

/// A band's response to a sinusoid of each frequency up to Nyquist, at its images.
struct Images {
    stride: usize,
    /// Phases are tried in steps of this.
    step: usize,
    /// Frequency, image in parts of the period, and amplitude, in this order.
    values: Vec<(usize, usize, Complex<f64>)>,
}

impl Images {
    /// The images of a band; `None` where there are `most` or more.
    fn new(
        band: &Band,
        dual: &Kernel,
        period: usize,
        fft: &dyn Fft<f64>,
        most: usize,
    ) -> Option<Self> {
        let size = fft.len();
        let stride = band.stride;
        let (kernel, dual) = (band.kernel.spectrum(fft), dual.spectrum(fft));
        let peak =
            |spectrum: &[Complex<f64>]| spectrum.iter().map(Complex::norm_sqr).fold(0.0, f64::max);
        let (kernel_peak, dual_peak) = (peak(&kernel), peak(&dual));
        let floor = NEGLIGIBLE * kernel_peak * dual_peak;
        let outputs: Vec<usize> =
            (0..size).filter(|&output| dual[output].norm_sqr() * kernel_peak > floor).collect();
        let shifts = || (1..stride).map(|m| m * (period / stride));
        // What image `shift` has above the floor, input by input.
        let image = |shift: usize| {
            let offset = shift * (size / period);
            let (kernel, dual) = (&kernel, &dual);
            outputs.iter().filter_map(move |&output| {
                let input = (output + size - offset) % size;
                let value = kernel[input] * dual[output];
                (value.norm_sqr() > floor).then_some((input, value))
            })
        };
        let mut values = Vec::new();
        // Counted before there is memory for them, where there may be too many.
        if 2 * outputs.len() * (stride - 1) >= most {
            let mut count = 0;
            for shift in shifts() {
                count += image(shift)
                    .map(|(input, _)| if input == 0 || 2 * input == size { 2 } else { 1 })
                    .sum::<usize>();
                if count >= most {
                    return None;
                }
            }
            values.reserve_exact(count);
        }
        for shift in shifts() {
            for (input, value) in image(shift) {
                // The real part of the output adds the mirror image: that of −s at −ω.
                let value = value / (2.0 * real(stride));
                if 2 * input <= size {
                    values.push((input, shift, value));
                }
                let mirror = (size - input) % size;
                if 2 * mirror <= size {
                    values.push((mirror, period - shift, value.conj()));
                }
            }
        }
        values.sort_unstable_by_key(|&(input, shift, _)| (input, shift));
        values.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same {
                kept.2 += next.2;
            }
            same
        });
        let choices = (1..=CHOICES).rev().find(|&n| stride.is_multiple_of(n)).unwrap_or(1);
        Some(Self { stride, step: stride / choices, values })
    }
}

/// What two bands have in common in the alias power.
struct Coupling {
    bands: (usize, usize),
    /// Differences of phases count in these steps.
    step: usize,
    /// The number of differences that are distinct.
    differences: usize,
    frequencies: Vec<usize>,
    /// For each frequency, by the difference of phases in steps.
    powers: Vec<f64>,
}

impl Coupling {
    fn new(
        images: &[Images],
        bands: (usize, usize),
        period: usize,
        planner: &mut FftPlanner<f64>,
    ) -> Self {
        let (own, other) = (&images[bands.0], &images[bands.1]);
        let stride = common(own.stride, other.stride);
        let step = common(own.step, other.step);
        let differences = stride / step;
        let fft = planner.plan_fft_forward(differences);
        let mut found =
            Self { bands, step, differences, frequencies: Vec::new(), powers: Vec::new() };
        let mut products = vec![Complex::default(); differences];
        let mut others = other.values.iter().peekable();
        for at in own.values.chunk_by(|a, b| a.0 == b.0) {
            let mut any = false;
            for (i, shift, value) in at {
                while others.next_if(|(j, s, _)| (j, s) < (i, shift)).is_some() {}
                if let Some((_, _, other)) = others.next_if(|(j, s, _)| (j, s) == (i, shift)) {
                    // In steps, images a whole cycle apart have the same phase.
                    products[(shift / (period / stride)) % differences] += value * other.conj();
                    any = true;
                }
            }
            if any {
                fft.process(&mut products);
                found.frequencies.push(at[0].0);
                found.powers.extend(products.iter().map(|product| 2.0 * product.re));
                products.fill(Complex::default());
            }
        }
        found
    }

    const fn concerns(&self, k: usize) -> bool {
        self.bands.0 == k || self.bands.1 == k
    }

    /// Adds `times` the common power at these phases.
    fn add(&self, phases: &[usize], times: f64, power: &mut [f64]) {
        let steps = |band: usize| phases[band] / self.step % self.differences;
        let apart =
            (steps(self.bands.0) + self.differences - steps(self.bands.1)) % self.differences;
        for (i, powers) in self.frequencies.iter().zip(self.powers.chunks_exact(self.differences)) {
            power[*i] += times * powers[apart];
        }
    }
}
