//! Channels that are missing are silent, and no more.

use crate::support::*;
use erbium::state::params::Settings;
use erbium::telemetry::analyzer_queue::AudioFrame;

/// How a block says that it has no second channel.
#[derive(Clone, Copy, Debug)]
enum Gap {
    Silent,
    Missing,
    /// As the framework hands on a channel that the host has no memory for.
    Empty,
}

/// Plays two channels in blocks, of which the second has a gap in the middle third.
fn with_a_gap(rig: &mut Rig, input: [&[f32]; 2], gap: Gap) -> [Vec<f32>; 2] {
    let [mut left, mut right] = input.map(<[f32]>::to_vec);
    let third = left.len() / 3;
    for start in (0..left.len()).step_by(500) {
        let end = (start + 500).min(left.len());
        let is_gap = (third..2 * third).contains(&start);
        if is_gap {
            right[start..end].fill(0.0);
        }
        let (left, right) = (&mut left[start..end], &mut right[start..end]);
        match gap {
            Gap::Missing if is_gap => rig.processor.process(&rig.settings, &mut [left]),
            Gap::Empty if is_gap => rig.processor.process(&rig.settings, &mut [left, &mut []]),
            _ => rig.processor.process(&rig.settings, &mut [left, right]),
        }
    }
    [left, right]
}

#[test]
fn too_few_channels_or_none_are_no_trouble() {
    let mut rig = Rig::new(Settings::flat(spec(16)), 2, LIVE);
    rig.settings.gains_db[2] = 4.0;
    rig.processor.process(&rig.settings, &mut []);
    assert_eq!(rig.curve.gain_db(2), 4.0, "parameters apply without sound");
    let mut one = noise(2048, 40);
    let mut mono = Rig::new(rig.settings, 1, LIVE);
    let expected = mono.play(&one, &[2048]);
    rig.processor.reset();
    rig.processor.process(&rig.settings, &mut [&mut one]);
    assert!(same_bits(&one, &expected), "the one that is there plays");
}

#[test]
fn a_missing_channel_is_a_silent_one_and_comes_back_fresh() {
    let plain = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let (left, right) = (noise(30_000, 41), noise(30_000, 42));
    for (gain_match, offline) in [(false, false), (false, true), (true, false), (true, true)] {
        let settings = Settings { gain_match, ..plain };
        let [silent, missing, empty] = [Gap::Silent, Gap::Missing, Gap::Empty].map(|gap| {
            let mut rig = Rig::new(settings, 2, OFFLINE);
            if offline {
                rig.processor.go_offline();
            }
            with_a_gap(&mut rig, [left.as_slice(), right.as_slice()], gap)
        });
        for (gap, output) in [(Gap::Missing, missing), (Gap::Empty, empty)] {
            let what = format!("{gap:?}, offline {offline}, matched {gain_match}");
            assert!(same_bits(&output[0], &silent[0]), "{what}");
            assert!(same_bits(&output[1][20_000..], &silent[1][20_000..]), "{what}");
            assert!(output[0][10_000..20_000].iter().any(|sample| sample.abs() > 0.1), "{what}");
        }
    }
}

#[test]
fn the_screen_sees_a_missing_channel_as_silence() {
    let mut rig = Rig::new(Settings::flat(spec(24)), 2, LIVE);
    rig.telemetry.analyzer_queue().set_enabled(true);
    rig.telemetry.set_editor_visible(true);
    let input = noise(9_000, 43);
    with_a_gap(&mut rig, [&input, &input], Gap::Missing);
    let latency = rig.processor.latency_samples();
    let frames: Vec<AudioFrame> =
        std::iter::from_fn(|| rig.telemetry.analyzer_queue().pop()).collect();
    let post = |channel: usize| -> Vec<f32> {
        frames.iter().flat_map(|frame| frame.post[channel]).collect()
    };
    let (left, right) = (post(0), post(1));
    let gap = 3_000 + latency..6_000;
    assert!(right[gap.clone()].iter().all(|sample| *sample == 0.0));
    assert!(left[gap].iter().all(|sample| *sample != 0.0));
    assert!(same_bits(&right[6_500 + latency..], &left[6_500 + latency..]), "back again");
}
