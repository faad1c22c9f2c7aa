//! How often each level occurred, row by row: percentiles of any history in bounded memory.

/// Hundredths of a dB in a bin: a percentile is right to this much.
const BIN: i32 = 25;
/// The level of the first bin in hundredths of a dB of full scale; what is below is in it too.
const LOWEST: i32 = -16_000;
/// Bins of a row: up to 32 dB of full scale; what is above is in the last.
const BINS: usize = 768;
/// Bins that are counted together as well, so that a search is short.
const GROUP: usize = 16;
const GROUPS: usize = BINS / GROUP;
/// The most columns that counts hold.
pub const COLUMNS_MAX: usize = u16::MAX as usize;

/// Counts of levels: 0.8 MB for 512 rows, however long the history.
pub struct Histograms {
    bins: Vec<[u16; BINS]>,
    groups: Vec<[u16; GROUPS]>,
    columns: usize,
}

impl Histograms {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self { bins: vec![[0; BINS]; rows], groups: vec![[0; GROUPS]; rows], columns: 0 }
    }

    /// How many columns are counted.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Counts a column of levels in hundredths of a dB of full scale. At most [`COLUMNS_MAX`] are
    /// counted at a time.
    pub fn add(&mut self, levels: &[i16]) {
        self.columns += 1;
        self.change(levels, |count| *count = count.saturating_add(1));
    }

    /// Counts a column no longer that was counted.
    pub fn remove(&mut self, levels: &[i16]) {
        self.columns = self.columns.saturating_sub(1);
        self.change(levels, |count| *count = count.saturating_sub(1));
    }

    fn change(&mut self, levels: &[i16], change: impl Fn(&mut u16)) {
        let rows = self.bins.iter_mut().zip(&mut self.groups);
        for ((bins, groups), level) in rows.zip(levels) {
            let bin = bin_of(*level);
            change(&mut bins[bin]);
            change(&mut groups[bin / GROUP]);
        }
    }

    /// The levels of a row, in dB of full scale, that are exceeded in these shares of the time, 0 to 1.
    /// Within a bin levels are taken to be equally frequent.
    #[must_use]
    pub fn exceeded_db<const N: usize>(&self, row: usize, shares: [f32; N]) -> [f32; N] {
        shares.map(|share| self.below_db(row, (1.0 - share) * crate::cast::points(self.columns)))
    }

    /// The level below which so many columns are.
    fn below_db(&self, row: usize, target: f32) -> f32 {
        let mut below = 0.0;
        let mut bin = 0;
        for count in self.groups[row].map(f32::from) {
            if below + count >= target {
                break;
            }
            below += count;
            bin += GROUP;
        }
        while bin < BINS - 1 && below + f32::from(self.bins[row][bin]) < target {
            below += f32::from(self.bins[row][bin]);
            bin += 1;
        }
        let bin = bin.min(BINS - 1);
        let within = (target - below) / f32::from(self.bins[row][bin].max(1));
        db_of(bin) + bin_db() * within.clamp(0.0, 1.0)
    }
}

fn bin_of(level: i16) -> usize {
    usize::try_from((i32::from(level) - LOWEST) / BIN).unwrap_or(0).min(BINS - 1)
}

/// Where a bin begins.
fn db_of(bin: usize) -> f32 {
    crate::cast::single(f64::from(LOWEST) / 100.0) + crate::cast::points(bin) * bin_db()
}

fn bin_db() -> f32 {
    crate::cast::single(f64::from(BIN) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng, rngs::SmallRng, seq::SliceRandom};

    #[test]
    fn percentiles_are_those_of_the_sorted_levels_while_columns_come_and_go() {
        const SEED: u64 = 7;
        println!("seed {SEED}");
        let mut random = SmallRng::seed_from_u64(SEED);
        let columns: Vec<[i16; 3]> = (0..900)
            .map(|_| {
                let squared = random.random_range(0.0..1.0_f64).powi(2);
                let level = crate::cast::single(squared * 6_000.0) - 9_000.0;
                let level = i16::try_from(crate::cast::whole(level)).expect("in range");
                [level, -1_234, random.random_range(-15_900..2_000)]
            })
            .collect();
        let mut histograms = Histograms::new(3);
        let kept = 400;
        for (i, column) in columns.iter().enumerate() {
            histograms.add(column);
            if i >= kept {
                histograms.remove(&columns[i - kept]);
            }
        }
        assert_eq!(histograms.columns(), kept);
        let shares = [0.05, 0.5, 0.95];
        for row in 0..3 {
            let mut levels: Vec<i16> =
                columns[columns.len() - kept..].iter().map(|column| column[row]).collect();
            levels.shuffle(&mut random);
            levels.sort_unstable();
            // L5 is exceeded 5 % of the time: of 400 levels, by 20.
            let expected = [levels[379], levels[199], levels[19]];
            for (level_db, expected) in
                histograms.exceeded_db(row, shares).into_iter().zip(expected)
            {
                let error_db = level_db - f32::from(expected) / 100.0;
                assert!(error_db.abs() <= 0.26, "row {row}: {level_db} dB, not {expected}/100");
            }
        }
    }

    #[test]
    fn levels_beyond_the_bins_are_in_the_outermost() {
        let mut histograms = Histograms::new(2);
        for _ in 0..10 {
            histograms.add(&[i16::MIN, i16::MAX]);
        }
        assert!(histograms.exceeded_db(0, [0.5])[0] <= -159.0);
        assert!(histograms.exceeded_db(1, [0.5])[0] >= 31.0);
        (0..10).for_each(|_| histograms.remove(&[i16::MIN, i16::MAX]));
        assert_eq!(histograms.columns(), 0);
        assert!(histograms.bins.iter().flatten().all(|count| *count == 0));
    }
}
