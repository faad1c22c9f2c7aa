//! Audiograms as tables.

use crate::curve::{Curve, Point};
use crate::decode;
use crate::report::{Error, ErrorKind, Note, Notes};
use crate::table::{self, Values};

/// The thresholds in dB HL that an audiogram may hold, from the best hearing to more than audiometers reach.
pub const THRESHOLDS_DB: [f64; 2] = [-20.0, 130.0];

/// The frequencies in hertz that an audiogram may hold.
const FREQUENCIES_HZ: [f64; 2] = [100.0, 20_000.0];

/// The thresholds of one ear in dB HL, at rising frequencies in hertz.
#[derive(Clone, Debug, PartialEq)]
pub struct Audiogram(Curve);

impl Audiogram {
    /// The audiogram through thresholds in dB HL at frequencies in hertz, in any order.
    ///
    /// # Errors
    /// Where there is none, two differ at one frequency, or one is out of range.
    pub fn new(points: Vec<Point>) -> Result<Self, Error> {
        Self::of(Curve::new(points)?)
    }

    fn of(thresholds: Curve) -> Result<Self, Error> {
        let [[lowest_db, highest_db], [lowest_hz, highest_hz]] = [THRESHOLDS_DB, FREQUENCIES_HZ];
        let possible = |point: &Point| {
            (lowest_db..=highest_db).contains(&point.db)
                && (lowest_hz..=highest_hz).contains(&point.hz)
        };
        match thresholds.points().iter().find(|point| !possible(point)) {
            None => Ok(Self(thresholds)),
            Some(Point { hz, db }) => Err(Error::new(
                ErrorKind::Malformed,
                format!(
                    "{db} dB HL at {hz} Hz is out of range; possible: {lowest_db} to {highest_db} dB HL at {lowest_hz} to \
                     {highest_hz} Hz"
                ),
            )),
        }
    }

    /// The thresholds.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        self.0.points()
    }

    /// The threshold in dB HL at a frequency in hertz: straight over the logarithm of the frequency, level beyond the
    /// ends.
    #[must_use]
    pub fn at_db(&self, hz: f64) -> f64 {
        self.0.at_db(hz)
    }
}

/// The audiograms of both ears.
#[derive(Clone, Debug, PartialEq)]
pub struct Audiograms {
    /// Of the left ear.
    pub left: Audiogram,
    /// Of the right ear: as of the left one where the file has one column.
    pub right: Audiogram,
    /// What was passed over while they were read.
    pub notes: Vec<Note>,
}

/// Reads a table of hertz and dB HL, with a column for both ears or one for each, in every notation and encoding in which
/// [`read`](crate::read) reads tables.
///
/// # Errors
/// Where there is no audiogram in it, or one that would not be what the file says.
pub fn read_audiogram(bytes: &[u8]) -> Result<Audiograms, Error> {
    let text = decode::decode(bytes).map_err(in_words)?;
    let mut notes = Notes::default();
    let columns = table::read(&decode::lines(&text), Values::Thresholds, &mut notes);
    let (channels, _) = columns.map_err(in_words)?;
    let [left, right] = channels.both().map(|channel| Audiogram::of(channel.curve));
    Ok(Audiograms { left: left?, right: right?, notes: notes.finish() })
}

/// An error of a table, in the words of an audiogram.
fn in_words(error: Error) -> Error {
    let possible = "possible: a table with the headings \"Hz\", \"left\" and \"right\", in dB HL";
    let text = match error.kind {
        ErrorKind::NoCurve => format!("there is no audiogram in it; {possible}"),
        ErrorKind::AsksColumn => {
            format!("which columns hold the thresholds is not clear; {possible}")
        }
        _ => return error,
    };
    Error { text, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(audiogram: &Audiogram) -> Vec<(f64, f64)> {
        audiogram.points().iter().map(|point| (point.hz, point.db)).collect()
    }

    #[test]
    fn ears_are_told_by_their_headings_in_every_notation() {
        let left = [(250.0, 10.0), (1000.0, 27.5), (8000.0, 70.0)];
        let right = [(250.0, 15.0), (1000.0, 40.0), (8000.0, 85.0)];
        for text in [
            "Hz,left,right\n250,10,15\n1000,27.5,40\n8000,70,85\n",
            "Frequency (Hz);Right ear (dB HL);Left ear (dB HL)\n250;15;10\n1000;40;27,5\n8000;85;70\n",
            "kHz\tR\tL\r\n0,25\t15\t10\r\n1\t40\t27,5\r\n8\t85\t70\r\n",
            "\"Frequenz\",\"Links\",\"Rechts\"\n\"1,000\",\"27.5\",\"40\"\n\"250\",\"10\",\"15\"\n\"8,000\",\"70\",\"85\"\n",
            "# of 3 May\nfrequency_hz left_db_hl right_db_hl\n250 Hz 10 dB 15 dB\n1000 Hz 27.5 dB 40 dB\n8000 Hz 70 dB 85 dB\n",
        ] {
            let both =
                read_audiogram(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(points(&both.left), left, "{text}");
            assert_eq!(points(&both.right), right, "{text}");
        }
        let one = read_audiogram(b"250 30\n1000 40\n2000 60\n").expect("reads");
        assert_eq!(one.left, one.right);
        assert_eq!(one.left.at_db(500.0), 35.0);
    }

    #[test]
    fn what_was_not_measured_is_left_out_with_a_note() {
        let both =
            read_audiogram(b"Hz,left,right\n250,10,-\n500,-,20\n1000,30,40\n").expect("reads");
        assert_eq!(points(&both.left), [(250.0, 10.0), (1000.0, 30.0)]);
        assert_eq!(points(&both.right), [(500.0, 20.0), (1000.0, 40.0)]);
        assert_eq!(both.notes.len(), 1, "{:?}", both.notes);
    }

    #[test]
    fn what_is_no_audiogram_is_told() {
        for (text, told) in [
            ("", "there is no audiogram in it; possible: a table with the headings"),
            ("Filter: ON PK Fc 100 Hz Gain 3 dB Q 1", "there is no audiogram in it"),
            ("250 20 25\n500 30 35\n", "which columns hold the thresholds is not clear; possible"),
            ("250 20 55\n500 30 65\n", "which columns hold the thresholds is not clear"),
            (
                "Hz,left,right\n250,140,20\n",
                "140 dB HL at 250 Hz is out of range; possible: -20 to 130",
            ),
            ("Hz,left,right\n20,40,20\n", "40 dB HL at 20 Hz is out of range"),
            (
                "Hz,left,right\n250,20,NR\n500,20,20\n",
                "line 3: 3 numbers stand here and 2 on line 2",
            ),
            ("Hz,left,right\n250,20,30\n250,25,30\n", "250 Hz has two gains"),
        ] {
            let error = read_audiogram(text.as_bytes()).expect_err(text).to_string();
            assert!(error.contains(told) && error.contains("possible"), "{text}: {error}");
        }
    }
}
