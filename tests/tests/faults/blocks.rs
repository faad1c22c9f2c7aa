//! Blocks of any size and kind: what is heard does not depend on them.

use crate::support::{delayed, heard, hills, noise, same, silence, sizes};
use anyhow::{Result, ensure};
use erbium_tests::plugin::{Block, Change, Plugin, Setup};
use erbium_tests::signal;

in_both_formats!(
    blocks_of_one_sample_sound_as_blocks_of_512,
    blocks_of_any_size_sound_as_one,
    a_block_longer_than_declared_is_played_whole,
    a_block_of_nothing_takes_its_changes_and_touches_no_sound,
    a_flush_takes_its_changes_whether_or_not_the_plugin_is_active,
    in_place_sounds_as_out_of_place,
);
in_both_formats_alone!(
    screen: false,
    a_change_past_the_end_of_a_block_is_taken_at_its_last_sample,
);

/// The most that any block of these tests has.
const MOST: usize = 16_384;

/// Changes at odd places, of gains and of what is mixed.
fn lane<P: Plugin>(plugin: &mut P, samples: usize) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (k, at) in (777..samples).step_by(1_531).enumerate() {
        let (id, text) = [
            ("gain_3", "-6 dB"),
            ("output", "-3 dB"),
            ("gain_5", "9 dB"),
            ("mix", "40"),
            ("gain_3", "3 dB"),
            ("output", "2 dB"),
            ("mix", "100"),
        ][k % 7];
        changes.extend(plugin.changes(at, &[(id, text)])?);
    }
    Ok(changes)
}

/// What one instance plays in blocks of these sizes.
fn played<P: Plugin>(
    library: &P::Library,
    sizes: &[usize],
    samples: usize,
) -> Result<Vec<Vec<f32>>> {
    let mut plugin = hills::<P>(library, Setup { block_samples: MOST, ..Setup::default() })?;
    let changes = lane(&mut plugin, samples)?;
    let input = noise(2, samples);
    let output = plugin.play_cut(&input, sizes, &changes)?;
    heard(&output, &input, plugin.latency_samples()?, "the lane")?;
    Ok(output)
}

/// Blocks of a single sample sound as blocks of 512, bit for bit, while parameters move between them.
fn blocks_of_one_sample_sound_as_blocks_of_512<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let expected = played::<P>(&library, &[512], 8_000)?;
    same(&played::<P>(&library, &[1], 8_000)?, &expected, "blocks of 1")
}

/// Blocks of any size from 0 to 16384, primes among them, sound as one block of everything, bit for bit.
fn blocks_of_any_size_sound_as_one<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let samples = 60_000;
    let expected = played::<P>(&library, &[MOST], samples)?;
    for seed in 1..4 {
        let sizes = sizes(seed, MOST);
        let output = played::<P>(&library, &sizes, samples)?;
        same(&output, &expected, &format!("blocks of {sizes:?}"))?;
    }
    Ok(())
}

/// A block far longer than the host has declared is played whole, as if it came in pieces.
fn a_block_longer_than_declared_is_played_whole<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 20_000);
    let setup = Setup { block_samples: 64, ..Setup::default() };
    let expected = hills::<P>(&library, setup)?.play(&input)?;
    for size in [65, 4_096, 20_000] {
        let output = hills::<P>(&library, setup)?.play_cut(&input, &[size], &[])?;
        same(&output, &expected, &format!("{size} for 64"))?;
    }
    Ok(())
}

/// A block of no samples, and one of no channels, takes its changes; the sound before and after goes on as if it
/// had not been there, and no sample of the host's is written.
fn a_block_of_nothing_takes_its_changes_and_touches_no_sound<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 9_000);
    let mut plain = hills::<P>(&library, Setup::default())?;
    let latency_samples = plain.latency_samples()?;
    let expected = plain.play(&input)?;
    let empty: &[&[f32]] = &[&[], &[]];
    for (input_channels, outputs) in [(empty, 2), (&empty[..0], 0)] {
        let mut plugin = hills::<P>(&library, Setup::default())?;
        let mut output = plugin.play(&[input[0][..4_000].to_vec(), input[1][..4_000].to_vec()])?;
        // To where it is already, so that only a fault is heard.
        let changes = plugin.changes(0, &[("gain_3", "3 dB"), ("output", "0 dB")])?;
        for _ in 0..3 {
            let block =
                Block { input: input_channels, outputs, in_place: false, changes: &changes };
            let nothing = plugin.process(block)?;
            ensure!(nothing.iter().all(Vec::is_empty), "{outputs} channels: it plays something");
        }
        let rest = plugin.play(&[input[0][4_000..].to_vec(), input[1][4_000..].to_vec()])?;
        output.iter_mut().zip(rest).for_each(|(output, rest)| output.extend(rest));
        same(&output, &expected, &format!("{outputs} channels"))?;
        let changes = plugin.changes(0, &[("output", "-12 dB")])?;
        plugin.process(Block {
            input: input_channels,
            outputs,
            in_place: false,
            changes: &changes,
        })?;
        let (is, set) = (plugin.value("output")?, changes[0].value);
        ensure!((is - set).abs() < 1e-4, "{outputs} channels: {is} for {set}");
        let level = |x: &[Vec<f32>]| signal::rms(&x[0][2_000..]);
        let quiet_db = signal::db(level(&plugin.play(&input)?) / level(&expected));
        ensure!((quiet_db + 12.0).abs() < 0.5, "{quiet_db:.2} dB heard for -12 dB");
    }
    ensure!(latency_samples > 0, "no latency");
    Ok(())
}

/// A change that a host puts past the end of its block is taken at the last sample, and nothing past the end is
/// read or written.
fn a_change_past_the_end_of_a_block_is_taken_at_its_last_sample<P: Plugin>() -> Result<()> {
    const SAMPLES: usize = 512;
    let library = P::library()?;
    let input = noise(2, 4 * SAMPLES);
    let block = |k: usize| -> Vec<&[f32]> {
        input.iter().map(|x| &x[k * SAMPLES..(k + 1) * SAMPLES]).collect()
    };
    let mut expected: Option<Vec<Vec<f32>>> = None;
    for at in [SAMPLES - 1, SAMPLES, SAMPLES + 1, 1 << 24] {
        let mut plugin = hills::<P>(&library, Setup::default())?;
        let changes = plugin.changes(at, &[("output", "-12 dB")])?;
        let mut output = vec![Vec::new(); 2];
        for k in 0..4 {
            let changes = if k == 1 { &changes[..] } else { &[] };
            let block = Block { input: &block(k), outputs: 2, in_place: false, changes };
            let played = plugin.process(block)?;
            output.iter_mut().zip(played).for_each(|(output, played)| output.extend(played));
        }
        let (is, set) = (plugin.value("output")?, changes[0].value);
        ensure!((is - set).abs() < 1e-4, "at {at}: {is} for {set}");
        match &expected {
            None => expected = Some(output),
            Some(expected) => same(&output, expected, &format!("at {at}"))?,
        }
    }
    Ok(())
}

/// A flush without any block changes parameters before the first activation, while active, and when inactive
/// again, and what it changed is heard.
fn a_flush_takes_its_changes_whether_or_not_the_plugin_is_active<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = P::new(&library, Setup::default())?;
    let input = noise(2, 12_000);
    let check = |plugin: &mut P, text: &str, level_db: f64| -> Result<()> {
        plugin.set(&[("output", text)])?;
        let (is, set) = (plugin.value("output")?, plugin.parse("output", text)?);
        ensure!((is - set).abs() < 1e-4, "{text}: {is} for {set}");
        plugin.activate()?;
        let output = plugin.play(&input)?;
        let dry = signal::delayed(&input[0], plugin.latency_samples()?);
        let level = |x: &[f32]| signal::rms(&x[6_000..]);
        let heard_db = signal::db(level(&output[0]) / level(&dry));
        ensure!((heard_db - level_db).abs() < 0.1, "{heard_db:.2} dB heard for {text}");
        Ok(())
    };
    plugin.set(&crate::support::SMALL)?;
    check(&mut plugin, "-6 dB", -6.0)?;
    plugin.deactivate();
    check(&mut plugin, "3 dB", 3.0)?;
    plugin.set(&[("output", "-9 dB")])?;
    let output = plugin.play(&input)?;
    let dry = signal::delayed(&input[0], plugin.latency_samples()?);
    let heard_db = signal::db(signal::rms(&output[0][6_000..]) / signal::rms(&dry[6_000..]));
    ensure!((heard_db + 9.0).abs() < 0.1, "{heard_db:.2} dB heard for -9 dB while active");
    Ok(())
}

/// A host that lets the plugin write where it reads hears the same, bit for bit.
fn in_place_sounds_as_out_of_place<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    for channels in [1, 2] {
        let setup = Setup { channels, ..Setup::default() };
        let input = noise(channels, 512 * 24);
        let expected = hills::<P>(&library, setup)?.play(&input)?;
        let mut plugin = hills::<P>(&library, setup)?;
        let mut output = vec![Vec::new(); channels];
        for start in (0..input[0].len()).step_by(512) {
            let cut: Vec<&[f32]> = input.iter().map(|x| &x[start..start + 512]).collect();
            let block = Block { input: &cut, outputs: channels, in_place: true, changes: &[] };
            for (out, played) in output.iter_mut().zip(plugin.process(block)?) {
                out.extend(played);
            }
        }
        same(&output, &expected, &format!("{channels} channels"))?;
        delayed(&plugin.play(&silence(channels, 0))?, &silence(channels, 0), 0, "nothing")?;
    }
    Ok(())
}
