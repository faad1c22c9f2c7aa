//! The folders of a user that the window writes to and reads from.

use directories::UserDirs;
use std::path::PathBuf;

/// For pictures.
#[must_use]
pub fn pictures() -> Option<PathBuf> {
    let user = UserDirs::new()?;
    Some(user.picture_dir().unwrap_or_else(|| user.home_dir()).join("Erbium"))
}

/// For numbers and presets.
#[must_use]
pub fn documents() -> Option<PathBuf> {
    let user = UserDirs::new()?;
    Some(user.document_dir().unwrap_or_else(|| user.home_dir()).join("Erbium"))
}

/// For presets.
#[must_use]
pub fn presets() -> Option<PathBuf> {
    Some(documents()?.join("Presets"))
}
