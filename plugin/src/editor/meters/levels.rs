//! The levels of the bands, and of a whole channel pair: bars that fall at a constant rate.

use crate::editor::view::cast::single;
use crate::state::params::MAX_BANDS;
use crate::telemetry::analyzer_queue::{ANALYZER_CHANNELS, AudioFrame, Samples};
use crate::telemetry::{COLUMN_MS, Column};
use erbium_dsp::Bank;

/// How fast a level bar falls, in dB per second.
const FALL_DB_PER_S: f32 = 48.0;
/// The lowest level distinguished from none, in dB of full scale.
const FLOOR_DB: f32 = -140.0;
/// Below this level in dB of full scale the input counts as silent.
pub const SILENCE_DB: f32 = -100.0;
/// This long without a column, in seconds, means the host is not playing.
const NOT_PLAYING_S: f64 = 0.5;
/// This long below [`SILENCE_DB`], in columns, means there is no input.
const SILENT_COLUMNS: usize = 100;

/// Whether there is an input signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The host delivers no audio.
    NotPlaying,
    /// Audio runs, but below [`SILENCE_DB`] in every band.
    Silent,
    /// There is a signal.
    Present,
}

/// The recent past.
pub struct BandLevels {
    last_column_s: f64,
    silent_columns: usize,
    input_db: [f32; MAX_BANDS],
    output_db: [f32; MAX_BANDS],
}

impl Default for BandLevels {
    fn default() -> Self {
        Self {
            last_column_s: f64::NEG_INFINITY,
            silent_columns: 0,
            input_db: [FLOOR_DB; MAX_BANDS],
            output_db: [FLOOR_DB; MAX_BANDS],
        }
    }
}

impl BandLevels {
    /// Takes a column that arrived at `now_s`. A column of another band count belongs to a bank
    /// that is just fading out and is not kept. Its gains are those of the whole at the bands' centres.
    pub fn push(&mut self, column: &Column, bank: &Bank, now_s: f64) {
        self.last_column_s = now_s;
        if column.bands != bank.bands() {
            return;
        }
        let input_db = column.input.map(level_db);
        let output_db = std::array::from_fn(|k| level_db(column.input[k] * column.gains[k]));
        let silent = input_db[..column.bands].iter().all(|&db| db < SILENCE_DB);
        self.silent_columns = if silent { self.silent_columns + 1 } else { 0 };
        let seconds = single(COLUMN_MS / 1000.0);
        fall(&mut self.input_db, &input_db, seconds);
        fall(&mut self.output_db, &output_db, seconds);
    }

    /// Lets the level bars fall while no columns arrive; `passed_s` since the last call.
    pub fn decay(&mut self, now_s: f64, passed_s: f64) {
        if now_s - self.last_column_s > NOT_PLAYING_S {
            let nothing = [FLOOR_DB; MAX_BANDS];
            fall(&mut self.input_db, &nothing, single(passed_s));
            fall(&mut self.output_db, &nothing, single(passed_s));
        }
    }

    /// Whether there is a signal at `now_s`.
    #[must_use]
    pub fn signal(&self, now_s: f64) -> Signal {
        if now_s - self.last_column_s > NOT_PLAYING_S {
            Signal::NotPlaying
        } else if self.silent_columns >= SILENT_COLUMNS {
            Signal::Silent
        } else {
            Signal::Present
        }
    }

    /// Per band the level bar before the gains, in dB of full scale.
    #[must_use]
    pub fn input_db(&self) -> &[f32; MAX_BANDS] {
        &self.input_db
    }

    /// Per band the level bar after the gains, in dB of full scale.
    #[must_use]
    pub fn output_db(&self) -> &[f32; MAX_BANDS] {
        &self.output_db
    }
}

/// An amplitude as a level in dB of full scale.
fn level_db(amplitude: f32) -> f32 {
    20.0 * amplitude.max(1e-7).log10()
}

/// Bars rise at once and fall at a constant rate.
fn fall(bars: &mut [f32; MAX_BANDS], levels: &[f32; MAX_BANDS], seconds: f32) {
    for (bar, level) in bars.iter_mut().zip(levels) {
        *bar = level.max(*bar - FALL_DB_PER_S * seconds);
    }
}

/// The meter of a channel: rises at once, falls like the bars.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    level_db: f32,
    held_db: f32,
}

impl Default for Meter {
    fn default() -> Self {
        Self { level_db: FLOOR_DB, held_db: FLOOR_DB }
    }
}

impl Meter {
    /// Takes the largest absolute sample since the last call, `passed_s` seconds ago.
    fn push(&mut self, peak: f32, passed_s: f32) {
        let peak_db = level_db(peak);
        self.level_db = peak_db.max(self.level_db - FALL_DB_PER_S * passed_s);
        // The mark shall be readable, so it falls slowly.
        self.held_db = peak_db.max(self.held_db - FALL_DB_PER_S / 8.0 * passed_s);
    }

    /// The bar, in dB of full scale.
    #[must_use]
    pub fn level_db(&self) -> f32 {
        self.level_db
    }

    /// The number beside it, in dB of full scale; `None` in silence.
    #[must_use]
    pub fn held_db(&self) -> Option<f32> {
        (self.held_db > SILENCE_DB).then_some(self.held_db)
    }
}

/// The meters of what comes in and what leaves, one a channel.
#[derive(Default)]
pub struct Meters {
    channels: usize,
    sides: [Side; 2],
}

/// One side of the gains.
#[derive(Default)]
struct Side {
    meters: [Meter; ANALYZER_CHANNELS],
    /// The largest absolute samples since the meters were last advanced.
    peaks: [f32; ANALYZER_CHANNELS],
}

impl Meters {
    /// Takes in a frame of sound.
    pub fn push(&mut self, frame: &AudioFrame) {
        self.channels = frame.channels.min(ANALYZER_CHANNELS);
        for (side, samples) in self.sides.iter_mut().zip([&frame.pre, &frame.post]) {
            side.push(samples);
        }
    }

    /// Lets time pass, in seconds.
    pub fn advance(&mut self, passed_s: f64) {
        for side in &mut self.sides {
            for (meter, peak) in side.meters.iter_mut().zip(&mut side.peaks) {
                meter.push(std::mem::take(peak), single(passed_s));
            }
        }
    }

    /// Those before the gains.
    #[must_use]
    pub fn input(&self) -> &[Meter] {
        &self.sides[0].meters[..self.channels]
    }

    /// Those of what leaves.
    #[must_use]
    pub fn output(&self) -> &[Meter] {
        &self.sides[1].meters[..self.channels]
    }
}

impl Side {
    fn push(&mut self, samples: &Samples) {
        for (peak, samples) in self.peaks.iter_mut().zip(samples) {
            *peak = samples.iter().fold(*peak, |peak, sample| peak.max(sample.abs()));
        }
    }
}
