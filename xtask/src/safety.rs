//! Every `unsafe` of the workspace with its reason, as docs/unsafe.md lists them.

use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const LIST: &str = "docs/unsafe.md";
const HEAD: &str = "\
# Every `unsafe`

What the compiler cannot check, each with the reason why it holds, by file. A test compares this list with the
code; `UPDATE_SNAPSHOTS=1 cargo test -p xtask` writes it anew. The patches of the framework in `xtask/mends` come
on top.
";

/// The reasons in a file: each comment that begins with `SAFETY:`, up to its last line.
fn reasons(text: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let Some(reason) = line.strip_prefix("// SAFETY: ") else { continue };
        let mut reason = reason.to_owned();
        while let Some(more) = lines.peek().and_then(|line| line.strip_prefix("// ")) {
            reason.push(' ');
            reason.push_str(more);
            lines.next();
        }
        reasons.push(reason);
    }
    reasons
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn every_unsafe_is_listed_with_its_reason() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let mut files = Vec::new();
    for member in
        ["bank-file", "curve", "dsp", "npy", "plugin", "python", "train", "tests", "fuzz", "xtask"]
    {
        sources(&root.join(member), &mut files)?;
    }
    files.sort();
    let mut list = HEAD.to_owned();
    for file in files {
        let reasons = reasons(&fs::read_to_string(&file)?);
        if !reasons.is_empty() {
            writeln!(list, "\n**{}**\n", file.strip_prefix(root)?.display())?;
        }
        for reason in reasons {
            writeln!(list, "- {reason}")?;
        }
    }
    let path = root.join(LIST);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &list)?;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == list, "{LIST} is not what the code says: UPDATE_SNAPSHOTS=1 writes it anew");
    Ok(())
}

#[test]
fn a_reason_goes_on_to_the_end_of_its_comment() {
    let text = "    // SAFETY: one\n    // two.\n    unsafe { a() }\n// Else.\n// SAFETY: three.\n";
    assert_eq!(reasons(text), ["one two.", "three."]);
}
