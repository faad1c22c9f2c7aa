//! The file of a preset.

use crate::state::limits::{MAX_GAIN_DB, OFF_DB};
use crate::state::load::migrations::Version;
use crate::state::param::ParamId;
use crate::state::param::setting::Setting;
use crate::state::preset::json::{ReadError, kind, read_object};
use crate::state::preset::{Preset, TEXT_BYTES_MAX, check_points};
use erbium_curve::{ErrorKind, Options};
use serde::Serialize;
use serde_json::{Map, Value};

/// The version of the format written in `"erbium"`.
const FORMAT: u32 = 1;

/// What a preset may say of itself; nothing of it is heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// What there is to say of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Words to find it by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// What a file holds, field by field.
#[derive(Default)]
struct File {
    erbium: Option<u64>,
    name: Option<String>,
    made_by: Option<String>,
    parameters: Map<String, Value>,
    curve: Vec<(f64, f64)>,
    about: About,
    unknown: Vec<String>,
}

impl File {
    /// Takes up a field.
    fn set(&mut self, field: &str, value: &Value) -> Result<(), String> {
        let refusal = |possible: &str| format!("{field} is {}; possible: {possible}", kind(value));
        let text = |value: &Value| match value {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text.clone())),
            _ => Err(refusal("a text")),
        };
        match (field, value) {
            ("erbium", _) => match value.as_u64() {
                Some(format) => self.erbium = Some(format),
                None => return Err(refusal(&FORMAT.to_string())),
            },
            ("name", Value::String(name)) => self.name = Some(name.clone()),
            ("name", _) => return Err(refusal("a text")),
            ("made_by", _) => self.made_by = text(value)?,
            ("author", _) => self.about.author = text(value)?,
            ("comment", _) => self.about.comment = text(value)?,
            ("tags", Value::Array(tags)) if tags.iter().all(Value::is_string) => {
                let tags = tags.iter().filter_map(Value::as_str);
                self.about.tags = tags.map(str::to_owned).collect();
            }
            ("tags", _) => return Err(refusal("a list of texts")),
            ("parameters", Value::Object(parameters)) => self.parameters = parameters.clone(),
            ("parameters", _) => return Err(refusal("an object, {id: value, …}")),
            ("curve", Value::Array(points)) => {
                let points = points.iter().enumerate().map(|(number, value)| point(number, value));
                self.curve = points.collect::<Result<_, _>>()?;
            }
            ("curve", _) => return Err(refusal("a list of points, [[Hz, dB], …]")),
            _ => self.unknown.push(field.to_owned()),
        }
        Ok(())
    }

    /// The parameters that are named, and what was ignored. Of a later version's preset, parameters that
    /// this version does not know are left out, as they are at their defaults here.
    fn settings(&self) -> Result<(Vec<Setting>, Vec<String>), String> {
        let unknown = self.unknown.iter();
        let mut notices: Vec<String> =
            unknown.map(|field| format!("the unknown field \"{field}\" was ignored")).collect();
        let made_by = self.made_by.as_deref();
        let version = made_by.and_then(Version::read).filter(|made| *made > Version::current());
        let mut settings = Vec::new();
        for (id, value) in &self.parameters {
            match (ParamId::from_id(id), version) {
                (None, Some(version)) => notices.push(format!(
                    "the parameter \"{id}\" of Erbium {version} is unknown to this {}, and was ignored",
                    Version::current()
                )),
                _ => settings.push(Setting::from_json(id, value)?),
            }
        }
        Ok((settings, notices))
    }
}

impl Preset {
    /// Reads a preset: all of it or, where anything is wrong, nothing.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let mut file = File::default();
        match read_object(without_mark(json), |field, value| file.set(field, value)) {
            Ok(_) => Self::from_file(file),
            Err(ReadError::NoObject(clause)) => Err(none(&clause)),
            Err(ReadError::Field(sentence)) => Err(sentence),
        }
    }

    /// Reads what a file or the clipboard holds: a preset, or a curve as other programs write it, which is
    /// then called `name`. Filters in it work at a sampling rate in hertz.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn from_bytes(name: &str, bytes: &[u8], sample_rate_hz: f64) -> Result<Self, String> {
        if bytes.len() > TEXT_BYTES_MAX {
            let given = bytes.len();
            return Err(format!(
                "a text of {given} bytes is too long; possible: up to {TEXT_BYTES_MAX} bytes"
            ));
        }
        if is_preset(bytes) {
            // A comment may be in any encoding.
            return Self::from_json(&String::from_utf8_lossy(bytes));
        }
        let options = Options::at(sample_rate_hz);
        Self::from_curve(name, bytes, &options, None).map_err(|error| match error.kind {
            ErrorKind::AsksPurpose => {
                format!("{error}, by `erbium render --curve FILE --measurement`")
            }
            ErrorKind::AsksChannel => format!("{error}, by `erbium render --curve FILE --channel`"),
            _ => error.to_string(),
        })
    }

    /// Reads a preset that is part of something larger, as [`Self::from_json`] does.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn from_value(json: Value) -> Result<Self, String> {
        let Value::Object(object) = json else {
            return Err(none(&format!("it is {}", kind(&json))));
        };
        let mut file = File::default();
        object.iter().try_for_each(|(field, value)| file.set(field, value))?;
        Self::from_file(file)
    }

    fn from_file(file: File) -> Result<Self, String> {
        let Some(format) = file.erbium else { return Err(none("the field \"erbium\" is missing")) };
        if format != u64::from(FORMAT) {
            return Err(format!("preset format {format} is unknown; possible: {FORMAT}"));
        }
        if file.name.is_none() {
            return Err(none("the field \"name\" is missing"));
        }
        check_curve(&file.curve)?;
        let (settings, notices) = file.settings()?;
        let File { name, about, curve, .. } = file;
        let name = name.unwrap_or_default();
        Ok(Self { name, about, settings, curve, notices, ..Self::default() })
    }

    /// The preset as [`Self::from_value`] reads it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let parameters: Map<String, Value> = self
            .settings
            .iter()
            .map(|setting| (setting.id().to_owned(), setting.to_json()))
            .collect();
        let mut file = serde_json::json!({
            "erbium": FORMAT,
            "made_by": env!("CARGO_PKG_VERSION"),
            "name": self.name,
            "parameters": parameters,
            "curve": self.curve,
        });
        if let (Value::Object(file), Ok(Value::Object(about))) =
            (&mut file, serde_json::to_value(&self.about))
        {
            file.extend(about);
        }
        file
    }
}

/// What is no preset, and what would be.
fn none(clause: &str) -> String {
    format!(
        "not an Erbium preset: {clause}; possible: {{\"erbium\": {FORMAT}, \"name\": …, \
         \"parameters\": {{id: value}}, \"curve\": [[Hz, dB], …]}}"
    )
}

/// The point of a curve that has this number, counted from 0.
fn point(number: usize, value: &Value) -> Result<(f64, f64), String> {
    let coordinates = value.as_array().map(Vec::as_slice);
    if let Some([hz, gain_db]) = coordinates
        && let (Some(hz), Some(gain_db)) = (hz.as_f64(), gain_db.as_f64())
    {
        return Ok((hz, gain_db));
    }
    Err(format!("curve point {} is {value}; possible: two numbers, [Hz, dB]", number + 1))
}

fn check_curve(curve: &[(f64, f64)]) -> Result<(), String> {
    check_points(curve.len())?;
    let gains_db = f64::from(OFF_DB)..=f64::from(MAX_GAIN_DB);
    for &(hz, gain_db) in curve {
        if !(0.0..=1e6).contains(&hz) || !gains_db.contains(&gain_db) {
            return Err(format!(
                "curve point [{hz}, {gain_db}] is out of range; possible: 0 to 1000000 Hz, \
                 {OFF_DB} (off) to {MAX_GAIN_DB} dB"
            ));
        }
    }
    match curve.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
        Some(pair) => Err(format!(
            "curve frequency {} Hz follows {} Hz; possible: rising frequencies",
            pair[1].0, pair[0].0
        )),
        None => Ok(()),
    }
}

/// Whether bytes are of a preset, for no curve begins with a brace.
#[must_use]
pub fn is_preset(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    bytes.trim_ascii_start().starts_with(b"{")
}

/// A text without the mark that some editors begin UTF-8 with.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let preset = Preset::from_json(
            r#"{"erbium": 1, "name": "Öl \"1\"", "curve": [[0.5, -60], [1000.25, 3.125]],
                "parameters": {"kind": "gammatone", "scale": "log", "bands": 24, "latency": "43ms",
                               "quality": "high", "output": -3.25, "mix": 37.5, "bypass": true,
                               "gain_match": false, "gain_4": "off", "gain_5": -9.125}}"#,
        )
        .expect("valid");
        let text = preset.to_value().to_string();
        let read = Preset::from_json(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((&read.name, &read.curve), (&preset.name, &preset.curve));
        assert_eq!(read.settings.len(), preset.settings.len());
        for (read, written) in read.settings.iter().zip(&preset.settings) {
            assert_eq!(read.id(), written.id());
            assert!((read.normalized() - written.normalized()).abs() < 1e-6, "{text}");
        }
    }

    #[test]
    fn more_than_any_curve_needs_is_refused_with_the_limit() {
        let points = |count: usize| {
            let points: Vec<_> = (0..count).map(|k| format!("[{k}, 0]")).collect();
            format!(r#"{{"erbium": 1, "name": "x", "curve": [{}]}}"#, points.join(","))
        };
        let most = crate::state::preset::POINTS_MAX;
        let read = |text: &str| Preset::from_bytes("x", text.as_bytes(), 48_000.0);
        assert!(read(&points(most)).is_ok());
        let error = read(&points(most + 1)).expect_err("too many");
        assert!(error.contains("100001 points") && error.contains("up to 100000"), "{error}");
        let error = read(&" ".repeat(TEXT_BYTES_MAX + 1)).expect_err("too long");
        assert!(error.contains("8388609 bytes") && error.contains("up to 8388608"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (json, told) in [
            ("", "not an Erbium preset"),
            ("{\"erbium\": 1}", "name"),
            ("{\"name\": \"x\"}", "the field \"erbium\" is missing"),
            ("[]", "does not begin with {"),
            ("{\"erbium\": 1,\n\"name\": \"x\"", "line 2: it ends before it is complete"),
            (
                "{\"erbium\": \"1\", \"name\": \"x\"}",
                "line 1: erbium is the text \"1\"; possible: 1",
            ),
            ("{\"erbium\": 1,\n\"name\": 3}", "line 2: name is 3; possible: a text"),
            (
                "{\"erbium\": 1, \"name\": \"x\", \"tags\": [1]}",
                "tags is a list; possible: a list of texts",
            ),
            (
                "{\"erbium\": 1, \"name\": \"x\", \"parameters\": []}",
                "parameters is a list; possible: an object",
            ),
            (
                "{\"erbium\": 1, \"name\": \"x\", \"curve\": 3}",
                "curve is 3; possible: a list of points",
            ),
            (
                "{\"erbium\": 1, \"name\": \"x\",\n\"curve\": [[1, 2], [3]]}",
                "line 2: curve point 2 is [3]; possible: two numbers, [Hz, dB]",
            ),
            (
                "{\"erbium\": 1, \"name\": \"x\", \"curve\": [[1, \"2\"]]}",
                "curve point 1 is [1,\"2\"]",
            ),
            (
                "{\"erbium\": 1, \"name\": \"x\", \"parameters\": {\"mix\": 1,\n\"mix\": 2}}",
                "line 2: the field \"mix\" stands there twice",
            ),
            (
                "{\"erbium\": 1, \"name\": \"x\", \"name\": \"y\"}",
                "the field \"name\" stands there twice",
            ),
            (r#"{"erbium": 2, "name": "x"}"#, "format 2"),
            (r#"{"erbium": 1, "name": "x", "parameters": {"bands": 100}}"#, "8 to 64"),
            (r#"{"erbium": 1, "name": "x", "parameters": {"band": 10}}"#, "bands"),
            (r#"{"erbium": 1, "name": "x", "parameters": {"bands": [10]}}"#, "a number"),
            (r#"{"erbium": 1, "name": "x", "curve": [[100, 99]]}"#, "24"),
            (r#"{"erbium": 1, "name": "x", "curve": [[100, 1], [100, 2]]}"#, "rising"),
            (r#"{"erbium": 1, "name": "x", "made_by": "0.1.0", "parameters": {"b": 1}}"#, "bands"),
            (
                r#"{"erbium": 1, "name": "x", "made_by": "99.0.0", "parameters": {"mix": 200}}"#,
                "0 to 100",
            ),
        ] {
            let error = Preset::from_json(json).expect_err(json);
            assert!(error.contains(told), "{json}: {error}");
            for word in ["u32", "tuple", "sequence", "invalid type", "expected"] {
                assert!(!error.contains(word), "{json}: {error}");
            }
        }
    }

    #[test]
    fn what_a_later_version_says_is_ignored_with_a_notice() {
        let preset = Preset::from_json(
            r#"{"erbium": 1, "name": "x", "made_by": "99.1.0", "colour": 3, "author": "A",
                "parameters": {"bands": 24, "scent": 3, "depth": {"of": [1]}}, "curve": [[100, 1]]}"#,
        )
        .expect("reads");
        assert_eq!((preset.settings.len(), preset.curve.len()), (1, 1));
        let told = preset.notices.join("\n");
        for word in ["colour", "scent", "depth", "99.1.0"] {
            assert!(told.contains(word), "{word}: {told}");
        }
        assert_eq!(preset.notices.len(), 3, "{told}");
    }

    #[test]
    fn who_made_it_and_what_for_is_kept() {
        let text = r#"{"erbium": 1, "name": "x", "author": "Ö. \"A\"", "comment": "soft", "tags": ["a", "b"]}"#;
        let preset = Preset::from_json(text).expect("reads");
        assert_eq!(preset.notices, [""; 0]);
        let value = preset.to_value();
        assert_eq!(value["author"], "Ö. \"A\"");
        assert_eq!((&value["comment"], &value["tags"][1]), (&"soft".into(), &"b".into()));
        assert_eq!(value["made_by"], env!("CARGO_PKG_VERSION"));
        assert_eq!(Preset::from_value(value).expect("reads").about, preset.about);
        let none = Preset::from_json(r#"{"erbium": 1, "name": "x"}"#).expect("reads").to_value();
        assert!(none.get("author").is_none() && none.get("tags").is_none(), "{none}");
    }
}
