//! Folders and files of presets as they should not be: what is there stays, and what is wrong is said.

use erbium::state::preset::Preset;
use erbium::state::preset::library::{Library, read_file};
use std::path::{Path, PathBuf};

/// The name of every file in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect()
}

fn preset(level_db: f64) -> Preset {
    let curve = vec![(100.0, level_db)];
    Preset { name: "Mine".to_owned(), curve, ..Preset::shipped()[0].clone() }
}

/// A folder that is not there and cannot be made, by anybody: what comes with Erbium is on offer and loads,
/// and saving says where it cannot.
#[cfg(target_os = "linux")]
#[test]
fn without_a_folder_the_shipped_presets_load_and_saving_says_so() {
    for folder in ["/dev/null/Erbium/Presets", "/proc/self/Presets"] {
        let mut library = Library::new(Some(PathBuf::from(folder)));
        assert_eq!(library.entries().len(), Preset::shipped().len());
        assert!(library.read(0, 48_000.0).is_ok());
        let error = format!("{:#}", library.save(&preset(3.0)).expect_err(folder));
        assert!(error.contains("cannot") && error.contains(folder), "{error}");
    }
}

/// A file far larger than any curve is refused before it is read whole, and what is no curve with its reason.
#[test]
fn huge_and_foreign_files_are_refused_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let huge = folder.path().join("huge.txt");
    let file = std::fs::File::create(&huge).expect("writes");
    file.set_len(1 << 40).expect("a file with a hole");
    let error = format!("{:#}", read_file(&huge, 48_000.0).expect_err("too large"));
    assert!(error.contains("huge.txt is too large"), "{error}");
    for (name, bytes) in [
        ("sound.txt", &b"RIFF\x24\x00\x00\x00WAVEfmt "[..]),
        ("page.json", b"<!DOCTYPE html><html></html>"),
        ("list.json", b"[[20, 1], [200, 2]]"),
        ("deep.json", &b"[".repeat(100_000)),
        ("cut.json", b"{\"erbium\": 1, \"curve\": [[20, 1], [2"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("writes");
        let error = format!("{:#}", read_file(&path, 48_000.0).expect_err(name));
        assert!(error.starts_with(name) && error.len() < 500, "{name}: {error}");
    }
}

/// Set in the process of [`a_full_disk_keeps_the_preset_that_was_there_and_says_so`].
const INSIDE: &str = "ERBIUM_FULL_DISK";

/// A disk that takes no byte more: saving says so, the preset of that name from before is whole, and nothing else is there.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_preset_that_was_there_and_says_so() {
    let name = "a_full_disk_keeps_the_preset_that_was_there_and_says_so";
    if let Some(folder) = std::env::var_os(INSIDE) {
        let mut library = Library::new(Some(PathBuf::from(folder)));
        let error = format!("{:#}", library.save(&preset(-3.0)).expect_err("no room"));
        assert!(error.contains("cannot write") && error.contains("Mine.json"), "{error}");
        println!("it says: {error}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = Library::new(Some(folder.path().to_owned())).save(&preset(3.0)).expect("room");
    let mut test = std::process::Command::new("sh");
    // The signal for a write too many is ignored, as most hosts do.
    test.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
    test.arg(std::env::current_exe().expect("this test")).args([name, "--exact", "--nocapture"]);
    let output = test.env(INSIDE, folder.path()).output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("it says"), "{said}");
    assert_eq!(read_file(&path, 48_000.0).expect("reads").curve, preset(3.0).curve);
    assert_eq!(names(folder.path()), ["Mine.json"]);
}
