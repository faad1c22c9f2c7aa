//! What a frame brings for the monitor: band levels as they arrive, and the level of the sound.

use crate::editor::monitor::sound_level::SoundLevel;
use crate::telemetry::Column;
use crate::telemetry::analyzer_queue::AudioFrame;

/// What has arrived, gathered by the view's model.
#[derive(Default)]
pub struct Feed {
    columns: Vec<Column>,
    /// The level of the whole sound.
    pub sound_level: SoundLevel,
}

impl Feed {
    /// Begins a frame.
    pub fn begin(&mut self) {
        self.columns.clear();
    }

    /// Takes in a column of band levels.
    pub fn push_column(&mut self, column: &Column) {
        self.columns.push(*column);
    }

    /// Takes in an audio frame.
    pub fn push_frame(&mut self, frame: &AudioFrame) {
        self.sound_level.push(frame);
    }

    /// The columns of band levels of this frame.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}
