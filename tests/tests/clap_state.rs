//! The built CLAP in a host: its parameters, and the state projects store.

use anyhow::Result;
use erbium_tests::host::{self, Instance, MAX_BANDS, PluginEntry, Setup, clap_id};
use erbium_tests::{prerequisites, signal};

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
fn bad_states(good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut bad = vec![
        ("empty".to_owned(), Vec::new()),
        ("text".to_owned(), b"not a state at all, but long enough to be read as one".to_vec()),
        ("zeros".to_owned(), vec![0; 4096]),
        ("a length only".to_owned(), u64::MAX.to_le_bytes().to_vec()),
    ];
    for percent in [1, 10, 50, 90, 99] {
        let cut = good.len() * percent / 100;
        bad.push((format!("cut at {percent} %"), good[..cut].to_vec()));
    }
    let noise: Vec<u8> = signal::noise(1 << 20, 3).iter().map(|x| x.to_le_bytes()[0]).collect();
    bad.push(("noise".to_owned(), noise.clone()));
    // A right length before wrong contents.
    let mut framed = u64::try_from(noise.len()).unwrap_or(0).to_le_bytes().to_vec();
    framed.extend(noise);
    bad.push(("framed noise".to_owned(), framed));
    let mut damaged = good.to_vec();
    damaged[8] ^= 0x01;
    bad.push(("a flipped bit".to_owned(), damaged));
    bad
}

#[test]
fn bad_states_are_rejected_and_change_nothing() -> Result<()> {
    let entry = entry()?;
    let mut instance = configured(&entry)?;
    let good = instance.save_state()?;
    instance.activate()?;
    let mut untouched = configured(&entry)?;
    untouched.activate()?;
    for (what, state) in bad_states(&good) {
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
        let mut blob = u64::try_from(damaged.len())?.to_le_bytes().to_vec();
        blob.extend(damaged.bytes());
        let mut other = Instance::new(&entry, Setup::default())?;
        // Whether it is taken is the framework's choice; that it stays sound is ours.
        let _ = other.load_state(&blob);
        other.activate()?;
        let output = other.play(&noise())?;
        assert!(output.iter().flatten().all(|x| x.is_finite() && x.abs() < 100.0), "{impossible}");
    }
    Ok(())
}
