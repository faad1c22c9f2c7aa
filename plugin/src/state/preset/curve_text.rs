//! Curves from other programs: a line of hertz and decibels each, or a `GraphicEQ:` line.

use crate::state::limits::{MAX_GAIN_DB, OFF_DB};
use crate::state::param::setting::Setting;
use crate::state::preset::{Preset, check_points};

/// What can be read, in words.
const POSSIBLE: &str =
    "possible: a line \"Hz dB\" for each point, or \"GraphicEQ: Hz dB; Hz dB; …\"";

/// Reads a curve of up to [`POINTS_MAX`](super::POINTS_MAX) points: frequencies in hertz with gains in dB, apart by spaces,
/// tabs, commas or semicolons. Further columns, such as phases, are passed over, and so are a line
/// of headings and comments (`*`, `#`, `;`, `//`). Where something else separates, a decimal comma
/// is a point. Gains below −60 dB are off.
///
/// Of an Equalizer APO file, `GraphicEQ:` is the curve and `Preamp:` the output gain.
///
/// # Errors
/// A sentence saying what was given, on which line, and what is possible.
pub fn read(name: &str, text: &str) -> Result<Preset, String> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut preset = Preset { name: name.to_owned(), ..Preset::default() };
    let mut headings = 0;
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.trim();
        let at = |error: String| format!("line {number}: {error}");
        if line.is_empty() || ["*", "#", ";", "//"].iter().any(|mark| line.starts_with(mark)) {
            continue;
        }
        match keyword(line) {
            Some(("graphiceq", rest)) => {
                for pair in rest.split(';').filter(|pair| !pair.trim().is_empty()) {
                    points.push(point(pair).map_err(at)?);
                    check_points(points.len())?;
                }
            }
            Some(("preamp", rest)) => {
                let setting = Setting::new("output", rest).map_err(at)?;
                preset.settings = vec![setting];
            }
            Some((keyword, _)) if keyword.starts_with("filter") => {
                return Err(at(format!(
                    "filters by frequency, gain and Q are not read; {POSSIBLE}"
                )));
            }
            // What else an Equalizer APO file may say does not change the curve.
            Some(("device" | "stage" | "channel", _)) => {}
            _ => match point(line) {
                Ok(read) => {
                    points.push(read);
                    check_points(points.len())?;
                }
                Err(_) if points.is_empty() && headings == 0 && !begins_with_number(line) => {
                    headings += 1;
                }
                Err(error) => return Err(at(error)),
            },
        }
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup();
    if let Some(pair) = points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let (hz, [a, b]) = (pair[0].0, [pair[0].1, pair[1].1]);
        return Err(format!("{hz} Hz has two gains, {a} and {b} dB; possible: one each"));
    }
    if points.is_empty() {
        return Err(format!("there is no curve in it; {POSSIBLE}"));
    }
    preset.curve = points;
    Ok(preset)
}

/// A word in lower case with a colon after it, and the rest of the line.
fn keyword(line: &str) -> Option<(&'static str, &str)> {
    const KNOWN: [&str; 6] = ["graphiceq", "preamp", "filter", "device", "stage", "channel"];
    let (word, rest) = line.split_once(':')?;
    let word = word.trim().to_ascii_lowercase();
    let known = KNOWN.into_iter().find(|known| word.starts_with(known))?;
    Some((known, rest.trim()))
}

fn begins_with_number(line: &str) -> bool {
    let mut characters = line.trim_start_matches(['"', '-', '+', '.', '−']).chars();
    characters.next().is_some_and(|character| character.is_ascii_digit())
}

/// A frequency in hertz and a gain in dB.
fn point(text: &str) -> Result<(f64, f64), String> {
    let fields = fields(text);
    let [hz, gain, ..] = fields.as_slice() else {
        return Err(format!("\"{}\" is no point; {POSSIBLE}", shortened(text)));
    };
    let number = |field: &str| field.replace(',', ".").replace('−', "-").parse::<f64>().ok();
    let off = ["off", "-inf", "−inf", "-infinity"].contains(&gain.to_ascii_lowercase().as_str());
    let gain_db = if off { Some(f64::from(OFF_DB)) } else { number(gain) };
    let (Some(hz), Some(gain_db)) = (number(hz), gain_db) else {
        return Err(format!("\"{}\" is no point; {POSSIBLE}", shortened(text)));
    };
    if !(0.0..=1e6).contains(&hz) {
        return Err(format!("{hz} Hz is out of range; possible: 0 to 1000000 Hz"));
    }
    if gain_db.is_nan() || gain_db > f64::from(MAX_GAIN_DB) {
        return Err(format!(
            "{gain_db} dB at {hz} Hz is out of range; possible: {OFF_DB} (off) to {MAX_GAIN_DB} dB: \
             gains, not sound pressure levels"
        ));
    }
    Ok((hz, gain_db.max(f64::from(OFF_DB))))
}

/// The fields of a line, without quotes and units.
fn fields(text: &str) -> Vec<&str> {
    let apart = |text: &str| text.contains([';', '\t']) || text.trim().contains(' ');
    let by: &[char] = if apart(text) { &[';', '\t', ' '] } else { &[','] };
    let fields = text.split(by).map(|field| field.trim().trim_matches('"').trim_end_matches(','));
    let is_unit = |field: &str| ["hz", "db", ","].contains(&field.to_ascii_lowercase().as_str());
    fields.filter(|field| !field.is_empty() && !is_unit(field)).collect()
}

/// As much of a text as fits into a sentence.
fn shortened(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [(f64, f64); 3] = [(20.0, -1.5), (100.5, 0.0), (1000.0, 6.25)];

    #[test]
    fn every_way_to_write_the_same_curve_is_read() {
        for text in [
            "20 -1.5\n100.5 0\n1000 6.25\n",
            "20,-1.5\n100.5,0\n1000,6.25",
            "20, -1.5\r\n100.5, 0\r\n1000, 6.25\r\n",
            "20;-1,5\n100,5;0\n1000;6,25",
            "20\t-1,5\n100,5\t0\n1000\t6,25",
            "1000 6.25\n20 −1.5\n100.5 0\n20 -1.5",
            "\u{feff}frequency,raw\n20,-1.5\n100.5,0\n1000,6.25",
            "\"Hz\";\"dB\"\n\"20\";\"-1.5\"\n\"100.5\";\"0\"\n\"1000\";\"6.25\"",
            "20 Hz -1.5 dB\n100.5 Hz, 0 dB\n1000 Hz 6.25 dB",
            "* Measurement data by REW\n* Freq(Hz) SPL(dB) Phase(degrees)\n20.0 -1.5 -12.3\n\
             100.500 0.000 4.1\n1000.0 6.25 0.0",
            "# made by hand\n// twice\n\n2e1 -1.5\n100.5 0\n1e3 6.25",
            "GraphicEQ: 20 -1.5; 100.5 0; 1000 6.25",
            "Device: Speakers\nChannel: all\ngraphiceq: 20 -1.5; 100.5 0.0; 1000 6.25;",
        ] {
            let preset = read("Room", text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(preset.curve, POINTS, "{text}");
            assert_eq!((preset.name.as_str(), preset.settings.len()), ("Room", 0));
        }
    }

    #[test]
    fn a_preamp_is_the_output_gain_and_what_is_very_low_is_off() {
        let preset = read("", "Preamp: -6.5 dB\nGraphicEQ: 10 -84; 20 -inf; 100 0").expect("reads");
        assert_eq!(preset.curve, [(10.0, -60.0), (20.0, -60.0), (100.0, 0.0)]);
        assert_eq!(preset.settings, [Setting::new("output", "-6.5").expect("possible")]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, told) in [
            ("", "there is no curve in it; possible: a line \"Hz dB\""),
            ("PNG\nimage of a curve\n", "line 2: \"image of a curve\" is no point"),
            ("20 1\nforty 2", "line 2: \"forty 2\" is no point"),
            ("20 1\n40", "line 2: \"40\" is no point"),
            ("20 1\n40 x", "line 2: \"40 x\" is no point"),
            ("20 65.2\n", "line 1: 65.2 dB at 20 Hz is out of range; possible: -60 (off) to 24 dB"),
            ("-5 1", "-5 Hz is out of range"),
            ("20 nan", "out of range"),
            ("20 1\n20 2", "20 Hz has two gains, 1 and 2 dB"),
            ("Filter 1: ON PK Fc 105 Hz Gain -5.0 dB Q 1.41", "line 1: filters by frequency"),
            ("Preamp: 40 dB", "line 1: output \"40 dB\" is not possible; possible: -24 to 24 dB"),
        ] {
            let error = read("", text).expect_err(text);
            assert!(error.contains(told), "{text}: {error}");
        }
        let long = read("", &"x".repeat(1 << 20)).expect_err("no curve");
        assert!(long.len() < 300, "{long}");
    }
}
