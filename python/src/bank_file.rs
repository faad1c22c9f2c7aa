//! Files of banks.

use crate::errors::{file_error, value_error};
use anyhow::{Context, Result};
use erbium_bank_file::{BankFile, to_npz};
use erbium_dsp::{Bank, UserKernels};
use pyo3::PyResult;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The kernels of a file.
pub fn read(path: &Path) -> PyResult<Arc<UserKernels>> {
    Ok(BankFile::read(path).map_err(|error| file_error(&error))?.kernels)
}

/// Writes a file that appears complete or not at all.
pub fn write(bank: &Bank, path: &Path, only_this_rate: bool) -> PyResult<()> {
    if path.extension().is_none_or(|extension| extension != "npz") {
        let sentence = "possible: a name ending in .npz";
        return Err(value_error(format!("cannot export to {}; {sentence}", path.display())));
    }
    let made_for_hz = only_this_rate.then_some(bank.spec().sample_rate_hz);
    let put = to_npz(bank, made_for_hz).and_then(|bytes| put(path, &bytes));
    let put = put.with_context(|| format!("cannot write {}", path.display()));
    put.map_err(|error| file_error(&error))
}

/// Puts a file beside its place first; a symbolic link stays, and what it leads to is replaced.
fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    let mode = mode(&target);
    let open = |path: &Path| {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        options.open(path)
    };
    let mut file = tempfile::Builder::new().make_in(folder, open)?;
    #[cfg(unix)]
    if target.exists() {
        // Without what the user's mask takes from new files.
        file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// The mode of a file that is replaced, or that of new files, from which the system takes what the user's mask does.
#[cfg(unix)]
fn mode(target: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    target.metadata().map_or(0o666, |replaced| replaced.permissions().mode() & 0o7777)
}

/// There are none elsewhere.
#[cfg(not(unix))]
fn mode(_: &Path) {}
