//! Files and folders.

use std::fs;
use std::path::Path;

/// Removes a file or directory; none there is as well.
pub fn remove(path: &Path) -> std::io::Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)
    } else if path.exists() {
        fs::remove_file(path)
    } else {
        Ok(())
    }
}
