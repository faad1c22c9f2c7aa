//! The columns of the last minute, before and after the gains.

use crate::editor::spectrogram::analysis::{AnalysisRequest, COLUMN_MS, Column, Levels, ROWS};
use crate::editor::spectrogram::display::Display;
use crate::editor::view::cast::{index, single};
use crate::telemetry::Telemetry;
use erbium_dsp::display::DisplayBank;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Columns kept.
const KEPT: usize = 12_000;

/// Several columns as one.
pub struct Sum {
    /// The bank of the newest.
    pub bank: Arc<DisplayBank>,
    /// Whether all follow one another without a gap in time.
    pub contiguous: bool,
    /// Row by row the highest levels.
    pub levels: Levels,
}

/// The columns kept, and the display that makes more.
#[derive(Default)]
pub struct Columns {
    display: Option<Display>,
    kept: VecDeque<Column>,
    arrived: u64,
}

impl Columns {
    /// Takes in the columns that are ready, and lets more be analysed; none where `request` is `None`.
    pub fn update(&mut self, telemetry: &Arc<Telemetry>, request: Option<AnalysisRequest>) {
        telemetry.analyzer_queue().set_enabled(request.is_some());
        // What is ready by then will be taken in when the analysis goes on.
        let Some(request) = request else { return };
        if self.display.is_none() {
            // Without a thread there is no picture; the rest of the editor works.
            self.display = Display::start(telemetry.clone()).ok();
        }
        let Some(display) = &self.display else { return };
        while let Some(column) = display.take() {
            keep(&mut self.kept, column);
            self.arrived += 1;
        }
        display.wake(request);
    }

    /// The bank of the newest column.
    #[must_use]
    pub fn newest_bank(&self) -> Option<&DisplayBank> {
        self.kept.back().map(|column| &*column.bank)
    }

    /// Takes in columns that come from elsewhere.
    #[cfg(test)]
    pub fn extend(&mut self, columns: impl IntoIterator<Item = Column>) {
        for column in columns {
            keep(&mut self.kept, column);
            self.arrived += 1;
        }
    }

    /// How many columns have ever arrived.
    #[must_use]
    pub fn arrived(&self) -> u64 {
        self.arrived
    }

    /// The number of the oldest column kept.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.arrived - self.kept.len() as u64
    }

    /// The time of a column in seconds.
    #[must_use]
    pub fn hop_s(&self) -> f64 {
        self.kept.back().map_or(COLUMN_MS / 1000.0, Column::hop_s)
    }

    /// How many audio frames have been analysed.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.display.as_ref().map_or(0, Display::frames)
    }

    /// The columns of these numbers, as far as they are kept.
    pub fn range(&self, numbers: Range<u64>) -> impl Iterator<Item = &Column> {
        let first = self.oldest();
        let place = |number: u64| {
            usize::try_from(number.saturating_sub(first)).unwrap_or(usize::MAX).min(self.kept.len())
        };
        self.kept.range(place(numbers.start)..place(numbers.end).max(place(numbers.start)))
    }

    /// The columns of these numbers as one; `None` when none is kept.
    #[must_use]
    pub fn sum(&self, numbers: Range<u64>) -> Option<Sum> {
        let bank = self.range(numbers.clone()).last()?.bank.clone();
        let mut sum = Sum { contiguous: true, levels: Levels::SILENCE, bank };
        for column in self.range(numbers) {
            sum.contiguous &= column.contiguous;
            // Of a bank before, whose rows were others, nothing is known.
            if Arc::ptr_eq(&column.bank, &sum.bank) {
                raise(&mut sum.levels.pre, &column.levels.pre);
                raise(&mut sum.levels.post, &column.levels.post);
            }
        }
        Some(sum)
    }
}

/// Adds the newest column, in the place of the oldest where there is no more room.
fn keep(kept: &mut VecDeque<Column>, mut column: Column) {
    // The very first has nothing to follow.
    column.contiguous |= kept.is_empty();
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(column);
}

/// The columns of a time in seconds, at `hop_s` seconds each.
#[must_use]
pub fn columns_in(seconds: f64, hop_s: f64) -> usize {
    index(single((seconds / hop_s).round())).min(KEPT)
}

fn raise(highest: &mut [i16; ROWS], levels: &[i16; ROWS]) {
    for (highest, level) in highest.iter_mut().zip(levels) {
        *highest = (*highest).max(*level);
    }
}
