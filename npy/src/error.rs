//! What can be wrong with a file.

use std::{fmt, io};

/// Why an array cannot be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum NpyError {
    /// The file itself cannot be read or written.
    Io(io::Error),
    /// It is no archive, or its archive is damaged.
    Archive(String),
    /// There is more of something than is read.
    Limit {
        /// Of what, with its unit.
        what: String,
        /// How much there is, or is said to be.
        given: u64,
        /// The most that is read.
        most: u64,
    },
    /// The header of an array does not say what it must.
    Header {
        /// What it says, or what it lacks.
        given: String,
        /// What it can say.
        possible: &'static str,
    },
    /// The elements are of another type.
    Type {
        /// NumPy's name of that type.
        given: String,
        /// The types that can be read here.
        possible: &'static str,
    },
    /// There are more or fewer bytes, or elements, than the shape says.
    Length {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        given: u64,
        /// How many the shape asks for.
        expected: u64,
    },
}

impl NpyError {
    pub(crate) fn header(given: impl Into<String>, possible: &'static str) -> Self {
        Self::Header { given: given.into(), possible }
    }

    /// An error unless there is no more than `most`.
    pub(crate) fn above(what: impl Into<String>, given: u64, most: u64) -> Result<(), Self> {
        if given > most { Err(Self::Limit { what: what.into(), given, most }) } else { Ok(()) }
    }
}

impl fmt::Display for NpyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Archive(error) => {
                write!(f, "{error}; possible: an archive that numpy.savez writes")
            }
            Self::Limit { what, given, most } => {
                write!(f, "there are {given} {what}; possible: up to {most}")
            }
            Self::Header { given, possible } => {
                write!(f, "the array's header says {given}; possible: {possible}")
            }
            Self::Type { given, possible } => {
                write!(f, "the numbers are {given}; possible: {possible}")
            }
            Self::Length { what, given, expected } => {
                write!(f, "there are {given} {what}; possible: {expected}, as the shape says")
            }
        }
    }
}

impl std::error::Error for NpyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // The error says itself what this one says.
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

impl From<io::Error> for NpyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<zip::result::ZipError> for NpyError {
    fn from(error: zip::result::ZipError) -> Self {
        use zip::result::ZipError;
        let words = match error {
            ZipError::Io(error) => return error.into(),
            // The record at the end by which archives are known.
            error if error.to_string().contains("EOCD") => "this is no archive",
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                "it is packed in a way that is not read"
            }
            ZipError::InvalidPassword => "it is encrypted",
            _ => "its archive is damaged",
        };
        Self::Archive(words.to_owned())
    }
}
