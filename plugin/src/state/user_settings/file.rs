//! The file of the settings: read as far as it is right, and written whole or not at all.

use crate::export::output_file::OutputFile;
use crate::state::preferences::Preferences;
use crate::state::preset::json::{ReadError, read_object};
use anyhow::{Context, Result};
use serde_json::{Map, Value};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The field that says what the file is; its value is the version of the format.
const FORMAT_FIELD: &str = "erbium_settings";
/// The version of the format.
const FORMAT: u64 = 1;
/// The field of the [`Preferences`].
pub(super) const PREFERENCES: &str = "preferences";
/// The field of the window's width and height in logical pixels.
pub(super) const EDITOR_SIZE: &str = "editor_size";
/// The field that says whether the line of help has been seen.
pub(super) const HINT_SEEN: &str = "hint_seen";

/// The most bytes that are read: many times what is ever written.
pub(super) const BYTES_MAX: usize = 1 << 16;

/// What a file says; what it does not say, or says wrongly, is as in [`Default`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Stored {
    pub preferences: Preferences,
    /// Width and height in logical pixels.
    pub editor_size: Option<(u16, u16)>,
    pub hint_seen: bool,
}

/// Reads a file. What is wrong with it is told in a clause; a file that is not there is right.
pub(super) fn read(path: &Path) -> (Stored, Option<String>) {
    match object(path) {
        Ok(object) => {
            let (stored, wrong) = stored(&object.unwrap_or_default());
            let wrong = (!wrong.is_empty())
                .then(|| format!("{} could not be read: as in a new one", wrong.join(", ")));
            (stored, wrong)
        }
        Err(clause) => (Stored::default(), Some(clause)),
    }
}

/// Sets fields in a file, within objects as well, and keeps the others, be they a later version's. A file
/// that cannot be read is put aside.
pub(super) fn write(path: &Path, changes: &Map<String, Value>) -> Result<()> {
    // Of instances in one process none may write between another's reading and writing.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let old = object(path).unwrap_or_else(|_| {
        // One that cannot be moved is written over, if it can be.
        let _ = path.is_file().then(|| std::fs::rename(path, path.with_extension("unreadable")));
        None
    });
    let mut new = old.clone().unwrap_or_default();
    new.entry(FORMAT_FIELD).or_insert_with(|| FORMAT.into());
    merge(&mut new, changes);
    if old.as_ref() == Some(&new) {
        return Ok(());
    }
    let output = OutputFile::create(path)?;
    output.writer().write_all(serde_json::to_string_pretty(&new)?.as_bytes())?;
    output.finish()
}

/// The fields that differ, in objects those of the objects.
pub(super) fn differences(old: &Value, new: &Value) -> Map<String, Value> {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return Map::new() };
    let mut changed = Map::new();
    for (name, value) in new {
        match old.get(name) {
            Some(before) if before == value => {}
            Some(before) if before.is_object() && value.is_object() => {
                changed.insert(name.clone(), Value::Object(differences(before, value)));
            }
            _ => {
                changed.insert(name.clone(), value.clone());
            }
        }
    }
    changed
}

/// Sets fields, within objects as well.
pub(super) fn merge(object: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, change) in changes {
        match (object.get_mut(name), change) {
            (Some(Value::Object(inner)), Value::Object(change)) => merge(inner, change),
            _ => {
                object.insert(name.clone(), change.clone());
            }
        }
    }
}

/// The object in a file of settings; `None` where there is no file.
fn object(path: &Path) -> Result<Option<Map<String, Value>>, String> {
    let unreadable = |error: std::io::Error| error.to_string();
    let found = match path.metadata() {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(error)),
    };
    // Opening a pipe would wait for its other end.
    if !found.is_file() {
        return Err("it is no file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > BYTES_MAX {
        return Err(format!("it is too large; possible: up to {BYTES_MAX} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    let object = read_object(&text, |_, _| Ok(())).map_err(|error| match error {
        ReadError::NoObject(clause) | ReadError::Field(clause) => clause,
    })?;
    match object.get(FORMAT_FIELD).and_then(Value::as_u64) {
        Some(1..) => Ok(Some(object)),
        _ => Err(format!("it has no \"{FORMAT_FIELD}\": {FORMAT}")),
    }
}

/// What an object says, and the names of the fields that it says wrongly.
fn stored(object: &Map<String, Value>) -> (Stored, Vec<String>) {
    let mut wrong = Vec::new();
    let preferences = object.get(PREFERENCES).map(|value| preferences(value, &mut wrong));
    let mut stored = Stored { preferences: preferences.unwrap_or_default(), ..Stored::default() };
    if let Some(value) = object.get(EDITOR_SIZE) {
        match serde_json::from_value(value.clone()) {
            Ok(size) => stored.editor_size = Some(size),
            Err(_) => wrong.push(EDITOR_SIZE.to_owned()),
        }
    }
    match object.get(HINT_SEEN) {
        None => {}
        Some(Value::Bool(seen)) => stored.hint_seen = *seen,
        Some(_) => wrong.push(HINT_SEEN.to_owned()),
    }
    (stored, wrong)
}

/// The preferences as far as each of them is possible.
fn preferences(value: &Value, wrong: &mut Vec<String>) -> Preferences {
    let mut kept = Preferences::default();
    let (Value::Object(fields), Ok(Value::Object(known))) = (value, serde_json::to_value(kept))
    else {
        wrong.push(PREFERENCES.to_owned());
        return kept;
    };
    for name in known.keys() {
        let Some(value) = fields.get(name) else { continue };
        let Ok(Value::Object(mut tried)) = serde_json::to_value(kept) else { continue };
        merge(&mut tried, &std::iter::once((name.clone(), value.clone())).collect());
        match serde_json::from_value(Value::Object(tried)) {
            Ok(read) => kept = read,
            Err(_) => wrong.push(name.clone()),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("{value}") };
        map
    }

    #[test]
    fn what_differs_is_what_is_set() {
        let old = json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [1]});
        let new = json!({"a": 1, "b": {"c": 2, "d": 4}, "e": [2], "f": null});
        let changes = differences(&old, &new);
        assert_eq!(Value::Object(changes.clone()), json!({"b": {"d": 4}, "e": [2], "f": null}));
        let mut object = map(old);
        merge(&mut object, &changes);
        assert_eq!(Value::Object(object), new);
    }

    #[test]
    fn each_wrong_field_is_named_and_the_rest_is_taken() {
        let object = map(json!({
            "preferences": {"light": true, "scale_percent": "big", "notes": 1, "gain_range_db": 300,
                "spectrogram": {"palette": 2}, "scent": 3},
            "editor_size": [900, -1],
            "hint_seen": "yes",
        }));
        let (stored, wrong) = stored(&object);
        let mut expected = Preferences { light: true, ..Preferences::default() };
        expected.spectrogram.palette = 2;
        assert_eq!(stored, Stored { preferences: expected, ..Stored::default() });
        let expected = ["gain_range_db", "notes", "scale_percent", "editor_size", "hint_seen"];
        assert_eq!(wrong, expected);
    }
}
