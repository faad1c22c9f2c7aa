//! The cochleagram: what each band holds over time.

use super::files::audio::{ChannelBuffers, Reader, length};
use super::files::spool::{Frames, Spool};
use anyhow::{Result, bail};
use erbium::export::Raster;
use erbium_dsp::Bank;
use erbium_dsp::feature::cochleagram::CochleagramStream;
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
        let mut columns = Columns {
            floor_db,
            levels_db: Vec::with_capacity(bank.bands()),
            spool: Spool::new(folder, bank.bands())?,
            result: Ok(()),
        };
        let mut stream = CochleagramStream::new(&bank, reader.channels(), hop_samples)?;
        let mut buffers = ChannelBuffers::new();
        while reader.read(&mut buffers)? {
            let mut channels: Vec<&mut [f32]> = buffers.iter_mut().map(Vec::as_mut_slice).collect();
            stream.push(&mut channels, &mut |levels| columns.push(levels));
            columns.take_result()?;
            bar.inc(length(&buffers));
        }
        stream.finish(&mut |levels| columns.push(levels));
        columns.take_result()?;
        let levels_db = columns.spool.finish()?;
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

/// Columns as they are kept.
struct Columns {
    floor_db: f32,
    /// The column that ended last.
    levels_db: Vec<f32>,
    spool: Spool<f32>,
    /// Whether all could be kept.
    result: Result<()>,
}

impl Columns {
    fn push(&mut self, levels: &[f32]) {
        let levels_db = levels.iter().map(|level| (20.0 * level.log10()).max(self.floor_db));
        self.levels_db.clear();
        self.levels_db.extend(levels_db);
        if self.result.is_ok() {
            self.result = self.spool.push([&self.levels_db[..]]);
        }
    }

    fn take_result(&mut self) -> Result<()> {
        std::mem::replace(&mut self.result, Ok(()))
    }
}

/// A count as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
pub const fn real(count: usize) -> f64 {
    count as f64
}
