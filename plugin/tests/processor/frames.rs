//! The sound that is handed to the spectrogram: before and after the gains, aligned and whole.

use crate::support::*;
use erbium::state::params::Settings;
use erbium::telemetry::analyzer_queue::{AudioFrame, FRAME_SAMPLES};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Plays noise in blocks of any length while somebody looks, and returns what was played, what came
/// out and what was handed over.
fn play(settings: Settings, channels: usize) -> (Vec<f32>, Vec<f32>, Vec<AudioFrame>) {
    let mut random = StdRng::seed_from_u64(21);
    let mut rig = Rig::new(settings, channels, LIVE);
    rig.telemetry.analyzer_queue().set_enabled(true);
    let input = noise(24_000, 22);
    let (mut output, mut pieces) = (Vec::new(), Vec::new());
    while output.len() < input.len() {
        rig.telemetry.set_editor_visible(true);
        let length = random.random_range(1..1500).min(input.len() - output.len());
        let block = input[output.len()..output.len() + length].to_vec();
        output.extend(rig.play(&block, &[length]));
        pieces.extend(std::iter::from_fn(|| rig.telemetry.analyzer_queue().pop()));
    }
    (input, output, pieces)
}

fn joined(pieces: &[AudioFrame], of: impl Fn(&AudioFrame) -> [f32; FRAME_SAMPLES]) -> Vec<f32> {
    pieces.iter().flat_map(of).collect()
}

#[test]
fn it_is_the_delayed_input_and_the_output_bit_for_bit_without_a_gap() {
    let gains_db = wavy();
    for settings in [Settings::flat(spec(40)), Settings { gains_db, ..Settings::flat(spec(40)) }] {
        for channels in [1, 2] {
            let (input, output, pieces) = play(settings, channels);
            let whole = FRAME_SAMPLES * pieces.len();
            assert!(whole > input.len() - FRAME_SAMPLES, "{whole} samples");
            for (number, piece) in (0_u64..).zip(&pieces) {
                assert_eq!(piece.start, number * FRAME_SAMPLES as u64);
                assert_eq!((piece.channels, piece.sample_rate_hz), (channels, 48_000.0));
            }
            let latency_samples = spec(40).latency_samples().expect("has one");
            for channel in 0..channels {
                let pre = joined(&pieces, |piece| piece.pre[channel]);
                let post = joined(&pieces, |piece| piece.post[channel]);
                assert!(same_bits(&pre, &delayed(&input, latency_samples)[..whole]), "before");
                assert!(same_bits(&post, &output[..whole]), "after");
            }
        }
    }
}

#[test]
fn an_editor_that_is_late_gets_what_there_was_room_for_and_can_tell() {
    let mut rig = Rig::new(Settings::flat(spec(40)), 1, LIVE);
    rig.telemetry.analyzer_queue().set_enabled(true);
    for _ in 0..400 {
        rig.telemetry.set_editor_visible(true);
        rig.play(&[0.25; FRAME_SAMPLES], &[FRAME_SAMPLES]);
    }
    let pieces: Vec<AudioFrame> =
        std::iter::from_fn(|| rig.telemetry.analyzer_queue().pop()).collect();
    assert_eq!(pieces.len(), 256, "the queue is bounded");
    assert_eq!(pieces[0].start, 0, "the newest were dropped");
    assert!(pieces.windows(2).all(|pair| pair[1].start == pair[0].start + FRAME_SAMPLES as u64));
    rig.telemetry.set_editor_visible(true);
    rig.play(&[0.25; FRAME_SAMPLES], &[FRAME_SAMPLES]);
    let next = rig.telemetry.analyzer_queue().pop().expect("room again");
    assert_eq!(next.start, 400 * FRAME_SAMPLES as u64, "after a gap");
    // Looked away for a while: the next piece does not follow.
    rig.telemetry.analyzer_queue().set_enabled(false);
    rig.play(&[0.25; 1000], &[1000]);
    assert!(rig.telemetry.analyzer_queue().is_empty());
    rig.telemetry.analyzer_queue().set_enabled(true);
    rig.telemetry.set_editor_visible(true);
    rig.play(&[0.25; 1000], &[1000]);
    let next = rig.telemetry.analyzer_queue().pop().expect("a piece");
    assert_eq!(next.start, 401 * FRAME_SAMPLES as u64 + 1000);
}

/// An editor that takes nothing for ten seconds, as when its thread hangs, costs the sound nothing: bit for bit what plays
/// without one, while all queues overflow.
#[test]
fn an_editor_that_hangs_costs_the_sound_nothing() {
    let settings = Settings { gains_db: wavy(), ..Settings::flat(spec(24)) };
    let input = noise(10 * 48_000, 23);
    let expected = Rig::new(settings, 2, LIVE).play(&input, &[512]);
    let mut rig = Rig::new(settings, 2, LIVE);
    let mut output = Vec::new();
    for piece in input.chunks(4_800) {
        rig.telemetry.set_editor_visible(true);
        rig.telemetry.analyzer_queue().set_enabled(true);
        rig.telemetry.loudness_queue().set_enabled(true);
        output.extend(rig.play(piece, &[512]));
    }
    assert!(same_bits(&output, &expected));
    // Once it is back it gets what there was room for, and then the newest again.
    let frames = std::iter::from_fn(|| rig.telemetry.analyzer_queue().pop()).count();
    let columns = std::iter::from_fn(|| rig.telemetry.pop_column()).count();
    assert!((1..1_000).contains(&frames) && (1..1_000).contains(&columns), "{frames}, {columns}");
}
