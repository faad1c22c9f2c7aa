//! Objects in JSON: a field that stands there twice is refused, and what is wrong is told in words, with its line.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Number, Value};
use std::fmt;

/// Why an object cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is none: a clause.
    NoObject(String),
    /// A field is not possible: a sentence.
    Field(String),
}

/// Reads an object, and has `check` look at each of its fields. What is wrong is told with its line.
///
/// # Errors
/// What `check` finds, a field that stands there twice, and what is no JSON.
pub fn read_object(
    text: &str,
    check: impl FnMut(&str, &Value) -> Result<(), String>,
) -> Result<Map<String, Value>, ReadError> {
    let start = text.trim_start().chars().next();
    match start {
        None => return Err(ReadError::NoObject("it is empty".to_owned())),
        Some('{') => {}
        Some(_) => return Err(ReadError::NoObject("it does not begin with {".to_owned())),
    }
    let mut read = serde_json::Deserializer::from_str(text);
    let object = Object(check).deserialize(&mut read);
    object.and_then(|object| read.end().map(|()| object)).map_err(|error| in_words(&error, text))
}

/// What a value is, in words.
#[must_use]
pub fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing (null)".to_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text \"{text}\""),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn in_words(error: &serde_json::Error, text: &str) -> ReadError {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => {
            let message = error.to_string();
            let end = format!(" at line {line} column {column}");
            let message = message.strip_suffix(&end).unwrap_or(&message);
            ReadError::Field(format!("line {line}: {message}"))
        }
        Category::Eof => ReadError::NoObject(format!("line {line}: it ends before it is complete")),
        Category::Syntax if error.to_string().starts_with("number out of range") => {
            let most = f64::MAX;
            ReadError::Field(format!(
                "line {line}: a number is too large; possible: up to {most:e}"
            ))
        }
        Category::Syntax | Category::Io => {
            let given = text.lines().nth(line.max(1) - 1).unwrap_or_default().as_bytes();
            // Columns are counted in bytes, up to and with the one that does not fit.
            let rest = &given[column.saturating_sub(1).min(given.len())..];
            let rest: String = String::from_utf8_lossy(rest).trim().chars().take(20).collect();
            let place =
                if rest.is_empty() { "at its end".to_owned() } else { format!("from {rest} on") };
            ReadError::NoObject(format!("line {line}: this is no JSON {place}"))
        }
    }
}

/// An object whose fields are looked at one by one.
struct Object<F>(F);

impl<'de, F: FnMut(&str, &Value) -> Result<(), String>> DeserializeSeed<'de> for Object<F> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de, F: FnMut(&str, &Value) -> Result<(), String>> Visitor<'de> for Object<F> {
    type Value = Map<String, Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!(
                    "the field \"{name}\" stands there twice; possible: once"
                )));
            }
            let value = fields.next_value_seed(Any)?;
            (self.0)(&name, &value).map_err(A::Error::custom)?;
            object.insert(name, value);
        }
        Ok(object)
    }
}

/// Any value.
struct Any;

impl<'de> DeserializeSeed<'de> for Any {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(Any)? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Value, A::Error> {
        Object(|_: &str, _: &Value| Ok(())).visit_map(fields).map(Value::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Map<String, Value>, ReadError> {
        read_object(text, |name, value| match name {
            "bad" => Err(format!("bad is {}; possible: none", kind(value))),
            _ => Ok(()),
        })
    }

    #[test]
    fn what_is_read_is_what_the_library_reads() {
        let text =
            r#"{"a": [1, -2, 3.5e2, true, null, "\u00fc", {"a": {}}], "b": 18446744073709551615}"#;
        let object = read(text).expect("reads");
        assert_eq!(Value::Object(object), serde_json::from_str::<Value>(text).expect("reads"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let fields = [
            ("{\"a\": 1,\n\"a\": 2}", "line 2: the field \"a\" stands there twice; possible: once"),
            ("{\"o\": {\"a\": 1, \"a\": 2}}", "line 1: the field \"a\" stands there twice"),
            ("{\"a\": 1,\n\n\"bad\": [1]}", "line 3: bad is a list; possible: none"),
            ("{\"bad\": null}", "line 1: bad is nothing (null); possible: none"),
            ("{\"a\":\n1e999}", "line 2: a number is too large; possible: up to 1.79"),
        ];
        for (text, told) in fields {
            let Err(ReadError::Field(sentence)) = read(text) else { panic!("{text}") };
            assert!(sentence.starts_with(told), "{text}: {sentence}");
        }
        let others = [
            (" \n", "it is empty"),
            ("[1]", "it does not begin with {"),
            ("{\"a\": 1,\n", "line 2: it ends before it is complete"),
            ("{\"a\": 1,\n \"b\" 2}", "line 2: this is no JSON from 2} on"),
            ("{\"a\": 1}\n{\"b\": 2}", "line 2: this is no JSON from {\"b\": 2} on"),
            ("{'a': 1}", "line 1: this is no JSON from 'a': 1} on"),
        ];
        for (text, told) in others {
            let Err(ReadError::NoObject(clause)) = read(text) else { panic!("{text}") };
            assert!(clause.starts_with(told), "{text}: {clause}");
        }
    }
}
