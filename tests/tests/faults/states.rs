//! States that no plugin has saved, and states that come while it plays.

use crate::support::{hills, noise, random, same};
use anyhow::{Context, Result, ensure};
use erbium_tests::host::Instance;
use erbium_tests::plugin::{Playing, Plugin, Setup};
use erbium_tests::soak::rounds;
use rand::Rng;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

in_both_formats!(
    a_bank_asked_for_before_the_first_sound_plays_from_its_first_sample,
    a_state_that_is_none_is_rejected_and_the_one_before_kept,
    a_flipped_bit_is_rejected_or_stays_playable,
    what_cannot_be_read_in_a_state_takes_its_default_and_the_rest_is_kept,
    what_stands_in_a_state_twice_takes_its_default_and_the_rest_is_kept,
    soak_states_set_while_it_plays_are_each_taken_whole,
);

/// Settings that a state must bring back or leave alone.
const KEPT: [(&str, &str); 5] = [
    ("output", "-3.00 dB"),
    ("mix", "80"),
    ("gain_7", "9.50 dB"),
    ("gain_3", "off"),
    ("scale", "Mel"),
];

/// Another bank, as late as the one of a new instance.
const ANOTHER: [(&str, &str); 5] = [
    ("bands", "17"),
    ("scale", "Mel"),
    ("gain_5", "-20"),
    ("gain_9", "12"),
    ("output", "-3.00 dB"),
];

/// What a host loads or sets in an instance that is active, but has not played yet, plays from the first sample on,
/// also live, once there was time for its bank: bit for bit as if it had been there before.
fn a_bank_asked_for_before_the_first_sound_plays_from_its_first_sample<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 12_000);
    let mut before = P::new(&library, Setup::live())?;
    before.set(&ANOTHER)?;
    let state = before.save()?;
    before.activate()?;
    let expected = before.play(&input)?;
    for loads in [true, false] {
        let played_after = |time: Duration| -> Result<Vec<Vec<f32>>> {
            let mut plugin = P::active(&library, Setup::live(), &[])?;
            if loads {
                plugin.load(&state)?;
            } else {
                plugin.set(&ANOTHER)?;
            }
            std::thread::sleep(time);
            plugin.play(&input)
        };
        // More for a machine that is busy with something else.
        let patience = [1, 4, 16].map(Duration::from_secs);
        let same_in_any = patience.into_iter().any(|time| {
            played_after(time).is_ok_and(|output| same(&output, &expected, "the bank").is_ok())
        });
        ensure!(same_in_any, "another bank is heard first; loaded: {loads}");
    }
    Ok(())
}

/// States that are none, and what they are.
fn none<P: Plugin>(good: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let (_, text) = P::split_state(good);
    let mut states = vec![
        ("empty".to_owned(), Vec::new()),
        ("zeros".to_owned(), vec![0; 4_096]),
        ("prose".to_owned(), b"not a state at all, but long enough to be read as one".to_vec()),
        ("an endless length".to_owned(), u64::MAX.to_le_bytes().to_vec()),
        ("a text of nothing".to_owned(), P::state_of(b"")),
        ("a list".to_owned(), P::state_of(b"[1, 2, 3]")),
        ("an object of something else".to_owned(), P::state_of(b"{\"gain\": 3}")),
    ];
    for percent in [1, 10, 25, 50, 75, 90, 99] {
        let cut = good.len() * percent / 100;
        states.push((format!("cut at {percent} %"), good[..cut].to_vec()));
        let cut = text.len() * percent / 100;
        states.push((format!("a text cut at {percent} %"), P::state_of(&text[..cut])));
    }
    states.push(("all but the last byte".to_owned(), P::state_of(&text[..text.len() - 1])));
    for seed in 0..3 {
        let mut random = random(seed);
        let bytes: Vec<u8> = (0..1 << 20).map(|_| random.random()).collect();
        states.push((format!("1 MB at random in its frame, {seed}"), P::state_of(&bytes)));
        states.push((format!("1 MB at random, {seed}"), bytes));
    }
    let text = std::str::from_utf8(text)?;
    ensure!(text.contains("9.5"), "the state holds the gain of 9.5 dB as a number");
    for number in ["NaN", "-NaN", "Infinity", "9.5.5", ""] {
        let text = text.replacen("9.5", number, 1);
        states.push((format!("with {number} inside"), P::state_of(text.as_bytes())));
    }
    Ok(states)
}

/// Empty, cut, random, of an absurd length or with NaN inside: the plugin says no, and every parameter and the sound are
/// as before, bit for bit, while it plays on.
fn a_state_that_is_none_is_rejected_and_the_one_before_kept<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let new = || -> Result<P> {
        let mut plugin = hills::<P>(&library, Setup::default())?;
        plugin.set(&KEPT)?;
        plugin.deactivate();
        plugin.activate()?;
        Ok(plugin)
    };
    let (mut plugin, mut untouched) = (new()?, new()?);
    let input = noise(2, 2_000);
    same(&plugin.play(&input)?, &untouched.play(&input)?, "before")?;
    let good = plugin.save()?;
    for (what, state) in none::<P>(&good)? {
        ensure!(plugin.load(&state).is_err(), "a state that is {what} is taken");
        for (id, _) in KEPT {
            let (is, was) = (plugin.value(id)?, untouched.value(id)?);
            ensure!(is == was, "{id} is {is} for {was} after {what}");
        }
        same(&plugin.play(&input)?, &untouched.play(&input)?, &format!("after {what}"))?;
    }
    ensure!(plugin.save()? == good, "the state is another");
    plugin.load(&good)
}

/// A state with one bit flipped is rejected and changes nothing, or taken and played in numbers.
fn a_flipped_bit_is_rejected_or_stays_playable<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = hills::<P>(&library, Setup::live())?;
    plugin.set(&KEPT)?;
    plugin.play(&noise(2, 2_000))?;
    let good = plugin.save()?;
    let (mut taken, mut rejected) = (0, 0);
    for bit in (0..8 * good.len()).step_by(97) {
        let mut damaged = good.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        plugin.load(&good)?;
        let before = plugin.save()?;
        if plugin.load(&damaged).is_err() {
            ensure!(plugin.save()? == before, "bit {bit} is rejected and changes something");
            rejected += 1;
            continue;
        }
        taken += 1;
        if taken % 16 == 0 {
            let output = plugin.play(&noise(2, 256))?;
            ensure!(output.iter().flatten().all(|x| x.is_finite()), "bit {bit}");
        }
    }
    ensure!(taken > 20 && rejected > 20, "{taken} taken, {rejected} rejected");
    Ok(())
}

/// A value of another type, out of every range or missing loses no more than itself: it is moved into its range or takes
/// its default, whatever was set before, and the rest of the state is taken.
fn what_cannot_be_read_in_a_state_takes_its_default_and_the_rest_is_kept<P: Plugin>() -> Result<()>
{
    let library = P::library()?;
    let mut plugin = P::new(&library, Setup::default())?;
    plugin.set(&[("bands", "24"), ("bypass", "on"), ("output", "-3.00 dB")])?;
    let good = plugin.save()?;
    let good: serde_json::Value = serde_json::from_slice(P::split_state(&good).1)?;
    let cases = [
        ("/params/bands", r#"{"i32": 1099511627776}"#, "bands", "64"),
        ("/params/bands", r#"{"i32": -1099511627776}"#, "bands", "8"),
        ("/params/bands", r#"{"i32": 30.7}"#, "bands", "31"),
        ("/params/bands", "null", "bands", "40"),
        ("/params/bands", "24", "bands", "40"),
        ("/params/bands", r#"{"i32": 24, "f32": 3}"#, "bands", "40"),
        ("/params/bypass", r#"{"bool": 1}"#, "bypass", "off"),
        ("/params/output", r#"{"f32": [3]}"#, "output", "0.00 dB"),
        ("/params", "[24]", "bands", "40"),
        ("/params", "", "bands", "40"),
        ("/fields", "3", "bands", "24"),
        ("/fields", "", "bands", "24"),
        ("/fields/curve", "5", "bands", "24"),
        ("/fields/curve", r#"{"hz": [], "gain_db": []}"#, "bands", "24"),
        ("/version", "0.1", "bands", "24"),
        ("/version", "", "bands", "24"),
    ];
    for (place, value, id, expected) in cases {
        let mut state = good.clone();
        if value.is_empty() {
            let parts = state.as_object_mut().context("a state is an object")?;
            parts.remove(place.trim_start_matches('/')).context(place)?;
        } else {
            *state.pointer_mut(place).context(place)? = serde_json::from_str(value)?;
        }
        let mut plugin = P::active(&library, Setup::default(), &[("bands", "12"), ("mix", "50")])?;
        let what = format!("{value} for {place}");
        plugin.load(&P::state_of(state.to_string().as_bytes())).with_context(|| what.clone())?;
        let (is, wanted) = (plugin.value(id)?, plugin.parse(id, expected)?);
        ensure!(is == wanted, "{id} is {is} for {wanted} with {what}");
        let (mix, all) = (plugin.value("mix")?, plugin.parse("mix", "100")?);
        ensure!(mix == all, "mix is {mix} for {all} with {what}");
        let (output, quiet) = (plugin.value("output")?, plugin.parse("output", "-3.00 dB")?);
        let is_lost = place == "/params" || id == "output";
        ensure!(is_lost || output == quiet, "output is {output} for {quiet} with {what}");
    }
    Ok(())
}

/// Of two values of one name neither is known to be meant; of two whole parts there is no rest to keep.
fn what_stands_in_a_state_twice_takes_its_default_and_the_rest_is_kept<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = P::new(&library, Setup::default())?;
    plugin.set(&[("bands", "24"), ("gain_1", "9.50 dB"), ("output", "-3.00 dB")])?;
    let good = plugin.save()?;
    let good = std::str::from_utf8(P::split_state(&good).1)?;
    let with = |part: &str, first: &str| {
        let text = good.replacen(part, &format!("{part}{first},"), 1);
        ensure!(text != good, "{part} is not in {good}");
        Ok(P::state_of(text.as_bytes()))
    };
    let params = "\"params\":{";
    let cases = [
        (params, r#""gain_1":{"f32":3}"#, "gain_1", "0.00 dB"),
        (params, r#""gain_1":{"f32":9.5}"#, "gain_1", "0.00 dB"),
        (params, r#""g\u0061in_1":{"f32":3}"#, "gain_1", "0.00 dB"),
        (params, r#""bands":{"i32":24}"#, "bands", "40"),
        (params, r#""scale":{"string":"mel"}"#, "scale", "ERB"),
        // Words in a text are no names.
        ("\"fields\":{", r#""note":"\"gain_1\":{\"gain_1\":1}""#, "gain_1", "9.50 dB"),
        ("\"fields\":{", r#""curve":"5""#, "gain_1", "9.50 dB"),
    ];
    for (part, first, id, expected) in cases {
        let mut plugin = P::active(&library, Setup::default(), &[("mix", "50")])?;
        plugin.load(&with(part, first)?).with_context(|| format!("{first} in {part}"))?;
        let (is, wanted) = (plugin.value(id)?, plugin.parse(id, expected)?);
        ensure!(is == wanted, "{id} is {is} for {wanted} with {first} in {part}");
        let (output, quiet) = (plugin.value("output")?, plugin.parse("output", "-3.00 dB")?);
        ensure!(output == quiet, "output is {output} for {quiet} with {first} in {part}");
    }
    let mut plugin = P::active(&library, Setup::default(), &[("mix", "50")])?;
    for part in [r#""params":{}"#, r#""fields":{}"#, r#""version":"0.1.0""#] {
        ensure!(plugin.load(&with("{", part)?).is_err(), "{part} stands there twice");
        ensure!(plugin.value("mix")? == plugin.parse("mix", "50")?, "{part} changes the mix");
    }
    Ok(())
}

/// A CLAP's state says how long it is; one that ends early is none, even where its text is whole.
#[test]
fn a_clap_state_that_ends_before_the_length_it_says_is_rejected() -> Result<()> {
    let library = Instance::library()?;
    let mut plugin = <Instance as Plugin>::new(&library, Setup::default())?;
    let mut state = plugin.save()?;
    let length = u64::from_le_bytes(state[..8].try_into()?);
    state[..8].copy_from_slice(&(length + 8).to_le_bytes());
    ensure!(plugin.load(&state).is_err(), "a state that ends early is taken");
    Ok(())
}

/// Loads two states in turn while an audio thread plays, and fails where anything but one of them is saved.
pub fn two_states_in_turn<P: Plugin>(
    library: &P::Library,
    plugin: &mut P,
    playing: &Playing,
) -> Result<()> {
    let state = |settings: &[(&str, &str)]| -> Result<(Vec<u8>, Vec<f64>)> {
        let mut plugin = P::new(library, Setup::default())?;
        plugin.set(&crate::support::SMALL)?;
        plugin.set(settings)?;
        let values: Result<Vec<f64>> = KEPT.iter().map(|(id, _)| plugin.value(id)).collect();
        Ok((plugin.save()?, values?))
    };
    let flat = [
        ("output", "0 dB"),
        ("mix", "100"),
        ("gain_7", "0 dB"),
        ("gain_3", "0 dB"),
        ("scale", "ERB"),
    ];
    let states = [state(&KEPT)?, state(&flat)?];
    for round in rounds(60, 1_000) {
        let (state, values) = &states[round % 2];
        plugin.load(state)?;
        for ((id, _), expected) in KEPT.iter().zip(values) {
            let is = plugin.value(id)?;
            ensure!((is - expected).abs() < 1e-6, "round {round}: {id} is {is} for {expected}");
        }
        let before = playing.blocks.load(Ordering::SeqCst);
        // Some while nothing of the one before has been played.
        if round % 3 > 0 {
            let deadline = Instant::now() + crate::support::PATIENCE;
            while playing.blocks.load(Ordering::SeqCst) < before + 2 {
                ensure!(Instant::now() < deadline, "it does not play on");
                ensure!(!playing.stop.load(Ordering::SeqCst), "it has stopped");
                std::thread::sleep(Duration::from_micros(100));
            }
        }
    }
    Ok(())
}

/// The main thread sets one state after the other while the audio thread plays: each is there as a whole at once, every
/// sample is a number, and what plays in the end is the last one.
fn soak_states_set_while_it_plays_are_each_taken_whole<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = hills::<P>(&library, Setup::live())?;
    let playing = Playing::default();
    let last = hills::<P>(&library, Setup::live())?.save()?;
    plugin.play_beside(&noise(2, 256), &playing, |plugin| {
        two_states_in_turn(&library, plugin, &playing)?;
        plugin.load(&last)
    })?;
    ensure!(playing.blocks.load(Ordering::SeqCst) > 10, "it has not played");
    let input = noise(2, 9_000);
    let expected = hills::<P>(&library, Setup::default())?.play(&input)?;
    crate::support::until("the last state", || {
        plugin.play(&crate::support::silence(2, 4_800))?;
        let output = plugin.play(&input)?;
        let apart_db =
            erbium_tests::signal::difference_db(&output[0][2_000..], &expected[0][2_000..]);
        Ok(apart_db < -60.0)
    })
}
