//! Output files that appear complete or not at all.

use super::temporaries::{self, Registration};
use anyhow::{Context, Result, anyhow, bail};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::NamedTempFile;

/// The most symbolic links that are followed, as Linux has it.
const LINKS_MAX: usize = 40;

/// A file being written beside its final place, under a name nobody looks for.
///
/// Where there is a file already, its mode is kept, and so is its owner where that is allowed; a symbolic link
/// stays, and what it leads to is replaced. Other hard links of a file that is replaced keep what it held.
pub struct OutputFile {
    /// As it was given.
    path: PathBuf,
    /// Where the file will be: the end of the links of `path`.
    target: PathBuf,
    file: NamedTempFile,
    /// The first write that failed, be it one whose error nobody could return.
    failure: Mutex<Option<String>>,
    /// After the file, which is removed first.
    registration: Registration,
}

impl OutputFile {
    /// Starts a file that will be at `path`.
    ///
    /// # Errors
    /// When nothing can be written there, or what is there is no file to be replaced.
    pub fn create(path: &Path) -> Result<Self> {
        let name = path.display();
        let replaced = check_replaced(path)?;
        let target = link_target(path);
        let folder = folder_of(&target);
        if !folder.is_dir() {
            let what = if folder.exists() { "is no folder" } else { "does not exist" };
            bail!("the folder {} {what}; possible: -o with an existing folder", folder.display());
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let (file, registration) =
            temporaries::create(folder, &extension, |path| open_new(path, replaced.as_ref()))
                .map_err(|error| {
                    anyhow!("cannot write {name}: {error:#}; possible: -o with a writable folder")
                })?;
        if let Some(replaced) = &replaced {
            keep_access(file.as_file(), replaced);
        }
        let failure = Mutex::default();
        Ok(Self { path: path.to_owned(), target, file, failure, registration })
    }

    /// Where to write. What fails to be written, even while a buffer is dropped, fails
    /// [`Self::finish`] as well.
    #[must_use]
    pub const fn writer(&self) -> OutputWriter<'_> {
        OutputWriter(self)
    }

    /// Where the file will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that it will be in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    /// Puts the complete file in its place.
    ///
    /// # Errors
    /// When it cannot be put there, or anything could not be written.
    pub fn finish(self) -> Result<()> {
        let Self { path, target, file, failure, registration } = self;
        let name = path.display();
        if let Some(failure) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            bail!("cannot write {name}: {failure}");
        }
        // Without the temporary's name.
        let put = file.persist(&target).map_err(|error| error.error);
        put.with_context(|| format!("cannot write {name}"))?;
        drop(registration);
        Ok(())
    }

    fn record<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() != io::ErrorKind::Interrupted
        {
            let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
            failure.get_or_insert_with(|| error.to_string());
        }
        result
    }
}

/// Writes to an [`OutputFile`].
#[derive(Clone, Copy)]
pub struct OutputWriter<'a>(&'a OutputFile);

impl Write for OutputWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.record(self.0.file.as_file().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.record(self.0.file.as_file().flush())
    }
}

impl Seek for OutputWriter<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.0.record(self.0.file.as_file().seek(position))
    }
}

/// What is at a path already, which has to be a file that may be written; `None` where there is nothing.
fn check_replaced(path: &Path) -> Result<Option<Metadata>> {
    let name = path.display();
    let replaced = match path.metadata() {
        Ok(replaced) => replaced,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        // A folder that is none, and names that are too long or lead to themselves.
        Err(error) => return Err(error).with_context(|| format!("cannot write {name}")),
    };
    if replaced.is_dir() {
        bail!("{name} is a folder; possible: the name of a file");
    }
    if !replaced.is_file() {
        bail!("{name} is a pipe or a device; possible: the name of a file");
    }
    // Renaming over a file succeeds even where writing it is forbidden.
    let is_writable = !replaced.permissions().readonly();
    if !is_writable || OpenOptions::new().write(true).open(path).is_err() {
        bail!("{name} is read-only; possible: another name with -o");
    }
    Ok(Some(replaced))
}

/// Opens a new file, which nobody may access who may not access the one that it replaces. Of one that replaces none
/// the user's mask decides, as of any program's.
#[cfg_attr(not(unix), expect(unused_variables))]
fn open_new(path: &Path, replaced: Option<&Metadata>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
        options.mode(replaced.map_or(0o666, |replaced| 0o600 | replaced.mode() & 0o777));
    }
    options.open(path)
}

/// Gives a file owner and mode of the one that it replaces, as far as that is allowed.
#[cfg(unix)]
fn keep_access(file: &File, replaced: &Metadata) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let mut mode = replaced.mode() & 0o7777;
    let own = |data: Metadata| (data.uid(), data.gid());
    let is_owned = file.metadata().is_ok_and(|new| own(new) == (replaced.uid(), replaced.gid()));
    if !is_owned && fchown(file, Some(replaced.uid()), Some(replaced.gid())).is_err() {
        mode &= 0o777;
        if fchown(file, None, Some(replaced.gid())).is_err() {
            // The new file's group was not meant: it may do what everyone may.
            mode = mode & 0o707 | (mode & 0o007) << 3;
        }
    }
    // File systems without modes have none to keep.
    let _ = file.set_permissions(PermissionsExt::from_mode(mode));
}

#[cfg(not(unix))]
const fn keep_access(_: &File, _: &Metadata) {}

/// The folder a file is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Where writing to a path leads: the end of its symbolic links, be it a file that does not exist.
#[must_use]
pub fn link_target(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..LINKS_MAX {
        let Ok(link) = target.read_link() else { return target };
        target = folder_of(&target).join(link);
    }
    path.to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        path.metadata().expect("there").permissions().mode() & 0o7777
    }

    fn write(path: &Path, bytes: &[u8]) -> Result<()> {
        let output = OutputFile::create(path)?;
        output.writer().write_all(bytes)?;
        output.finish()
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_mode_and_a_new_one_has_that_of_any() {
        let folder = tempfile::tempdir().expect("a folder");
        let [new, any, old] = ["new", "any", "old"].map(|name| folder.path().join(name));
        write(&new, b"new").expect("writable");
        std::fs::write(&any, b"any").expect("writable");
        assert_eq!(mode(&new), mode(&any));
        for kept in [0o640, 0o600, 0o666, 0o755, 0o4711] {
            std::fs::write(&old, b"old").expect("writable");
            std::fs::set_permissions(&old, PermissionsExt::from_mode(kept)).expect("set");
            let output = OutputFile::create(&old).expect("writable");
            assert_eq!(mode(output.file.path()), kept, "from the start");
            output.finish().expect("complete");
            assert_eq!(mode(&old), kept);
        }
    }

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        std::fs::create_dir(path.join("far")).expect("created");
        std::fs::write(path.join("far/there"), "before").expect("written");
        symlink("far/there", path.join("link")).expect("linked");
        symlink("link", path.join("link of a link")).expect("linked");
        symlink("far/new", path.join("dangling")).expect("linked");
        symlink("loop", path.join("loop")).expect("linked");
        for (link, target) in [("link of a link", "far/there"), ("dangling", "far/new")] {
            write(&path.join(link), link.as_bytes()).expect("writable");
            assert!(path.join(link).is_symlink(), "{link}");
            let held = std::fs::read_to_string(path.join(target)).expect("there");
            assert_eq!(held, link);
        }
        assert!(write(&path.join("loop"), b"").is_err());
        assert_eq!(std::fs::read_dir(path.join("far")).expect("there").count(), 2);
    }

    #[test]
    fn other_hard_links_keep_what_they_held() {
        let folder = tempfile::tempdir().expect("a folder");
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        std::fs::write(&a, "before").expect("written");
        std::fs::hard_link(&a, &b).expect("linked");
        write(&a, b"after").expect("writable");
        let held = [a, b].map(|path| std::fs::read_to_string(path).expect("there"));
        assert_eq!(held, ["after", "before"]);
    }

    #[test]
    fn a_write_whose_error_nobody_saw_is_told_at_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let mut output = OutputFile::create(&path).expect("writable");
        // A file that cannot be written takes the place of the one that can.
        let full = File::open("/dev/null").expect("there");
        let temporary = tempfile::TempPath::try_from_path(output.file.path()).expect("a path");
        let writable =
            std::mem::replace(&mut output.file, NamedTempFile::from_parts(full, temporary));
        let _ = writable.keep().expect("kept");
        drop({
            let mut buffered = io::BufWriter::new(output.writer());
            buffered.write_all(b"lost").expect("buffered");
            buffered
        });
        let said = output.finish().expect_err("lost").to_string();
        assert!(said.starts_with(&format!("cannot write {}: ", path.display())), "{said}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 0);
    }
}
