//! Where the corners of the bands' triangles are.

use super::overlap::Triangle;
use super::{Bands, Limits, Unit, VoiceboxOptions};
use crate::cast::{count, real};
use crate::feature::OptionError;
use crate::feature::limits::{self, BANDS_MAX, BINS_MAX};
use crate::scale::ScaleFormula;

/// The lowest limit on the logarithmic scale unless one is given.
const LOG_LOW_HZ: f64 = 30.0;

/// The feet and centres of all bands in hertz: band i rises from node i to i + 1 and falls to i + 2.
pub(super) struct Nodes(Vec<f64>);

impl Nodes {
    pub fn new(options: &VoiceboxOptions) -> Result<Self, OptionError> {
        check(options)?;
        let (low, high) = limits_on_scale(options)?;
        let range = high - low;
        let bands = match options.bands {
            Bands::Auto => count((4.6 * (2.0 * last_hz(options)).log10()).ceil()),
            Bands::Count(bands) => bands,
            Bands::Spacing(units) => spaced(options, range, units)?,
        };
        let least = match options.limits {
            Limits::Edges => 1,
            Limits::Centres => 2,
        };
        let possible = match options.limits {
            Limits::Edges => format!("1 to {BANDS_MAX}"),
            Limits::Centres => format!("2 to {BANDS_MAX} where the limits are centres"),
        };
        OptionError::unless((least..=BANDS_MAX).contains(&bands), "band count", bands, possible)?;
        let (first, step) = match options.limits {
            Limits::Edges => (low, range / real(bands + 1)),
            Limits::Centres => {
                let step = range / real(bands - 1);
                (low - step, step)
            }
        };
        let units = |node: usize| {
            let units = first + real(node) * step;
            if node == 0 { units } else { units.max(0.0) }
        };
        Ok(Self((0..bands + 2).map(|node| options.scale.hz_from_units(units(node))).collect()))
    }

    pub fn bands(&self) -> usize {
        self.0.len() - 2
    }

    pub fn centres_hz(&self) -> &[f64] {
        &self.0[1..=self.bands()]
    }

    /// The triangles of all bands, each with its row. An extension is half a triangle more, in the
    /// row of the first or the last band.
    pub fn triangles(&self, options: &VoiceboxOptions) -> Vec<(usize, Triangle)> {
        let mut corners = self.0.clone();
        let last = self.bands() - 1;
        let top_hz = options.bins.top_hz();
        let extend_high = options.extend_high && corners[self.bands()] < top_hz;
        let end = corners.len() - 1;
        if options.extend_low {
            corners[0] = 0.0;
        }
        if extend_high {
            corners[end] = top_hz;
        }
        let mut triangles: Vec<_> = corners
            .windows(3)
            .enumerate()
            .map(|(row, nodes)| {
                (row, Triangle { left: nodes[0], centre: nodes[1], right: nodes[2] })
            })
            .collect();
        if options.extend_low {
            triangles.push((0, Triangle { left: 0.0, centre: 0.0, right: corners[1] }));
        }
        if extend_high {
            let left = corners[end - 1];
            triangles.push((last, Triangle { left, centre: top_hz, right: top_hz }));
        }
        triangles
    }
}

fn last_hz(options: &VoiceboxOptions) -> f64 {
    options.bins.hz(options.bins.count - 1)
}

fn check(options: &VoiceboxOptions) -> Result<(), OptionError> {
    let bins = &options.bins;
    let positive = |value: f64| value > 0.0 && value.is_finite();
    OptionError::unless(
        positive(options.sample_rate_hz),
        "sample rate",
        options.sample_rate_hz,
        "more than 0 Hz",
    )?;
    limits::within("bin count", bins.count, 1, BINS_MAX)?;
    OptionError::unless(positive(bins.step_hz), "bin step", bins.step_hz, "more than 0 Hz")?;
    let first = bins.first_hz;
    OptionError::unless(first >= 0.0 && first.is_finite(), "first bin", first, "0 Hz or more")?;
    if let Bands::Spacing(units) = options.bands {
        OptionError::unless(positive(units), "band spacing", units, "more than 0 scale units")?;
    }
    Ok(())
}

/// The limits in scale units.
fn limits_on_scale(options: &VoiceboxOptions) -> Result<(f64, f64), OptionError> {
    let scale = options.scale;
    let default_low_hz = if scale == ScaleFormula::Log10 { LOG_LOW_HZ } else { 0.0 };
    let units = |given: Option<f64>, default_hz: f64| match (given, options.unit) {
        (Some(units), Unit::Scale) => units,
        (Some(hz), Unit::Hertz) => scale.units_from_hz(hz),
        (None, _) => scale.units_from_hz(default_hz),
    };
    let above_0 = scale != ScaleFormula::Log10 || options.unit == Unit::Scale;
    for (option, given) in [("low limit", options.low), ("high limit", options.high)] {
        let Some(given) = given else { continue };
        OptionError::unless(given.is_finite(), option, given, "a finite number")?;
        let met = above_0 || given > 0.0;
        OptionError::unless(met, option, given, "more than 0 Hz on a logarithmic scale")?;
    }
    let low = units(options.low, default_low_hz);
    let high = units(options.high, options.sample_rate_hz / 2.0);
    let given = options.high.unwrap_or_else(|| scale.hz_from_units(high));
    let low_given = options.low.unwrap_or_else(|| scale.hz_from_units(low));
    let possible = format!("more than the low limit, {low_given}");
    OptionError::unless(high > low && high.is_finite(), "high limit", given, possible)?;
    Ok((low, high))
}

/// As many bands as fit a spacing in scale units.
fn spaced(options: &VoiceboxOptions, range: f64, units: f64) -> Result<usize, OptionError> {
    let steps = (range / units).round();
    let bands = match options.limits {
        Limits::Edges => steps - 1.0,
        Limits::Centres => steps + 1.0,
    };
    let possible = format!(
        "less than the range of {range} scale units, and as much as leaves no more than {BANDS_MAX} bands"
    );
    let met = (1.0..=real(BANDS_MAX)).contains(&bands);
    OptionError::unless(met, "band spacing", units, possible)?;
    Ok(count(bands))
}
