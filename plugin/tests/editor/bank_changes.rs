//! The gains through changes of the bank: whatever the window does meanwhile, and whether or not one
//! is open.

use crate::harness::{EditorHarness, bank};
use crate::live::{Player, live, load_state, playing, reopened};
use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use erbium::state::params::OFF_DB;
use erbium::state::preset::Preset;

/// What of this is about band gains.
fn gains(edits: &[String]) -> Vec<&String> {
    let is_gain = |what: &&String| what.contains(" gain_") && !what.ends_with("gain_match");
    edits.iter().filter(is_gain).collect()
}

/// Fails where the gains in force are not those that the preset has at the centres of the bank that plays.
fn assert_heard(harness: &EditorHarness, preset: &Preset, at: &str) {
    let (spec, playing_db) = playing(harness);
    let bank = harness.telemetry.bank().expect("plays");
    let curve = preset.nodes().expect("a curve");
    let expected_db = curve.gains_db(spec.scale, bank.centres_hz());
    for (band, (playing_db, expected_db)) in playing_db.iter().zip(expected_db).enumerate() {
        let off_db = (playing_db - expected_db).abs();
        assert!(off_db < 2e-3, "{at}: band {band} has {playing_db} dB, not {expected_db}");
    }
}

const OWN: &str = r#"{"erbium": 1, "name": "Own",
    "parameters": {"kind": "gammatone", "scale": "bark", "bands": 24, "latency": "8ms"},
    "curve": [[0, 9], [500, -12], [2000, 6], [24000, -3]]}"#;

fn choose(harness: &mut EditorHarness, name: &str) {
    harness.egui.get_by_role_and_label(Role::ComboBox, "Preset").click();
    harness.egui.run();
    harness.egui.get_by_label(name).scroll_to_me();
    harness.egui.run();
    harness.click(name);
}

#[test]
fn a_preset_of_another_bank_leaves_nothing_of_the_gains_before() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    let folder = harness.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("Own.json"), OWN).expect("writes");
    let own = Preset::from_json(OWN).expect("reads");
    let presence = Preset::shipped().iter().find(|preset| preset.name == "Presence");
    let presence = presence.expect("is shipped");
    // How long the audio thread takes to ask for the bank, in frames, and to play it, in blocks.
    for (frames, blocks) in [(0, 40), (1, 40), (20, 40), (40, 60), (3, 1), (20, 1), (0, 40)] {
        for preset in [&own, presence] {
            let at = format!("{}, {frames} frames, {blocks} blocks", preset.name);
            choose(&mut harness, &preset.name);
            let edits = harness.host.take();
            harness.egui.run_steps(frames);
            player.play(&mut harness, blocks);
            // After one block the bank before may still be fading in.
            if blocks > 1 {
                assert_heard(&harness, preset, &at);
            }
            assert_eq!(gains(&edits), <[&String; 0]>::default(), "{at}");
            assert_eq!(harness.host.take(), <[String; 0]>::default(), "{at}");
        }
    }
}

#[test]
fn gains_that_a_preset_names_are_those_of_its_own_bank() {
    let text = OWN.replace("\"bands\": 24", "\"bands\": 24, \"gain_4\": -9.5, \"gain_30\": 3");
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    // The parameter holds the very value already, as another bank's gain.
    harness.set_gain_db(3, -9.5);
    player.play(&mut harness, 4);
    let folder = harness.own.path().join("Presets");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("Own.json"), text).expect("writes");
    let before = playing(&harness);
    choose(&mut harness, "Own");
    harness.egui.run_steps(20);
    player.play(&mut harness, 40);
    let named = playing(&harness);
    assert_eq!((named.1.len(), named.1[3]), (24, -9.5));
    let own = Preset::from_json(OWN).expect("reads").nodes().expect("a curve");
    let bank = harness.telemetry.bank().expect("plays");
    let expected_db: Vec<f32> = own.gains_db(named.0.scale, bank.centres_hz()).collect();
    for band in (0..24).filter(|band| *band != 3) {
        assert!((named.1[band] - expected_db[band]).abs() < 2e-3, "band {band}: {named:?}");
    }
    harness.click("Undo");
    player.play(&mut harness, 40);
    assert_eq!(playing(&harness), before);
    harness.click("Redo");
    player.play(&mut harness, 40);
    assert_eq!(playing(&harness), named);
}

/// What plays when a lane goes on after a change of the band count, with or without a window.
fn after_a_lane(open: bool, offline: bool) -> (Vec<f32>, Vec<f32>, Vec<String>) {
    let (mut harness, mut player) = live();
    let mut play = |harness: &mut EditorHarness, blocks| {
        if open {
            player.play(harness, blocks);
        } else {
            player.play_closed(harness, blocks);
        }
    };
    play(&mut harness, 4);
    for band in 0..64_u8 {
        let gain_db = f32::from(band % 24 * 7 % 24) - 12.0;
        harness.set_gain_db(usize::from(band), gain_db);
    }
    play(&mut harness, 4);
    let repeated_db = harness.gain_db(5);
    harness.host.setter().set_parameter(&harness.params.bands, 24);
    play(&mut harness, 60);
    harness.host.take();
    // One lane repeats its value, another moves on.
    for _ in 0..10 {
        harness.set_gain_db(5, repeated_db);
        play(&mut harness, 2);
    }
    harness.set_gain_db(9, 3.25);
    play(&mut harness, 4);
    let edits = harness.host.take();
    let now = playing(&harness).1;
    // A render of the project, as a host makes it: another instance, and no window.
    let other = EditorHarness::empty(1100.0, 700.0);
    let mut fresh = None;
    if offline {
        load_state(&harness, &other);
        fresh = Some(Player::new(&other, 48_000.0));
    }
    let mut fresh = fresh.unwrap_or_else(|| {
        let player = Player::new(&other, 48_000.0);
        load_state(&harness, &other);
        player
    });
    fresh.play_closed(&other, 10);
    (now, playing(&other).1, edits)
}

#[test]
fn the_same_project_sounds_the_same_whether_or_not_a_window_is_open() {
    let (closed, reloaded, edits) = after_a_lane(false, true);
    assert_eq!(closed.len(), 24);
    assert_eq!(closed[9], 3.25, "a lane that moves is followed");
    assert_eq!(
        edits,
        ["set gain_6"; 10].iter().chain(&["set gain_10"]).copied().collect::<Vec<_>>()
    );
    assert_eq!(reloaded, closed, "rendered");
    for offline in [false, true] {
        let (open, reloaded, edits_open) = after_a_lane(true, offline);
        assert_eq!(open, closed, "live");
        assert_eq!(reloaded, closed, "reloaded");
        assert_eq!(edits_open, edits, "nothing reaches the host that nobody did");
    }
}

#[test]
fn a_lane_above_the_band_count_takes_effect_when_its_band_comes_back() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    harness.set_gain_db(2, -6.0);
    player.play(&mut harness, 2);
    harness.host.setter().set_parameter(&harness.params.bands, 24);
    player.play(&mut harness, 40);
    harness.set_gain_db(30, 9.0);
    player.play(&mut harness, 4);
    let (mut other, mut others_player) = reopened(&harness);
    for (harness, player) in [(&mut harness, &mut player), (&mut other, &mut others_player)] {
        assert_eq!(playing(harness).1.len(), 24);
        harness.host.setter().set_parameter(&harness.params.bands, 40);
        player.play(harness, 40);
        let (_, gains_db) = playing(harness);
        assert_eq!((gains_db[2], gains_db[30], gains_db[29]), (-6.0, 9.0, 0.0));
    }
}

#[test]
fn the_window_shows_the_gains_in_force_and_an_edit_of_it_always_counts() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    let band = 12;
    harness.set_gain_db(band, 12.0);
    player.play(&mut harness, 4);
    harness.host.setter().set_parameter(&harness.params.bands, 24);
    player.play(&mut harness, 40);
    harness.host.take();
    assert_eq!(harness.gain_db(band), 12.0, "a host's own slider keeps the value of the host");
    let (_, in_force) = playing(&harness);
    assert!(in_force[band].abs() < 6.0, "{in_force:?}");
    let shown = |harness: &EditorHarness, band: usize| {
        let bands = harness.egui.get_all_by_role(Role::Slider);
        let name = format!("Gain of band {}, ", band + 1);
        let mut bands = bands.filter(|node| {
            let node = egui_kittest::kittest::NodeT::accesskit_node(node);
            node.label().is_some_and(|label| label.starts_with(&name))
        });
        let value = bands.next().expect("a band").value().expect("a value");
        value.replace('−', "-").trim_end_matches(" dB").trim_start_matches('+').parse::<f32>()
    };
    assert!((shown(&harness, band).expect("a gain") - in_force[band]).abs() < 0.06);
    // To the very value that the parameter has.
    let centre = harness.telemetry.bank().expect("plays").centres_hz()[band];
    let place = harness.place_at(centre, 12.0);
    harness.dab(place);
    player.play(&mut harness, 4);
    let mut expected = in_force.clone();
    expected[band] = 12.0;
    assert_eq!(playing(&harness).1, expected);
    assert_eq!(shown(&harness, band), Ok(12.0));
    assert_eq!(harness.host.take(), ["begin gain_13", "set gain_13", "end gain_13"]);
    let (other, _) = reopened(&harness);
    assert_eq!(playing(&other).1, expected, "and is kept");
    harness.click("Undo");
    player.play(&mut harness, 4);
    assert_eq!(playing(&harness).1, in_force);
    harness.click("Redo");
    player.play(&mut harness, 4);
    assert_eq!(playing(&harness).1, expected);
}

#[test]
fn mute_copy_and_paste_go_by_the_gains_in_force() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    (8..14).for_each(|band| harness.set_gain_db(band, 12.0));
    player.play(&mut harness, 4);
    harness.host.setter().set_parameter(&harness.params.bands, 24);
    player.play(&mut harness, 40);
    let in_force = playing(&harness).1;
    let (from, to) = (7, 12);
    assert!(in_force[from] > 6.0 && in_force[to].abs() < 1.0, "{in_force:?}");
    let bank = harness.telemetry.bank().expect("plays");
    let place =
        |harness: &EditorHarness, band: usize| harness.place_at(bank.centres_hz()[band], 3.0);
    let at = place(&harness, from);
    harness.menu_at(at, "Copy gain");
    let at = place(&harness, to);
    let text = format!("Paste gain, {}", erbium::editor::view::axes::gain_text(in_force[from]));
    harness.menu_at(at, &text);
    player.play(&mut harness, 4);
    assert_eq!(playing(&harness).1[to], in_force[from]);
    harness.menu_at(at, "Mute band");
    player.play(&mut harness, 4);
    assert_eq!(playing(&harness).1[to], OFF_DB);
    harness.menu_at(at, "Unmute band");
    player.play(&mut harness, 4);
    assert_eq!(playing(&harness).1[to], in_force[from]);
}

#[test]
fn while_other_bands_are_on_their_way_those_shown_are_left_alone() {
    let (mut harness, mut player) = live();
    player.play(&mut harness, 4);
    harness.host.setter().set_parameter(&harness.params.bands, 24);
    harness.egui.run_steps(2);
    let place = harness.place(20, 9.0);
    harness.dab(place);
    assert_eq!(harness.host.take(), ["set bands"]);
    player.play(&mut harness, 40);
    assert_eq!(playing(&harness).1, [0.0; 24]);
    // A stroke that has begun ends there, and its end reaches the host.
    let place = harness.place_at(1000.0, 9.0);
    harness.press(place, egui::Modifiers::NONE);
    harness.hover(place + egui::vec2(0.0, 6.0), egui::Modifiers::NONE);
    harness.hover(place, egui::Modifiers::NONE);
    harness.host.setter().set_parameter(&harness.params.bands, 40);
    harness.hover(place + egui::vec2(40.0, 0.0), egui::Modifiers::NONE);
    let edits = harness.host.take();
    let [begin, sets @ .., bands, end] = edits.as_slice() else { panic!("{edits:?}") };
    assert!(begin.starts_with("begin gain") && !sets.is_empty(), "{edits:?}");
    assert!(sets.iter().all(|set| set.starts_with("set gain")), "{edits:?}");
    assert!(bands == "set bands" && end.starts_with("end gain"), "{edits:?}");
    player.play(&mut harness, 40);
    harness.release(place, egui::Modifiers::NONE);
    assert_eq!(harness.host.take(), <[String; 0]>::default());
}

#[test]
fn a_lone_peak_keeps_its_height_at_another_sample_rate_and_quality() {
    let first = EditorHarness::empty(1100.0, 700.0);
    let mut player = Player::new(&first, 44_100.0);
    for band in [0, 20, 39] {
        first.set_gain_db(band, 24.0);
    }
    player.play_closed(&first, 4);
    let second = EditorHarness::empty(1100.0, 700.0);
    load_state(&first, &second);
    let mut player = Player::new(&second, 48_000.0);
    player.play_closed(&second, 4);
    let peaks: Vec<f32> =
        (0..40).map(|k| if k % 20 == 0 || k == 39 { 24.0 } else { 0.0 }).collect();
    assert_eq!(playing(&second).1, peaks);
    for (id, value) in [("quality", "High"), ("quality", "Eco")] {
        second.set(id, value);
        player.play_closed(&second, 40);
        assert_eq!(playing(&second).1, peaks, "{id} {value}");
    }
    assert_eq!(bank().bands(), 40);
}

#[test]
fn at_twice_the_sample_rate_the_curve_keeps_its_frequencies() {
    let first = EditorHarness::empty(1100.0, 700.0);
    let mut player = Player::new(&first, 48_000.0);
    (10..20).for_each(|band| first.set_gain_db(band, -12.0));
    player.play_closed(&first, 4);
    let scale = first.telemetry.bank().expect("plays").spec().scale;
    let drawn = first.params.curve.drawing().curve;
    let second = EditorHarness::empty(1100.0, 700.0);
    load_state(&first, &second);
    let mut player = Player::new(&second, 96_000.0);
    player.play_closed(&second, 4);
    let bank = second.telemetry.bank().expect("plays");
    for (band, &hz) in bank.centres_hz().iter().enumerate() {
        let off_db = second.params.curve.gain_db(band) - drawn.read_db(scale, hz);
        assert!(off_db.abs() < 1e-3, "{off_db} dB at {hz} Hz");
    }
}
