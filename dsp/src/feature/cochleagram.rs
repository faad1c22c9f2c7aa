//! The cochleagram: what each band of an equalising bank holds over time, hop after hop.
//!
//! ```
//! use erbium_dsp::feature::cochleagram::CochleagramStream;
//! use erbium_dsp::{Bank, BankSpec};
//! use std::sync::Arc;
//!
//! let bank = Arc::new(Bank::design(&BankSpec { bands: 12, ..BankSpec::default() })?);
//! let mut stream = CochleagramStream::new(&bank, 1, 480)?;
//! let mut columns = 0;
//! let mut take = |levels: &[f32]| columns += levels.len() / 12;
//! stream.push(&mut [&mut vec![0.1; 10_000]], &mut take);
//! stream.finish(&mut take);
//! assert_eq!(columns, 10_000_usize.div_ceil(480));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::OptionError;
use super::band_meter::BandMeter;
use crate::bank::Bank;
use crate::kernel::Kernel;
use crate::stream::Engine;
use std::sync::Arc;

/// Takes a column: the linear level of each band, 1 for a full-scale sinusoid at its centre.
pub type TakeLevels<'a> = &'a mut dyn FnMut(&[f32]);

/// The highest level of any channel in each band during each hop of a sound that comes piece by piece, the delay of
/// the kernels taken off.
pub struct CochleagramStream {
    meter: Meter,
    hop_samples: usize,
    channels: usize,
    /// Samples until the column is full.
    left: usize,
    levels: Vec<f32>,
    delay_samples: usize,
    samples: usize,
    columns: usize,
}

impl CochleagramStream {
    /// Of so many channels.
    ///
    /// # Errors
    /// [`OptionError`] when the hop is shorter than a band's stride: some columns would then hold no coefficient of it.
    pub fn new(bank: &Arc<Bank>, channels: usize, hop_samples: usize) -> Result<Self, OptionError> {
        let coarsest = bank.strides().iter().copied().max().unwrap_or(1);
        let possible = format!("{coarsest} samples or more, the longest stride of the bank");
        OptionError::unless(hop_samples >= coarsest, "hop", hop_samples, possible)?;
        let delay_samples = delay_samples(bank);
        Ok(Self {
            meter: Meter::new(bank, channels),
            hop_samples,
            channels,
            // What comes out before the first sample has reached the middle of the kernels belongs to the first column.
            left: hop_samples + delay_samples,
            levels: vec![0.0; bank.bands()],
            delay_samples,
            samples: 0,
            columns: 0,
        })
    }

    /// Takes the next samples of every channel and hands on the columns that they complete. The samples are worked
    /// on in place: what they are afterwards has no meaning.
    ///
    /// # Panics
    /// When there are not as many channels, or their lengths differ.
    pub fn push(&mut self, channels: &mut [&mut [f32]], take: TakeLevels) {
        self.samples += channels.first().map_or(0, |channel| channel.len());
        self.work(channels, take);
    }

    /// Ends the sound: one column for each hop begun. The stream is then of no further use.
    pub fn finish(mut self, take: TakeLevels) {
        let wanted = self.samples.div_ceil(self.hop_samples);
        let mut silence = vec![vec![0.0; self.hop_samples + self.delay_samples]; self.channels];
        while self.columns < wanted {
            let left = self.left;
            let mut channels: Vec<&mut [f32]> =
                silence.iter_mut().map(|channel| &mut channel[..left]).collect();
            channels.iter_mut().for_each(|channel| channel.fill(0.0));
            self.work(&mut channels, take);
        }
        debug_assert_eq!(
            self.columns, wanted,
            "a column ends a hop after the sound at the earliest"
        );
    }

    fn work(&mut self, channels: &mut [&mut [f32]], take: TakeLevels) {
        let samples = channels.first().map_or(0, |channel| channel.len());
        let mut start = 0;
        while start < samples {
            let piece = self.left.min(samples - start);
            let mut pieces: Vec<&mut [f32]> =
                channels.iter_mut().map(|channel| &mut channel[start..start + piece]).collect();
            self.meter.push(&mut pieces);
            start += piece;
            self.left -= piece;
            if self.left == 0 {
                self.meter.take(&mut self.levels);
                take(&self.levels);
                self.left = self.hop_samples;
                self.columns += 1;
            }
        }
    }
}

/// The delay from a sound to its coefficients: the middle of the kernels, which is the same for all. Recursive filters
/// peak between 0 and the latency, each at a time of its own: half the latency is nearest to all of them, as it is the
/// middle of designed kernels.
fn delay_samples(bank: &Bank) -> usize {
    if !bank.poles().is_empty() {
        return bank.kernel_latency_samples() / 2;
    }
    let middle = |kernel: &Kernel| kernel.offset + kernel.taps.len() / 2;
    bank.analysis_kernels().iter().map(middle).max().unwrap_or(0)
}

/// What meters: the engine where filters are recursive, else what is quicker for whole sounds.
enum Meter {
    BandMeter(BandMeter),
    Engine(Box<Engine>),
}

impl Meter {
    fn new(bank: &Arc<Bank>, channels: usize) -> Self {
        if let Some(levels) = BandMeter::new(bank, channels) {
            return Self::BandMeter(levels);
        }
        let mut engine = Engine::new(bank.clone(), channels);
        engine.set_metering(true);
        Self::Engine(Box::new(engine))
    }

    fn push(&mut self, channels: &mut [&mut [f32]]) {
        match self {
            Self::Engine(engine) => engine.process(channels),
            Self::BandMeter(levels) => {
                let channels: Vec<&[f32]> = channels.iter().map(|channel| &**channel).collect();
                levels.push(&channels);
            }
        }
    }

    fn take(&mut self, levels: &mut [f32]) {
        match self {
            Self::Engine(engine) => engine.take_levels(levels),
            Self::BandMeter(meter) => meter.take_levels(levels),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CochleagramStream;
    use crate::cast::{real, single};
    use crate::{Bank, BankSpec, Kind, Sizing};
    use std::sync::Arc;

    fn columns(bank: &Arc<Bank>, sound: &[f32], pieces: usize) -> Vec<Vec<f32>> {
        let mut stream = CochleagramStream::new(bank, 1, 100).expect("long enough");
        let mut columns = Vec::new();
        let mut take = |levels: &[f32]| columns.push(levels.to_vec());
        for piece in sound.chunks(pieces) {
            stream.push(&mut [&mut piece.to_vec()], &mut take);
        }
        stream.finish(&mut take);
        columns
    }

    #[test]
    fn a_sinusoid_is_in_its_band_at_its_time_however_the_sound_is_cut() {
        for kind in [Kind::Isac, Kind::Gammatone] {
            let sizing = Sizing::Latency { ms: 8.0 };
            let spec = BankSpec { kind, bands: 24, sizing, ..BankSpec::default() };
            let bank = Arc::new(Bank::design(&spec).expect("valid"));
            let speed = std::f64::consts::TAU * bank.centres_hz()[14] / 48_000.0;
            let wave = |n: usize| if n < 5000 { 0.0 } else { single((speed * real(n)).sin()) };
            let sound: Vec<f32> = (0..9950).map(wave).collect();
            let whole = columns(&bank, &sound, 9950);
            assert_eq!(whole.len(), 100);
            assert!((whole[75][14] - 1.0).abs() < 0.02, "{}", whole[75][14]);
            assert!(whole[40][14] < 1e-3 && whole[55][14] > 0.8, "{kind}");
            for (a, b) in whole.iter().flatten().zip(columns(&bank, &sound, 333).iter().flatten()) {
                assert!((a - b).abs() < 1e-5, "{kind}: {a} {b}");
            }
            assert!(columns(&bank, &[], 1).is_empty());
            let error = CochleagramStream::new(&bank, 1, 0).err().expect("too short").to_string();
            assert!(error.starts_with("hop 0 is not possible"), "{error}");
        }
    }
}
