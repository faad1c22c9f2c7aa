//! From columns of band levels to rows of a log: the average and the greatest power of each interval.

use crate::state::params::MAX_BANDS;
use crate::telemetry::{COLUMN_MS, COLUMNS, Column};

/// A column that comes so much later than it would without a pause, in columns, comes after one: the
/// host stood still, or the window was busy for so long that columns were lost.
const PAUSE_COLUMNS: u64 = 50;
/// The lowest power that is told from none: −140 dB, as of the bars.
const FLOOR: f64 = 1e-14;
/// What a row holds of each band, in this order.
pub const MEASURES: [&str; 4] = ["pre average", "pre maximum", "post average", "post maximum"];

/// The time between rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interval {
    /// 0.1 s.
    Tenth,
    /// 1 s.
    #[default]
    Second,
    /// 10 s.
    TenSeconds,
}

impl Interval {
    /// Every choice, in order.
    pub const ALL: [Self; 3] = [Self::Tenth, Self::Second, Self::TenSeconds];

    /// Its length as it reads.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenth => "0.1 s",
            Self::Second => "1 s",
            Self::TenSeconds => "10 s",
        }
    }

    /// Its length in columns.
    const fn columns(self) -> u32 {
        match self {
            Self::Tenth => 10,
            Self::Second => 100,
            Self::TenSeconds => 1_000,
        }
    }
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where its interval begins, in seconds since the log began.
    pub time_s: f64,
    /// In dB of full scale: of each of [`MEASURES`] all bands.
    pub levels_db: Vec<f32>,
}

/// Powers of the interval that is not over.
struct Sums {
    interval: u64,
    columns: u32,
    totals: [[f64; MAX_BANDS]; 2],
    greatest: [[f64; MAX_BANDS]; 2],
}

/// Gathers columns into rows. The power of a column is that of its largest amplitude in 10 ms, so that
/// the average is one of the band's envelope at its crests.
pub struct Intervals {
    bands: usize,
    interval: Interval,
    /// When the next column begins if there is no pause, in columns since the log began.
    next: u64,
    sums: Option<Sums>,
}

impl Intervals {
    /// Rows of so many bands.
    #[must_use]
    pub fn new(bands: usize, interval: Interval) -> Self {
        Self { bands: bands.min(MAX_BANDS), interval, next: 0, sums: None }
    }

    /// Takes the columns that have arrived `now_s` seconds after the log began, and returns the rows
    /// that are complete. Columns of another number of bands belong to a bank that is fading out.
    pub fn push(&mut self, columns: &[Column], now_s: f64) -> Vec<Row> {
        let mut rows = Vec::new();
        if columns.is_empty() {
            return rows;
        }
        let now = whole_columns(now_s);
        let late = now.saturating_sub(self.next + columns.len() as u64);
        // A full queue has lost what came after it, not what came before.
        if late > PAUSE_COLUMNS && columns.len() < COLUMNS {
            self.next = now - columns.len() as u64;
        }
        for column in columns {
            let interval = self.next / u64::from(self.interval.columns());
            self.next += 1;
            if column.bands != self.bands {
                continue;
            }
            if self.sums.as_ref().is_some_and(|sums| sums.interval != interval) {
                rows.extend(self.finish());
            }
            self.sums.get_or_insert_with(|| Sums::new(interval)).add(column);
        }
        rows
    }

    /// The row of the interval that is not over, if it holds anything.
    pub fn finish(&mut self) -> Option<Row> {
        let sums = self.sums.take()?;
        let hop_s = COLUMN_MS / 1_000.0;
        #[expect(clippy::cast_precision_loss, reason = "years are below 2⁵³ intervals")]
        let time_s = sums.interval as f64 * f64::from(self.interval.columns()) * hop_s;
        let mut levels_db = Vec::with_capacity(MEASURES.len() * self.bands);
        for side in 0..2 {
            let averages = sums.totals[side].iter().map(|total| total / f64::from(sums.columns));
            levels_db.extend(averages.take(self.bands).map(level_db));
            levels_db.extend(sums.greatest[side].iter().take(self.bands).copied().map(level_db));
        }
        Some(Row { time_s, levels_db })
    }
}

impl Sums {
    fn new(interval: u64) -> Self {
        let nothing = [[0.0; MAX_BANDS]; 2];
        Self { interval, columns: 0, totals: nothing, greatest: nothing }
    }

    fn add(&mut self, column: &Column) {
        self.columns += 1;
        for band in 0..column.bands.min(MAX_BANDS) {
            let pre = f64::from(column.input[band]);
            for (side, amplitude) in
                [pre, pre * f64::from(column.gains[band])].into_iter().enumerate()
            {
                let power = amplitude * amplitude;
                self.totals[side][band] += power;
                self.greatest[side][band] = self.greatest[side][band].max(power);
            }
        }
    }
}

fn level_db(power: f64) -> f32 {
    crate::cast::single(10.0 * power.max(FLOOR).log10())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole_columns(seconds: f64) -> u64 {
    (seconds * 1_000.0 / COLUMN_MS).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(amplitude: f32) -> Column {
        Column { bands: 2, input: [amplitude; MAX_BANDS], gains: [0.5; MAX_BANDS] }
    }

    #[test]
    fn a_row_holds_the_average_and_the_greatest_power_before_and_after_the_gains() {
        let mut intervals = Intervals::new(2, Interval::Tenth);
        let columns: Vec<Column> =
            (0..15).map(|i| column(if i % 2 == 0 { 1.0 } else { 0.0 })).collect();
        let rows = intervals.push(&columns, 0.15);
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(row.time_s, 0.0);
        // Half the power; half the amplitude after the gains.
        for (level_db, expected_db) in
            row.levels_db.iter().zip([-3.01, -3.01, 0.0, 0.0, -9.03, -9.03, -6.02, -6.02])
        {
            assert!((level_db - expected_db).abs() < 0.01, "{row:?}");
        }
        assert_eq!(row.levels_db.len(), 8);
        let last = intervals.finish().expect("five columns");
        assert!((last.time_s - 0.1).abs() < 1e-12);
        assert!((last.levels_db[0] + 2.22).abs() < 0.01, "three of five: {last:?}");
        assert_eq!(intervals.finish(), None);
    }

    #[test]
    fn a_pause_of_the_host_is_a_gap_in_time_and_not_an_average() {
        let mut intervals = Intervals::new(2, Interval::Tenth);
        let mut times_s = Vec::new();
        let mut now_s = 0.0;
        for frame in 0..500 {
            now_s += 0.02;
            // From 2 to 6 s the host stands still.
            let plays = !(100..300).contains(&frame);
            let columns = if plays { vec![column(0.1); 2] } else { Vec::new() };
            for row in intervals.push(&columns, now_s) {
                assert!((row.levels_db[0] + 20.0).abs() < 0.01, "{row:?}");
                times_s.push(row.time_s);
            }
        }
        let expected: Vec<f64> =
            (0..99).filter(|i| !(20..60).contains(i)).map(|i| f64::from(i) * 0.1).collect();
        assert_eq!(times_s.len(), expected.len(), "{times_s:?}");
        for (time_s, expected_s) in times_s.iter().zip(&expected) {
            assert!((time_s - expected_s).abs() < 1e-9, "{times_s:?}");
        }
    }

    #[test]
    fn frames_that_come_unevenly_make_no_gap_and_a_full_queue_is_of_the_time_before() {
        let mut intervals = Intervals::new(2, Interval::Tenth);
        let mut rows = intervals.push(&[column(0.1); 3], 0.03);
        // A frame that took 0.4 s.
        rows.extend(intervals.push(&[column(0.1); 40], 0.43));
        // One that took 5 s, half of which is lost.
        rows.extend(intervals.push(&[column(0.1); COLUMNS], 5.43));
        rows.extend(intervals.push(&[column(0.1); 57], 6.0));
        let tenths: Vec<i32> = rows
            .iter()
            .map(|row| crate::cast::whole(crate::cast::single(row.time_s * 10.0)))
            .collect();
        let expected: Vec<i32> = (0..30).chain(54..59).collect();
        assert_eq!(tenths, expected);
    }

    #[test]
    fn a_bank_that_fades_out_is_left_out() {
        let mut intervals = Intervals::new(2, Interval::Tenth);
        let other = Column { bands: 3, ..column(1.0) };
        let columns: Vec<Column> =
            (0..20).map(|i| if i < 5 { other } else { column(0.1) }).collect();
        let rows = intervals.push(&columns, 0.2);
        assert!((rows[0].levels_db[1] + 20.0).abs() < 0.01, "{rows:?}");
    }
}
