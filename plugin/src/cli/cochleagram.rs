//! The cochleagram: what each band holds over time.

use super::files::audio::{ChannelBuffers, Reader, length};
use super::files::spool::{Frames, Spool};
use anyhow::{Result, bail};
use erbium::export::Raster;
use erbium_dsp::Bank;
use erbium_dsp::feature::band_meter::BandMeter;
use erbium_dsp::stream::Engine;
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::Arc;

/// Band levels in dB over time; 0 dB is a full-scale sinusoid at the centre frequency.
pub struct Cochleagram {
    /// The bank whose bands these are.
    pub bank: Arc<Bank>,
    /// Samples from column to column.
    pub hop_samples: usize,
    /// The levels, a frame of `bank.bands()` for each column.
    pub levels_db: Frames<f32>,
}

impl Cochleagram {
    /// Measures a file. A column holds the highest level of any channel during a hop, and levels
    /// below `floor_db` are that. Columns are kept in `folder` meanwhile.
    pub fn measure(
        reader: &mut Reader,
        bank: Arc<Bank>,
        hop_samples: usize,
        floor_db: f32,
        folder: &Path,
        bar: &ProgressBar,
    ) -> Result<Self> {
        let coarsest = bank.strides().iter().copied().max().unwrap_or(1);
        if hop_samples < coarsest {
            // Rounded up to whole microseconds.
            let least_ms = (1e6 * real(coarsest) / bank.spec().sample_rate_hz).ceil() / 1000.0;
            bail!(
                "a hop of {hop_samples} samples is too short for bands with a coefficient every \
                 {coarsest}; possible: --hop-ms {least_ms} or longer, --hop-samples {coarsest} or \
                 more, or a bank of less --latency-ms"
            );
        }
        let delay_samples = delay_samples(&bank);
        let mut columns = Columns {
            // What comes out before the first sample has reached the middle of the kernels belongs
            // to the first column.
            left: hop_samples + delay_samples,
            levels: vec![0.0; bank.bands()],
            hop_samples,
            floor_db,
            levels_db: Vec::with_capacity(bank.bands()),
            spool: Spool::new(folder, bank.bands())?,
            meter: Meter::new(&bank, reader.channels()),
        };
        let mut buffers = ChannelBuffers::new();
        let mut samples = 0;
        while reader.read(&mut buffers)? {
            let read = length(&buffers);
            columns.push(&mut buffers)?;
            samples += read;
            bar.inc(read);
        }
        let wanted = usize::try_from(samples.div_ceil(u64::try_from(hop_samples)?))?;
        let mut silence = vec![vec![0.0; hop_samples]; reader.channels()];
        while columns.spool.len() < wanted {
            columns.push(&mut silence)?;
            silence.iter_mut().for_each(|channel| channel.fill(0.0));
        }
        let levels_db = columns.spool.finish()?;
        debug_assert_eq!(
            levels_db.len(),
            wanted,
            "a column ends a hop after the sound at the earliest"
        );
        Ok(Self { bank, hop_samples, levels_db })
    }

    /// What files are written from.
    pub fn into_raster(self) -> Raster {
        let spec = self.bank.spec();
        Raster {
            scale: spec.scale,
            rows_hz: self.bank.centres_hz().to_vec(),
            highest_hz: spec.sample_rate_hz / 2.0,
            hop_s: real(self.hop_samples) / spec.sample_rate_hz,
            levels_db: Box::new(self.levels_db),
        }
    }
}

/// The delay from a sound to its coefficients: the middle of the kernels, which is the same for all.
fn delay_samples(bank: &Bank) -> usize {
    let middle = |kernel: &erbium_dsp::Kernel| kernel.offset + kernel.taps.len() / 2;
    bank.analysis_kernels().iter().map(middle).max().unwrap_or(0)
}

/// What meters: the engine where filters are recursive, else what is quicker for whole files.
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

/// Columns being filled.
struct Columns {
    meter: Meter,
    hop_samples: usize,
    floor_db: f32,
    /// Samples until the column is full.
    left: usize,
    levels: Vec<f32>,
    /// The column that ended last.
    levels_db: Vec<f32>,
    spool: Spool<f32>,
}

impl Columns {
    fn push(&mut self, buffers: &mut ChannelBuffers) -> Result<()> {
        let mut channels: Vec<&mut [f32]> = buffers.iter_mut().map(Vec::as_mut_slice).collect();
        while channels.first().is_some_and(|channel| !channel.is_empty()) {
            let piece = self.left.min(channels[0].len());
            let mut pieces = Vec::with_capacity(channels.len());
            for channel in &mut channels {
                let (head, tail) = std::mem::take(channel).split_at_mut(piece);
                pieces.push(head);
                *channel = tail;
            }
            self.meter.push(&mut pieces);
            self.left -= piece;
            if self.left == 0 {
                self.end_column()?;
            }
        }
        Ok(())
    }

    fn end_column(&mut self) -> Result<()> {
        self.meter.take(&mut self.levels);
        let levels_db = self.levels.iter().map(|level| (20.0 * level.log10()).max(self.floor_db));
        self.levels_db.clear();
        self.levels_db.extend(levels_db);
        self.left = self.hop_samples;
        self.spool.push([&self.levels_db[..]])
    }
}

/// A count as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
pub const fn real(count: usize) -> f64 {
    count as f64
}
