//! A stored state made possible before an instance takes it over.
//!
//! What belongs to the sound and the project is the state's alone: where a state says nothing of it, it
//! is as in a new instance, and never what the instance happened to have. How the window looks and how
//! large it is belongs to the person in front of it: a state that says nothing leaves it as it is.

use crate::state::ab::AbState;
use crate::state::bank_file::StoredBankFile;
use crate::state::curve::StoredCurve;
use crate::state::load::migrations::{MIGRATIONS, Version, migrate};
use crate::state::load::notices::LoadNotices;
use crate::state::param::{DEFINED, ParamId};
use crate::state::preferences::Preferences;
use nice_plug::plugin::ParamValue as Stored;
use nice_plug::prelude::{Param, ParamPtr, PluginState};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most sentences about one state.
const MOST_NOTICES: usize = 6;
/// The most characters of a text from a state in a sentence.
const MOST_CHARACTERS: usize = 40;

/// Makes a state possible: brings it up to this version, values into their ranges, sets what it lacks to
/// defaults, leaves out what nobody knows. What there is to say goes with it, for the window to show.
pub fn repair(state: &mut PluginState) {
    let mut notices = Vec::new();
    let version = migrate(state, MIGRATIONS);
    if version > Version::current() {
        notices.push(format!("stored by Erbium {version}, later than this {}", Version::current()));
    }
    repair_parameters(state, &mut notices);
    repair_fields(state, &mut notices);
    if notices.len() > MOST_NOTICES {
        let more = notices.len() - MOST_NOTICES;
        notices.truncate(MOST_NOTICES);
        notices.push(format!("and {more} more"));
    }
    for notice in &notices {
        nice_plug::nice_warn!("Loaded state: {notice}");
    }
    if let Ok(notices) = serde_json::to_string(&notices) {
        state.fields.insert(LoadNotices::FIELD.to_owned(), notices);
    }
}

fn repair_parameters(state: &mut PluginState, notices: &mut Vec<String>) {
    state.params.retain(|id, _| {
        let known = ParamId::from_id(id).is_some();
        if !known {
            notices.push(format!("the unknown parameter \"{}\" was ignored", short(id)));
        }
        known
    });
    for control in ParamId::every() {
        let id = control.id().into_owned();
        let possible = state.params.get(&id).and_then(|stored| possible(control, stored));
        let default = default_of(control);
        let value = match (state.params.get(&id), possible) {
            (None, _) => default,
            (Some(_), Some((value, None))) => value,
            (Some(_), Some((value, Some(what)))) => {
                notices.push(format!("{id} {what}"));
                value
            }
            (Some(stored), None) => {
                notices.push(format!("{id} {} is not possible: default", described(stored)));
                default
            }
        };
        state.params.insert(id, value);
    }
}

/// The value as the parameter can take it, and what had to be done, if anything; `None` where it cannot
/// be read as one.
fn possible(control: ParamId, stored: &Stored) -> Option<(Stored, Option<String>)> {
    let (pointer, (least, most)) = (control.pointer(&DEFINED), control.range().into_inner());
    let number = match stored {
        Stored::F32(number) => Some(*number),
        // Every number a parameter may have is exact.
        #[expect(clippy::cast_precision_loss)]
        Stored::I32(number) => Some(*number as f32),
        Stored::Bool(_) | Stored::String(_) => None,
    };
    let number = number.filter(|number| !number.is_nan());
    let within = |number: f32| {
        let clamped = number.clamp(least, most);
        let what = (clamped != number).then(|| format!("{number} is out of range: {clamped}"));
        (clamped, what)
    };
    match (pointer, stored) {
        (ParamPtr::FloatParam(_), _) => {
            let (number, what) = within(number?);
            Some((Stored::F32(number), what))
        }
        (ParamPtr::IntParam(_), _) => {
            let (number, what) = within(number?.round());
            Some((Stored::I32(crate::cast::whole(number)), what))
        }
        (ParamPtr::BoolParam(_), Stored::Bool(on)) => Some((Stored::Bool(*on), None)),
        (ParamPtr::EnumParam(_), Stored::String(id)) => {
            control.choice_ids()?.contains(&id.as_str()).then(|| (stored.clone(), None))
        }
        _ => None,
    }
}

/// The value of a new instance as a state holds it.
fn default_of(control: ParamId) -> Stored {
    // SAFETY: what the pointers point into lives for ever.
    unsafe {
        match control.pointer(&DEFINED) {
            ParamPtr::FloatParam(p) => Stored::F32((*p).default_plain_value()),
            ParamPtr::IntParam(p) => Stored::I32((*p).default_plain_value()),
            ParamPtr::BoolParam(p) => Stored::Bool((*p).default_plain_value()),
            ParamPtr::EnumParam(p) => {
                let index = (*p).default_plain_value();
                let id = usize::try_from(index).ok().and_then(|k| control.choice_ids()?.get(k));
                id.map_or(Stored::I32(index), |id| Stored::String((*id).to_owned()))
            }
        }
    }
}

/// Makes one field possible: the state, what there is to say, the field's name.
type FieldRule = fn(&mut PluginState, &mut Vec<String>, &str);

/// The fields beside the parameters, each with its rule: one that is missing or cannot be read is as in a
/// new instance where it belongs to the project, and left alone where it belongs to the person.
const FIELDS: &[(&str, FieldRule)] = &[
    ("curve", |state, notices, name| {
        project(state, notices, name, &StoredCurve::PARAMETERS, |curve| curve.drawing().is_some());
    }),
    ("bank_file", |state, notices, name| {
        project(state, notices, name, &StoredBankFile::default(), StoredBankFile::is_possible);
    }),
    ("editor_memory", |state, notices, name| {
        project(state, notices, name, &AbState::default(), |_| true);
    }),
    ("editor_preferences", person::<Preferences>),
    ("editor_size", person::<(u16, u16)>),
    // A state can bring no notices of its own.
    (LoadNotices::FIELD, |state, _, name| {
        state.fields.remove(name);
    }),
];

fn repair_fields(state: &mut PluginState, notices: &mut Vec<String>) {
    for (name, rule) in FIELDS {
        rule(state, notices, name);
    }
    state.fields.retain(|name, _| {
        let known = FIELDS.iter().any(|(known, _)| known == name);
        if !known {
            notices.push(format!("the unknown field \"{}\" was ignored", short(name)));
        }
        known
    });
}

fn project<T: Serialize + DeserializeOwned>(
    state: &mut PluginState,
    notices: &mut Vec<String>,
    name: &str,
    default: &T,
    is_possible: impl Fn(&T) -> bool,
) {
    let stored = state.fields.get(name);
    let read = stored.and_then(|text| serde_json::from_str::<T>(text).ok());
    if read.is_some_and(|read| is_possible(&read)) {
        return;
    }
    if stored.is_some() {
        notices.push(format!("{name} could not be read: as in a new instance"));
    }
    if let Ok(text) = serde_json::to_string(default) {
        state.fields.insert(name.to_owned(), text);
    }
}

fn person<T: DeserializeOwned>(state: &mut PluginState, notices: &mut Vec<String>, name: &str) {
    if state.fields.get(name).is_some_and(|text| serde_json::from_str::<T>(text).is_err()) {
        notices.push(format!("{name} could not be read: left as it was"));
        state.fields.remove(name);
    }
}

fn described(stored: &Stored) -> String {
    match stored {
        Stored::F32(number) => number.to_string(),
        Stored::I32(number) => number.to_string(),
        Stored::Bool(on) => on.to_string(),
        Stored::String(text) => format!("\"{}\"", short(text)),
    }
}

/// The beginning of a text from a file.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MOST_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::FIELDS;
    use crate::state::params::ErbiumParams;
    use nice_plug::prelude::Params;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_that_is_stored_has_a_rule() {
        let stored = ErbiumParams::default().serialize_fields();
        let ruled: BTreeSet<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        assert_eq!(stored.keys().map(String::as_str).collect::<BTreeSet<_>>(), ruled);
    }
}
