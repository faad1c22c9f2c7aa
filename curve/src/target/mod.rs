//! Curves from published tables, that a sound may be brought to.

pub mod equal_loudness;
pub mod speech;

/// The value at a frequency in hertz of a table of rising frequencies and values, straight over the logarithm of the
/// frequency, level beyond the ends.
fn at(table: impl IntoIterator<Item = (f64, f64)>, hz: f64) -> f64 {
    let mut below: Option<(f64, f64)> = None;
    for (next_hz, next) in table {
        if hz <= next_hz {
            let Some((last_hz, last)) = below else { return next };
            let share = (hz / last_hz).ln() / (next_hz / last_hz).ln();
            return share.mul_add(next - last, last);
        }
        below = Some((next_hz, next));
    }
    below.map_or(0.0, |(_, last)| last)
}
