//! The folder in which a user keeps banks.

use directories::UserDirs;
use std::path::{Path, PathBuf};

/// A file that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name without the ending.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// The most files that are listed.
const MOST_FILES: usize = 1000;

/// Where a user's banks are looked for: `Erbium/banks` among the documents. `None` where the system names
/// no home.
#[must_use]
pub fn own_folder() -> Option<PathBuf> {
    let user = UserDirs::new()?;
    let documents = user.document_dir().unwrap_or_else(|| user.home_dir());
    Some(documents.join("Erbium").join("banks"))
}

/// The .npz files of a folder by name; none where it cannot be read.
#[must_use]
pub fn listed(folder: &Path) -> Vec<Listed> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let bank = |path: &PathBuf| path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz"));
    let mut files: Vec<_> = paths
        .filter(bank)
        // Opening a pipe would wait for its other end.
        .filter(|path| path.is_file())
        .take(MOST_FILES)
        .map(|path| Listed {
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            path,
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}
