//! The presets on offer: those that come with Erbium, and the files in a folder of the user's own.

use crate::export::output_file::OutputFile;
use crate::state::preset::{Preset, TEXT_BYTES_MAX};
use crate::state::user_folders;
use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The most files that are listed.
const MOST_FILES: usize = 1000;
/// What presets and curves are called.
const EXTENSIONS: [&str; 5] = ["json", "txt", "csv", "tsv", "frd"];

/// A preset on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where it is, if it is the user's own.
    pub path: Option<PathBuf>,
}

/// What is on offer.
pub struct Library {
    /// The user's own, which may not exist yet.
    folder: Option<PathBuf>,
    entries: Vec<Entry>,
    free_name: String,
}

impl Default for Library {
    fn default() -> Self {
        Self::new(user_folders::presets())
    }
}

impl Library {
    /// The presets that come with Erbium, and those in this folder.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        let mut library = Self { folder, entries: Vec::new(), free_name: String::new() };
        library.look();
        library
    }

    /// What is on offer: first what comes with Erbium, then the user's own by name.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Looks into the folder again. One that cannot be read has nothing in it.
    pub fn look(&mut self) {
        let shipped = Preset::shipped().iter();
        let shipped = shipped.map(|preset| Entry { name: preset.name.clone(), path: None });
        let files = self.folder.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
        let paths = files.flatten().flatten().map(|file| file.path());
        // Opening a pipe would wait for its other end.
        let own = paths.filter(|path| is_preset(path) && path.is_file()).take(MOST_FILES);
        let mut own: Vec<Entry> =
            own.map(|path| Entry { name: name_of(&path), path: Some(path) }).collect();
        own.sort_by_cached_key(|entry| entry.name.to_lowercase());
        self.entries = shipped.chain(own).collect();
        let taken = |name: &String| self.entries.iter().any(|entry| entry.name == *name);
        let mut names = (1..).map(|number: u32| format!("My preset {number}"));
        self.free_name = names.find(|name| !taken(name)).unwrap_or_default();
    }

    /// The preset of an entry, at a sampling rate in hertz.
    ///
    /// # Errors
    /// When its file cannot be read or holds none.
    pub fn read(&self, index: usize, sample_rate_hz: f64) -> Result<Preset> {
        let entry = self.entries.get(index).context("there is no such preset any more")?;
        if let Some(path) = &entry.path {
            return read_file(path, sample_rate_hz);
        }
        let shipped = Preset::shipped().iter().find(|preset| preset.name == entry.name);
        shipped.cloned().context("there is no such preset")
    }

    /// Where one of the user's own presets is or would be.
    ///
    /// # Errors
    /// When the name is none for a file.
    pub fn path(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.as_ref().context("this system names no folder of yours")?;
        let name = name.trim();
        if name.is_empty() || name.starts_with('.') || name.len() > 100 {
            bail!(
                "\"{name}\" is no name for a preset; possible: 1 to 100 letters, no dot in front"
            );
        }
        if let Some(letter) = name.chars().find(|c| c.is_control() || "/\\:*?\"<>|".contains(*c)) {
            bail!("\"{name}\" is no name for a preset; possible: a name without {letter:?}");
        }
        let known = self.entries.iter().filter_map(|entry| entry.path.as_ref());
        let known = known.filter(|path| name_of(path) == name).find(|path| is_json(path));
        Ok(known.cloned().unwrap_or_else(|| folder.join(format!("{name}.json"))))
    }

    /// A name that is not taken yet.
    #[must_use]
    pub fn free_name(&self) -> &str {
        &self.free_name
    }

    /// Keeps a preset under its name; one of that name is replaced.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn save(&mut self, preset: &Preset) -> Result<PathBuf> {
        let path = self.path(&preset.name)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let output = OutputFile::create(&path)?;
        let text = serde_json::to_string_pretty(&preset.to_value())?;
        output
            .writer()
            .write_all(text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        output.finish()?;
        self.look();
        Ok(path)
    }

    /// Deletes one of the user's own presets.
    ///
    /// # Errors
    /// When the file cannot be deleted.
    pub fn delete(&mut self, index: usize) -> Result<String> {
        let entry = self.entries.get(index).context("there is no such preset any more")?.clone();
        let path = entry.path.context("presets that come with Erbium stay")?;
        std::fs::remove_file(&path).with_context(|| format!("cannot delete {}", path.display()))?;
        self.look();
        Ok(entry.name)
    }
}

/// What a preset or a curve is read from: no more than one can hold.
///
/// # Errors
/// When it cannot be read, or is larger.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    let place = path.display();
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {place}"))?;
    let mut bytes = Vec::new();
    file.take(TEXT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {place}"))?;
    if bytes.len() > TEXT_BYTES_MAX {
        bail!(
            "{place} is too large for a preset or a curve; possible: up to {TEXT_BYTES_MAX} bytes"
        );
    }
    Ok(bytes)
}

/// Reads a preset or a curve, whose filters work at a sampling rate in hertz.
///
/// # Errors
/// When the file cannot be read or holds neither.
pub fn read_file(path: &Path, sample_rate_hz: f64) -> Result<Preset> {
    let bytes = read_bytes(path)?;
    let name = name_of(path);
    // Its file is what it is called by.
    Preset::from_bytes(&name, &bytes, sample_rate_hz)
        .map(|preset| Preset { name, ..preset })
        .map_err(|sentence| anyhow::anyhow!("{}: {sentence}", file_name(path)))
}

/// Whether a file is called as presets and curves are.
#[must_use]
pub fn is_preset(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let known = EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known));
    known && !file_name(path).starts_with('.')
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// The last part of a path.
#[must_use]
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn name_of(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_kept_listed_replaced_and_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("not yet there");
        let mut library = Library::new(Some(own.clone()));
        let shipped = Preset::shipped().len();
        assert_eq!(library.entries().len(), shipped);
        let mut preset = Preset::shipped()[1].clone();
        preset.name = library.free_name().to_owned();
        assert_eq!(preset.name, "My preset 1");
        library.save(&preset).expect("saves");
        assert_eq!(library.free_name(), "My preset 2");
        preset.curve = vec![(100.0, 3.0)];
        library.save(&preset).expect("replaces");
        std::fs::write(own.join("AutoEQ.txt"), "GraphicEQ: 20 1; 200 2").expect("writes");
        std::fs::write(own.join("notes.md"), "no preset").expect("writes");
        std::fs::write(own.join(".hidden.json"), "{}").expect("writes");
        library.look();
        let names: Vec<&str> =
            library.entries()[shipped..].iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["AutoEQ", "My preset 1"]);
        let curve = library.read(shipped, 48_000.0).expect("reads").curve;
        assert_eq!((curve.first(), curve.last()), (Some(&(20.0, 1.0)), Some(&(200.0, 2.0))));
        let read = library.read(shipped + 1, 48_000.0).expect("reads");
        assert_eq!((&read.name, &read.curve), (&preset.name, &preset.curve));
        assert_eq!(library.delete(shipped + 1).expect("deletes"), "My preset 1");
        assert!(library.delete(0).is_err(), "what is shipped stays");
        assert_eq!(library.entries().len(), shipped + 1);
        assert_eq!(std::fs::read_dir(&own).expect("the folder").count(), 3, "nothing partial");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let library = Library::new(Some(folder.path().to_owned()));
        for name in ["", "  ", ".x", "a/b", "a\\b", "a:b", "a\nb", &"x".repeat(101)] {
            let error = library.path(name).expect_err(name).to_string();
            assert!(error.contains("possible"), "{error}");
        }
        let path = folder.path().join("noise.csv");
        std::fs::write(&path, [0xFF, 0xFE, 0x00]).expect("writes");
        let read = |path: &Path| read_file(path, 48_000.0);
        let error = read(&path).expect_err("no text").to_string();
        assert!(error.starts_with("noise.csv: ") && error.contains("possible"), "{error}");
        std::fs::write(&path, "20 90").expect("writes");
        let error = read(&path).expect_err("too loud").to_string();
        assert!(error.contains("line 1: 90 dB at 20 Hz and what follows are sound"), "{error}");
        assert!(error.contains("erbium render --curve FILE --measurement"), "{error}");
        let gone = read(&folder.path().join("gone.txt")).expect_err("gone");
        assert!(gone.to_string().contains("cannot read"), "{gone}");
        assert!(Library::new(None).path("x").is_err());
    }
}
