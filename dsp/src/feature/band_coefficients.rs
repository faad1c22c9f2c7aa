//! The coefficients of a bank, each band at its own stride, and the sound that they hold.
//!
//! c_k\[j\] = Σ_l h_k\[l\] x\[t − l\] at t = j d_k + p_k, with the kernel h_k, the stride d_k and the phase p_k of band k,
//! until the sound has left the bank; with the duals f_k, y\[n\] = Re Σ_k Σ_j f_k\[n + L − t\] c_k\[j\] is x\[n\] but for the
//! error that [`Report::flat_noise_db`](crate::Report) tells, L its latency: it is taken off here.
//!
//! Samples that are no number, or [too loud](crate::feature::finite_sample), are silence.
//!
//! ```
//! use erbium_dsp::feature::band_coefficients::{analyse, synthesise};
//! use erbium_dsp::{Bank, BankSpec};
//!
//! let bank = Bank::design(&BankSpec { bands: 12, ..BankSpec::default() })?;
//! let sound: Vec<f64> = (0..4800).map(|n| (0.1 * f64::from(n)).sin()).collect();
//! let coefficients = analyse(&bank, &sound);
//! assert_eq!(coefficients.len(), 12);
//! for (y, x) in synthesise(&bank, &coefficients, 4800)?.iter().zip(&sound) {
//!     assert!((y - x).abs() < 1e-4);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::OptionError;
use super::isac::Stream;
use crate::bank::Bank;
use crate::kernel::Kernel;
use crate::vectors::Vectors;
use num_complex::Complex;
use pulp::{Simd, WithSimd};

/// How many coefficients each band has of so many samples: those at all times before the sound has left the bank.
#[must_use]
pub fn counts(bank: &Bank, samples: usize) -> Vec<usize> {
    let end = samples.saturating_add(bank.kernel_latency_samples());
    let strides = bank.strides().iter().zip(bank.phases());
    strides.map(|(stride, phase)| end.saturating_sub(*phase).div_ceil(*stride)).collect()
}

/// The longest sound whose bands have so many coefficients: as long as the one that was analysed where a band has a
/// stride of 1, else by less than the shortest stride longer.
///
/// # Errors
/// [`OptionError`] when there is not one count per band, or no sound has these.
pub fn samples(bank: &Bank, given: &[usize]) -> Result<usize, OptionError> {
    check_bands(bank, given.len())?;
    let latency = bank.kernel_latency_samples();
    let strides = bank.strides().iter().zip(bank.phases());
    let longest = |(count, (stride, phase)): (&usize, (&usize, &usize))| {
        count.saturating_mul(*stride).saturating_add(*phase).saturating_sub(latency)
    };
    let samples = given.iter().zip(strides).map(longest).min().unwrap_or(0);
    check_counts(bank, given, samples)?;
    Ok(samples)
}

/// The coefficients of a sound between silences, band after band.
#[must_use]
pub fn analyse(bank: &Bank, sound: &[f64]) -> Vec<Vec<Complex<f64>>> {
    let counts = counts(bank, sound.len());
    let band = |(k, count): (usize, &usize)| {
        let (stride, phase) = (bank.strides()[k], bank.phases()[k]);
        let kernel = std::slice::from_ref(&bank.analysis_kernels()[k]);
        let mut coefficients = Vec::with_capacity(*count);
        let mut take = |_: usize, column: &[Complex<f64>]| coefficients.push(column[0]);
        // A frame that looks ahead by the phase is the coefficient.
        let mut stream = Stream::of(kernel, stride, phase);
        stream.push(sound, &mut take);
        let missing = (count * stride).saturating_sub(sound.len());
        stream.push(&vec![0.0; missing], &mut take);
        stream.finish(&mut take);
        coefficients.truncate(*count);
        coefficients
    };
    counts.iter().enumerate().map(band).collect()
}

/// The sound of so many samples whose coefficients these are, scaled ones as well.
///
/// # Errors
/// [`OptionError`] when there is not one list per band, or one has not as many coefficients as such a sound.
pub fn synthesise(
    bank: &Bank,
    coefficients: &[impl AsRef<[Complex<f64>]>],
    samples: usize,
) -> Result<Vec<f64>, OptionError> {
    check_bands(bank, coefficients.len())?;
    let given: Vec<usize> = coefficients.iter().map(|band| band.as_ref().len()).collect();
    check_counts(bank, &given, samples)?;
    let latency = bank.kernel_latency_samples();
    let longest = bank.dual_kernels().iter().map(Kernel::length).max().unwrap_or(0);
    // All that any coefficient reaches, so that the inner loop need not ask.
    let reach = bank.strides().iter().copied().max().unwrap_or(1) + longest;
    let mut sums = vec![0.0; samples + latency + reach];
    for (k, band) in coefficients.iter().enumerate() {
        let dual = &bank.dual_kernels()[k];
        let (re, im): (Vec<f64>, Vec<f64>) = dual.taps.iter().map(|tap| (tap.re, tap.im)).unzip();
        Vectors::new().dispatch(OverlapAdd {
            coefficients: band.as_ref(),
            dual: [&re, &im],
            stride: bank.strides()[k],
            sums: &mut sums[bank.phases()[k] + dual.offset..],
        });
    }
    sums.truncate(samples + latency);
    sums.drain(..latency);
    Ok(sums)
}

fn check_bands(bank: &Bank, given: usize) -> Result<(), OptionError> {
    let bands = bank.bands();
    OptionError::unless(given == bands, "number of bands", given, format!("{bands}"))
}

fn check_counts(bank: &Bank, given: &[usize], samples: usize) -> Result<(), OptionError> {
    for (band, (given, count)) in given.iter().zip(counts(bank, samples)).enumerate() {
        let possible = format!("{count} in band {band}, as {samples} samples have");
        OptionError::unless(*given == count, "number of coefficients", given, possible)?;
    }
    Ok(())
}

/// The real part of each coefficient's dual at its time, added up.
struct OverlapAdd<'a> {
    coefficients: &'a [Complex<f64>],
    /// Real and imaginary parts.
    dual: [&'a [f64]; 2],
    stride: usize,
    /// From where the first coefficient's dual begins.
    sums: &'a mut [f64],
}

impl WithSimd for OverlapAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let [re, im] = self.dual;
        for (j, coefficient) in self.coefficients.iter().enumerate() {
            let start = j * self.stride;
            let sums = &mut self.sums[start..start + re.len()];
            for n in 0..sums.len() {
                sums[n] += re[n] * coefficient.re - im[n] * coefficient.im;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{analyse, counts, samples, synthesise};
    use crate::cast::real;
    use crate::{Bank, BankSpec, Kind, Sizing};
    use num_complex::Complex;

    fn noise(samples: usize) -> Vec<f64> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f64::from(u32::try_from(state >> 40).expect("24 bits")) / f64::from(1 << 23) - 1.0
        };
        (0..samples).map(|_| next()).collect()
    }

    fn banks() -> Vec<Bank> {
        let published = Sizing::Published {
            kernel_size: Some(128),
            stride: 4,
            supp_mult: 1.0,
            fc_max_hz: None,
        };
        let spec =
            BankSpec { bands: 24, sizing: Sizing::Latency { ms: 8.0 }, ..BankSpec::default() };
        [
            spec,
            BankSpec { kind: Kind::Gammatone, ..spec },
            BankSpec { sizing: published, sample_rate_hz: 16_000.0, ..spec },
        ]
        .iter()
        .map(|spec| Bank::design(spec).expect("valid"))
        .collect()
    }

    #[test]
    fn what_comes_back_is_the_sound_but_for_the_error_reported() {
        for bank in banks() {
            for length in [4003, 1, 0] {
                let sound = noise(length);
                let coefficients = analyse(&bank, &sound);
                let back = synthesise(&bank, &coefficients, length).expect("fits");
                assert_eq!(back.len(), length);
                let error: f64 = back.iter().zip(&sound).map(|(y, x)| (y - x) * (y - x)).sum();
                let power: f64 = sound.iter().map(|x| x * x).sum();
                // The report's figure is of all times; of a single sample's error it is the mean.
                let db = 10.0 * (error / power.max(1e-9)).log10();
                let limit = bank.report().flat_noise_db + if length > 1 { 1.0 } else { 20.0 };
                assert!(db < limit, "{length} samples: {db} dB, not {limit}");
            }
        }
    }

    #[test]
    fn coefficients_are_the_sums_they_are_defined_as() {
        let sound = noise(900);
        for bank in banks() {
            let coefficients = analyse(&bank, &sound);
            for (k, band) in coefficients.iter().enumerate() {
                let kernel = &bank.analysis_kernels()[k];
                for (j, coefficient) in band.iter().enumerate().step_by(7) {
                    let time = j * bank.strides()[k] + bank.phases()[k];
                    let tap = |(l, tap): (usize, &Complex<f64>)| {
                        let at = time.checked_sub(kernel.offset + l);
                        tap * at.and_then(|at| sound.get(at)).copied().unwrap_or(0.0)
                    };
                    let sum: Complex<f64> = kernel.taps.iter().enumerate().map(tap).sum();
                    assert!((coefficient - sum).norm() < 1e-12, "band {k}, {j}");
                }
            }
        }
    }

    #[test]
    fn lengths_follow_from_counts() {
        for bank in banks() {
            for length in [0, 1, 3, 4, 5, 1000] {
                let found = samples(&bank, &counts(&bank, length)).expect("a sound's");
                let finest = bank.strides().iter().copied().min().expect("bands");
                assert!((length..length + finest).contains(&found), "{length}: {found}");
            }
            let mut wrong = counts(&bank, 100);
            wrong[3] += 1;
            let error = samples(&bank, &wrong).expect_err("one too many").to_string();
            assert!(error.contains("in band"), "{error}");
            let few = vec![vec![Complex::ZERO; 3]; 2];
            let error = synthesise(&bank, &few, 10).expect_err("two bands").to_string();
            assert_eq!(error, "number of bands 2 is not possible; possible: 24");
        }
    }

    #[test]
    fn scaled_coefficients_are_scaled_bands() {
        let bank = &banks()[0];
        let sound = noise(3000);
        let gains: Vec<f64> = (0..bank.bands()).map(|k| 0.5 + 0.05 * real(k)).collect();
        let mut coefficients = analyse(bank, &sound);
        for (band, gain) in coefficients.iter_mut().zip(&gains) {
            band.iter_mut().for_each(|coefficient| *coefficient *= gain);
        }
        let single: Vec<f32> = gains.iter().map(|gain| crate::cast::single(*gain)).collect();
        let filter = bank.collapse(&single);
        let played = synthesise(bank, &coefficients, sound.len()).expect("fits");
        let latency = bank.latency_samples();
        for n in [700, 1500, 2400] {
            let convolved: f64 = filter
                .iter()
                .enumerate()
                .filter_map(|(m, tap)| {
                    Some(f64::from(*tap) * sound.get((n + latency).checked_sub(m)?)?)
                })
                .sum();
            assert!((played[n] - convolved).abs() < 1e-4, "{n}: {} {convolved}", played[n]);
        }
    }
}
