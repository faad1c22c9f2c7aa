//! What the tests of reading share.
#![allow(dead_code, reason = "every test program uses a part")]

use erbium_curve::{ChannelCurve, Channels, Curves, Error, Options, read};

/// Reads a text at 48 kHz.
pub fn read_text(text: &str) -> Result<Curves, Error> {
    read(text.as_bytes(), &Options::at(48_000.0))
}

/// Reads a file of `tests/data` at 48 kHz.
pub fn case(name: &str) -> Curves {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    read(&bytes, &Options::at(48_000.0)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The one curve of a text for all channels.
pub fn common(text: &str) -> ChannelCurve {
    let curves = read_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    curves.channels.one(None).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The points of a curve as pairs.
pub fn points(channel: &ChannelCurve) -> Vec<(f64, f64)> {
    channel.curve.points().iter().map(|point| (point.hz, point.db)).collect()
}

/// The points of the one curve of a text.
pub fn points_of(text: &str) -> Vec<(f64, f64)> {
    points(&common(text))
}

/// Left and right of what has both.
pub fn left_right(curves: &Curves) -> (&ChannelCurve, &ChannelCurve) {
    match &curves.channels {
        Channels::LeftRight { left, right } => (left, right),
        Channels::Common(common) => panic!("one curve only: {common:?}"),
    }
}

/// All notes in one text.
pub fn notes(curves: &Curves) -> String {
    curves.notes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
