//! Live, average and held levels of rows, column by column.

/// The time constant of the live spectrum in seconds: time weighting F of IEC 61672-1:2013, 5.8.
pub const LIVE_S: f64 = 0.125;
/// The time constant of the average in seconds.
pub const AVERAGE_S: f64 = 3.0;

/// Powers from levels in hundredths of a dB: 10^(level ÷ 1000), as a product of two factors.
struct PowerTable {
    high: [f32; 256],
    low: [f32; 256],
}

impl PowerTable {
    fn new() -> Self {
        let power = |level: f64| crate::cast::single(10.0_f64.powf(level / 1_000.0));
        Self {
            high: std::array::from_fn(|i| power(crate::cast::real(i) * 256.0 - 32_768.0)),
            low: std::array::from_fn(|i| power(crate::cast::real(i))),
        }
    }

    fn power(&self, level: i16) -> f32 {
        let [high, low] = level.to_be_bytes();
        // Of two's complement, so that the lowest level is the first.
        self.high[usize::from(high ^ 0x80)] * self.low[usize::from(low)]
    }
}

/// What rows hold now, on average, and at most.
pub struct Averages {
    table: PowerTable,
    /// Mean powers with the time constants of the live spectrum and of the average.
    means: [Vec<f32>; 2],
    /// The highest levels in hundredths of a dB of full scale.
    peaks: Vec<i16>,
    columns: u32,
}

impl Averages {
    /// Nothing taken in yet.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        let means = [vec![0.0; rows], vec![0.0; rows]];
        Self { table: PowerTable::new(), means, peaks: vec![i16::MIN; rows], columns: 0 }
    }

    /// Whether nothing has been taken in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns == 0
    }

    /// Takes in a column of levels in hundredths of a dB of full scale, `hop_s` seconds after the one
    /// before.
    pub fn add(&mut self, levels: &[i16], hop_s: f64) {
        self.columns = self.columns.saturating_add(1);
        let columns = f64::from(self.columns);
        // At first the mean of all, so that it does not rise from nothing.
        let shares = [LIVE_S, AVERAGE_S].map(|time_constant_s| {
            crate::cast::single((1.0 - (-hop_s / time_constant_s).exp()).max(1.0 / columns))
        });
        let [live, average] = &mut self.means;
        let rows = live.iter_mut().zip(average).zip(&mut self.peaks).zip(levels);
        for (((live, average), peak), level) in rows {
            let power = self.table.power(*level);
            *live += shares[0] * (power - *live);
            *average += shares[1] * (power - *average);
            *peak = (*peak).max(*level);
        }
    }

    /// The live levels in dB of full scale.
    pub fn live_db(&self) -> impl Iterator<Item = f32> {
        self.means[0].iter().map(|power| level_db(*power))
    }

    /// The average levels in dB of full scale.
    pub fn average_db(&self) -> impl Iterator<Item = f32> {
        self.means[1].iter().map(|power| level_db(*power))
    }

    /// The highest levels in dB of full scale.
    pub fn peak_db(&self) -> impl Iterator<Item = f32> {
        self.peaks.iter().map(|level| f32::from(*level) / 100.0)
    }
}

fn level_db(power: f32) -> f32 {
    10.0 * power.max(1e-16).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_its_power() {
        let table = PowerTable::new();
        for level in i16::MIN..=i16::MAX {
            let expected = 10.0_f64.powf(f64::from(level) / 1_000.0);
            let error = f64::from(table.power(level)) / expected - 1.0;
            assert!(error.abs() < 3e-7, "{level}: {error}");
        }
    }

    #[test]
    fn the_average_is_of_power_and_decays_with_its_time_constant() {
        let mut averages = Averages::new(1);
        // Half the time 0 dB and half the time nothing: half the power.
        for i in 0..2_000 {
            averages.add(&[if i % 2 == 0 { 0 } else { -16_000 }], 0.005);
        }
        let average_db = averages.average_db().next().expect("a row");
        assert!((average_db + 3.01).abs() < 0.02, "{average_db}");
        // A time constant later a share of 1 ÷ e is left, 4.34 dB less.
        for _ in 0..600 {
            averages.add(&[-16_000], 0.005);
        }
        let later_db = averages.average_db().next().expect("a row");
        assert!((later_db - average_db + 4.34).abs() < 0.02, "{later_db}");
        assert!(averages.live_db().next().expect("a row") < -100.0, "24 time constants later");
        assert_eq!(averages.peak_db().next(), Some(0.0));
    }

    #[test]
    fn the_first_column_is_the_average() {
        let mut averages = Averages::new(1);
        assert!(averages.is_empty());
        averages.add(&[-4_000], 0.005);
        for levels_db in [averages.live_db().next(), averages.average_db().next()] {
            assert!((levels_db.expect("a row") + 40.0).abs() < 0.01);
        }
    }
}
