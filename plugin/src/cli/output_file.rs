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

/// From now on a signal to end the program also removes what is not yet complete. Signals that the
/// program was told to ignore, as `nohup` does, are left alone.
pub fn tidy_up_on_signals() {
    let _ = ctrlc::try_set_handler(|| {
        // Held to the end, so that no further temporary appears.
        let temporaries = temporaries();
        for path in temporaries.iter() {
            // It may just have been put in its place.
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(130);
    });
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
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// Where to write, for those who open files themselves.
    pub fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Where the file will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts the complete file in its place.
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

/// Whether both names lead to one file.
pub fn same_file(a: &Path, b: &Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}
