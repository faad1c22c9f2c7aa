//! Curves for other programs.

mod fit;

pub use fit::{Fit, fit};

use crate::channels::ChannelCurve;
use crate::filter::{Filter, Shape, Width};
use std::fmt::Write;

/// A `GraphicEQ:` line with all points, as Equalizer APO, AutoEq and Wavelet read it, and a `Preamp:` line
/// where there is one.
#[must_use]
pub fn graphic_eq(channel: &ChannelCurve) -> String {
    let mut text = preamp_line(channel.preamp_db);
    let points = channel.curve.points().iter();
    let pairs: Vec<String> =
        points.map(|point| format!("{} {}", point.hz, rounded(point.db))).collect();
    text.push_str("GraphicEQ: ");
    text.push_str(&pairs.join("; "));
    text.push('\n');
    text
}

/// A table with the columns `frequency` in hertz and `gain` in dB, a preamp added to every gain, for a table
/// has no other place for it.
#[must_use]
pub fn csv(channel: &ChannelCurve) -> String {
    let mut text = String::from("frequency,gain\n");
    for point in channel.curve.points() {
        let gain_db = rounded(point.db + channel.preamp_db.unwrap_or(0.0));
        push(&mut text, format_args!("{},{gain_db}\n", point.hz));
    }
    text
}

/// A `Preamp:` line and a `Filter:` line for each filter, as Equalizer APO, AutoEq and REW write them.
///
/// # Panics
/// For a filter whose width is no Q, or of a shape other than peak and shelf; [`fit`] gives none.
#[must_use]
pub fn parametric_eq(preamp_db: f64, filters: &[Filter]) -> String {
    let mut text = preamp_line(Some(preamp_db));
    for (number, filter) in (1..).zip(filters) {
        let kind = match filter.shape {
            Shape::Peak => "PK",
            Shape::LowShelf => "LSC",
            Shape::HighShelf => "HSC",
            other => panic!("{other:?} is no peak or shelf"),
        };
        let Width::Q(q) = filter.width else { panic!("{:?} is no Q", filter.width) };
        let (hz, gain_db) = (filter.hz, filter.gain_db);
        push(
            &mut text,
            // Not three decimals of a frequency, which Equalizer APO takes for thousands.
            format_args!(
                "Filter {number}: ON {kind} Fc {hz:.2} Hz Gain {gain_db:.2} dB Q {q:.3}\n"
            ),
        );
    }
    text
}

fn preamp_line(preamp_db: Option<f64>) -> String {
    preamp_db.map_or_else(String::new, |preamp_db| format!("Preamp: {preamp_db:.2} dB\n"))
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // A text has room for more.
    text.write_fmt(arguments).ok();
}

/// A gain to a ten-thousandth of a dB, and no negative zero.
fn rounded(db: f64) -> f64 {
    (db * 1e4).round() / 1e4 + 0.0
}
