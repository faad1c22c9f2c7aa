//! The classic gammatone filterbank: real bands of [order](crate::scale::constants::GAMMATONE_ORDER) N = 4, aligned or not.
//!
//! A band shifts the sound down by its centre frequency, low-passes it by nᴺ⁻¹ kⁿ⁻¹, k = exp(−2πb/fs), and
//! shifts it up again; its real part is the output. The impulse response so is n³ kⁿ⁻¹ cos(2π cf n/fs),
//! with b = [1.019](GAMMATONE_BANDWIDTH_ERB) [equivalent rectangular bandwidths](erb_hz). Samples that are no
//! number, or [too loud](crate::feature::finite_sample), are silence, also of the recursion after them. The Python and C
//! module of all-pole gammatone filters defines bands and alignment in the same way.
//!
//! ```
//! use erbium_dsp::feature::gammatone::{Centres, Gammatone, GammatoneOptions};
//!
//! let centres = Centres::Edges { low_hz: 80.0, high_hz: 5000.0, bands: 16 };
//! let bank = Gammatone::new(&GammatoneOptions::new(centres, 16_000.0))?;
//! let mut sound = vec![0.0; 4000];
//! sound[0] = 1.0;
//! let bands = bank.apply(&sound);
//! assert_eq!((bands.rows(), bands.frames()), (16, 4000));
//! # Ok::<(), erbium_dsp::feature::OptionError>(())
//! ```

mod order;
mod power;
mod response;
mod stream;
mod vector;

pub use power::PowerStream;
pub use stream::Stream;

use super::limits::{self, BANDS_MAX};
use super::{FeatureMatrix, OptionError};
use crate::cast::real;
use crate::scale::constants::{ERB_AT_0_HZ, ERB_GROWTH_PER_HZ, GAMMATONE_BANDWIDTH_ERB};
use crate::scale::{ScaleFormula, erb_hz};
use num_complex::Complex;
use order::{POWER, power_sums};
use std::f64::consts::TAU;
use vector::Filters;

/// Where bands are.
#[derive(Clone, Debug, PartialEq)]
pub enum Centres {
    /// Centre frequencies from the lowest to the highest, evenly on [`ScaleFormula::ErbGlasberg`].
    Between {
        /// The lowest centre frequency in hertz, and the only one of a single band.
        low_hz: f64,
        /// The highest centre frequency in hertz.
        high_hz: f64,
        /// The number of bands.
        bands: usize,
    },
    /// The same, with the frequencies half of b beyond the outer centres.
    Edges {
        /// The lower edge of the lowest band in hertz.
        low_hz: f64,
        /// The upper edge of the highest band in hertz.
        high_hz: f64,
        /// The number of bands.
        bands: usize,
    },
    /// These centre frequencies in hertz.
    List(Vec<f64>),
}

/// The delay at which all envelopes peak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// That of the slowest band.
    Longest,
    /// So many samples. A band that peaks later is moved forward in time.
    Samples(usize),
}

/// Everything that decides a bank.
#[derive(Clone, Debug, PartialEq)]
pub struct GammatoneOptions {
    /// Where bands are.
    pub centres: Centres,
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// Whether a sinusoid at a centre frequency passes with a gain of 1 (but for what its mirror image
    /// adds); else the response is n³ kⁿ⁻¹/fs³.
    pub normalised: bool,
    /// Whether bands are delayed so that their envelopes peak together.
    pub envelope: Option<Common>,
    /// Whether the carriers of all bands peak with their envelopes, by a phase of −(N − 1) cf/b.
    pub fine_structure: bool,
}

impl GammatoneOptions {
    /// Normalised, not aligned.
    #[must_use]
    pub const fn new(centres: Centres, sample_rate_hz: f64) -> Self {
        Self { centres, sample_rate_hz, normalised: true, envelope: None, fine_structure: false }
    }
}

/// A bank of gammatone filters. Every list has one entry per band.
#[derive(Clone, Debug)]
pub struct Gammatone {
    sample_rate_hz: f64,
    centres_hz: Vec<f64>,
    bandwidths_hz: Vec<f64>,
    delays_samples: Vec<isize>,
    /// k e^(iω).
    poles: Vec<Complex<f64>>,
    /// The factor on nᴺ⁻¹ pⁿ, with the phase of the carrier.
    levels: Vec<Complex<f64>>,
}

impl Gammatone {
    /// Designs a bank.
    ///
    /// # Errors
    /// [`OptionError`] names the first option that cannot be met.
    pub fn new(options: &GammatoneOptions) -> Result<Self, OptionError> {
        let rate_hz = options.sample_rate_hz;
        let met = rate_hz > 0.0 && rate_hz.is_finite();
        OptionError::unless(met, "sample rate", rate_hz, "more than 0 Hz")?;
        let centres_hz = centres_hz(&options.centres)?;
        let nyquist_hz = rate_hz / 2.0;
        for &hz in &centres_hz {
            let met = hz >= 0.0 && hz <= nyquist_hz;
            let possible = format!("0 to {nyquist_hz} Hz, half the sample rate");
            OptionError::unless(met, "centre frequency", hz, possible)?;
        }
        let bandwidths_hz: Vec<f64> = centres_hz.iter().map(|&hz| bandwidth_hz(hz)).collect();
        let decay = |b_hz: &f64| (-TAU * b_hz / rate_hz).exp();
        let poles = centres_hz
            .iter()
            .zip(&bandwidths_hz)
            .map(|(hz, b_hz)| Complex::from_polar(decay(b_hz), TAU * hz / rate_hz))
            .collect();
        let level = |(hz, b_hz): (&f64, &f64)| {
            let k = decay(b_hz);
            // The mirror image has the other half.
            let gain = if options.normalised {
                2.0 / power_sums(k.into())[0].re
            } else {
                1.0 / (k * (0..POWER).map(|_| rate_hz).product::<f64>())
            };
            let phase = if options.fine_structure { -real(POWER) * hz / b_hz } else { 0.0 };
            Complex::from_polar(gain, phase)
        };
        if let Some(Common::Samples(samples)) = options.envelope {
            limits::held("common delay in samples", samples, centres_hz.len())?;
        }
        Ok(Self {
            sample_rate_hz: rate_hz,
            delays_samples: delays_samples(options, &bandwidths_hz),
            levels: centres_hz.iter().zip(&bandwidths_hz).map(level).collect(),
            poles,
            centres_hz,
            bandwidths_hz,
        })
    }

    /// The number of bands.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.centres_hz.len()
    }

    /// Centre frequencies in hertz.
    #[must_use]
    pub fn centres_hz(&self) -> &[f64] {
        &self.centres_hz
    }

    /// b of each band in hertz.
    #[must_use]
    pub fn bandwidths_hz(&self) -> &[f64] {
        &self.bandwidths_hz
    }

    /// By how much each band is delayed for alignment, in samples; below 0 where it is moved forward.
    #[must_use]
    pub fn delays_samples(&self) -> &[isize] {
        &self.delays_samples
    }

    /// The bands of a sound: bands × samples, as long as the sound.
    #[must_use]
    pub fn apply(&self, sound: &[f64]) -> FeatureMatrix {
        let mut bands = FeatureMatrix::zeros(self.bands(), sound.len());
        let filters = Filters::new(&self.poles, &self.levels);
        let mut take = |band: usize, time: usize, values: &[f64]| {
            let shifted = isize::try_from(time).unwrap_or(isize::MAX) + self.delays_samples[band];
            let skipped = usize::try_from(-shifted).unwrap_or(0).min(values.len());
            let start = usize::try_from(shifted).unwrap_or(0).min(sound.len());
            let fitting = (values.len() - skipped).min(sound.len() - start);
            bands.row_mut(band)[start..start + fitting]
                .copy_from_slice(&values[skipped..skipped + fitting]);
        };
        let lead = self.delays_samples.iter().copied().min().unwrap_or(0).min(0).unsigned_abs();
        if lead == 0 {
            vector::run(&filters, &mut filters.silence(), sound, &mut take);
        } else {
            // Bands that are moved forward in time go on after the end.
            let sound = [sound, &vec![0.0; lead]].concat();
            vector::run(&filters, &mut filters.silence(), &sound, &mut take);
        }
        bands
    }

    /// The bands of a sound that comes piece by piece.
    #[must_use]
    pub fn stream(&self) -> Stream {
        let filters = Filters::new(&self.poles, &self.levels);
        Stream::new(filters, &self.delays_samples)
    }

    /// The bands of each channel.
    #[must_use]
    pub fn apply_to_channels(&self, channels: &[&[f64]]) -> Vec<FeatureMatrix> {
        channels.iter().map(|channel| self.apply(channel)).collect()
    }

    /// The mean power of each band over `window_samples` from every `hop_samples`: bands × whole
    /// windows. Bands are held a window at a time, not all of the sound.
    ///
    /// # Errors
    /// [`OptionError`] when the window or the hop is 0.
    pub fn spectrogram(
        &self,
        sound: &[f64],
        window_samples: usize,
        hop_samples: usize,
    ) -> Result<FeatureMatrix, OptionError> {
        let mut stream = self.power_stream(window_samples, hop_samples)?;
        let left = sound.len().checked_sub(window_samples);
        let frames = left.map_or(0, |left| 1 + left / hop_samples);
        let mut powers = FeatureMatrix::zeros(self.bands(), frames);
        let mut take = |frame: usize, column: &[f64]| powers.write_frame(frame, column);
        stream.push(sound, &mut take);
        stream.finish(&mut take);
        Ok(powers)
    }

    /// [`Self::spectrogram`] of a sound that comes piece by piece.
    ///
    /// # Errors
    /// [`OptionError`] when the window or the hop is 0.
    pub fn power_stream(
        &self,
        window_samples: usize,
        hop_samples: usize,
    ) -> Result<PowerStream, OptionError> {
        PowerStream::new(self, window_samples, hop_samples)
    }
}

fn bandwidth_hz(hz: f64) -> f64 {
    GAMMATONE_BANDWIDTH_ERB * erb_hz(hz)
}

fn centres_hz(centres: &Centres) -> Result<Vec<f64>, OptionError> {
    let (low_hz, high_hz, bands) = match centres {
        Centres::List(list) => {
            limits::within("list of centre frequencies", list.len(), 1, BANDS_MAX)?;
            return Ok(list.clone());
        }
        &Centres::Between { low_hz, high_hz, bands } => (low_hz, high_hz, bands),
        // Where centre and half of b add up to the edge.
        &Centres::Edges { low_hz, high_hz, bands } => {
            let floor = bandwidth_hz(0.0);
            let slope = GAMMATONE_BANDWIDTH_ERB * ERB_AT_0_HZ * ERB_GROWTH_PER_HZ;
            let low_hz = (2.0 * low_hz + floor) / (2.0 - slope);
            (low_hz, (2.0 * high_hz - floor) / (2.0 + slope), bands)
        }
    };
    limits::within("band count", bands, 1, BANDS_MAX)?;
    OptionError::unless(low_hz >= 0.0, "lowest centre frequency", low_hz, "0 Hz or more")?;
    let possible = format!("{low_hz} Hz, the lowest, or more");
    OptionError::unless(high_hz >= low_hz, "highest centre frequency", high_hz, possible)?;
    let scale = ScaleFormula::ErbGlasberg;
    let (low, high) = (scale.units_from_hz(low_hz), scale.units_from_hz(high_hz));
    let step = (high - low) / real((bands - 1).max(1));
    let inner = (1..bands).map(|band| scale.hz_from_units(low + real(band) * step));
    Ok(std::iter::once(low_hz).chain(inner).collect())
}

/// From each band's own peak, (N − 1)/(2πb), to the common one.
fn delays_samples(options: &GammatoneOptions, bandwidths_hz: &[f64]) -> Vec<isize> {
    let own = |b_hz: &f64| rounded(real(POWER) * options.sample_rate_hz / (TAU * b_hz));
    let longest = bandwidths_hz.iter().map(own).max().unwrap_or(0);
    let common = match options.envelope {
        None => return vec![0; bandwidths_hz.len()],
        Some(Common::Longest) => longest,
        Some(Common::Samples(samples)) => isize::try_from(samples).unwrap_or(isize::MAX),
    };
    bandwidths_hz.iter().map(|b_hz| common - own(b_hz)).collect()
}

/// The nearest whole number of samples.
fn rounded(samples: f64) -> isize {
    isize::try_from(crate::cast::count(samples.round())).unwrap_or(isize::MAX)
}
