//! Output files that appear complete or not at all.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// Every temporary that exists.
static TEMPORARIES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn temporaries() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe extern "C" {
    /// The C library's: ends the program at once. Its `exit` would first take down what threads
    /// that draw and play still use.
    fn _exit(code: std::ffi::c_int) -> !;
}

/// From now on a signal to end the program also removes what is not yet complete. Where hangups
/// are to be ignored, as by `nohup`, no signal is handled.
pub fn tidy_up_on_signals() {
    let handler = || {
        // Held to the end, so that no further temporary appears.
        let temporaries = temporaries();
        for path in temporaries.iter() {
            // It may just have been put in its place.
            let _ = std::fs::remove_file(path);
        }
        // SAFETY: `_exit` takes any number, touches no memory and never returns.
        unsafe { _exit(130) }
    };
    // What a script runs in the background has interrupts ignored, but can still be terminated.
    let _ = if cfg!(target_os = "linux") && !ignores_hangups() {
        ctrlc::set_handler(handler)
    } else {
        ctrlc::try_set_handler(handler)
    };
}

/// Whether the program was started with hangups, signal 1, ignored; Linux only.
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 != 0)
}

/// Names a temporary for as long as it may exist.
struct Registration(PathBuf);

impl Drop for Registration {
    fn drop(&mut self) {
        temporaries().retain(|path| *path != self.0);
    }
}

/// A file being written beside its final place, under a name nobody looks for.
pub struct OutputFile {
    path: PathBuf,
    file: NamedTempFile,
    /// After the file, which is removed first.
    registration: Registration,
}

impl OutputFile {
    /// Starts a file that will be at `path`, where none of `inputs` may be.
    ///
    /// # Errors
    /// When nothing can be written there, or it would overwrite an input.
    pub fn create(path: &Path, inputs: &[PathBuf]) -> Result<Self> {
        let name = path.display();
        if inputs.iter().any(|input| same_file(path, input)) {
            bail!("the output {name} would overwrite an input; possible: another name with -o");
        }
        if path.is_dir() {
            bail!("{name} is a folder; possible: the name of a file");
        }
        let folder = folder_of(path);
        if !folder.is_dir() {
            let folder = folder.display();
            bail!("the folder {folder} does not exist; possible: -o with an existing folder");
        }
        // Renaming over a file succeeds even where writing it is forbidden.
        if path.metadata().is_ok_and(|data| data.permissions().readonly()) {
            bail!("{name} is read-only; possible: another name with -o");
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let suffix = format!(".{extension}");
        let mut builder = tempfile::Builder::new();
        builder.prefix(".erbium-").suffix(&suffix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any program's file; the user's mask applies.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut temporaries = temporaries();
        let file = builder
            .tempfile_in(folder)
            .with_context(|| format!("cannot write {name}; possible: -o with a writable folder"))?;
        temporaries.push(file.path().to_owned());
        drop(temporaries);
        let registration = Registration(file.path().to_owned());
        Ok(Self { path: path.to_owned(), file, registration })
    }

    /// Where to write.
    #[must_use]
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Where to write, for those who open files themselves.
    #[must_use]
    pub fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Where the file will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// When it cannot be put there.
    pub fn finish(self) -> Result<()> {
        let Self { path, file, registration } = self;
        file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
        drop(registration);
        Ok(())
    }
}

/// The folder a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether both names lead to one file, be it one that does not exist yet.
#[must_use]
pub fn same_file(a: &Path, b: &Path) -> bool {
    a == b || matches!((resolved(a), resolved(b)), (Some(a), Some(b)) if a == b)
}

/// A path without links and dots; its last name need not exist.
fn resolved(path: &Path) -> Option<PathBuf> {
    let within = || Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(within)
}
