//! Files of banks.

use crate::errors::{file_error, value_error};
use anyhow::{Context, Result};
use erbium_bank_file::{BankFile, to_npz};
use erbium_dsp::{Bank, UserKernels};
use pyo3::PyResult;
use std::fs::Permissions;
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
    let mut builder = tempfile::Builder::new();
    let mode = mode(&target);
    if let Some(mode) = &mode {
        builder.permissions(mode.clone());
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// That of a file that is replaced, or that of new files, from which the system takes what the user's mask does.
fn mode(target: &Path) -> Option<Permissions> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let replaced = target.metadata().map(|replaced| replaced.permissions());
        Some(replaced.unwrap_or_else(|_| Permissions::from_mode(0o666)))
    }
    #[cfg(not(unix))]
    {
        let _ = target;
        None
    }
}
