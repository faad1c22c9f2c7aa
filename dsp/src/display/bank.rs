//! The rows: frequencies, kernels, and when each is evaluated.

use super::DisplaySpec;
use super::pyramid::{PASSED, lag};
use crate::bank::Prototype;
use crate::cast::{count, real, single};
use crate::stream::LANES;
use std::f64::consts::TAU;

/// The longest kernel of sharpness 1, in seconds: about that of the ERB scale at 0 Hz.
const LONGEST_S: f64 = 0.066;
/// The least ratio of support to the time between two coefficients: a click between them loses 0.7 dB
/// (`tests/display.rs`).
const REDUNDANCY: f64 = 8.0;
/// The shortest kernel in samples of its level: a row goes to no lower rate than that.
const SHORTEST: usize = 31;
/// Half the width of the main lobe of Hann², in units of sample rate ÷ support.
const MAIN_LOBE: f64 = 3.0;
/// Levels of the pyramid: the lowest rate is 1/64, the lowest at which the longest kernel has [`SHORTEST`] samples at
/// 48 kHz.
const LEVELS: usize = 7;

/// One row.
pub(super) struct Row {
    /// The level of the pyramid it is computed on.
    pub level: usize,
    /// Half the support, without the middle, in samples of the level.
    pub half: usize,
    /// Kernel, from the oldest sample to the newest, led by zeros up to whole vectors.
    pub re: Vec<f32>,
    pub im: Vec<f32>,
    /// Coefficients in a column, evenly spaced.
    pub coefficients: usize,
}

/// An immutable display bank.
pub struct DisplayBank {
    spec: DisplaySpec,
    rows_hz: Vec<f64>,
    column_samples: usize,
    pub(super) rows: Vec<Row>,
}

impl DisplayBank {
    /// Designs a bank; takes a few milliseconds.
    ///
    /// # Panics
    /// With less than two rows, or where `lowest_hz` is not below the Nyquist frequency.
    #[must_use]
    pub fn new(spec: &DisplaySpec) -> Self {
        let nyquist_hz = spec.sample_rate_hz / 2.0;
        assert!(spec.rows >= 2, "{} rows; possible: 2 or more", spec.rows);
        assert!(
            (0.0..nyquist_hz).contains(&spec.lowest_hz),
            "lowest frequency {} Hz; possible: 0 to {nyquist_hz} Hz",
            spec.lowest_hz
        );
        let ends = [spec.lowest_hz, nyquist_hz].map(|hz| spec.scale.units_from_hz(hz));
        let place = |k| ends[0] + (ends[1] - ends[0]) * real(k) / real(spec.rows - 1);
        let mut rows_hz: Vec<f64> =
            (0..spec.rows).map(|k| spec.scale.hz_from_units(place(k))).collect();
        (rows_hz[0], rows_hz[spec.rows - 1]) = (spec.lowest_hz, nyquist_hz);
        let column_samples = count(spec.column_ms * spec.sample_rate_hz / 1000.0).max(1);
        let rows = (0..spec.rows)
            .map(|k| {
                let (below, above) = (k.saturating_sub(1), (k + 1).min(spec.rows - 1));
                let spacing_hz = (rows_hz[above] - rows_hz[below]) / real(above - below);
                let support_s = support_s(spec, rows_hz[k], spacing_hz);
                row(spec, rows_hz[k], support_s, column_samples)
            })
            .collect();
        Self { spec: *spec, rows_hz, column_samples, rows }
    }

    /// What the bank was designed from.
    #[must_use]
    pub const fn spec(&self) -> &DisplaySpec {
        &self.spec
    }

    /// The frequencies of the rows in hertz, rising.
    #[must_use]
    pub fn rows_hz(&self) -> &[f64] {
        &self.rows_hz
    }

    /// The samples of a column.
    #[must_use]
    pub const fn column_samples(&self) -> usize {
        self.column_samples
    }

    /// The samples needed after the end of a column before it can be computed.
    #[must_use]
    pub fn delay_samples(&self) -> usize {
        let needed = |row: &Row| ((row.half + 1) << row.level) + lag(row.level);
        self.rows.iter().map(needed).max().unwrap_or(0)
    }

    /// The rates of the pyramid in use.
    pub(super) fn levels(&self) -> usize {
        self.rows.iter().map(|row| row.level + 1).max().unwrap_or(1)
    }
}

/// The support of a row in seconds: the scale's, as in the ISAC design, or where the scale has no
/// bandwidth, one of two rows.
fn support_s(spec: &DisplaySpec, hz: f64, spacing_hz: f64) -> f64 {
    let prototype = Prototype::Hann2.noise_bandwidth();
    let widening = prototype / Prototype::Hann.noise_bandwidth();
    let own_s = match spec.scale.isac_bandwidth(hz) {
        Some(bandwidth) => spec.scale.isac_support() * widening / bandwidth,
        None => prototype / (2.0 * spacing_hz),
    };
    own_s.min(LONGEST_S) * spec.sharpness
}

fn row(spec: &DisplaySpec, hz: f64, support_s: f64, column_samples: usize) -> Row {
    let rate_hz = |level: usize| spec.sample_rate_hz / real(1 << level);
    let holds = |level: &usize| {
        hz + MAIN_LOBE / support_s <= PASSED * rate_hz(*level)
            && count(support_s * rate_hz(*level)) >= SHORTEST
    };
    let level = (1..LEVELS).take_while(holds).last().unwrap_or(0);
    let half = (count(support_s * rate_hz(level)) / 2).max(1);
    let (re, im) = kernel(hz / rate_hz(level), half);
    let column_s = real(column_samples) / spec.sample_rate_hz;
    let coefficients = count((REDUNDANCY * column_s / support_s).ceil()).max(1);
    Row { level, half, re, im, coefficients }
}

/// A Hann² window times an exponential of `cycles` per sample whose phase is 0 in the middle; a real
/// sinusoid of that frequency and amplitude 1 has at most amplitude 1 after it.
fn kernel(cycles: f64, half: usize) -> (Vec<f32>, Vec<f32>) {
    let support = 2 * half + 1;
    // The ends of the window, which are 0, lie just outside.
    let window: Vec<f64> = (1..=support)
        .map(|n| (std::f64::consts::PI * real(n) / real(support + 1)).sin().powi(4))
        .collect();
    let from_middle = |n: usize| real(n) - real(half);
    let sum: f64 = window.iter().sum();
    // How much of the image at minus the frequency gets through: near 0 Hz and Nyquist all.
    let image: f64 = window
        .iter()
        .enumerate()
        .map(|(n, tap)| tap * (TAU * (2.0 * cycles * from_middle(n)).fract()).cos())
        .sum();
    let level = 2.0 / (sum + image.abs());
    let zeros = support.next_multiple_of(LANES) - support;
    let taps = |part: fn(f64) -> f64| {
        let tap =
            |n: usize| single(level * window[n] * part(TAU * (cycles * from_middle(n)).fract()));
        std::iter::repeat_n(0.0, zeros).chain((0..support).map(tap)).collect()
    };
    (taps(f64::cos), taps(f64::sin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::Scale;

    #[test]
    fn rows_rise_from_the_lowest_frequency_to_nyquist_at_every_rate() {
        for sample_rate_hz in [1_000.0, 8_000.0, 44_100.0, 48_000.0, 192_000.0, 768_000.0] {
            for scale in Scale::ALL {
                let lowest_hz = if scale == Scale::Log { 20.0 } else { 0.0 };
                let spec =
                    DisplaySpec { scale, sample_rate_hz, lowest_hz, ..DisplaySpec::default() };
                let bank = DisplayBank::new(&spec);
                let rows_hz = bank.rows_hz();
                assert!(rows_hz.windows(2).all(|pair| pair[0] < pair[1]), "{scale}");
                assert_eq!((rows_hz[0], rows_hz[511]), (lowest_hz, sample_rate_hz / 2.0));
                let delay_s = real(bank.delay_samples()) / sample_rate_hz;
                assert!(delay_s < 0.25, "{scale}: {delay_s} s late");
            }
        }
    }

    #[test]
    fn low_rows_are_computed_at_low_rates() {
        let bank = DisplayBank::new(&DisplaySpec::default());
        assert!(bank.rows[0].level >= 4 && bank.rows[511].level == 0);
        assert!(bank.rows.windows(2).all(|pair| pair[0].level >= pair[1].level));
        let taps = bank.rows.iter().map(|row| row.re.len()).max();
        assert!(taps <= Some(256), "{taps:?}");
    }
}
