//! Channels: as many as agreed, another number, and none.

use crate::support::{delayed, heard, hills, noise, same};
use anyhow::{Result, ensure};
use erbium_tests::plugin::{Block, Plugin, Setup};

in_both_formats!(
    mono_and_stereo_may_change_again_and_again,
    a_layout_that_is_not_offered_is_refused_and_leaves_the_one_before,
);
in_both_formats_alone!(
    screen: false,
    channels_that_are_missing_are_silent_and_others_left_alone,
    a_channel_that_was_missing_comes_back_fresh,
);

/// Mono and stereo take turns in one instance; each plays what a new instance plays, bit for bit, in as many
/// channels as agreed, and mono is either side of stereo.
fn mono_and_stereo_may_change_again_and_again<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 6_000);
    let stereo = hills::<P>(&library, Setup::default())?.play(&input)?;
    let mut plugin = hills::<P>(&library, Setup::default())?;
    for round in 0..12 {
        let channels = 1 + (round + 1) % 2;
        plugin.deactivate();
        plugin.set_up(Setup { channels, ..Setup::default() })?;
        plugin.activate()?;
        let first = if channels == 1 { round / 2 % 2 } else { 0 };
        let output = plugin.play(&input[first..first + channels])?;
        same(&output, &stereo[first..first + channels], &format!("round {round}"))?;
        heard(&output, &input[first..], plugin.latency_samples()?, "the gains")?;
    }
    Ok(())
}

/// Six channels, which the plugin does not have, are refused; it goes on in the two of before. It has no side
/// chain, so that none can be absent.
fn a_layout_that_is_not_offered_is_refused_and_leaves_the_one_before<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 6_000);
    let mut plugin = hills::<P>(&library, Setup::default())?;
    let expected = plugin.play(&input)?;
    plugin.deactivate();
    ensure!(plugin.set_up(Setup { channels: 6, ..Setup::default() }).is_err(), "6 are taken");
    plugin.activate()?;
    same(&plugin.play(&input)?, &expected, "after the refusal")
}

/// A host that gives too few channels, too many or none at all hears numbers wherever it gave room for the channels
/// agreed; a channel without an input is silent; and once the host gives what was agreed, all is as it was.
fn channels_that_are_missing_are_silent_and_others_left_alone<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(4, 512);
    for agreed in [1, 2] {
        let setup = Setup { channels: agreed, ..Setup::default() };
        let mut plugin = P::active(&library, setup, &crate::support::SMALL)?;
        for inputs in 0..=4 {
            for outputs in 0..=4 {
                plugin.reset()?;
                let cut: Vec<&[f32]> = input[..inputs].iter().map(Vec::as_slice).collect();
                let block = Block { input: &cut, outputs, in_place: false, changes: &[] };
                let mut last = Vec::new();
                for _ in 0..3 {
                    // It may refuse, and must not abort.
                    last = plugin.process(block).unwrap_or_default();
                }
                if outputs >= agreed && inputs > 0 {
                    for (channel, output) in last.iter().take(agreed).enumerate() {
                        let numbers = output.iter().all(|x| x.is_finite());
                        ensure!(numbers, "{agreed} agreed, {inputs} in, {outputs} out: {channel}");
                        let silent = output.iter().all(|x| *x == 0.0);
                        ensure!(
                            silent == (channel >= inputs),
                            "{agreed} agreed, {inputs} in, {outputs} out: channel {channel}"
                        );
                    }
                }
            }
        }
        plugin.reset()?;
        let signal = noise(agreed, 6_000);
        let latency_samples = plugin.latency_samples()?;
        delayed(&plugin.play(&signal)?, &signal, latency_samples, "as agreed again")?;
    }
    Ok(())
}

/// A block with room for two channels out.
const fn in_two<'a>(input: &'a [&'a [f32]]) -> Block<'a> {
    Block { input, outputs: 2, in_place: false, changes: &[] }
}

/// While the host hands over the first of two channels alone, with or without room for the second, the first plays on and
/// the second takes in silence: once it is back, both play as if it had been silent all the while.
fn a_channel_that_was_missing_comes_back_fresh<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 512);
    let both: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
    let silence = vec![0.0; 512];
    for outputs in [1, 2] {
        let mut plugin = hills::<P>(&library, Setup::default())?;
        let mut silent = hills::<P>(&library, Setup::default())?;
        for _ in 0..6 {
            plugin.process(in_two(&both))?;
            silent.process(in_two(&both))?;
        }
        for _ in 0..3 {
            let first = plugin.process(Block { outputs, ..in_two(&both[..1]) })?;
            let expected = silent.process(in_two(&[both[0], &silence]))?;
            same(&first[..1], &expected[..1], &format!("the first alone, {outputs} out"))?;
        }
        for round in 0..8 {
            let input = [both[1], &silence];
            let (output, expected) =
                (plugin.process(in_two(&input))?, silent.process(in_two(&input))?);
            same(&output, &expected, &format!("back again, {outputs} out, block {round}"))?;
        }
    }
    Ok(())
}
