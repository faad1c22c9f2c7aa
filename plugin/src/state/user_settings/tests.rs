use super::*;
use std::path::Path;

fn params_of(settings: &UserSettings) -> (Preferences, (u16, u16)) {
    let params = ErbiumParams::default();
    settings.apply_to(&params);
    let preferences = *params.editor_preferences.lock().expect("not poisoned");
    (preferences, params.editor_size.get())
}

fn of(folder: &Path) -> UserSettings {
    UserSettings::in_folder(folder.to_owned())
}

const DEFAULT_SIZE: (u16, u16) = (1100, 700);

/// Sets what is given in the settings of a folder.
fn change(folder: &Path, change: impl FnOnce(&mut Preferences)) {
    let mut new = Preferences::default();
    change(&mut new);
    of(folder).set_preferences(Preferences::default(), new);
}

#[test]
fn what_one_instance_changes_the_next_one_begins_with() {
    let own = tempfile::tempdir().expect("a folder");
    let folder = own.path().join("not yet there");
    assert_eq!(params_of(&of(&folder)), (Preferences::default(), DEFAULT_SIZE));
    let new = Preferences { light: true, scale_percent: 150, ..Preferences::default() };
    let first = of(&folder);
    first.set_preferences(Preferences::default(), new);
    first.set_editor_size((900, 600));
    assert!(!folder.exists(), "not yet");
    drop(first);
    assert_eq!(params_of(&of(&folder)), (new, (900, 600)));
    let names = std::fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(names, 1, "nothing partial");
}

#[test]
fn a_state_has_the_last_word_even_where_it_says_the_default() {
    use nice_plug::prelude::Params;
    let own = tempfile::tempdir().expect("a folder");
    let stored = ErbiumParams::default().serialize_fields();
    change(own.path(), |new| (new.light, new.piano) = (true, true));
    of(own.path()).set_editor_size((800, 500));
    let params = ErbiumParams::default();
    of(own.path()).apply_to(&params);
    assert!(params.editor_preferences.lock().expect("not poisoned").light);
    params.deserialize_fields(&stored);
    let preferences = *params.editor_preferences.lock().expect("not poisoned");
    assert_eq!((preferences, params.editor_size.get()), (Preferences::default(), DEFAULT_SIZE));
}

#[test]
fn only_what_a_person_changes_is_written() {
    let own = tempfile::tempdir().expect("a folder");
    // A project's choices, of which one is changed.
    let mut project = Preferences { light: true, scale_percent: 200, ..Preferences::default() };
    project.spectrogram.palette = 3;
    let mut new = Preferences { notes: true, ..project };
    new.spectrogram.history = 5;
    of(own.path()).set_preferences(project, new);
    let mut expected = Preferences { notes: true, ..Preferences::default() };
    expected.spectrogram.history = 5;
    assert_eq!(params_of(&of(own.path())).0, expected);
}

#[test]
fn two_instances_at_once_keep_what_both_have_changed() {
    let own = tempfile::tempdir().expect("a folder");
    let (first, second) = (of(own.path()), of(own.path()));
    first.set_hint_seen();
    second.set_preferences(
        Preferences::default(),
        Preferences { piano: true, ..Preferences::default() },
    );
    drop((first, second));
    let read = of(own.path());
    assert!(read.hint_seen() && params_of(&read).0.piano);
}

/// Whoever reads while others write reads a whole file.
#[test]
fn a_file_that_many_write_is_whole_at_any_moment() {
    let own = tempfile::tempdir().expect("a folder");
    change(own.path(), |new| new.light = true);
    std::thread::scope(|scope| {
        for writer in 0..4_u8 {
            let folder = own.path();
            scope.spawn(move || {
                for round in 0..50 {
                    change(folder, |new| {
                        (new.piano, new.bands_percent) = (true, 1 + writer + round % 20);
                    });
                }
            });
        }
        for _ in 0..500 {
            let read = of(own.path());
            assert_eq!(read.take_notice(), None);
            assert!(params_of(&read).0.light, "a file in part");
        }
    });
}

#[test]
fn what_a_later_version_keeps_there_stays() {
    let own = tempfile::tempdir().expect("a folder");
    let later = r#"{"erbium_settings": 7, "preferences": {"light": true, "scent": {"of": "rose"}}, "pets": [1]}"#;
    std::fs::write(own.path().join(FILE), later).expect("writes");
    change(own.path(), |new| new.notes = true);
    let text = std::fs::read_to_string(own.path().join(FILE)).expect("reads");
    let written: Value = serde_json::from_str(&text).expect("JSON");
    let expected = r#"{"erbium_settings": 7, "preferences": {"light": true, "notes": true, "scent": {"of": "rose"}},
        "pets": [1]}"#;
    assert_eq!(written, serde_json::from_str::<Value>(expected).expect("JSON"));
}

#[test]
fn a_file_that_cannot_be_read_means_defaults_and_a_notice_and_is_put_aside() {
    let huge = format!(r#"{{"erbium_settings": 1, "x": "{}"}}"#, "x".repeat(file::BYTES_MAX));
    let deep = "[".repeat(60_000);
    for (content, told) in [
        ("", "it is empty"),
        ("{", "line 1: it ends"),
        ("[1]", "it does not begin with {"),
        ("{}", "it has no \"erbium_settings\": 1"),
        (r#"{"erbium": 1, "curve": []}"#, "it has no \"erbium_settings\": 1"),
        (r#"{"erbium_settings": "one"}"#, "it has no \"erbium_settings\": 1"),
        (r#"{"erbium_settings": 1, "erbium_settings": 1}"#, "line 1: the field"),
        ("\0\0\0\0", "it does not begin with {"),
        (&huge, "it is too large"),
        (&deep, "it does not begin with {"),
        (&format!(r#"{{"erbium_settings": {deep}"#), "line 1: this is no JSON"),
    ] {
        let own = tempfile::tempdir().expect("a folder");
        let path = own.path().join(FILE);
        std::fs::write(&path, content).expect("writes");
        let read = of(own.path());
        assert_eq!(params_of(&read), (Preferences::default(), DEFAULT_SIZE));
        let notice = read.take_notice().expect(told);
        assert!(notice.contains(&format!("{}: {told}", path.display())), "{notice}");
        assert_eq!((read.take_notice(), read.hint_seen()), (None, false), "once");
        drop(read);
        assert_eq!(std::fs::read_to_string(&path).expect("there"), content, "untouched");
        change(own.path(), |new| new.light = true);
        assert!(params_of(&of(own.path())).0.light);
        let aside = std::fs::read_to_string(path.with_extension("unreadable")).expect("kept");
        assert_eq!(aside, content);
    }
}

#[test]
fn one_wrong_value_costs_only_itself() {
    let own = tempfile::tempdir().expect("a folder");
    let text = r#"{"erbium_settings": 1, "preferences": {"light": true, "notes": "yes"}, "editor_size": [9, 60000]}"#;
    std::fs::write(own.path().join(FILE), text).expect("writes");
    let read = of(own.path());
    let expected = Preferences { light: true, ..Preferences::default() };
    assert_eq!(params_of(&read), (expected, (700, 4096)), "as large as is possible");
    let notice = read.take_notice().expect("wrong");
    assert!(notice.ends_with(": notes could not be read: as in a new one"), "{notice}");
}

/// Where a folder, a pipe or nothing at all can be, defaults are used and nothing fails, waits or appears.
#[cfg(unix)]
#[test]
fn a_place_that_cannot_be_written_to_is_no_error() {
    let own = tempfile::tempdir().expect("a folder");
    let taken = own.path().join("taken");
    std::fs::create_dir_all(taken.join(FILE).join("inside")).expect("a folder");
    let piped = own.path().join("piped");
    std::fs::create_dir(&piped).expect("a folder");
    let made = std::process::Command::new("mkfifo").arg(piped.join(FILE)).status();
    assert!(made.expect("mkfifo").success());
    for folder in [&taken, &piped] {
        let read = of(folder);
        assert_eq!(params_of(&read), (Preferences::default(), DEFAULT_SIZE));
        assert!(read.take_notice().expect("wrong").ends_with(": it is no file"));
        change(folder, |new| new.light = true);
        assert_eq!(params_of(&of(folder)).0, Preferences::default());
        assert_eq!(std::fs::read_dir(folder).expect("a folder").count(), 1, "nothing more");
    }
    for folder in ["/dev/null/erbium", "/proc/self/erbium"] {
        let read = of(Path::new(folder));
        assert_eq!(read.take_notice(), None, "{folder}");
        change(Path::new(folder), |new| new.light = true);
        assert_eq!(params_of(&of(Path::new(folder))).0, Preferences::default(), "{folder}");
    }
    let nowhere = UserSettings::default();
    nowhere.set_hint_seen();
    nowhere.set_editor_size((900, 600));
    nowhere.write_now();
    assert!(nowhere.hint_seen() && nowhere.state().changes.is_empty());
}

#[test]
fn writing_waits_until_nothing_more_changes() {
    let own = tempfile::tempdir().expect("a folder");
    let settings = of(own.path());
    let written = || own.path().join(FILE).exists();
    let wait = |settings: &UserSettings| {
        let writing = settings.state().writing.take();
        writing.map(|writing| writing.join().expect("no panic")).is_some()
    };
    settings.set_editor_size((900, 600));
    let start = settings.state().changed.expect("changed");
    settings.write_at(start + QUIET / 2);
    assert!(!wait(&settings) && !written());
    settings.state().changed = Some(start + QUIET / 2);
    settings.write_at(start + QUIET);
    assert!(!wait(&settings) && !written());
    settings.write_at(start + 2 * QUIET);
    assert!(wait(&settings) && written());
    settings.write_at(start + 9 * QUIET);
    assert!(!wait(&settings), "nothing more to write");
}

#[test]
fn the_hint_that_another_instance_has_shown_is_seen() {
    let own = tempfile::tempdir().expect("a folder");
    let (first, second) = (of(own.path()), of(own.path()));
    assert!(!first.hint_seen() && !second.hint_seen());
    first.set_hint_seen();
    assert!(first.hint_seen());
    drop(first);
    assert!(!second.hint_seen());
    second.refresh_hint();
    assert!(second.hint_seen());
}
