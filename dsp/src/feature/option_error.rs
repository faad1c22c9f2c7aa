//! What is wrong with an option.

use std::fmt;

/// An option that cannot be met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// The option, in words.
    pub option: &'static str,
    /// What was given for it.
    pub given: String,
    /// What is possible, with the unit.
    pub possible: String,
}

impl OptionError {
    pub(crate) fn new(
        option: &'static str,
        given: impl fmt::Display,
        possible: impl Into<String>,
    ) -> Self {
        Self { option, given: given.to_string(), possible: possible.into() }
    }

    /// Requires `met` of an option.
    pub(crate) fn unless(
        met: bool,
        option: &'static str,
        given: impl fmt::Display,
        possible: impl Into<String>,
    ) -> Result<(), Self> {
        if met { Ok(()) } else { Err(Self::new(option, given, possible)) }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} is not possible; possible: {}", self.option, self.given, self.possible)
    }
}

impl std::error::Error for OptionError {}
