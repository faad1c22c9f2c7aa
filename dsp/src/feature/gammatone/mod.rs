//! The classic gammatone filterbank: real bands of order 4, aligned or not.
//!
//! A band shifts the sound down by its centre frequency, low-passes it by n³ kⁿ⁻¹, k = exp(−2πb/fs), and
//! shifts it up again; its real part is the output. The impulse response so is n³ kⁿ⁻¹ cos(2π cf n/fs),
//! with b = 1.019 equivalent rectangular bandwidths of Glasberg and Moore (1990). The Python and C
//! module of all-pole gammatone filters defines bands and alignment in the same way.
//!
//! ```
//! use erbium_dsp::feature::gammatone::{Centres, Gammatone, Options};
//!
//! let centres = Centres::Edges { low_hz: 80.0, high_hz: 5000.0, bands: 16 };
//! let bank = Gammatone::new(&Options::new(centres, 16_000.0))?;
//! let mut sound = vec![0.0; 4000];
//! sound[0] = 1.0;
//! let bands = bank.apply(&sound);
//! assert_eq!((bands.rows(), bands.frames()), (16, 4000));
//! # Ok::<(), erbium_dsp::feature::Invalid>(())
//! ```

mod response;
mod stream;
mod vector;

pub use stream::Stream;

use super::{Invalid, Plane};
use crate::cast::real;
use crate::scale::Variant;
use num_complex::Complex;
use std::f64::consts::TAU;
use vector::Filters;

/// b in equivalent rectangular bandwidths.
const BANDWIDTHS: f64 = 1.019;

/// Glasberg and Moore's bandwidth at 0 Hz in hertz, and its growth per hertz.
const ERB_HZ: (f64, f64) = (24.7, 24.7 * 4.37e-3);

/// Where bands are.
#[derive(Clone, Debug, PartialEq)]
pub enum Centres {
    /// Centre frequencies from the lowest to the highest, evenly on [`Variant::ErbGlasberg`].
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
pub struct Options {
    /// Where bands are.
    pub centres: Centres,
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// Whether a sinusoid at a centre frequency passes with a gain of 1 (but for what its mirror image
    /// adds); else the response is n³ kⁿ⁻¹/fs³.
    pub normalised: bool,
    /// Whether bands are delayed so that their envelopes peak together.
    pub envelope: Option<Common>,
    /// Whether the carriers of all bands peak with their envelopes, by a phase of −3 cf/b.
    pub fine_structure: bool,
}

impl Options {
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
    /// The factor on n³ pⁿ, with the phase of the carrier.
    levels: Vec<Complex<f64>>,
}

impl Gammatone {
    /// Designs a bank.
    ///
    /// # Errors
    /// [`Invalid`] names the first option that cannot be met.
    pub fn new(options: &Options) -> Result<Self, Invalid> {
        let rate_hz = options.sample_rate_hz;
        let met = rate_hz > 0.0 && rate_hz.is_finite();
        Invalid::unless(met, "sample rate", rate_hz, "more than 0 Hz")?;
        let centres_hz = centres_hz(&options.centres)?;
        let nyquist_hz = rate_hz / 2.0;
        for &hz in &centres_hz {
            let met = hz >= 0.0 && hz <= nyquist_hz;
            let possible = format!("0 to {nyquist_hz} Hz, half the sample rate");
            Invalid::unless(met, "centre frequency", hz, possible)?;
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
            let gain = if options.normalised {
                2.0 * (1.0 - k).powi(4) / (1.0 + 4.0 * k + k * k)
            } else {
                rate_hz.powi(-3)
            };
            let phase = if options.fine_structure { -3.0 * hz / b_hz } else { 0.0 };
            Complex::from_polar(gain / k, phase)
        };
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
    pub fn apply(&self, sound: &[f64]) -> Plane {
        let mut bands = Plane::zeros(self.bands(), sound.len());
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
            // Bands that are moved forward in time are heard on after the end.
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
    pub fn apply_to_channels(&self, channels: &[&[f64]]) -> Vec<Plane> {
        channels.iter().map(|channel| self.apply(channel)).collect()
    }

    /// The mean power of each band over `window_samples` from every `hop_samples`: bands × whole
    /// windows.
    ///
    /// # Errors
    /// [`Invalid`] when the window or the hop is 0.
    pub fn spectrogram(
        &self,
        sound: &[f64],
        window_samples: usize,
        hop_samples: usize,
    ) -> Result<Plane, Invalid> {
        Invalid::unless(window_samples >= 1, "window length", window_samples, "1 or more")?;
        Invalid::unless(hop_samples >= 1, "hop", hop_samples, "1 sample or more")?;
        let bands = self.apply(sound);
        let left = sound.len().checked_sub(window_samples);
        let frames = left.map_or(0, |left| 1 + left / hop_samples);
        let mut powers = Plane::zeros(self.bands(), frames);
        for band in 0..self.bands() {
            for (frame, power) in powers.row_mut(band).iter_mut().enumerate() {
                let window = &bands.row(band)[frame * hop_samples..][..window_samples];
                *power = window.iter().map(|x| x * x).sum::<f64>() / real(window_samples);
            }
        }
        Ok(powers)
    }
}

fn bandwidth_hz(hz: f64) -> f64 {
    BANDWIDTHS * (ERB_HZ.0 + ERB_HZ.1 * hz)
}

fn centres_hz(centres: &Centres) -> Result<Vec<f64>, Invalid> {
    let (low_hz, high_hz, bands) = match centres {
        Centres::List(list) => {
            Invalid::unless(!list.is_empty(), "list of centre frequencies", "[]", "1 or more")?;
            return Ok(list.clone());
        }
        &Centres::Between { low_hz, high_hz, bands } => (low_hz, high_hz, bands),
        // Where centre and half of b add up to the edge.
        &Centres::Edges { low_hz, high_hz, bands } => {
            let (floor, slope) = (BANDWIDTHS * ERB_HZ.0, BANDWIDTHS * ERB_HZ.1);
            let low_hz = (2.0 * low_hz + floor) / (2.0 - slope);
            (low_hz, (2.0 * high_hz - floor) / (2.0 + slope), bands)
        }
    };
    Invalid::unless((1..=1_000_000).contains(&bands), "band count", bands, "1 or more")?;
    Invalid::unless(low_hz >= 0.0, "lowest centre frequency", low_hz, "0 Hz or more")?;
    let possible = format!("{low_hz} Hz, the lowest, or more");
    Invalid::unless(high_hz >= low_hz, "highest centre frequency", high_hz, possible)?;
    let scale = Variant::ErbGlasberg;
    let (low, high) = (scale.units_from_hz(low_hz), scale.units_from_hz(high_hz));
    let step = (high - low) / real((bands - 1).max(1));
    let inner = (1..bands).map(|band| scale.hz_from_units(low + real(band) * step));
    Ok(std::iter::once(low_hz).chain(inner).collect())
}

/// From each band's own peak, 3/(2πb), to the common one.
fn delays_samples(options: &Options, bandwidths_hz: &[f64]) -> Vec<isize> {
    let own = |b_hz: &f64| rounded(3.0 * options.sample_rate_hz / (TAU * b_hz));
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
