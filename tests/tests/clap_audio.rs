//! The built CLAP, played by a host: what it does to sound.

use anyhow::Result;
use erbium_dsp::BankSpec;
use erbium_tests::host::{self, Instance, MAX_BANDS, Move, OFF_DB, PluginEntry, Setup};
use erbium_tests::{bands, prerequisites, signal};

const RATE_HZ: f64 = 48_000.0;

fn entry() -> Result<PluginEntry> {
    host::load(&prerequisites::path(prerequisites::CLAP))
}

/// The centres of the bank a new instance plays at 48 kHz.
fn centres_hz() -> Result<Vec<f64>> {
    bands::centres_hz(&BankSpec::default())
}

/// A smooth curve that moves every band, in dB.
fn hills_db(bands: usize) -> Vec<f64> {
    (0..bands).map(|k| 12.0 * (0.5 * signal::index(k)).sin()).collect()
}

fn stereo_noise(samples: usize) -> Vec<Vec<f32>> {
    vec![signal::noise(samples, 1), signal::noise(samples, 2)]
}

fn assert_equal(got: &[Vec<f32>], expected: &[Vec<f32>], what: &str) {
    for (channel, (got, expected)) in got.iter().zip(expected).enumerate() {
        if let Some(n) = signal::first_difference(got, expected) {
            panic!(
                "{what}: channel {channel} differs from sample {n} on: {:?} for {:?}",
                got.get(n),
                expected.get(n)
            );
        }
    }
}

fn assert_delayed(got: &[Vec<f32>], input: &[Vec<f32>], samples: usize, what: &str) {
    let expected: Vec<_> = input.iter().map(|x| signal::delayed(x, samples)).collect();
    assert_equal(got, &expected, what);
}

#[test]
fn flat_is_the_delayed_input_bit_for_bit() -> Result<()> {
    let entry = entry()?;
    for sample_rate_hz in [44_100.0, 48_000.0, 96_000.0] {
        for offline in [true, false] {
            let setup = Setup { sample_rate_hz, offline, ..Setup::default() };
            let mut instance = Instance::active(&entry, setup)?;
            let latency_samples = instance.latency_samples();
            let spec = BankSpec { sample_rate_hz, ..BankSpec::default() };
            assert_eq!(Some(latency_samples), spec.latency_samples());
            let input = stereo_noise(100_000);
            let output = instance.play(&input)?;
            assert_delayed(&output, &input, latency_samples, &format!("{setup:?}"));
        }
    }
    Ok(())
}

#[test]
fn every_block_size_sounds_the_same() -> Result<()> {
    let entry = entry()?;
    let input = stereo_noise(20_000);
    let play = |block_samples| -> Result<_> {
        let mut instance = Instance::new(&entry, Setup { block_samples, ..Setup::default() })?;
        instance.set_gains_db(&hills_db(40))?;
        instance.activate()?;
        instance.play(&input)
    };
    let expected = play(512)?;
    let dry = signal::delayed(&input[0], BankSpec::default().latency_samples().expect("a latency"));
    assert!(signal::difference_db(&expected[0], &dry) > -20.0, "the gains must be heard");
    for block_samples in [1, 64, 127, 4096] {
        assert_equal(&play(block_samples)?, &expected, &format!("blocks of {block_samples}"));
    }
    Ok(())
}

#[test]
fn drawn_gains_are_heard_at_their_centres() -> Result<()> {
    let entry = entry()?;
    let centres_hz = centres_hz()?;
    for (hz, gain_db) in [(120.0, 12.0), (1_000.0, 12.0), (1_000.0, -20.0), (8_000.0, 12.0)] {
        let band = bands::nearest(&centres_hz, hz);
        let mut instance = Instance::new(&entry, Setup::default())?;
        instance.set(&format!("gain_{}", band + 1), &format!("{gain_db} dB"))?;
        instance.activate()?;
        let sine = signal::sine(96_000, centres_hz[band], 0.1, RATE_HZ);
        let output = instance.play(&[sine.clone(), sine.clone()])?;
        let level = |x: &[f32]| signal::amplitude_at(&x[48_000..], centres_hz[band], RATE_HZ);
        let heard_db = signal::db(level(&output[0]) / level(&sine));
        assert!(
            (heard_db - gain_db).abs() < 0.1,
            "band {} at {:.1} Hz: {heard_db:.3} dB heard for {gain_db} dB drawn",
            band + 1,
            centres_hz[band]
        );
    }
    Ok(())
}

#[test]
fn everything_muted_leaves_less_than_minus_110_db() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup::default())?;
    instance.set_gains_db(&[OFF_DB; MAX_BANDS])?;
    instance.activate()?;
    let input = stereo_noise(240_000);
    let output = instance.play(&input)?;
    let depth_db = signal::db(signal::rms(&output[0][48_000..]) / signal::rms(&input[0]));
    assert!(depth_db <= -110.0, "{depth_db:.1} dB left");
    Ok(())
}

#[test]
fn gain_automation_does_not_click() -> Result<()> {
    let mut instance = Instance::active(&entry()?, Setup::default())?;
    let centres_hz = centres_hz()?;
    let band = bands::nearest(&centres_hz, 1_000.0);
    let id = format!("gain_{}", band + 1);
    let sine = signal::sine(144_000, centres_hz[band], 0.5, RATE_HZ);
    // A jump down, a jump off and a jump back, then a dense lane.
    let mut lane = vec![
        (24_100, "-24 dB".to_owned()),
        (36_200, "off".to_owned()),
        (48_300, "12 dB".to_owned()),
        (60_400, "0 dB".to_owned()),
    ];
    for step in 0..750 {
        let gain_db = 12.0 * (0.05 * f64::from(step)).sin();
        lane.push((72_000 + 64 * usize::try_from(step)?, format!("{gain_db:.3}")));
    }
    let moves: Vec<Move> = lane.iter().map(|(at, text)| Move { at: *at, id: &id, text }).collect();
    let output = instance.play_with(&[sine.clone(), sine], &moves)?;
    // The third difference takes a 1 kHz sine down by 53 dB and leaves a jump as it is. The
    // ramps of 20 ms have corners of 0.001 at most; a jump of 1 dB would have 0.05.
    let third = |x: &[f32]| {
        let differences = x.windows(4).map(|w| w[3] - 3.0 * w[2] + 3.0 * w[1] - w[0]);
        differences.fold(0.0_f32, |peak, x| peak.max(x.abs()))
    };
    // From where the start of the sine, itself a corner, has passed.
    let roughest = third(&output[0][8_000..]);
    assert!(roughest < 0.02, "third difference {roughest}");
    let quiet = signal::peak(&output[0][44_000..48_000]);
    assert!(quiet < 0.01, "the moves must be heard: {quiet} where the band is off");
    Ok(())
}

#[test]
fn bypass_is_the_delayed_input_bit_for_bit() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup::default())?;
    instance.set_gains_db(&hills_db(40))?;
    instance.set("bypass", "On")?;
    instance.activate()?;
    let latency_samples = instance.latency_samples();
    let input = stereo_noise(96_000);
    let output = instance.play_with(
        &input,
        &[
            Move { at: 30_000, id: "bypass", text: "Off" },
            Move { at: 60_000, id: "bypass", text: "On" },
        ],
    )?;
    let dry: Vec<_> = input.iter().map(|x| signal::delayed(x, latency_samples)).collect();
    let range = |from: usize, to: usize, x: &[Vec<f32>]| -> Vec<Vec<f32>> {
        x.iter().map(|x| x[from..to].to_vec()).collect()
    };
    let (before, after) = ((0, 30_000), (72_000, 96_000));
    for (from, to) in [before, after] {
        assert_equal(&range(from, to, &output), &range(from, to, &dry), "bypassed");
    }
    let wet_db = signal::difference_db(&output[0][40_000..60_000], &dry[0][40_000..60_000]);
    assert!(wet_db > -20.0, "without bypass the gains must be heard, difference {wet_db:.1} dB");
    Ok(())
}

#[test]
fn bypass_of_a_matched_sound_is_exact_and_not_loud() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup::default())?;
    instance.set_gains_db(&[-24.0; 40])?;
    instance.set("gain_match", "On")?;
    instance.activate()?;
    let latency_samples = instance.latency_samples();
    let input = stereo_noise(240_000);
    let switched = [
        Move { at: 192_000, id: "bypass", text: "On" },
        Move { at: 216_000, id: "bypass", text: "Off" },
    ];
    let output = instance.play_with(&input, &switched)?;
    for (output, input) in output.iter().zip(&input) {
        let dry = signal::delayed(input, latency_samples);
        // 10 ms of ramp, and the block in which the host tells it.
        let bypassed = 192_000 + 480 + 512..216_000;
        assert_eq!(signal::first_difference(&output[bypassed.clone()], &dry[bypassed]), None);
        let (before, after) = (&output[180_000..192_000], &output[217_000..229_000]);
        let apart_db = signal::db(signal::rms(after) / signal::rms(before));
        assert!(apart_db.abs() < 0.3, "{apart_db:.2} dB apart after bypass");
        let (loudest, most) = (signal::peak(output), signal::peak(input));
        assert!(loudest < 1.1 * most, "a peak of {loudest} from {most}");
    }
    Ok(())
}

#[test]
fn mix_and_delta_are_aligned_with_the_dry_sound() -> Result<()> {
    let entry = entry()?;
    let input = stereo_noise(48_000);
    let play = |settings: &[(&str, &str)]| -> Result<Vec<Vec<f32>>> {
        let mut instance = Instance::new(&entry, Setup::default())?;
        instance.set_gains_db(&hills_db(40))?;
        for (id, text) in settings {
            instance.set(id, text)?;
        }
        instance.activate()?;
        instance.play(&input)
    };
    let latency_samples = BankSpec::default().latency_samples().expect("a latency");
    let dry = signal::delayed(&input[0], latency_samples);
    assert_delayed(&play(&[("mix", "0")])?, &input, latency_samples, "no mix");
    let wet = &play(&[])?[0];
    let change: Vec<f32> = wet.iter().zip(&dry).map(|(wet, dry)| wet - dry).collect();
    let delta_db = signal::difference_db(&play(&[("delta", "On")])?[0], &change);
    assert!(delta_db < -120.0, "delta is equalised minus dry within {delta_db:.1} dB");
    let half: Vec<f32> = change.iter().zip(&dry).map(|(change, dry)| dry + 0.5 * change).collect();
    let half_db = signal::difference_db(&play(&[("mix", "50")])?[0], &half);
    assert!(half_db < -120.0, "half the mix is half the change within {half_db:.1} dB");
    Ok(())
}

#[test]
fn output_gain_scales_what_is_heard() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup::default())?;
    instance.set("output", "6 dB")?;
    instance.activate()?;
    let input = stereo_noise(48_000);
    let output = instance.play(&input)?;
    let dry = signal::delayed(&input[0], instance.latency_samples());
    let gain_db = signal::db(signal::rms(&output[0]) / signal::rms(&dry));
    assert!((gain_db - 6.0).abs() < 0.01, "{gain_db:.3} dB");
    Ok(())
}

#[test]
fn samples_that_are_not_numbers_are_forgotten() -> Result<()> {
    let entry = entry()?;
    let clean = stereo_noise(48_000);
    let play = |input: &[Vec<f32>]| -> Result<Vec<Vec<f32>>> {
        let mut instance = Instance::new(&entry, Setup::default())?;
        instance.set_gains_db(&hills_db(40))?;
        instance.activate()?;
        instance.play(input)
    };
    let expected = play(&clean)?;
    let at = 10_000;
    let forgotten = at + 4 * BankSpec::default().latency_samples().expect("a latency");
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
        let mut input = clean.clone();
        input[0][at] = bad;
        let output = play(&input)?;
        assert!(output.iter().flatten().all(|x| x.is_finite()), "{bad} comes out again");
        assert_equal(&output[1..], &expected[1..], "the other channel");
        let tail = |x: &[Vec<f32>]| vec![x[0][forgotten..].to_vec()];
        assert_equal(&tail(&output), &tail(&expected), &format!("after {bad}"));
    }
    Ok(())
}

#[test]
fn mono_is_either_side_of_stereo() -> Result<()> {
    let entry = entry()?;
    let input = stereo_noise(48_000);
    let play = |input: &[Vec<f32>]| -> Result<Vec<Vec<f32>>> {
        let setup = Setup { channels: input.len(), ..Setup::default() };
        let mut instance = Instance::new(&entry, setup)?;
        instance.set_gains_db(&hills_db(40))?;
        instance.activate()?;
        instance.play(input)
    };
    let stereo = play(&input)?;
    for channel in 0..2 {
        let mono = play(&input[channel..=channel])?;
        assert_equal(&mono, &stereo[channel..=channel], "mono");
    }
    Ok(())
}

#[test]
fn silence_after_sound_is_silent() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup::default())?;
    instance.set_gains_db(&hills_db(40))?;
    instance.activate()?;
    instance.play(&stereo_noise(10_000))?;
    instance.play(&vec![vec![0.0; 48_000]; 2])?;
    let output = instance.play(&vec![vec![0.0; 4_800]; 2])?;
    assert_eq!(signal::peak(&output[0]), 0.0);
    Ok(())
}
