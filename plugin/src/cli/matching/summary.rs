//! What a match came to, in words.

use crate::cli::cochleagram::real;
use erbium_dsp::matching::{LevelDifference, MatchedBand};

/// A gain smaller than this in dB is none.
const UNCHANGED_DB: f64 = 0.05;

/// How many bands are changed, by how much at most, and how far levels are from the reference before and after. The
/// bands' centres are in hertz.
pub fn summary(centres_hz: &[f64], matched: &[MatchedBand]) -> String {
    let gains = || centres_hz.iter().zip(matched).map(|(hz, band)| (*hz, band.gain_db));
    let changed = gains().filter(|(_, db)| db.abs() >= UNCHANGED_DB).count();
    let mut text = format!("{changed} of {} bands changed", matched.len());
    let highest = gains().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, db)| *db >= UNCHANGED_DB);
    let lowest = gains().min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, db)| *db <= -UNCHANGED_DB);
    let most: Vec<String> = highest
        .into_iter()
        .chain(lowest)
        .map(|(hz, db)| format!("{db:+.1} dB at {hz:.0} Hz"))
        .collect();
    if !most.is_empty() {
        text = format!("{text}, at most {}", most.join(" and "));
    }
    let rms_db = |of: fn(&LevelDifference) -> f64| {
        let squares: Vec<f64> = matched
            .iter()
            .filter_map(|band| band.difference.as_ref())
            .map(|d| of(d).powi(2))
            .collect();
        (squares.iter().sum::<f64>() / real(squares.len().max(1))).sqrt()
    };
    let [before_db, after_db] = [rms_db(|d| d.before_db), rms_db(|d| d.after_db)];
    if matched.iter().any(|band| band.difference.is_some()) {
        text = format!(
            "{text}; levels differ by {before_db:.1} dB rms before, {after_db:.1} dB after"
        );
    }
    text
}

/// Which bands were left alone, if any, by the frequencies in hertz of their centres.
pub fn left_alone(centres_hz: &[f64], matched: &[MatchedBand]) -> Option<String> {
    let alone: Vec<usize> =
        (0..matched.len()).filter(|band| matched[*band].difference.is_none()).collect();
    let count = alone.len();
    if count == 0 {
        return None;
    }
    if count == matched.len() {
        return Some("no band has signal in both, so that the curve is flat".to_owned());
    }
    let runs = alone.chunk_by(|a, b| a + 1 == *b).map(|run| {
        let [first, last] = [run[0], run[run.len() - 1]].map(|band| centres_hz[band]);
        if run.len() == 1 {
            format!("{first:.0} Hz")
        } else {
            format!("{first:.0} to {last:.0} Hz")
        }
    });
    let runs: Vec<String> = runs.collect();
    let (plural, stay) = if count == 1 { ("", "stays") } else { ("s", "stay") };
    Some(format!(
        "{count} band{plural} {stay} at 0 dB, where not both have a signal: {}",
        runs.join(", ")
    ))
}
