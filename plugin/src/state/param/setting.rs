//! A parameter's value as text, read by the parameter itself and checked before it is set.

use crate::state::limits::MAX_BANDS;
use crate::state::param::text::read_number;
use crate::state::param::{DEFINED, ParamId, ParamValue, Parameters};
use nice_plug::prelude::*;
use serde_json::Value;

/// A parameter and the value it shall take, valid for every instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    id: String,
    normalized: f32,
}

impl Setting {
    /// Reads `id=value`; a switch may be named alone, which turns it on.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((id, value)) => Self::new(id.trim(), value),
            None if matches!(known(text)?.pointer(&DEFINED), ParamPtr::BoolParam(_)) => {
                Self::new(text, "on")
            }
            None => Err(format!("\"{text}\" has no value; possible: {text}=VALUE")),
        }
    }

    /// Reads the value of the parameter `id` from text, the way a host's text field does. Names of
    /// choices may be written without spaces and in any case.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn new(id: &str, value: &str) -> Result<Self, String> {
        let control = known(id)?;
        let pointer = control.pointer(&DEFINED);
        // SAFETY: what the pointer points into lives for ever.
        let normalized = unsafe { normalized(pointer, value.trim()) };
        match normalized {
            Some(normalized) => Ok(Self { id: id.to_owned(), normalized }),
            None => {
                let (given, possible) = (value.trim(), possible(control));
                Err(format!("{id} \"{given}\" is not possible; possible: {possible}"))
            }
        }
    }

    /// Reads the value of the parameter `id` from JSON: a number, a text, or `true` or `false`.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn from_json(id: &str, value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Self::new(id, text),
            Value::Number(number) => Self::new(id, &number.to_string()),
            Value::Bool(on) => Self::new(id, if *on { "on" } else { "off" }),
            other => Err(format!(
                "{id} {other} is not possible; possible: a number, a text, true or false"
            )),
        }
    }

    /// The value as [`Self::from_json`] reads it: a number on a ten-thousandth, a choice's id, `off`,
    /// or `true` or `false`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Ok(control) = known(&self.id) else { return Value::Null };
        let pointer = control.pointer(&DEFINED);
        // SAFETY: what the pointer points into lives for ever.
        let (text, number) = unsafe {
            let text = pointer.normalized_value_to_string(self.normalized, false);
            (text, shown(pointer, self.normalized))
        };
        match pointer {
            ParamPtr::BoolParam(_) => Value::Bool(self.normalized > 0.5),
            ParamPtr::EnumParam(_) => Value::String(plain_name(&text)),
            ParamPtr::IntParam(_) => text.parse::<i64>().map_or(Value::Null, Value::from),
            ParamPtr::FloatParam(_) if text == "off" => Value::String(text),
            ParamPtr::FloatParam(_) => Value::from((f64::from(number) * 1e4).round() / 1e4),
        }
    }

    /// The parameter's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The value as hosts keep it, 0 to 1.
    #[must_use]
    pub fn normalized(&self) -> f32 {
        self.normalized
    }
}

impl From<ParamValue> for Setting {
    fn from(value: ParamValue) -> Self {
        Self { id: value.control().id().into_owned(), normalized: value.normalized() }
    }
}

/// Sets parameters that no host manages: an offline render's. A plugin's are set through its host.
pub fn apply(settings: &[Setting], params: &mut Parameters) {
    for setting in settings {
        if let Some(control) = ParamId::from_id(&setting.id) {
            // SAFETY: the pointer points into `params`, borrowed exclusively here, so no wrapper
            // and no other thread sees the change half done.
            unsafe { control.pointer(params)._internal_set_normalized_value(setting.normalized) };
        }
    }
}

/// The parameter of this id, or a sentence that lists them all.
fn known(id: &str) -> Result<ParamId, String> {
    ParamId::from_id(id).ok_or_else(|| {
        let ids: Vec<_> = ParamId::ALL.iter().map(|control| control.id()).collect();
        let ids = ids.join(", ");
        format!("unknown parameter \"{id}\"; possible: {ids}, gain_1 to gain_{MAX_BANDS}")
    })
}

/// The value as a host keeps it; `None` where the text is no value of this parameter.
///
/// # Safety
/// The parameter must be alive.
unsafe fn normalized(pointer: ParamPtr, text: &str) -> Option<f32> {
    match pointer {
        // SAFETY: alive, says the caller.
        ParamPtr::BoolParam(_) => unsafe { pointer.string_to_normalized_value(text) },
        ParamPtr::EnumParam(_) => {
            let wanted = plain_name(text);
            // SAFETY: alive, says the caller.
            let names = unsafe { names(pointer) };
            let name = names.into_iter().find(|name| {
                let name = plain_name(name);
                name == wanted || name.strip_suffix("ms") == Some(&wanted)
            })?;
            // SAFETY: alive, says the caller.
            unsafe { pointer.string_to_normalized_value(&name) }
        }
        ParamPtr::FloatParam(_) | ParamPtr::IntParam(_) => {
            // SAFETY: alive, says the caller.
            let (unit, least, most) =
                unsafe { (pointer.unit().trim(), shown(pointer, 0.0), shown(pointer, 1.0)) };
            let unit = if unit.is_empty() { "dB" } else { unit };
            // The parameter would silently take the nearest end of its range instead.
            if read_number(text, unit).is_some_and(|number| !(least..=most).contains(&number)) {
                return None;
            }
            // SAFETY: alive, says the caller.
            unsafe { pointer.string_to_normalized_value(text) }
        }
    }
}

/// The number a parameter shows at a normalized value: per cent where it shows per cent.
///
/// # Safety
/// The parameter must be alive.
unsafe fn shown(pointer: ParamPtr, normalized: f32) -> f32 {
    // SAFETY: alive, says the caller.
    let (plain, unit) = unsafe { (pointer.preview_plain(normalized), pointer.unit()) };
    if unit.trim() == "%" { 100.0 * plain } else { plain }
}

/// The names of a parameter's choices.
///
/// # Safety
/// The parameter must be alive.
unsafe fn names(pointer: ParamPtr) -> Vec<String> {
    // SAFETY: alive, says the caller.
    unsafe {
        let last = u16::try_from(pointer.step_count().unwrap_or(0)).unwrap_or(u16::MAX);
        (0..=last)
            .map(|k| {
                let normalized = f32::from(k) / f32::from(last.max(1));
                pointer.normalized_value_to_string(normalized, true)
            })
            .collect()
    }
}

/// What may be given for a parameter, in words.
#[must_use]
pub fn possible(control: ParamId) -> String {
    let pointer = control.pointer(&DEFINED);
    // SAFETY: what the pointer points into lives for ever.
    unsafe {
        match pointer {
            ParamPtr::BoolParam(_) => "on, off".to_owned(),
            ParamPtr::EnumParam(_) => {
                let names: Vec<_> = names(pointer).iter().map(|name| plain_name(name)).collect();
                names.join(", ")
            }
            _ => {
                let (least, most) = (shown(pointer, 0.0), shown(pointer, 1.0));
                let off =
                    if pointer.string_to_normalized_value("off").is_some() { ", off" } else { "" };
                // The gains' own text brings the unit.
                let unit = if off.is_empty() { pointer.unit() } else { " dB" };
                format!("{least} to {most}{unit}{off}")
            }
        }
    }
}

/// A choice's name without spaces, in lower case: its id.
fn plain_name(name: &str) -> String {
    name.split_whitespace().collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::limits::OFF_DB;
    use crate::state::params::{LatencyChoice, ScaleChoice};

    fn params(settings: &[&str]) -> Parameters {
        let mut params = Parameters::default();
        let settings: Vec<_> =
            settings.iter().map(|text| Setting::parse(text).expect("possible")).collect();
        apply(&settings, &mut params);
        params
    }

    #[test]
    fn every_kind_of_parameter_is_set() {
        let params = params(&[
            "scale=mel",
            "bands=24",
            "latency=11 ms",
            "gain_7=-6",
            "gain_8=off",
            "gain_9=3,5 dB",
            "output=3dB",
            "mix=50",
            "bypass",
            "delta=off",
        ]);
        assert_eq!(params.scale.value(), ScaleChoice::Mel);
        assert_eq!(params.bands.value(), 24);
        assert_eq!(params.latency.value(), LatencyChoice::Ms11);
        assert!((params.band[6].gain_db.value() + 6.0).abs() < 1e-4);
        assert_eq!(params.band[7].gain_db.value(), OFF_DB);
        assert!((params.band[8].gain_db.value() - 3.5).abs() < 1e-4);
        assert!((params.output_db.value() - 3.0).abs() < 1e-4);
        assert!((params.mix.value() - 0.5).abs() < 1e-6);
        assert!(params.bypass.value() && !params.delta.value());
    }

    #[test]
    fn a_choice_is_found_by_name_id_or_number() {
        for text in ["latency=43 ms", "latency=43ms", "latency=43"] {
            assert_eq!(params(&[text]).latency.value(), LatencyChoice::Ms43);
        }
        for text in ["scale=ERB", "scale=erb"] {
            assert_eq!(params(&[text]).scale.value(), ScaleChoice::Erb);
        }
    }

    #[test]
    fn what_is_not_possible_is_told_with_what_is() {
        for (text, possible) in [
            ("scale=octave", "bark"),
            ("bands=65", "8 to 64"),
            ("bands=7", "8 to 64"),
            ("bands=many", "8 to 64"),
            ("gain_7=30", "-60 to 24"),
            ("gain_7=-61", "off"),
            ("gain_65=1", "gain_64"),
            ("mix=101", "0 to 100 %"),
            ("mix=NaN", "0 to 100 %"),
            ("output=inf", "-24 to 24 dB"),
            ("latency=22", "21ms"),
            ("bypass=maybe", "on, off"),
            ("volume=3", "output"),
            ("bands", "bands=VALUE"),
        ] {
            let error = Setting::parse(text).expect_err(text);
            assert!(error.contains(possible), "{text}: {error}");
        }
    }
}
