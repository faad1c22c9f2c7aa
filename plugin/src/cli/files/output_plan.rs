//! Which files a command reads and writes, so that none is lost: found out before anything is written.

use anyhow::{Result, bail};
use clap::Args;
use erbium::export::output_file::{folder_of, link_target};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What lets an output replace an input.
#[derive(Args, Clone, Copy, Default)]
pub struct OverwriteArgument {
    /// Let an output replace the input it is made of, or a file of options; it is refused otherwise
    #[arg(long)]
    pub overwrite_input: bool,
}

/// What tells a file from others, whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum FileKey {
    /// A file or folder that exists: device and inode.
    #[cfg(unix)]
    Inode(u64, u64),
    /// The same where the system has no such numbers: its path without links and dots.
    #[cfg(not(unix))]
    Canonical(PathBuf),
    /// A name in a folder, be there a file of that name or not.
    Entry(Box<FileKey>, OsString),
    /// A path into a folder that does not exist.
    Nowhere(PathBuf),
}

impl FileKey {
    /// Of what exists.
    fn of_file(path: &Path) -> Option<Self> {
        #[cfg(test)]
        tests::LOOKUPS.set(tests::LOOKUPS.get() + 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            path.metadata().ok().map(|data| Self::Inode(data.dev(), data.ino()))
        }
        #[cfg(not(unix))]
        path.canonicalize().ok().map(Self::Canonical)
    }

    /// Of where writing to a path leads.
    fn of_entry(path: &Path) -> Self {
        let target = link_target(path);
        match (Self::of_file(folder_of(&target)), target.file_name()) {
            (Some(folder), Some(name)) => Self::Entry(Box::new(folder), name.to_owned()),
            _ => Self::Nowhere(target),
        }
    }

    /// The same for names that differ in the case of letters only.
    fn folded(&self) -> Self {
        match self {
            Self::Entry(folder, name) => {
                Self::Entry(folder.clone(), name.to_string_lossy().to_lowercase().into())
            }
            other => other.clone(),
        }
    }

    /// Of both, as a file has several names.
    fn every(path: &Path) -> impl Iterator<Item = Self> {
        std::iter::once(Self::of_entry(path)).chain(Self::of_file(path))
    }
}

/// Whether a folder takes names that differ in the case of letters only for the same. What cannot be written to
/// does not matter: nothing will be.
fn folds_case(folder: &Path) -> bool {
    let probe = tempfile::Builder::new().prefix(".erbium-case-").tempfile_in(folder);
    let Ok(probe) = probe else { return false };
    let name = probe.path().file_name().unwrap_or_default().to_string_lossy().to_uppercase();
    folder.join(name).exists()
}

/// A file that is read.
struct Input {
    path: PathBuf,
    /// Its number among the inputs whose outputs are made one after the other; `None` of a file of options,
    /// which is read before anything is written.
    number: Option<usize>,
}

/// The files of a command.
pub struct OutputPlan {
    overwrites: bool,
    inputs: HashMap<FileKey, Input>,
    outputs: HashMap<FileKey, (PathBuf, Option<PathBuf>)>,
    /// Outputs by their names without case.
    folded: HashMap<FileKey, PathBuf>,
    folds_case: fn(&Path) -> bool,
}

impl OutputPlan {
    /// A command that reads files of options, and then `inputs` one after the other.
    pub fn new<'a>(
        options: impl IntoIterator<Item = &'a PathBuf>,
        inputs: &[PathBuf],
        overwrite: OverwriteArgument,
    ) -> Self {
        let mut plan = Self {
            overwrites: overwrite.overwrite_input,
            inputs: HashMap::new(),
            outputs: HashMap::new(),
            folded: HashMap::new(),
            folds_case,
        };
        let options = options.into_iter().map(|path| (path, None));
        let inputs = inputs.iter().enumerate().map(|(number, path)| (path, Some(number)));
        // Of a file that is both, the later one counts: it is read while outputs are written.
        for (path, number) in options.chain(inputs) {
            for key in FileKey::every(path) {
                plan.inputs.insert(key, Input { path: path.clone(), number });
            }
        }
        for (stream, name) in
            [("/dev/stdout", "standard output"), ("/dev/stderr", "standard error")]
        {
            let stream = Path::new(stream);
            if stream.is_file() {
                let files = FileKey::every(stream);
                plan.outputs.extend(files.map(|key| (key, (name.into(), None))));
            }
        }
        plan
    }

    /// Takes up one more output. `source` is the input that it is made of, where there are several.
    ///
    /// # Errors
    /// Where an input would be lost, or another output.
    pub fn add(&mut self, output: &Path, source: Option<&PathBuf>) -> Result<()> {
        let name = output.display();
        let own = source.map(|source| FileKey::of_entry(source));
        let own = own.and_then(|key| self.inputs.get(&key)).and_then(|input| input.number);
        for key in FileKey::every(output) {
            if let Some(Input { path, number }) = self.inputs.get(&key) {
                let input = path.display();
                if !self.overwrites {
                    bail!(
                        "the output {name} would overwrite an input, {input}; possible: another name \
                         with -o, or --overwrite-input"
                    );
                }
                if number.is_some() && *number != own {
                    bail!(
                        "the output {name} would overwrite an input, {input}, of which it is not made; \
                         possible: another name with -o"
                    );
                }
            }
        }
        let entry = FileKey::of_entry(output);
        if let Some((path, other)) = self.outputs.get(&entry) {
            match (other, source) {
                (Some(a), Some(b)) => bail!(
                    "{} and {} would both become {name}; possible: one at a time",
                    a.display(),
                    b.display()
                ),
                _ => bail!(
                    "the output {name} would overwrite another, {}; possible: another name for each",
                    path.display()
                ),
            }
        }
        // Folders are asked only where it matters.
        let alike = self.folded.insert(entry.folded(), output.to_owned());
        if let Some(other) = alike.filter(|_| (self.folds_case)(folder_of(&link_target(output)))) {
            bail!(
                "the output {name} would overwrite another, {}: names in this folder that differ in \
                 the case of letters only are the same; possible: another name for each",
                other.display()
            );
        }
        self.outputs.insert(entry, (output.to_owned(), source.cloned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::fs;

    thread_local! {
        /// How often this thread asked which file a path leads to.
        pub static LOOKUPS: Cell<usize> = const { Cell::new(0) };
    }

    const REFUSES: OverwriteArgument = OverwriteArgument { overwrite_input: false };
    const OVERWRITES: OverwriteArgument = OverwriteArgument { overwrite_input: true };

    /// Looks-up of so many inputs and their outputs.
    fn lookups(files: usize) -> usize {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = |ending: &str| -> Vec<PathBuf> {
            (0..files).map(|k| folder.path().join(format!("{k}.{ending}"))).collect()
        };
        let inputs = paths("flac");
        inputs.iter().for_each(|path| fs::write(path, "").expect("written"));
        let before = LOOKUPS.get();
        let mut plan = OutputPlan::new(&[], &inputs, REFUSES);
        for (input, output) in inputs.iter().zip(paths("wav")) {
            plan.add(&output, Some(input)).expect("possible");
        }
        LOOKUPS.get() - before
    }

    #[test]
    fn each_of_many_files_takes_no_more_looking_up_than_each_of_a_few() {
        let [few, many] = [4, 400].map(lookups);
        assert!(few >= 8 && many <= 100 * few, "{few} for 4 files, {many} for 400");
    }

    #[test]
    fn names_that_a_folder_takes_for_the_same_are_not_both_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = tempfile::tempdir().expect("a folder");
        let names = ["x.wav", "y.wav", "X.WAV", "É.wav", "é.wav"];
        let refused = |folds_case: fn(&Path) -> bool| -> Vec<&str> {
            let mut plan = OutputPlan::new(&[], &[], REFUSES);
            plan.folds_case = folds_case;
            assert!(plan.add(&other.path().join("X.wav"), None).is_ok(), "it is another folder");
            let is_refused = |name: &&str| plan.add(&folder.path().join(name), None).is_err();
            names.into_iter().filter(is_refused).collect()
        };
        assert_eq!(refused(|_| true), ["X.WAV", "é.wav"]);
        assert_eq!(refused(|_| false), [""; 0]);
        // What this folder really does.
        let probe = folder.path().join("lower");
        fs::write(&probe, "").expect("written");
        let folds = folder.path().join("LOWER").exists();
        fs::remove_file(&probe).expect("removed");
        assert_eq!(folds_case(folder.path()), folds);
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0, "nothing is left");
    }

    #[test]
    fn only_its_own_input_or_options_may_be_overwritten_and_only_if_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        let [a, b, options, new] =
            ["a", "b", "options", "new"].map(|name| folder.path().join(name));
        for path in [&a, &b, &options] {
            fs::write(path, "").expect("written");
        }
        let inputs = [a.clone(), b.clone()];
        let add = |output: &PathBuf, source: &PathBuf, overwrite| {
            OutputPlan::new([&options], &inputs, overwrite).add(output, Some(source)).is_ok()
        };
        for output in [&a, &b, &options] {
            assert!(!add(output, &a, REFUSES), "{output:?}");
        }
        assert!(add(&new, &a, REFUSES));
        assert!(add(&a, &a, OVERWRITES) && add(&options, &a, OVERWRITES));
        assert!(!add(&b, &a, OVERWRITES), "it may not have been read yet");
    }
}
