//! Block sizes and intervals, all in samples from the start of the stream on, and the time of a ramp.

/// Samples between two looks at what gains do, on a grid that begins with the stream.
pub(crate) const GRID: usize = 32;

/// Steps of the grid in a window.
pub(crate) const STEPS: usize = 4;

/// Samples in a window.
pub(crate) const WINDOW: usize = STEPS * GRID;

/// The time in which gains move to a new value once they have set out, in milliseconds.
pub const RAMP_MS: f64 = 20.0;

/// Samples between two looks at what recursive filters can forget; a multiple of [`GRID`].
pub(crate) const SETTLING: usize = 1024;

/// Samples between two looks at what is asked, at up to 48 kHz.
pub(crate) const SOLVING: usize = 128;

/// Such looks left out once gains have set out: a goal that keeps moving is followed every quarter of a
/// ramp.
pub(crate) const LEFT_OUT: usize = 1;

/// The same after a curve that took long to solve for: followed about once in a ramp.
pub(crate) const LEFT_OUT_STEEP: usize = 6;
