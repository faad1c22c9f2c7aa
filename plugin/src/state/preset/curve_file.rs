//! Curves of other programs as presets: what of a curve can be played, and what cannot.

use crate::state::limits::{MAX_GAIN_DB, OFF_DB};
use crate::state::param::setting::Setting;
use crate::state::preset::{POINTS_MAX, Preset};
use erbium_curve::{ChannelChoice, Curve, Error, ErrorKind, Options, read};

/// How near in dB a curve that is straight over a bank's scale comes to the one that was read, which is
/// straight over the logarithm of the frequency.
const WITHIN_DB: f64 = 0.02;

impl Preset {
    /// Reads a curve of another program, which is then called `name`: one for all channels, or `channel`
    /// of two. Its preamp is the output gain, and gains below −60 dB are off.
    ///
    /// # Errors
    /// Where it cannot be read or played; some are questions, which `options` and `channel` answer.
    pub fn from_curve(
        name: &str,
        bytes: &[u8],
        options: &Options,
        channel: Option<ChannelChoice>,
    ) -> Result<Self, Error> {
        let curves = read(bytes, options)?;
        let one = curves.channels.one(channel)?;
        let mut notices: Vec<String> = curves.notes.iter().map(ToString::to_string).collect();
        let settings = match one.preamp_db {
            Some(preamp_db) => vec![output(preamp_db)?],
            None => Vec::new(),
        };
        let curve = playable(&one.curve, &mut notices)?;
        let (name, contents) = (name.to_owned(), curves.contents.to_string());
        Ok(Self { name, contents, settings, curve, curve_only: true, notices, ..Self::default() })
    }

    /// A preset that draws this curve, and is at its defaults otherwise.
    ///
    /// # Errors
    /// Where a gain is too high to be played.
    pub fn of_curve(curve: &Curve) -> Result<Self, Error> {
        let mut notices = Vec::new();
        let curve = playable(curve, &mut notices)?;
        Ok(Self { curve, notices, ..Self::default() })
    }
}

/// The output gain of a preamp.
fn output(preamp_db: f64) -> Result<Setting, Error> {
    Setting::new("output", &preamp_db.to_string()).map_err(|sentence| malformed(&sentence))
}

fn malformed(sentence: &str) -> Error {
    Error { kind: ErrorKind::Malformed, line: None, text: sentence.to_owned() }
}

/// The points of a curve as a preset holds them.
fn playable(curve: &Curve, notices: &mut Vec<String>) -> Result<Vec<(f64, f64)>, Error> {
    let highest = curve.points().iter().max_by(|a, b| a.db.total_cmp(&b.db));
    if let Some(point) = highest.filter(|point| point.db > f64::from(MAX_GAIN_DB)) {
        return Err(malformed(&format!(
            "{:.2} dB at {:.1} Hz is out of range; possible: {OFF_DB} (off) to {MAX_GAIN_DB} dB",
            point.db, point.hz
        )));
    }
    let curve = curve.for_any_scale(WITHIN_DB).no_lower_than(f64::from(OFF_DB));
    let (curve, error_db) = curve.thinned(POINTS_MAX);
    if error_db > 0.0 {
        let points = curve.points().len();
        notices.push(format!("the curve was thinned to {points} points, within {error_db:.3} dB"));
    }
    Ok(curve.points().iter().map(|point| (point.hz, point.db)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use erbium_dsp::Scale;

    fn preset(text: &str) -> Result<Preset, Error> {
        Preset::from_curve("Room", text.as_bytes(), &Options::at(48_000.0), None)
    }

    #[test]
    fn a_curve_is_met_on_every_scale_as_it_was_read() {
        let text = "GraphicEQ: 25 2; 1500 0; 20000 -12";
        let preset = preset(text).expect("reads");
        let curve = read(text.as_bytes(), &Options::at(48_000.0)).expect("reads");
        let curve = curve.channels.one(None).expect("one").curve;
        let centres_hz = [25.0, 60.0, 200.0, 700.0, 1500.0, 4000.0, 11_000.0, 20_000.0];
        for scale in Scale::ALL {
            for (db, hz) in preset.curve_gains_db(scale, &centres_hz).into_iter().zip(centres_hz) {
                let off_db = f64::from(db) - curve.at_db(hz);
                assert!(off_db.abs() < WITHIN_DB + 1e-3, "{scale}: {off_db} dB at {hz} Hz");
            }
        }
        assert_eq!((preset.contents.as_str(), preset.curve_only), ("3 points", true));
    }

    #[test]
    fn a_preamp_is_the_output_gain_and_what_is_very_low_is_off() {
        let preset = preset("Preamp: -6.5 dB\nGraphicEQ: 10 -84; 20 -inf; 100 0").expect("reads");
        assert_eq!(preset.settings, [Setting::new("output", "-6.5").expect("possible")]);
        let gains_db = preset.curve_gains_db(Scale::Erb, &[10.0, 20.0, 100.0]);
        assert_eq!(gains_db, [OFF_DB, OFF_DB, 0.0]);
        assert!(preset.notices.is_empty(), "{:?}", preset.notices);
        let kept = Preset::from_json(&preset.to_value().to_string()).expect("can be saved");
        assert_eq!(kept.curve, preset.curve);
    }

    #[test]
    fn filters_work_at_the_sampling_rate() {
        let text = b"Filter: ON HSC Fc 12000 Hz Gain 9 dB Q 0.7";
        let at = |rate_hz| {
            let preset = Preset::from_curve("", text, &Options::at(rate_hz), None).expect("reads");
            assert_eq!(preset.contents, "1 filter");
            preset.curve_gains_db(Scale::Erb, &[16_000.0])[0]
        };
        assert!((at(44_100.0) - at(96_000.0)).abs() > 0.1, "{} dB", at(44_100.0));
    }

    #[test]
    fn what_cannot_be_played_is_told() {
        for (text, told) in [
            (
                "GraphicEQ: 20 65.2",
                "65.20 dB at 20.0 Hz is out of range; possible: -60 (off) to 24 dB",
            ),
            ("Filter: ON PK Fc 100 Hz Gain 30 dB Q 1", "30.00 dB at 100.0 Hz is out of range"),
            ("Preamp: 40 dB", "output \"40\" is not possible; possible: -24 to 24 dB"),
        ] {
            let error = preset(text).expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_curve_of_too_many_points_is_thinned_with_a_notice() {
        let rows: Vec<String> = (0..150_000)
            .map(|k| format!("{} {}", f64::from(k) * 0.16, 3.0 * (f64::from(k) / 900.0).sin()))
            .collect();
        let preset = preset(&rows.join("\n")).expect("reads");
        assert!(preset.curve.len() <= POINTS_MAX, "{} points", preset.curve.len());
        assert!(preset.notices.join("").contains("was thinned to"), "{:?}", preset.notices);
        let gain_db = preset.curve_gains_db(Scale::Erb, &[14_400.0])[0];
        assert!((f64::from(gain_db) - 3.0 * 100.0_f64.sin()).abs() < 0.02, "{gain_db} dB");
    }
}
