//! Statistics of the spectrogram's rows, kept up to date column by column.

use crate::editor::monitor::averages::Averages;
use crate::editor::monitor::histogram::Histograms;
use crate::editor::spectrogram::analysis::{Levels, ROWS};
use crate::editor::spectrogram::columns::Columns;
use erbium_dsp::display::DisplayBank;
use std::collections::VecDeque;
use std::sync::Arc;

/// The most columns that are taken in at once: another source or a longer history is made up for in
/// half a second, rather than in a frame that lasts.
const COLUMNS_AT_ONCE: usize = 400;
/// The percentiles.
pub const PERCENTILES: [&str; 3] = ["L5", "L50", "L95"];
/// The shares of the time in which they are exceeded.
const EXCEEDED: [f32; 3] = [0.05, 0.5, 0.95];

/// Which levels of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before the gains.
    Pre,
    /// After the gains.
    Post,
}

impl Side {
    fn of(self, levels: &Levels) -> &[i16; ROWS] {
        match self {
            Self::Pre => &levels.pre,
            Self::Post => &levels.post,
        }
    }
}

/// Live, average, highest levels and percentiles of every row. Its memory is bounded: it shares the
/// columns of the history with [`Columns`], and counts their levels.
pub struct Statistics {
    /// Of the columns counted; `None` before there is one.
    bank: Option<Arc<DisplayBank>>,
    side: Side,
    averages: Averages,
    /// The number of the next column of the averages.
    next_average: u64,
    histograms: Histograms,
    /// The columns in the histograms, the oldest first.
    history: VecDeque<Arc<Levels>>,
    /// How many they are to be.
    history_columns: usize,
    /// The number of the next column of the histograms.
    next_history: u64,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            bank: None,
            side: Side::Post,
            averages: Averages::new(ROWS),
            next_average: 0,
            histograms: Histograms::new(ROWS),
            history: VecDeque::new(),
            history_columns: 0,
            next_history: 0,
        }
    }
}

impl Statistics {
    /// Takes in what is new of the columns; the history is the last `history_columns` of them. Of a
    /// new side or bank everything begins anew, with the history that is there.
    pub fn update(&mut self, columns: &Columns, side: Side, history_columns: usize) {
        let arrived = columns.arrived();
        let oldest = arrived.saturating_sub(history_columns as u64).max(columns.oldest());
        let Some(newest) = columns.range(arrived.saturating_sub(1)..arrived).last() else { return };
        let bank = &newest.bank;
        let is_same = self.bank.as_ref().is_some_and(|known| Arc::ptr_eq(known, bank));
        if !is_same || self.side != side {
            (self.bank, self.side) = (Some(bank.clone()), side);
            self.averages = Averages::new(ROWS);
            self.next_average = oldest;
            self.recount(history_columns, oldest);
        } else if history_columns > self.history_columns {
            self.recount(history_columns, oldest);
        }
        self.history_columns = history_columns;
        self.average(columns);
        self.count(columns, oldest);
    }

    /// Begins averages and highest levels anew with the next column.
    pub fn restart(&mut self, columns: &Columns) {
        self.averages = Averages::new(ROWS);
        self.next_average = columns.arrived();
    }

    fn recount(&mut self, history_columns: usize, oldest: u64) {
        self.histograms = Histograms::new(ROWS);
        self.history.clear();
        (self.history_columns, self.next_history) = (history_columns, oldest);
    }

    fn average(&mut self, columns: &Columns) {
        self.next_average = self.next_average.max(columns.oldest());
        for column in columns.range(self.next_average..columns.arrived()).take(COLUMNS_AT_ONCE) {
            self.next_average += 1;
            if self.bank.as_ref().is_some_and(|bank| Arc::ptr_eq(bank, &column.bank)) {
                self.averages.add(self.side.of(&column.levels), column.hop_s());
            }
        }
    }

    fn count(&mut self, columns: &Columns, oldest: u64) {
        // What has left the history meanwhile is not worth counting.
        self.next_history = self.next_history.max(oldest);
        for column in columns.range(self.next_history..columns.arrived()).take(COLUMNS_AT_ONCE) {
            self.next_history += 1;
            if self.bank.as_ref().is_some_and(|bank| Arc::ptr_eq(bank, &column.bank)) {
                self.histograms.add(self.side.of(&column.levels));
                self.history.push_back(column.levels.clone());
            }
        }
        while self.history.len() > self.history_columns {
            if let Some(levels) = self.history.pop_front() {
                self.histograms.remove(self.side.of(&levels));
            }
        }
    }

    /// The frequencies of the rows in hertz; `None` where there is nothing yet.
    #[must_use]
    pub fn rows_hz(&self) -> Option<&[f64]> {
        let bank = self.bank.as_ref().filter(|_| !self.averages.is_empty())?;
        Some(bank.rows_hz())
    }

    /// Live, average and highest levels of the rows, in dB of full scale.
    #[must_use]
    pub fn averages(&self) -> &Averages {
        &self.averages
    }

    /// [`PERCENTILES`] of the rows over the history, in dB of full scale. As acousticians have it
    /// (ISO 1996-1:2016), L5 is the level that is exceeded in 5 % of the time, a high one, and
    /// L95 a low one; a statistician's 5th percentile is L95.
    #[must_use]
    pub fn percentiles_db(&self) -> [Vec<f32>; 3] {
        let mut percentiles_db = [const { Vec::new() }; 3];
        if self.histograms.columns() > 0 {
            for row in 0..ROWS {
                let exceeded_db = self.histograms.exceeded_db(row, EXCEEDED);
                for (percentile_db, exceeded_db) in percentiles_db.iter_mut().zip(exceeded_db) {
                    percentile_db.push(exceeded_db);
                }
            }
        }
        percentiles_db
    }

    /// How many columns the percentiles are of.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.histograms.columns()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::spectrogram::analysis::Column;
    use erbium_dsp::display::DisplaySpec;

    fn bank() -> Arc<DisplayBank> {
        Arc::new(DisplayBank::new(&DisplaySpec::default()))
    }

    /// Columns of a level before the gains each, and half an octave of dB less after them.
    fn sound(bank: &Arc<DisplayBank>, levels: impl Iterator<Item = i16>) -> Vec<Column> {
        let column = |level: i16| Column {
            bank: bank.clone(),
            contiguous: true,
            levels: Arc::new(Levels { pre: [level; ROWS], post: [level - 600; ROWS] }),
        };
        levels.map(column).collect()
    }

    /// L5, L50 and L95 of a row in hundredths of a dB, and how many columns they are of.
    fn counted(statistics: &Statistics) -> ([i32; 3], usize) {
        let row = statistics.percentiles_db().map(|levels_db| levels_db[200]);
        (row.map(|level_db| crate::cast::whole(100.0 * level_db)), statistics.counted())
    }

    fn assert_near(counted: ([i32; 3], usize), expected: ([i32; 3], usize)) {
        assert_eq!(counted.1, expected.1, "{counted:?}");
        for (level, expected) in counted.0.iter().zip(expected.0) {
            assert!((level - expected).abs() <= 30, "{counted:?}, not {expected:?}");
        }
    }

    #[test]
    fn percentiles_are_of_the_history_that_is_shown() {
        let bank = bank();
        let mut columns = Columns::default();
        let mut statistics = Statistics::default();
        // A quiet second, then a ramp of 20 dB in two.
        columns.extend(sound(&bank, std::iter::repeat_n(-8_000, 200)));
        for start in (0..400).step_by(4) {
            columns.extend(sound(&bank, (start..start + 4).map(|i| -4_000 + 5 * i)));
            statistics.update(&columns, Side::Pre, 400);
        }
        assert_near(counted(&statistics), ([-2_100, -3_000, -3_900], 400));
        let held_db = statistics.averages().peak_db().next().expect("rows");
        assert!((held_db + 20.05).abs() < 0.01, "{held_db}");
        // Less of it, then all of it: what was counted no longer is there again.
        statistics.update(&columns, Side::Pre, 100);
        assert_near(counted(&statistics), ([-2_025, -2_250, -2_475], 100));
        (0..3).for_each(|_| statistics.update(&columns, Side::Pre, 600));
        assert_near(counted(&statistics), ([-2_150, -3_500, -8_000], 600));
        assert_eq!(statistics.averages().peak_db().next(), Some(held_db), "goes on meanwhile");
        // After the gains.
        (0..3).for_each(|_| statistics.update(&columns, Side::Post, 600));
        assert_near(counted(&statistics), ([-2_750, -4_100, -8_600], 600));
        let held_db = statistics.averages().peak_db().next().expect("rows");
        assert!((held_db + 26.05).abs() < 0.01, "{held_db}");
    }

    #[test]
    fn a_frame_takes_in_no_more_than_it_can_and_memory_is_bounded() {
        let bank = bank();
        let mut columns = Columns::default();
        let mut statistics = Statistics::default();
        columns.extend(sound(&bank, (0..13_000).map(|i| if i < 1_000 { 0 } else { -3_000 })));
        statistics.update(&columns, Side::Pre, 12_000);
        assert_eq!(statistics.counted(), COLUMNS_AT_ONCE);
        for _ in 0..40 {
            columns.extend(sound(&bank, std::iter::repeat_n(-3_000, 3)));
            statistics.update(&columns, Side::Pre, 12_000);
        }
        assert_eq!((statistics.counted(), statistics.history.len()), (12_000, 12_000));
        assert_near(counted(&statistics), ([-3_000; 3], 12_000));
    }

    #[test]
    fn rows_of_another_bank_are_another_statistic() {
        let (first, second) = (bank(), bank());
        let mut columns = Columns::default();
        let mut statistics = Statistics::default();
        assert_eq!(statistics.rows_hz(), None);
        columns.extend(sound(&first, std::iter::repeat_n(0, 50)));
        statistics.update(&columns, Side::Pre, 400);
        assert_eq!(statistics.rows_hz(), Some(first.rows_hz()));
        columns.extend(sound(&second, std::iter::repeat_n(-4_000, 50)));
        statistics.update(&columns, Side::Pre, 400);
        assert_near(counted(&statistics), ([-4_000; 3], 50));
        assert_eq!(statistics.averages().peak_db().next(), Some(-40.0));
    }

    #[test]
    fn a_restart_forgets_the_highest_levels_and_not_the_history() {
        let bank = bank();
        let mut columns = Columns::default();
        let mut statistics = Statistics::default();
        columns.extend(sound(&bank, std::iter::repeat_n(-1_000, 100)));
        statistics.update(&columns, Side::Pre, 400);
        statistics.restart(&columns);
        assert_eq!(statistics.rows_hz(), None, "nothing to draw before there is more");
        columns.extend(sound(&bank, std::iter::repeat_n(-2_000, 150)));
        statistics.update(&columns, Side::Pre, 400);
        assert_eq!(statistics.averages().peak_db().next(), Some(-20.0));
        assert_near(counted(&statistics), ([-1_000, -2_000, -2_000], 250));
    }
}
