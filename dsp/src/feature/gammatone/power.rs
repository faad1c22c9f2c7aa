//! Mean powers of gammatone bands over time.

use super::{Gammatone, Stream};
use crate::cast::real;
use crate::feature::{FeatureMatrix, OptionError, limits};

/// Samples filtered at a time.
const PIECE: usize = 4096;

/// Mean powers of the bands of a sound that comes piece by piece, over a window from every hop. It holds the bands
/// of one window.
#[derive(Clone, Debug)]
pub struct PowerStream {
    stream: Stream,
    window_samples: usize,
    hop_samples: usize,
    /// Each band from sample `first` on.
    bands: Vec<Vec<f64>>,
    first: usize,
    frames: usize,
    column: Vec<f64>,
}

impl PowerStream {
    pub(super) fn new(
        bank: &Gammatone,
        window_samples: usize,
        hop_samples: usize,
    ) -> Result<Self, OptionError> {
        OptionError::unless(window_samples >= 1, "window length", window_samples, "1 or more")?;
        OptionError::unless(hop_samples >= 1, "hop", hop_samples, "1 sample or more")?;
        // The bands of a window are held.
        limits::held("window length", window_samples, bank.bands())?;
        Ok(Self {
            stream: bank.stream(),
            window_samples,
            hop_samples,
            bands: vec![Vec::new(); bank.bands()],
            first: 0,
            frames: 0,
            column: vec![0.0; bank.bands()],
        })
    }

    /// Takes samples in and hands on the frames that they complete: their number, and one power per band.
    pub fn push(&mut self, sound: &[f64], take: &mut dyn FnMut(usize, &[f64])) {
        for piece in sound.chunks(PIECE) {
            let bands = self.stream.push(piece);
            self.append(&bands, take);
        }
    }

    /// Ends the sound and hands on the whole windows that are left. The stream then begins anew.
    pub fn finish(&mut self, take: &mut dyn FnMut(usize, &[f64])) {
        let bands = self.stream.finish();
        self.append(&bands, take);
        self.bands.iter_mut().for_each(Vec::clear);
        (self.first, self.frames) = (0, 0);
    }

    fn append(&mut self, new: &FeatureMatrix, take: &mut dyn FnMut(usize, &[f64])) {
        for (band, own) in self.bands.iter_mut().enumerate() {
            own.extend_from_slice(new.row(band));
        }
        let end = self.first + self.bands.first().map_or(0, Vec::len);
        while self.frames * self.hop_samples + self.window_samples <= end {
            let start = self.frames * self.hop_samples - self.first;
            for (power, band) in self.column.iter_mut().zip(&self.bands) {
                let window = &band[start..start + self.window_samples];
                *power = window.iter().map(|x| x * x).sum::<f64>() / real(self.window_samples);
            }
            take(self.frames, &self.column);
            self.frames += 1;
        }
        let gone = (self.frames * self.hop_samples).min(end) - self.first;
        self.bands.iter_mut().for_each(|band| drop(band.drain(..gone)));
        self.first += gone;
    }
}
