//! The built CLAP in a host: its parameters, and the state projects store.

use anyhow::Result;
use erbium_tests::host::{self, Instance, MAX_BANDS, OFF_DB, PluginEntry, Setup, clap_id};
use erbium_tests::{prerequisites, signal};
use serde_json::{Value, json};

fn entry() -> Result<PluginEntry> {
    host::load(&prerequisites::path(prerequisites::CLAP))
}

fn noise() -> Vec<Vec<f32>> {
    vec![signal::noise(30_000, 1), signal::noise(30_000, 2)]
}

/// An instance with something of its own in every kind of parameter.
fn configured(entry: &PluginEntry) -> Result<Instance> {
    let mut instance = Instance::new(entry, Setup::default())?;
    for (id, text) in CONFIGURED {
        instance.set(id, text)?;
    }
    Ok(instance)
}

const CONFIGURED: [(&str, &str); 9] = [
    ("scale", "Mel"),
    ("bands", "24"),
    ("latency", "11 ms"),
    ("quality", "High"),
    ("output", "-3.00 dB"),
    ("mix", "80"),
    ("gain_3", "off"),
    ("gain_7", "9.50 dB"),
    ("gain_20", "-12.00 dB"),
];

/// A parameter's id, name, values and default, as hosts and their projects know it for ever.
fn listed(instance: &mut Instance) -> Result<String> {
    let mut list = String::new();
    for p in instance.parameters()? {
        list += &format!("{} {} [{}, {}] {:.4}\n", p.id, p.name, p.min, p.max, p.default);
    }
    Ok(list)
}

#[test]
fn parameters_are_those_of_every_released_version() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup::default())?;
    let expected = include_str!("../data/parameters.txt");
    let listed = listed(&mut instance)?;
    assert_eq!(listed, expected, "ids, names, ranges and defaults are for ever; listed:\n{listed}");
    let ids: Vec<u32> = instance.parameters()?.iter().map(|p| p.id).collect();
    let choices =
        ["scale", "bands", "latency", "quality", "output", "mix", "bypass", "delta", "gain_match"];
    let gains = (1..=MAX_BANDS).map(|k| format!("gain_{k}"));
    for id in choices.into_iter().map(str::to_owned).chain(gains) {
        assert!(ids.contains(&clap_id(&id).get()), "{id} is missing");
    }
    Ok(())
}

#[test]
fn state_sounds_the_same_in_another_instance() -> Result<()> {
    let entry = entry()?;
    let mut first = configured(&entry)?;
    let blob = first.save_state()?;
    first.activate()?;
    let expected = first.play(&noise())?;
    let mut second = Instance::new(&entry, Setup::default())?;
    second.load_state(&blob)?;
    for (id, _) in CONFIGURED {
        assert_eq!(second.text(id)?, first.text(id)?, "{id}");
    }
    second.activate()?;
    assert_eq!(second.latency_samples(), first.latency_samples());
    let output = second.play(&noise())?;
    for (output, expected) in output.iter().zip(&expected) {
        assert_eq!(signal::first_difference(output, expected), None);
    }
    let flat = signal::delayed(&noise()[0], first.latency_samples());
    assert!(signal::difference_db(&expected[0], &flat) > -20.0, "the state must be heard");
    Ok(())
}

#[test]
fn state_loaded_while_playing_is_heard() -> Result<()> {
    let entry = entry()?;
    let mut first = Instance::new(&entry, Setup::default())?;
    first.set("gain_7", "9.50 dB")?;
    let blob = first.save_state()?;
    first.activate()?;
    let mut second = Instance::active(&entry, Setup::default())?;
    second.play(&noise())?;
    second.load_state(&blob)?;
    // The gains arrive within their ramp; what was played before is then forgotten.
    let settle = vec![vec![0.0; 48_000]; 2];
    first.play(&settle)?;
    second.play(&settle)?;
    let (expected, output) = (first.play(&noise())?, second.play(&noise())?);
    let difference_db = signal::difference_db(&output[0], &expected[0]);
    assert!(difference_db < -120.0, "they differ by {difference_db:.1} dB");
    Ok(())
}

/// States no plugin has written: empty, cut short, foreign, of an absurd length, damaged.
fn bad_states(good: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut bad = vec![
        ("empty".to_owned(), Vec::new()),
        ("text".to_owned(), b"not a state at all, but long enough to be read as one".to_vec()),
        ("zeros".to_owned(), vec![0; 4096]),
        ("a length only".to_owned(), u64::MAX.to_le_bytes().to_vec()),
    ];
    for percent in [1, 10, 50, 90, 99] {
        let cut = good.len() * percent / 100;
        bad.push((format!("cut at {percent} %"), good[..cut].to_vec()));
        // The length agrees with what is left.
        if cut > 8 {
            bad.push((format!("rewritten at {percent} %"), framed(&good[8..cut])?));
        }
    }
    for seed in 3..6 {
        let noise = signal::noise(1 << 20, seed);
        let noise: Vec<u8> = noise.iter().map(|x| x.to_le_bytes()[0]).collect();
        bad.push((format!("framed noise {seed}"), framed(&noise)?));
        bad.push((format!("noise {seed}"), noise));
    }
    let mut damaged = good.to_vec();
    damaged[8] ^= 0x01;
    bad.push(("a flipped bit".to_owned(), damaged));
    let text = std::str::from_utf8(&good[8..])?;
    for (what, number) in [("not a number", "NaN"), ("nothing", ""), ("two numbers", "9.5 9.5")] {
        bad.push((what.to_owned(), framed(text.replacen("9.5", number, 1).as_bytes())?));
    }
    Ok(bad)
}

/// A state as CLAP hosts hold it: its length, then JSON.
fn framed(json: &[u8]) -> Result<Vec<u8>> {
    let mut blob = u64::try_from(json.len())?.to_le_bytes().to_vec();
    blob.extend(json);
    Ok(blob)
}

#[test]
fn bad_states_are_rejected_and_change_nothing() -> Result<()> {
    let entry = entry()?;
    let mut instance = configured(&entry)?;
    let good = instance.save_state()?;
    instance.activate()?;
    let mut untouched = configured(&entry)?;
    untouched.activate()?;
    for (what, state) in bad_states(&good)? {
        assert!(instance.load_state(&state).is_err(), "a state that is {what} was taken");
        for (id, _) in CONFIGURED {
            assert_eq!(instance.text(id)?, untouched.text(id)?, "{id} after {what}");
        }
        let output = instance.play(&noise())?;
        let expected = untouched.play(&noise())?;
        assert_eq!(signal::first_difference(&output[0], &expected[0]), None, "sound after {what}");
    }
    Ok(())
}

#[test]
fn a_state_with_impossible_numbers_stays_finite() -> Result<()> {
    let entry = entry()?;
    let mut instance = configured(&entry)?;
    let good = instance.save_state()?;
    let text = String::from_utf8(good[8..].to_vec())?;
    for impossible in ["1e30", "-1e30", "1e-40"] {
        let damaged = text.replace("9.5", impossible);
        assert_ne!(damaged, text, "the state holds the gain of 9.5 dB as a number");
        let blob = framed(damaged.as_bytes())?;
        let mut other = Instance::new(&entry, Setup::default())?;
        // Whether it is taken is the framework's choice; that it stays sound is ours.
        let _ = other.load_state(&blob);
        other.activate()?;
        let output = other.play(&noise())?;
        assert!(output.iter().flatten().all(|x| x.is_finite() && x.abs() < 100.0), "{impossible}");
    }
    Ok(())
}

/// The state of an instance, its parameters and fields changed.
fn changed(instance: &mut Instance, change: impl FnOnce(&mut Value)) -> Result<Vec<u8>> {
    let mut state: Value = serde_json::from_slice(&instance.save_state()?[8..])?;
    change(&mut state);
    framed(state.to_string().as_bytes())
}

#[test]
fn values_of_a_state_are_brought_into_their_ranges() -> Result<()> {
    let entry = entry()?;
    let cases = [
        ("output", json!({"f32": 1000.0}), "24.00 dB"),
        ("output", json!({"f32": -60}), "-24.00 dB"),
        ("output", json!({"f32": 1e39}), "24.00 dB"),
        ("output", json!({"string": "loud"}), "0.00 dB"),
        ("mix", json!({"f32": 7.0}), "100 %"),
        ("mix", json!({"f32": -7.0}), "0 %"),
        ("gain_7", json!({"f32": 1e30}), "24.00 dB"),
        ("gain_7", json!({"f32": -200}), "off"),
        ("gain_7", json!({"bool": true}), "0.00 dB"),
        ("bands", json!({"i32": 0}), "8"),
        ("bands", json!({"i32": -2_000_000_000}), "8"),
        ("bands", json!({"i32": 7}), "8"),
        ("bands", json!({"i32": 65}), "64"),
        ("bands", json!({"f32": 24.0}), "24"),
        ("bands", json!({"string": "24"}), "40"),
        ("scale", json!({"string": "octave"}), "ERB"),
        ("scale", json!({"i32": 99}), "ERB"),
        ("kind", json!({"string": ""}), "ISAC"),
        ("latency", json!({"bool": false}), "21 ms"),
        ("bypass", json!({"f32": 1.0}), "Off"),
    ];
    for (id, stored, expected) in cases {
        let mut first = configured(&entry)?;
        let state = changed(&mut first, |state| state["params"][id] = stored.clone())?;
        // Whatever it was before.
        let mut instance = configured(&entry)?;
        instance.load_state(&state)?;
        assert_eq!(instance.text(id)?, expected, "{id} {stored}");
        instance.activate()?;
        assert!(instance.latency_samples() > 100, "{id} {stored}: no bank plays");
        let output = instance.play(&[signal::noise(6000, 1), signal::noise(6000, 2)])?;
        assert!(output.iter().flatten().all(|x| x.is_finite() && x.abs() < 300.0), "{id} {stored}");
    }
    Ok(())
}

#[test]
fn what_a_state_lacks_is_as_in_a_new_instance() -> Result<()> {
    let entry = entry()?;
    let mut new = Instance::new(&entry, Setup::default())?;
    let fresh: Value = serde_json::from_slice(&new.save_state()?[8..])?;
    let empty = br#"{"params": {}, "fields": {}}"#.to_vec();
    let mut lacking = configured(&entry)?;
    // A curve of its own, which has to go as well.
    lacking.activate()?;
    lacking.play(&noise())?;
    lacking.deactivate();
    let unknown = changed(&mut lacking, |state| {
        *state = json!({
            "version": "99.0.0", "scent": 3,
            "params": {"depth": {"f32": 1.0}, "gain_65": {"f32": 1.0}},
            "fields": {"depth_curve": "[1]", "curve": "{}", "bank_file": "3", "editor_memory": "["},
        });
    })?;
    for (what, state) in [("empty", framed(&empty)?), ("of a later version", unknown)] {
        let mut instance = configured(&entry)?;
        instance.activate()?;
        instance.play(&noise())?;
        instance.deactivate();
        instance.load_state(&state)?;
        let loaded: Value = serde_json::from_slice(&instance.save_state()?[8..])?;
        assert_eq!(loaded["params"], fresh["params"], "{what}");
        assert_eq!(loaded["fields"]["bank_file"], fresh["fields"]["bank_file"], "{what}");
        assert_eq!(loaded["fields"]["editor_memory"], fresh["fields"]["editor_memory"], "{what}");
        instance.activate()?;
        let output = instance.play(&noise())?;
        for (output, input) in output.iter().zip(noise()) {
            let flat = signal::delayed(&input, instance.latency_samples());
            assert_eq!(signal::first_difference(output, &flat), None, "{what} is not flat");
        }
    }
    Ok(())
}

#[test]
fn a_flipped_bit_is_rejected_or_harmless() -> Result<()> {
    let entry = entry()?;
    let mut instance = configured(&entry)?;
    instance.activate()?;
    let good = instance.save_state()?;
    let (mut taken, mut rejected) = (0, 0);
    for bit in (0..8 * good.len()).step_by(29) {
        let mut damaged = good.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        instance.load_state(&good)?;
        let before = instance.save_state()?;
        if instance.load_state(&damaged).is_err() {
            assert_eq!(
                instance.save_state()?,
                before,
                "bit {bit} was rejected and changed something"
            );
            rejected += 1;
            continue;
        }
        taken += 1;
        let state: Value = serde_json::from_slice(&instance.save_state()?[8..])?;
        for (id, stored) in state["params"].as_object().into_iter().flatten() {
            let Some(number) = stored["f32"].as_f64().or_else(|| stored["i32"].as_f64()) else {
                continue;
            };
            let range = match id.as_str() {
                "bands" => 8.0..=64.0,
                "output" => -24.0..=24.0,
                "mix" => 0.0..=1.0,
                _ => OFF_DB..=24.0,
            };
            assert!(range.contains(&number), "{id} is {number} by bit {bit}");
        }
        if taken % 16 == 0 {
            let output = instance.play(&[signal::noise(512, 1), signal::noise(512, 2)])?;
            assert!(output.iter().flatten().all(|x| x.is_finite()), "bit {bit}");
        }
    }
    assert!(taken > 50 && rejected > 50, "{taken} taken, {rejected} rejected");
    Ok(())
}
