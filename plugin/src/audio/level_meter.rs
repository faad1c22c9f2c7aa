//! What the audio thread measures while somebody watches.

use crate::audio::time::samples;
use crate::state::params::MAX_BANDS;
use crate::telemetry::{COLUMN_MS, Column, TelemetrySender};
use erbium_dsp::stream::Engine;

/// Levels per column. While nobody watches it does nothing.
#[derive(Default)]
pub(crate) struct LevelMeter {
    metering: bool,
    column_samples: usize,
    /// Samples until the current column is full.
    left: usize,
}

impl LevelMeter {
    /// Columns last the same time at every sample rate.
    pub(crate) fn set_rate(&mut self, rate_hz: f64) {
        self.column_samples = samples(COLUMN_MS, rate_hz);
        self.restart();
    }

    /// Begins a new column, as another engine is measured from now on.
    pub(crate) fn restart(&mut self) {
        self.left = self.column_samples;
    }

    /// At the start of a block: whether somebody watches, and the engine to measure.
    pub(crate) fn set_metering(&mut self, metering: bool, engine: Option<&mut Engine>) {
        let begins = metering && !self.metering;
        self.metering = metering;
        if let Some(engine) = engine {
            engine.set_metering(metering);
            if begins {
                // Levels from before anybody metering are not of this column.
                engine.take_levels(&mut [0.0; MAX_BANDS][..engine_bands(engine)]);
                self.restart();
            }
        }
    }

    /// Samples until a column ends, 0 while nobody watches.
    pub(crate) fn column_left(&self) -> usize {
        if self.metering { self.left } else { 0 }
    }

    /// Counts samples on and hands over the column when it is full.
    pub(crate) fn advance(
        &mut self,
        samples: usize,
        engine: &mut Engine,
        telemetry: &mut TelemetrySender,
    ) {
        if !self.metering {
            return;
        }
        self.left -= samples;
        if self.left == 0 {
            let bands = engine_bands(engine);
            let mut column = Column { bands, input: [0.0; MAX_BANDS], gains: [0.0; MAX_BANDS] };
            engine.take_levels(&mut column.input[..bands]);
            column.gains[..bands].copy_from_slice(engine.gains());
            telemetry.push_column(column);
            self.restart();
        }
    }
}

fn engine_bands(engine: &Engine) -> usize {
    engine.bank().bands().min(MAX_BANDS)
}
