//! Mends of the plugin framework, put into copies of its crates that every build of this program uses.
//!
//! Cargo's `paths` override takes a copy for the published crate of the same version, so that
//! neither a manifest nor Cargo.lock knows of it, and a plain `cargo build` goes without. The mends
//! are patches in `xtask/mends`, each with its reason; docs/upstream.md has what to offer upstream.

use crate::files::remove;
use crate::run::{cargo, target_dir};
use anyhow::{Context, Result, bail, ensure};
use diffy::patch_set::{FileOperation, ParseOptions, PatchSet};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A crate that is mended, and the only version that its patches are for.
#[derive(Clone, Copy)]
struct Crate {
    name: &'static str,
    version: &'static str,
}

const CRATES: [Crate; 2] =
    [Crate { name: "nice-plug", version: "0.4.2" }, Crate { name: "baseview", version: "0.4.2" }];

impl Display for Crate {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.name, self.version)
    }
}

/// The text of every file by its path in the crate.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What cargo is to be given so that it builds with the mended framework, which this puts in place.
///
/// # Errors
/// Where a crate is another version than its patches are for, or a patch does not fit.
pub fn cargo_options() -> Result<[String; 2]> {
    let metadata = metadata()?;
    let copies: Vec<String> =
        CRATES.into_iter().map(|mended| mend(mended, &metadata)).collect::<Result<_>>()?;
    Ok(["--config".to_owned(), format!("paths={copies:?}")])
}

/// Puts the mended copy of a crate in place, and returns where.
fn mend(mended: Crate, metadata: &Value) -> Result<String> {
    let mut files = read(&published(mended, metadata)?)?;
    let patches = Path::new("xtask/mends").join(mended.to_string());
    let mut names: Vec<_> = fs::read_dir(&patches)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .with_context(|| format!("cannot read {}", patches.display()))?;
    names.retain(|name| name.extension().is_some_and(|extension| extension == "patch"));
    names.sort();
    ensure!(!names.is_empty(), "there are no patches in {}", patches.display());
    for name in &names {
        let patch =
            fs::read_to_string(name).with_context(|| format!("cannot read {}", name.display()))?;
        apply(&mut files, &patch).with_context(|| {
            format!(
                "the mend {} does not fit {mended}: renew it against the published source, or \
                 drop it where that has the same mend",
                name.display()
            )
        })?;
    }
    let copy = target_dir()?.join("mended").join(mended.to_string());
    write(&copy, &files).with_context(|| format!("cannot write {}", copy.display()))?;
    let copy = copy.to_str().with_context(|| format!("{} is no UTF-8", copy.display()))?;
    Ok(copy.to_owned())
}

/// A cargo command that builds with the mended framework.
///
/// # Errors
/// As [`cargo_options`].
pub fn mended_cargo(command: &str) -> Result<Command> {
    let mut cargo = cargo();
    cargo.arg(command).args(cargo_options()?);
    Ok(cargo)
}

/// Every package of the workspace and below it, downloaded where that has to be.
fn metadata() -> Result<Value> {
    let output = cargo()
        .args(["metadata", "--format-version", "1"])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed ({})", output.status);
    serde_json::from_slice(&output.stdout).context("cargo metadata wrote no JSON")
}

/// Where cargo keeps the published source of a crate.
fn published(Crate { name, version }: Crate, metadata: &Value) -> Result<PathBuf> {
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let package = packages.iter().find(|package| package["name"] == name);
    let package = package.with_context(|| format!("{name} is no dependency any more"))?;
    if package["version"] != version {
        bail!(
            "{name} is {} now, and its mends are for {version}: go through xtask/mends and \
             docs/upstream.md, drop what it has, renew the rest, and set its version in \
             xtask/src/bundle/mend.rs",
            package["version"]
        );
    }
    let manifest = package["manifest_path"].as_str().context("a package without a manifest")?;
    Ok(Path::new(manifest).parent().context("a manifest without a folder")?.to_owned())
}

/// Reads a crate, but for what cargo itself puts beside the sources.
fn read(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let what = || format!("cannot read {}", folder.display());
        for entry in fs::read_dir(&folder).with_context(what)? {
            let path = entry.with_context(what)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root)?.to_owned();
            if !["Cargo.lock", "Cargo.toml.orig"].map(Path::new).contains(&name.as_path())
                && !name.to_string_lossy().starts_with('.')
            {
                let text = fs::read(&path).with_context(|| format!("cannot read {name:?}"))?;
                files.insert(name, text);
            }
        }
    }
    Ok(files)
}

/// Applies a patch of one or more files. Every hunk has to be found as it stands.
fn apply(files: &mut Files, patch: &str) -> Result<()> {
    let mut count = 0;
    for file in PatchSet::parse(patch, ParseOptions::unidiff()) {
        let file = file.context("this is no patch")?;
        let operation = file.operation().strip_prefix(1);
        let (name, old) = match &operation {
            FileOperation::Create(name) => (name, String::new()),
            FileOperation::Modify { original, modified } if original == modified => {
                let text = files.get(Path::new(original.as_ref()));
                let text = text.with_context(|| format!("there is no file {original}"))?;
                (modified, String::from_utf8(text.clone())?)
            }
            other => bail!("files are created and modified only, not {other:?}"),
        };
        let hunks = file.patch().as_text().context("a patch of binary files")?;
        let new = diffy::apply(&old, hunks).with_context(|| name.to_string())?;
        files.insert(PathBuf::from(name.as_ref()), new.into_bytes());
        count += 1;
    }
    ensure!(count > 0, "it changes no file");
    Ok(())
}

/// Makes a folder hold these files and no others. Those that are right already are left alone, or
/// cargo would build them again.
fn write(root: &Path, files: &Files) -> Result<()> {
    fs::create_dir_all(root)?;
    let wanted: BTreeSet<_> = files.keys().collect();
    for name in read(root)?.keys().filter(|name| !wanted.contains(name)) {
        remove(&root.join(name))?;
    }
    for (name, text) in files {
        let path = root.join(name);
        if fs::read(&path).is_ok_and(|present| present == *text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Files, apply, read, write};
    use anyhow::Result;
    use std::path::PathBuf;

    const PATCH: &str = "\
Why.

--- a/src/a.rs
+++ b/src/a.rs
@@ -1,3 +1,3 @@
 one
-two
+2
 three
--- /dev/null
+++ b/src/b.rs
@@ -0,0 +1 @@
+new
";

    fn files(text: &str) -> Files {
        Files::from([(PathBuf::from("src/a.rs"), text.as_bytes().to_vec())])
    }

    #[test]
    fn a_patch_changes_and_creates_files() -> Result<()> {
        let mut files = files("one\ntwo\nthree\n");
        apply(&mut files, PATCH)?;
        assert_eq!(files[&PathBuf::from("src/a.rs")], b"one\n2\nthree\n");
        assert_eq!(files[&PathBuf::from("src/b.rs")], b"new\n");
        Ok(())
    }

    #[test]
    fn a_patch_that_does_not_fit_names_the_file_and_the_place() {
        let error = apply(&mut files("one\n2\nthree\n"), PATCH).expect_err("it does not fit");
        assert_eq!(format!("{error:#}"), "src/a.rs: error applying hunk #1");
        let error = apply(&mut Files::new(), PATCH).expect_err("there is no such file");
        assert_eq!(format!("{error:#}"), "there is no file src/a.rs");
        assert!(apply(&mut files("one\n"), "nothing\n").is_err());
    }

    #[test]
    fn files_that_are_right_are_left_alone() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let mut expected = files("one\ntwo\nthree\n");
        expected.insert(PathBuf::from("Cargo.toml"), b"[package]\n".to_vec());
        write(folder.path(), &expected)?;
        assert_eq!(read(folder.path())?, expected);
        let written = || -> Result<_> {
            Ok(std::fs::metadata(folder.path().join("Cargo.toml"))?.modified()?)
        };
        let before = written()?;
        std::thread::sleep(std::time::Duration::from_millis(20));
        apply(&mut expected, PATCH)?;
        write(folder.path(), &expected)?;
        assert_eq!(read(folder.path())?, expected);
        assert_eq!(written()?, before);
        // What is not wanted any more goes.
        expected.remove(&PathBuf::from("src/b.rs"));
        write(folder.path(), &expected)?;
        assert_eq!(read(folder.path())?, expected);
        Ok(())
    }
}
