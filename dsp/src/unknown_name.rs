//! The error of names that are none.

use std::fmt;

/// A name that stands for nothing, and those that do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// What it should name, in words.
    pub what: &'static str,
    /// The name that was given.
    pub given: String,
    /// The names there are.
    pub possible: Vec<&'static str>,
}

impl UnknownName {
    /// The choice of this name.
    pub(crate) fn find<T: Copy>(
        choices: impl IntoIterator<Item = T>,
        name: impl Fn(T) -> &'static str,
        what: &'static str,
        given: &str,
    ) -> Result<T, Self> {
        let mut possible = Vec::new();
        for choice in choices {
            if name(choice) == given {
                return Ok(choice);
            }
            possible.push(name(choice));
        }
        Err(Self { what, given: given.to_owned(), possible })
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, given, possible } = self;
        write!(f, "unknown {what} \"{given}\"; possible: {}", possible.join(", "))
    }
}

impl std::error::Error for UnknownName {}
