//! How exact a bank is: the flat error and the alias, by frequency response of the strided bank.
//!
//! A strided bank is periodic in time: a sinusoid at ω comes out at ω and, as alias, at its images
//! ω + 2πs/D, D the longest stride. With gains g the amplitude of image s is
//! Z_s(ω) = Σ_k g_k F_k(ω + 2πs/D) H_k(ω) / d_k over the bands whose own images fall there, and taking
//! the real part of the output halves it and adds the mirror image: C_s(ω) = ½ (Z_s(ω) + Z*_(−s)(−ω)).

use super::analysis::Analysis;
use super::{DesignError, Kernel};
use crate::cast::real;
use num_complex::Complex;
use rustfft::FftPlanner;
use std::f64::consts::TAU;

/// What was measured of a bank.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The delay from input to output in samples.
    pub latency_samples: usize,
    /// Error of analysis and dual at unity gains for white noise, in dB: the depth of all bands muted.
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
    pub cancellation: f64,
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

/// The changes g_k − 1 of [`GAIN_SETS`], band after band.
fn change_sets(bands: usize) -> Vec<[f64; GAIN_SETS]> {
    // Knuth's multiplier: uniform enough, the same on every machine.
    let mut state: u64 = 3;
    let mut random_db = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
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

/// A band as the measurement sees it.
struct Spectra {
    analysis: Vec<Complex<f64>>,
    dual: Vec<Complex<f64>>,
    stride: usize,
    phase: usize,
    /// Frequencies at which the kernel or the dual passes something, as (first, how many).
    passes: (usize, usize),
    changes: [f64; GAIN_SETS],
}

/// Where both kernel and dual are so far below their peaks, nothing passes.
const NEGLIGIBLE: f64 = 1e-12;

impl Spectra {
    /// The frequencies that reach image `shift` with any strength: those the kernel hears and those
    /// the dual brings back from there.
    fn inputs(&self, shift: usize) -> impl Iterator<Item = usize> + use<> {
        let size = self.analysis.len();
        let (first, many) = self.passes;
        let back = (first + size - shift % size) % size;
        let overlap = move |i: usize| (i + size - first) % size < many;
        let heard = (0..many).map(move |n| (first + n) % size);
        let brought = (0..many).map(move |n| (back + n) % size).filter(move |&i| !overlap(i));
        heard.chain(brought)
    }
}

pub(super) fn measure(
    analysis: &Analysis,
    duals: &[Kernel],
    phases: &[usize],
    cancelled: &dyn Fn() -> bool,
) -> Result<Report, DesignError> {
    let latency_samples = analysis.latency_samples;
    let period = analysis.strides.iter().copied().max().unwrap_or(1);
    let size = (4 * (latency_samples + 1)).next_power_of_two().div_ceil(period) * period;
    let spectra = spectra(analysis, duals, phases, size);
    let mut direct = images(&spectra, 0, period);
    for (i, sets) in direct.iter_mut().enumerate() {
        let delay = Complex::cis(TAU * (real(i) / real(size) * real(latency_samples)).fract());
        sets.iter_mut().for_each(|value| *value = 1.0 + *value * delay);
    }
    let mut alias = vec![[0.0; GAIN_SETS]; size];
    for shift in 1..=period / 2 {
        if cancelled() {
            return Err(DesignError::Cancelled);
        }
        let counted = if 2 * shift == period { 1.0 } else { 2.0 };
        for (power, image) in alias.iter_mut().zip(images(&spectra, shift, period)) {
            for set in 0..GAIN_SETS {
                power[set] += counted * image[set].norm_sqr();
            }
        }
    }
    Ok(summarise(analysis, duals, &spectra, &direct, &alias))
}

fn spectra(analysis: &Analysis, duals: &[Kernel], phases: &[usize], size: usize) -> Vec<Spectra> {
    let fft = FftPlanner::new().plan_fft_forward(size);
    let changes = change_sets(duals.len());
    (0..duals.len())
        .map(|k| {
            let kernel = analysis.kernels[k].spectrum(&*fft);
            let dual = duals[k].spectrum(&*fft);
            Spectra {
                passes: passes(&kernel, &dual),
                analysis: kernel,
                dual,
                stride: analysis.strides[k],
                phase: phases[k],
                changes: changes[k],
            }
        })
        .collect()
}

/// The frequencies around a kernel's peak at which it or its dual passes something, as (first, how
/// many).
fn passes(kernel: &[Complex<f64>], dual: &[Complex<f64>]) -> (usize, usize) {
    let size = kernel.len();
    let peak = |spectrum: &[Complex<f64>]| {
        let power = |i: &usize| spectrum[*i].norm_sqr();
        (0..size).max_by(|a, b| power(a).total_cmp(&power(b))).unwrap_or(0)
    };
    let centre = peak(kernel);
    let floors = [kernel, dual].map(|spectrum| NEGLIGIBLE * spectrum[peak(spectrum)].norm_sqr());
    let passes = |i: usize| kernel[i].norm_sqr() > floors[0] || dual[i].norm_sqr() > floors[1];
    let reach = (0..=(size - 1) / 2)
        .rev()
        .find(|away| passes((centre + away) % size) || passes((centre + size - away) % size))
        .unwrap_or(0);
    // All but the one opposite the peak is all.
    let many = if 2 * reach + 2 >= size { size } else { 2 * reach + 1 };
    ((centre + size - reach) % size, many)
}

/// C_s(ω) for image `shift` of `period` at every frequency, for each set of gains. For a shift other
/// than 0 the mean power of image s and its mirror −s is kept, which is all that is asked of it.
fn images(spectra: &[Spectra], shift: usize, period: usize) -> Vec<[Complex<f64>; GAIN_SETS]> {
    let up = one_sided(spectra, shift, period);
    let size = up.len();
    if shift == 0 {
        return (0..size).map(|i| mirrored(&up[i], &up[(size - i) % size])).collect();
    }
    let down = one_sided(spectra, period - shift, period);
    (0..size)
        .map(|i| {
            let mirror = (size - i) % size;
            let first = mirrored(&up[i], &down[mirror]);
            let second = mirrored(&down[i], &up[mirror]);
            std::array::from_fn(|set| {
                let power = 0.5 * (first[set].norm_sqr() + second[set].norm_sqr());
                Complex::new(power.sqrt(), 0.0)
            })
        })
        .collect()
}

/// ½ (Z_s(ω) + Z*_(−s)(−ω)).
fn mirrored(
    own: &[Complex<f64>; GAIN_SETS],
    mirror: &[Complex<f64>; GAIN_SETS],
) -> [Complex<f64>; GAIN_SETS] {
    std::array::from_fn(|set| 0.5 * (own[set] + mirror[set].conj()))
}

/// Z_s(ω) at every frequency ω.
fn one_sided(spectra: &[Spectra], shift: usize, period: usize) -> Vec<[Complex<f64>; GAIN_SETS]> {
    let size = spectra[0].analysis.len();
    let offset = shift * (size / period);
    let mut sum = vec![[Complex::new(0.0, 0.0); GAIN_SETS]; size];
    for band in spectra {
        if !shift.is_multiple_of(period / band.stride) {
            continue;
        }
        let turn = -TAU * (real(shift * band.phase) / real(period)).fract();
        let scale = Complex::from_polar(1.0 / real(band.stride), turn);
        for i in band.inputs(offset) {
            let product = band.dual[(i + offset) % size] * band.analysis[i] * scale;
            for (sum, change) in sum[i].iter_mut().zip(band.changes) {
                *sum += product * change;
            }
        }
    }
    sum
}

fn summarise(
    analysis: &Analysis,
    duals: &[Kernel],
    spectra: &[Spectra],
    direct: &[[Complex<f64>; GAIN_SETS]],
    alias: &[[f64; GAIN_SETS]],
) -> Report {
    let size = direct.len();
    let flat: Vec<f64> = direct.iter().zip(alias).map(|(c, a)| c[0].norm_sqr() + a[0]).collect();
    let worst = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let alias_db = |set: usize| {
        let alias = worst(&mut alias.iter().map(|a| a[set]));
        let peak = worst(&mut direct.iter().map(|c| c[set].norm_sqr()));
        db(alias / peak)
    };
    let power: Vec<f64> = (0..size)
        .map(|i| {
            let at = |i: usize| spectra.iter().map(|band| band.analysis[i].norm_sqr()).sum::<f64>();
            at(i) + at((size - i) % size)
        })
        .collect();
    let least = power.iter().copied().fold(f64::INFINITY, f64::min);
    let macs = (0..duals.len()).map(|k| macs_per_sample(analysis, &duals[k], k)).sum();
    Report {
        latency_samples: analysis.latency_samples,
        flat_noise_db: db(flat.iter().sum::<f64>() / real(size)),
        flat_sine_db: db(worst(&mut flat.iter().copied())),
        alias_notch_db: alias_db(1),
        alias_solo_db: alias_db(2),
        alias_random_db: alias_db(3),
        alias_zigzag_db: alias_db(4),
        cancellation: cancellation(spectra),
        psd_ripple_db: db(worst(&mut power.iter().copied()) / least),
        macs_per_sample: macs,
    }
}

/// The greatest Σ_k |V_k| over frequency.
fn cancellation(spectra: &[Spectra]) -> f64 {
    let size = spectra[0].analysis.len();
    let response = |band: &Spectra, i: usize| {
        let at = |i: usize| band.analysis[i] * band.dual[i];
        0.5 * (at(i) + at((size - i) % size).conj()).norm() / real(band.stride)
    };
    (0..=size / 2).map(|i| spectra.iter().map(|band| response(band, i)).sum()).fold(0.0, f64::max)
}

/// Real multiply-adds of one band: two per tap of a kernel and of its dual every stride, and four per
/// stage of a recursive filter every sample.
fn macs_per_sample(analysis: &Analysis, dual: &Kernel, k: usize) -> f64 {
    let per_stride = |kernel: &Kernel| 2.0 * real(kernel.taps.len()) / real(analysis.strides[k]);
    let filter = if analysis.poles.is_empty() {
        per_stride(&analysis.kernels[k])
    } else {
        4.0 * real(super::GAMMATONE_ORDER)
    };
    filter + per_stride(dual)
}

/// A ratio of powers in dB, no lower than −400.
fn db(power: f64) -> f64 {
    10.0 * power.max(1e-40).log10()
}
