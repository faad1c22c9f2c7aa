//! The files of the editor import one another without a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Modules by path, such as `view::axes`; the root is the empty one.
type Sources = BTreeMap<String, String>;

/// Reads the source of every module in a folder, without comments and unit tests.
fn read(folder: &Path, module: &str, sources: &mut Sources) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        if path.is_dir() {
            read(&path, &joined(module, name), sources);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let text = text.split("#[cfg(test)]").next().expect("a first part");
        let lines = text.lines().map(|line| line.split("//").next().expect("a first part"));
        let module = if name == "mod" { module.to_owned() } else { joined(module, name) };
        sources.insert(module, lines.collect::<Vec<_>>().join("\n"));
    }
}

/// The module that a path leads into, the path itself or its nearest parent.
fn resolve<'a>(mut path: &'a str, sources: &Sources) -> &'a str {
    while !sources.contains_key(path) {
        path = path.rsplit_once("::").map_or("", |(parent, _)| parent);
    }
    path
}

/// The path of an item in a module.
fn joined(module: &str, item: &str) -> String {
    format!("{module}::{item}").trim_matches(':').to_owned()
}

/// The modules that one imports: paths from `crate::editor`, and in a `mod.rs` from its children.
fn imports(module: &str, sources: &Sources) -> BTreeSet<String> {
    let in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut imported = BTreeSet::new();
    let mut rest = sources[module].as_str();
    assert!(!rest.contains("super::"), "{module}: paths begin at the crate");
    while let Some(start) = rest.find(in_path) {
        rest = &rest[start..];
        let (path, after) = rest.split_at(rest.find(|c| !in_path(c)).unwrap_or(rest.len()));
        rest = after;
        let Some((first, _)) = path.split_once("::") else { continue };
        let path = if let Some(path) = path.strip_prefix("crate::editor") {
            joined("", path)
        } else if sources.contains_key(&joined(module, first)) {
            joined(module, path)
        } else {
            continue;
        };
        let group = after.strip_prefix('{').and_then(|after| after.split('}').next());
        for item in group.unwrap_or("self").split(',').map(str::trim) {
            let item = if item == "self" { path.clone() } else { joined(&path, item) };
            imported.insert(resolve(&item, sources).to_owned());
        }
    }
    imported.remove(module);
    imported
}

/// The modules in circles, with what they import: what is left once those that import none of the
/// others, or that none of the others imports, have been taken away.
fn circles(mut left: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    loop {
        let modules: BTreeSet<String> = left.keys().cloned().collect();
        let imported: BTreeSet<String> = left.values().flatten().cloned().collect();
        left.retain(|module, imports| {
            imports.retain(|module| modules.contains(module));
            !imports.is_empty() && imported.contains(module)
        });
        if left.len() == modules.len() {
            return left;
        }
    }
}

#[test]
fn no_file_of_the_editor_is_in_a_circle_of_imports() {
    let mut sources = Sources::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/editor"), "", &mut sources);
    let all: BTreeMap<_, _> =
        sources.keys().map(|module| (module.clone(), imports(module, &sources))).collect();
    // What is known to be there is found.
    for (module, imported) in
        [("", "window"), ("view::model", "view::axes"), ("spectrogram", "spectrogram::texture")]
    {
        assert!(all[module].contains(imported), "{module}: {:?}", all[module]);
    }
    assert_eq!(circles(all), BTreeMap::new());
}

#[test]
fn a_circle_is_found() {
    let sources = [
        ("", "use window::Editor;\nmod window;"),
        ("window", "use crate::editor::{App, view::model};"),
        ("view", "pub mod model;"),
        ("view::model", "use crate::editor::view;"),
    ];
    let sources = sources.map(|(module, text)| (module.to_owned(), text.to_owned())).into();
    let all = ["", "window", "view", "view::model"];
    let all = all.map(|module| (module.to_owned(), imports(module, &sources))).into();
    assert_eq!(circles(all).into_keys().collect::<Vec<_>>(), ["", "window"]);
}
