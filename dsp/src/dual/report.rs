//! How exact a bank is: reconstruction error and alias, by frequency response of the strided bank.
//!
//! A strided bank is periodic in time: a sinusoid at ω comes out at ω and, as alias, at its images
//! ω + 2πs/P, P the common period of all strides. With gains g the amplitude of image s is
//! Z_s(ω) = Σ_k g_k F_k(ω + 2πs/P) H_k(ω) e^(−2πi s p_k / P) / d_k over the bands whose own images fall
//! there, p_k their phases, and taking the real part of the output halves it and adds the mirror image:
//! C_s(ω) = ½ (Z_s(ω) + Z*_(−s)(−ω)).

use super::{Band, DualError, grid_points, period, strides};
use crate::cast::{count, real};
use crate::kernel::{Kernel, phasor};
use num_complex::Complex;
use rustfft::{Fft, FftPlanner};

/// The measured figures of a bank.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The delay from input to output in samples.
    pub latency_samples: usize,
    /// Reconstruction error of analysis and dual at unity gains for white noise, in dB: the depth of all bands muted.
    pub flat_noise_db: f64,
    /// The same for the worst sinusoid.
    pub flat_sine_db: f64,
    /// Alias of the worst sinusoid against the peak gain, one band at −40 dB, in dB.
    pub alias_notch_db: f64,
    /// The same with one band alone.
    pub alias_solo_db: f64,
    /// The same with random gains within ±12 dB.
    pub alias_random_db: f64,
    /// The same with gains of ±12 dB in turn.
    pub alias_zigzag_db: f64,
    /// The greatest Σ_k |V_k| over frequency, V_k the response of band k after analysis and synthesis:
    /// 1 where bands only add up, more where they reach a flat sum by cancelling each other.
    pub peak_magnitude_sum: f64,
    /// The least |V_k| at a band's own centre, in shares |H_k|² / Σ |H|²: near 0 when a band is left empty,
    /// so that its gain moves nothing.
    pub min_band_share: f64,
    /// Ripple of Σ_k |H_k|², the power of all analysis kernels, in dB.
    pub psd_ripple_db: f64,
    /// Real multiply-adds per sample and channel, analysis and synthesis of all bands together.
    pub macs_per_sample: f64,
}

impl Report {
    /// The worst of the four alias figures in dB.
    #[must_use]
    pub fn worst_alias_db(&self) -> f64 {
        [self.alias_notch_db, self.alias_solo_db, self.alias_random_db, self.alias_zigzag_db]
            .into_iter()
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

/// All bands muted, and the four gain tests: notch, solo, random, zigzag.
const GAIN_SETS: usize = 5;

/// Where a dual's power is this far below its peak, −200 dB, its output is left out.
const NEGLIGIBLE: f64 = 1e-20;

/// Factor of the linear congruential generator of Knuth's MMIX (*The Art of Computer Programming*, volume 2): the
/// same gains on every machine.
const RANDOM_FACTOR: u64 = 6_364_136_223_846_793_005;

/// Increment of the same.
const RANDOM_INCREMENT: u64 = 1_442_695_040_888_963_407;

/// The changes g_k − 1 of [`GAIN_SETS`], band after band.
fn change_sets(bands: usize) -> Vec<[f64; GAIN_SETS]> {
    let mut state: u64 = 3;
    let mut random_db = move || {
        state = state.wrapping_mul(RANDOM_FACTOR).wrapping_add(RANDOM_INCREMENT);
        let top = u32::try_from(state >> 40).unwrap_or(0);
        24.0 * f64::from(top) / f64::from(1_u32 << 24) - 12.0
    };
    let linear = |db: f64| 10.0_f64.powf(db / 20.0);
    (0..bands)
        .map(|k| {
            let middle = k == bands / 2;
            [
                -1.0,
                if middle { -0.99 } else { 0.0 },
                if middle { 0.0 } else { -1.0 },
                linear(random_db()) - 1.0,
                linear(if k % 2 == 1 { 12.0 } else { -12.0 }) - 1.0,
            ]
        })
        .collect()
}

/// A band's spectra.
struct Spectra {
    analysis: Vec<Complex<f64>>,
    dual: Vec<Complex<f64>>,
    stride: usize,
    phase: usize,
    /// Frequencies at which anything comes out.
    outputs: Vec<usize>,
    changes: [f64; GAIN_SETS],
}

impl Spectra {
    fn new(band: &Band, dual: &Kernel, phase: usize, fft: &dyn Fft<f64>) -> Self {
        let analysis = band.kernel.spectrum(fft);
        let dual = dual.spectrum(fft);
        let peak = dual.iter().map(Complex::norm_sqr).fold(0.0, f64::max);
        let outputs = (0..dual.len()).filter(|&i| dual[i].norm_sqr() > NEGLIGIBLE * peak).collect();
        let (stride, changes) = (band.stride, [0.0; GAIN_SETS]);
        Self { analysis, dual, stride, phase, outputs, changes }
    }

    /// Image `shift` of `period` of each frequency up to Nyquist: its part of C_s.
    fn image(&self, shift: usize, period: usize) -> impl Iterator<Item = (usize, Complex<f64>)> {
        let size = self.analysis.len();
        let offset = shift * (size / period);
        // A remainder, in fewer steps: no frequency is more than one turn too high.
        let around = move |bin: usize| if bin < size { bin } else { bin - size };
        let factor = phasor(-real(shift * self.phase) / real(period)) / (2.0 * real(self.stride));
        let own = move |&output: &usize| {
            let input = around(output + size - offset);
            (2 * input <= size).then(|| (input, factor * self.dual[output] * self.analysis[input]))
        };
        // The mirror image of an output at −ω from an input at −ω.
        let mirror = move |&output: &usize| {
            let input = around(around(size - output) + size - offset);
            (2 * input <= size).then(|| {
                let response = self.analysis[around(size - input)];
                (input, factor * (self.dual[output] * response).conj())
            })
        };
        let outputs = &self.outputs;
        outputs.iter().filter_map(own).chain(outputs.iter().filter_map(mirror))
    }
}

/// C_s at each frequency up to Nyquist, for each set of gains.
type Amplitudes = Vec<[Complex<f64>; GAIN_SETS]>;

/// Measures at four frequencies or more for each 1 / `samples`.
pub(super) fn measure(
    bands: &[Band],
    duals: &[Kernel],
    phases: &[usize],
    latency_samples: usize,
    samples: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<Report, DualError> {
    let period = period(strides(bands));
    let size = grid_points(period, samples);
    let fft = FftPlanner::new().plan_fft_forward(size);
    let mut spectra: Vec<Spectra> =
        (0..bands.len()).map(|k| Spectra::new(&bands[k], &duals[k], phases[k], &*fft)).collect();
    for (band, changes) in spectra.iter_mut().zip(change_sets(duals.len())) {
        band.changes = changes;
    }
    let mut direct: Amplitudes = vec![Default::default(); size / 2 + 1];
    add_images(&spectra, 0, period, &mut direct, &mut Vec::new());
    for (i, sets) in direct.iter_mut().enumerate() {
        let delay = phasor(real(i) / real(size) * real(latency_samples));
        sets.iter_mut().for_each(|value| *value = 1.0 + *value * delay);
    }
    let mut alias = vec![[0.0; GAIN_SETS]; size / 2 + 1];
    let mut amplitudes: Amplitudes = vec![Default::default(); size / 2 + 1];
    let mut touched = Vec::new();
    for shift in 1..period {
        if cancelled() {
            return Err(DualError::Cancelled);
        }
        add_images(&spectra, shift, period, &mut amplitudes, &mut touched);
        for i in touched.drain(..) {
            for (power, value) in alias[i].iter_mut().zip(&mut amplitudes[i]) {
                *power += value.norm_sqr();
                *value = Complex::default();
            }
        }
    }
    Ok(summarise(latency_samples, bands, duals, &spectra, &direct, &alias))
}

/// Adds image `shift` of all bands and records the frequencies at which there is any.
fn add_images(
    spectra: &[Spectra],
    shift: usize,
    period: usize,
    amplitudes: &mut Amplitudes,
    touched: &mut Vec<usize>,
) {
    for band in spectra.iter().filter(|band| shift.is_multiple_of(period / band.stride)) {
        // All in one go: a loop would ask at each step which half of the image it is in.
        band.image(shift, period).for_each(|(input, value)| {
            let sums = &mut amplitudes[input];
            // The first set mutes all: no band is without a part in it.
            if sums[0] == Complex::default() {
                touched.push(input);
            }
            for (sum, change) in sums.iter_mut().zip(band.changes) {
                *sum += value * change;
            }
        });
    }
}

fn summarise(
    latency_samples: usize,
    bands: &[Band],
    duals: &[Kernel],
    spectra: &[Spectra],
    direct: &Amplitudes,
    alias: &[[f64; GAIN_SETS]],
) -> Report {
    let size = 2 * (direct.len() - 1);
    let flat: Vec<f64> = direct.iter().zip(alias).map(|(c, a)| c[0].norm_sqr() + a[0]).collect();
    // Frequencies between 0 and Nyquist stand for two.
    let sum = 2.0 * flat.iter().sum::<f64>() - flat[0] - flat[flat.len() - 1];
    let worst = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let alias_db = |set: usize| {
        let alias = worst(&mut alias.iter().map(|a| a[set]));
        let peak = worst(&mut direct.iter().map(|c| c[set].norm_sqr()));
        db(alias / peak)
    };
    let power = |i: usize| {
        let at = |i: usize| spectra.iter().map(|band| band.analysis[i].norm_sqr()).sum::<f64>();
        at(i) + at((size - i) % size)
    };
    let power: Vec<f64> = (0..=size / 2).map(power).collect();
    let least = power.iter().copied().fold(f64::INFINITY, f64::min);
    let macs = |(band, dual): (&Band, &Kernel)| {
        2.0 * real(band.kernel.taps.len() + dual.taps.len()) / real(band.stride)
    };
    Report {
        latency_samples,
        flat_noise_db: db(sum / real(size)),
        flat_sine_db: db(worst(&mut flat.iter().copied())),
        alias_notch_db: alias_db(1),
        alias_solo_db: alias_db(2),
        alias_random_db: alias_db(3),
        alias_zigzag_db: alias_db(4),
        peak_magnitude_sum: peak_magnitude_sum(spectra),
        min_band_share: min_band_share(bands, spectra, &power),
        psd_ripple_db: db(worst(&mut power.iter().copied()) / least),
        macs_per_sample: bands.iter().zip(duals).map(macs).sum(),
    }
}

/// The greatest Σ_k |V_k| over frequency.
fn peak_magnitude_sum(spectra: &[Spectra]) -> f64 {
    let half = spectra[0].analysis.len() / 2;
    let mut sums = vec![0.0; half + 1];
    let mut response = vec![Complex::<f64>::default(); half + 1];
    for band in spectra {
        for (i, value) in band.image(0, 1) {
            response[i] += value;
        }
        for (sum, value) in sums.iter_mut().zip(&mut response) {
            *sum += value.norm();
            *value = Complex::default();
        }
    }
    sums.into_iter().fold(0.0, f64::max)
}

/// The least response of a band at its centre, in shares; `power` is that of all analysis kernels.
fn min_band_share(bands: &[Band], spectra: &[Spectra], power: &[f64]) -> f64 {
    let size = 2 * (power.len() - 1);
    let share = |(band, spectra): (&Band, &Spectra)| {
        let centre = count(band.kernel.centre_cycles().abs() * real(size)).min(size / 2);
        let at = |i: usize| spectra.analysis[i].norm_sqr();
        let own = at(centre) + at((size - centre) % size);
        let parts = spectra.image(0, 1).filter(|(i, _)| *i == centre).map(|(_, value)| value);
        parts.sum::<Complex<f64>>().norm() * power[centre] / own
    };
    bands.iter().zip(spectra).map(share).fold(f64::INFINITY, f64::min)
}

/// A ratio of powers in dB, no lower than −400.
fn db(power: f64) -> f64 {
    10.0 * power.max(1e-40).log10()
}
