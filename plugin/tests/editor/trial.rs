//! What people come for, done as they do it, with every action counted. The manual's table has the same
//! figures.

use crate::harness::EditorHarness;
use crate::live::{Player, live};
use egui::accesskit::Role;
use egui::{Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::Queryable;
use erbium::editor::view::axes::GainAxis;
use erbium::state::params::{KindChoice, LatencyChoice, ScaleChoice};
use erbium::state::preset::Preset;
use nice_plug::prelude::BoolParam;
use std::time::{Duration, Instant};

/// A person at the window, who has done so many things.
struct Person<'a> {
    harness: &'a mut EditorHarness,
    /// Clicks, drags, turns of the wheel, and keys.
    actions: usize,
}

impl Person<'_> {
    fn click(&mut self, name: &str) {
        self.actions += 1;
        self.harness.click(name);
    }

    /// Clicks on what a list has beside the control of the same name.
    fn click_entry(&mut self, name: &str) {
        self.actions += 1;
        self.harness.egui.get_all_by_label(name).last().expect("an entry").click();
        self.harness.egui.run();
    }

    fn open_presets(&mut self) {
        self.actions += 1;
        self.harness.egui.get_by_role_and_label(Role::ComboBox, "Preset").click();
        self.harness.egui.run();
    }

    fn right_click(&mut self, place: Pos2) {
        self.actions += 1;
        self.harness.egui.hover_at(place);
        for pressed in [true, false] {
            self.harness.button(place, PointerButton::Secondary, pressed);
            self.harness.egui.step();
        }
        self.harness.egui.run();
    }

    fn drag(&mut self, places: &[Pos2], keys: Modifiers) {
        self.actions += 1;
        self.harness.stroke_with(places, keys);
    }

    fn wheel(&mut self, place: Pos2, notches: f32) {
        self.actions += 1;
        self.harness.wheel(place, notches);
        self.harness.end_wheel_gesture();
    }

    fn key(&mut self, key: Key, with: Modifiers) {
        self.actions += 1;
        self.harness.egui.key_press_modifiers(with, key);
        self.harness.egui.run();
    }

    /// Types, a key a letter.
    fn write(&mut self, text: &str) {
        for letter in text.chars() {
            self.actions += 1;
            self.harness.egui.event(egui::Event::Text(letter.to_string()));
            self.harness.egui.run();
        }
    }

    fn shows(&self, text: &str) -> bool {
        self.harness.texts().iter().any(|shown| shown.text.contains(text))
    }

    /// The band whose centre is nearest, and its gain.
    fn nearest(&self, hz: f64) -> usize {
        let bank = self.harness.telemetry.bank().expect("a bank");
        let away = |band: &usize| (bank.centres_hz()[*band] - hz).abs();
        (0..bank.bands()).min_by(|a, b| away(a).total_cmp(&away(b))).expect("bands")
    }

    /// The bands with a gain other than 0 dB, and the gains.
    fn moved(&self) -> Vec<(usize, f32)> {
        let bands = self.harness.telemetry.bank().expect("a bank").bands();
        let gains = (0..bands).map(|band| (band, self.harness.gain_db(band)));
        gains.filter(|(_, gain_db)| *gain_db != 0.0).collect()
    }
}

/// Does a task in a window of its own, and fails where the manual says another number of actions.
fn counted(task: &str, act: impl FnOnce(&mut Person<'_>)) {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    counted_in(&mut harness, task, act);
}

fn counted_in(harness: &mut EditorHarness, task: &str, act: impl FnOnce(&mut Person<'_>)) {
    let mut person = Person { harness, actions: 0 };
    act(&mut person);
    assert_eq!(Some(person.actions), in_the_manual(task), "{task}");
}

/// How many actions the manual says that a task takes.
fn in_the_manual(task: &str) -> Option<usize> {
    let manual = include_str!("../../../docs/editor.md");
    let (_, table) = manual.split_once("## Actions for common tasks").expect("the table");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    let mut cells = rows.map(|row| row.split(" | "));
    let row = cells.find_map(|mut cells| (cells.next() == Some(task)).then_some(cells));
    row.and_then(|mut cells| cells.next()?.parse().ok())
}

#[test]
fn a_resonance_is_cut() {
    counted("cut a resonance at 2.8 kHz", |person| {
        let band = person.nearest(2_800.0);
        let place = |db| person.harness.place(band, db);
        let places = [place(0.0), place(-5.0), place(-9.0)];
        person.drag(&places, Modifiers::NONE);
        let moved = person.moved();
        assert!(moved.len() == 1 && moved[0].0 == band && (moved[0].1 + 9.0).abs() < 0.15);
    });
}

#[test]
fn a_range_is_tamed() {
    let check = |person: &Person<'_>| {
        let moved = person.moved();
        let (low, high) = (person.nearest(5_000.0), person.nearest(8_000.0));
        assert_eq!((moved[0].0, moved[moved.len() - 1].0), (low, high), "{moved:?}");
        assert_eq!(moved.len(), high - low + 1, "all between");
        assert!(moved.iter().all(|(_, db)| (db + 4.0).abs() < 0.15), "{moved:?}");
    };
    counted("tame 5 to 8 kHz, flat", |person| {
        let bands = [person.nearest(5_000.0), person.nearest(8_000.0)];
        let places = bands.map(|band| person.harness.place(band, -4.0));
        person.drag(&places, Modifiers::NONE);
        check(person);
    });
    counted("tame 5 to 8 kHz, whatever is drawn there", |person| {
        let (low, high) = (person.nearest(5_000.0), person.nearest(8_000.0));
        let place = |band, db| person.harness.place(band, db);
        let corners = [place(low, 3.0) - vec2(4.0, 0.0), place(high, -3.0) + vec2(4.0, 0.0)];
        let pull = [place(low + 1, 0.0), place(low + 1, -4.0)];
        person.drag(&corners, Modifiers::COMMAND);
        person.drag(&pull, Modifiers::NONE);
        check(person);
    });
}

#[test]
fn a_smile_is_drawn_and_undone() {
    counted("draw a smile, and undo it", |person| {
        let place = |band, db| person.harness.place(band, db);
        let smile =
            [place(1, 8.0), place(10, -1.0), place(20, -4.0), place(30, -1.0), place(38, 8.0)];
        person.drag(&smile, Modifiers::NONE);
        let (low, middle) = (person.harness.gain_db(1), person.harness.gain_db(20));
        assert!(person.moved().len() >= 36 && low > 6.0 && middle < -3.0, "{:?}", person.moved());
        person.click("Undo");
        assert_eq!(person.moved(), []);
    });
}

#[test]
fn one_listens_and_sweeps() {
    fn sweep(person: &mut Person<'_>, keys: Modifiers) {
        let places = [10, 16, 22].map(|band| person.harness.place(band, 2.0));
        person.harness.press(places[0], keys);
        let mut soloed = Vec::new();
        for place in places {
            person.harness.hover(place, keys);
            soloed.push(person.harness.telemetry.soloed());
        }
        person.harness.release(places[2], keys);
        person.actions += 1;
        assert_eq!(soloed, [Some(10), Some(16), Some(22)]);
        assert_eq!(person.harness.telemetry.soloed(), None, "it ends with the press");
        assert_eq!(person.moved(), []);
    }
    counted("listen to one band after another", |person| {
        person.click("Solo");
        sweep(person, Modifiers::NONE);
    });
    counted("the same with Alt held", |person| sweep(person, Modifiers::ALT));
}

#[test]
fn the_bank_changes_while_it_plays() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 10);
    counted_in(&mut harness, "change bank type, scale, bands and latency", |person| {
        person.click("Bank");
        person.click("Gammatone");
        person.click("Mel");
        let bands = person.harness.egui.get_by_label("Bands").rect().center();
        person.wheel(bands, -8.0);
        person.click("11 ms");
        player.play(person.harness, 40);
        let spec = *person.harness.telemetry.bank().expect("plays").spec();
        assert_eq!(spec, person.harness.params.bank_spec(48_000.0), "it plays");
        let params = &person.harness.params;
        assert_eq!(params.kind.value(), KindChoice::Gammatone);
        assert_eq!(params.scale.value(), ScaleChoice::Mel);
        assert_eq!((params.bands.value(), params.latency.value()), (32, LatencyChoice::Ms11));
    });
}

#[test]
fn a_frozen_sound_is_marked_and_pulled() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.play(100);
    counted_in(&mut harness, "freeze, mark and pull up by 6 dB", |person| {
        person.click("Freeze");
        let plot = person.harness.egui.get_by_label("Spectrogram").rect();
        let x = |band| person.harness.place(band, 0.0).x;
        let mark = [15, 20].map(|band| Pos2::new(x(band), plot.center().y));
        let mark = [mark[0] - vec2(3.0, 0.0), mark[1] + vec2(3.0, 0.0)];
        let per_point = GainAxis::default().db_per_point(person.harness.bands().y_range());
        let from = Pos2::new(x(17), plot.bottom() - 20.0);
        person.drag(&mark, Modifiers::NONE);
        person.drag(&[from, from - vec2(0.0, 6.0 / per_point)], Modifiers::NONE);
        let moved = person.moved();
        let bands: Vec<usize> = moved.iter().map(|(band, _)| *band).collect();
        assert_eq!(bands, [15, 16, 17, 18, 19, 20]);
        assert!(moved.iter().all(|(_, db)| (db - 6.0).abs() < 0.051), "{moved:?}");
    });
}

#[test]
fn presets_are_saved_loaded_and_stepped_through() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.dab(harness.place(10, 6.0));
    counted_in(&mut harness, "save the sound as a preset", |person| {
        person.open_presets();
        person.click("Save preset");
        assert!(person.shows("Saved") && person.shows("My preset 1"));
    });
    harness.dab(harness.place(10, -6.0));
    counted_in(&mut harness, "load a preset", |person| {
        person.open_presets();
        person.click_entry("My preset 1");
        assert_eq!(person.harness.gains_db([10]), [6.0]);
    });
    counted_in(&mut harness, "step to the next preset", |person| {
        person.click("Next preset");
        let list = person.harness.egui.get_by_role_and_label(Role::ComboBox, "Preset");
        assert_eq!(list.value().as_deref(), Some("Flat"), "after the last comes the first");
        assert_ne!(person.harness.gains_db([10]), [6.0]);
    });
}

static GOOD: &str = "20 3\n1000 -3\n20000 3\n";

#[test]
fn curves_are_pasted_and_opened_and_a_broken_one_changes_nothing() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.surroundings.clipboard = || Ok(GOOD.to_owned());
    harness.reopen();
    let wait = |person: &mut Person<'_>, text: &str| {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !person.shows(text) {
            assert!(Instant::now() < deadline, "{text}: {:?}", person.harness.texts());
            person.harness.egui.step();
        }
    };
    counted_in(&mut harness, "paste a curve", |person| {
        person.open_presets();
        person.click("Paste a curve");
        wait(person, "Pasted curve: 3 points");
        assert!(person.harness.gain_db(0) > 2.0 && person.moved().len() > 36);
    });
    harness.surroundings.clipboard = || Ok("20 3\n1000 loud\n".to_owned());
    harness.reopen();
    let before = Person { harness: &mut harness, actions: 0 }.moved();
    counted_in(&mut harness, "paste a curve", |person| {
        person.open_presets();
        person.click("Paste a curve");
        wait(person, "Nothing was pasted: ");
        assert!(person.shows("line 2"), "it says where");
        assert_eq!(person.moved(), before);
    });
}

#[test]
fn an_exact_gain_is_typed_or_clicked() {
    counted("set a band to exactly −4.3 dB", |person| {
        person.right_click(person.harness.place(12, 3.0));
        person.write("-4.3");
        person.key(Key::Enter, Modifiers::NONE);
        assert_eq!(person.harness.gains_db([12]), [-4.3]);
    });
    counted("the same without the keyboard", |person| {
        person.right_click(person.harness.place(12, 3.0));
        for _ in 0..4 {
            person.click("Gain down by 1 dB");
        }
        for _ in 0..3 {
            person.click("Gain down by 0.1 dB");
        }
        assert_eq!(person.harness.gains_db([12]), [-4.3]);
    });
}

#[test]
fn picture_and_table_are_saved() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    harness.play(100);
    for (task, entry, name) in [
        ("save the picture", "Picture (PNG)", "spectrogram-post-1.png"),
        ("save the table", "Table (CSV)", "spectrogram-post-1.csv"),
    ] {
        counted_in(&mut harness, task, |person| {
            person.click("Save");
            person.click(entry);
            let deadline = Instant::now() + Duration::from_secs(60);
            while !person.shows(name) {
                assert!(Instant::now() < deadline, "{:?}", person.harness.texts());
                person.harness.egui.step();
            }
            assert!(person.harness.own.path().join(name).exists());
        });
    }
}

#[test]
fn mix_delta_match_and_bypass_are_one_each() {
    counted("mix half of the change in", |person| {
        let at = person.harness.egui.get_by_label("Mix").rect().center();
        person.drag(&[at, at - vec2(50.0, 0.0), at - vec2(100.0, 0.0)], Modifiers::NONE);
        let mix = person.harness.params.mix.value();
        assert!((mix - 0.5).abs() < 0.06, "{mix}");
    });
    for name in ["Delta", "Gain match", "Bypass"] {
        counted("delta, gain match, bypass", |person| {
            person.click(name);
            let params = &person.harness.params;
            let on = [&params.delta, &params.gain_match, &params.bypass].map(BoolParam::value);
            assert_eq!(on, ["Delta", "Gain match", "Bypass"].map(|other| other == name));
        });
    }
    counted("bypass by key", |person| {
        person.harness.hover(person.harness.place(5, 10.0), Modifiers::NONE);
        person.key(Key::B, Modifiers::NONE);
        assert!(person.harness.params.bypass.value());
    });
}

/// Among the user's own, as a file of another program may be.
#[test]
fn a_wrong_file_is_named_and_changes_nothing() {
    let mut harness = EditorHarness::new(1100.0, 700.0);
    let folder = harness.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("config.txt"), "Convolution: room.wav\n").expect("writes");
    harness.dab(harness.place(10, 6.0));
    let before = Person { harness: &mut harness, actions: 0 }.moved();
    counted_in(&mut harness, "learn that a file is none of Erbium's", |person| {
        person.open_presets();
        person.click_entry("config");
        assert!(person.shows("config.txt") && person.shows("line 1: Convolution: convolves"));
        assert_eq!(person.moved(), before);
    });
}

/// Each takes longer to design than it takes to click, and the curve is that of the preset that is shown,
/// twenty times out of twenty.
#[test]
fn presets_of_slow_banks_are_stepped_through_twenty_times() {
    let (mut harness, _) = live();
    let folder = harness.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    for number in 0..25_u8 {
        let (bands, low_db) = (64 - number, f32::from(number) / 2.0 - 6.0);
        let text = format!(
            r#"{{"erbium": 1, "name": "Slow {number:02}", "parameters": {{"kind": "gammatone",
            "bands": {bands}, "latency": "43ms", "quality": "high"}},
            "curve": [[50, {low_db}], [1000, {}], [9000, {}]]}}"#,
            -low_db,
            number % 12
        );
        std::fs::write(folder.join(format!("Slow {number:02}.json")), text).expect("writes");
    }
    let mut player = Player::in_real_time(&harness, 48_000.0);
    player.play(&mut harness, 4);
    let mut person = Person { harness: &mut harness, actions: 0 };
    person.open_presets();
    person.harness.egui.get_by_label("Slow 00").scroll_to_me();
    person.harness.egui.run();
    person.click_entry("Slow 00");
    for step in 1..=20 {
        // Every fifth time a person is in haste.
        for _ in 0..if step % 5 == 0 { 2 } else { 1 } {
            person.click("Next preset");
            player.play(person.harness, 3);
        }
        let list = person.harness.egui.get_by_role_and_label(Role::ComboBox, "Preset");
        let name = list.value().expect("a name");
        let name = name.trim_end_matches(" *").to_owned();
        assert_curve_is(&mut person, &mut player, &name);
    }
}

/// Plays until the bank of a preset does, and compares each gain in force with the preset's curve.
fn assert_curve_is(person: &mut Person<'_>, player: &mut Player, name: &str) {
    let path = person.harness.own.path().join(format!("Presets/{name}.json"));
    let text = std::fs::read_to_string(path).expect(name);
    let preset = Preset::from_json(&text).expect("a preset");
    let deadline = Instant::now() + Duration::from_secs(60);
    let spec = person.harness.params.bank_spec(48_000.0);
    let bank = loop {
        player.play(person.harness, 1);
        match person.harness.telemetry.bank() {
            Some(bank) if *bank.spec() == spec => break bank,
            _ => assert!(Instant::now() < deadline, "{name}: its bank never came"),
        }
    };
    player.play(person.harness, 10);
    let expected_db = preset.curve_gains_db(bank.spec().scale, bank.centres_hz());
    for (band, expected_db) in expected_db.iter().enumerate() {
        let drawn_db = person.harness.params.curve.gain_db(band);
        let off_db = drawn_db - expected_db;
        assert!(off_db.abs() < 0.01, "{name}, band {band}: {drawn_db}, not {expected_db}");
    }
}
