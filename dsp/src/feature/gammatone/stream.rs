//! Gammatone bands of a sound that comes piece by piece.

use super::vector::{self, Filters, Memory};
use crate::feature::FeatureMatrix;

/// The state of a bank over a signal that comes in pieces of any length. All that it gives, put together,
/// is what [`Gammatone::apply`](super::Gammatone::apply) gives of the whole sound.
///
/// ```
/// use erbium_dsp::feature::gammatone::{Centres, Gammatone, GammatoneOptions};
///
/// let centres = Centres::Between { low_hz: 100.0, high_hz: 4000.0, bands: 8 };
/// let bank = Gammatone::new(&GammatoneOptions::new(centres, 16_000.0))?;
/// let mut stream = bank.stream();
/// for piece in vec![0.1; 1000].chunks(160) {
///     let bands = stream.push(piece);
///     assert_eq!((bands.rows(), bands.frames()), (8, piece.len()));
/// }
/// assert_eq!(stream.finish().frames(), 0);
/// # Ok::<(), erbium_dsp::feature::OptionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    filters: Filters,
    memory: Memory,
    /// For each band what is still to be given, from the next sample on.
    ahead: Vec<Vec<f64>>,
    /// By how many samples each band waits.
    delays: Vec<usize>,
    lag_samples: usize,
    /// Samples of the lag still to be left out.
    skip: usize,
}

impl Stream {
    pub(super) fn new(filters: Filters, delays_samples: &[isize]) -> Self {
        // Bands that are moved forward in time make all others wait.
        let lead = delays_samples.iter().copied().min().unwrap_or(0).min(0);
        let wait = |delay: &isize| usize::try_from(delay - lead).unwrap_or(0);
        let delays: Vec<usize> = delays_samples.iter().map(wait).collect();
        let lag_samples = lead.unsigned_abs();
        Self {
            memory: filters.silence(),
            filters,
            ahead: delays.iter().map(|delay| vec![0.0; *delay]).collect(),
            delays,
            lag_samples,
            skip: lag_samples,
        }
    }

    /// By how many samples what is given lags behind what was pushed: 0 unless an alignment moves bands
    /// forward in time.
    #[must_use]
    pub const fn lag_samples(&self) -> usize {
        self.lag_samples
    }

    /// The bands of the next samples: bands × samples, fewer at the start by the lag.
    pub fn push(&mut self, sound: &[f64]) -> FeatureMatrix {
        let ahead = &mut self.ahead;
        vector::run(&self.filters, &mut self.memory, sound, &mut |band, _, values| {
            ahead[band].extend_from_slice(values);
        });
        let skipped = self.skip.min(sound.len());
        self.skip -= skipped;
        let mut bands = FeatureMatrix::zeros(self.ahead.len(), sound.len() - skipped);
        for (band, ahead) in self.ahead.iter_mut().enumerate() {
            bands.row_mut(band).copy_from_slice(&ahead[skipped..sound.len()]);
            ahead.drain(..sound.len());
        }
        bands
    }

    /// What the lag has delayed, up to the end of the signal. The stream then begins anew.
    pub fn finish(&mut self) -> FeatureMatrix {
        let rest = self.push(&vec![0.0; self.lag_samples]);
        self.memory = self.filters.silence();
        for (ahead, delay) in self.ahead.iter_mut().zip(&self.delays) {
            ahead.clear();
            ahead.resize(*delay, 0.0);
        }
        self.skip = self.lag_samples;
        rest
    }
}
