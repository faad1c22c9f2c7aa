//! What is wrong with the file of a curve, on the command line.

use erbium_curve::{Error, ErrorKind};

/// An error, with the option that answers it where it is a question.
pub fn sentence(error: &Error) -> String {
    match error.kind {
        ErrorKind::AsksPurpose => {
            format!("{error} (--measurement target or --measurement correct)")
        }
        ErrorKind::AsksChannel => {
            format!("{error} (--channel left, --channel right or --channel mean)")
        }
        _ => error.to_string(),
    }
}
