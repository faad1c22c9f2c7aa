//! The folders of a user that the window writes to and reads from.

use directories::{ProjectDirs, UserDirs};
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

/// For the settings that new instances begin with.
#[must_use]
pub fn settings() -> Option<PathBuf> {
    Some(ProjectDirs::from("org", "Erbium", "Erbium")?.config_dir().to_owned())
}
