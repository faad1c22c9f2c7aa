//! The built CLAP in a host: what happens when bank and latency change while it plays.

use anyhow::{Result, ensure};
use erbium_dsp::{BankSpec, Scale};
use erbium_tests::host::{self, Instance, PluginEntry, Setup};
use erbium_tests::{bands, prerequisites, signal};
use std::time::{Duration, Instant};

const RATE_HZ: f64 = 48_000.0;
/// Far longer than any bank takes to design, even in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn entry() -> Result<PluginEntry> {
    host::load(&prerequisites::path(prerequisites::CLAP))
}

/// Where an impulse comes out.
fn measured_latency_samples(instance: &mut Instance) -> Result<usize> {
    let at = 5_000;
    let mut impulse = vec![0.0; 20_000];
    impulse[at] = 1.0;
    let output = instance.play(&[impulse.clone(), impulse])?;
    Ok(signal::peak_index(&output[0]) - at)
}

/// Gain in dB at a frequency, as played.
fn gain_db_at(instance: &mut Instance, hz: f64) -> Result<f64> {
    let sine = signal::sine(48_000, hz, 0.1, RATE_HZ);
    let output = instance.play(&[sine.clone(), sine.clone()])?;
    let level = |x: &[f32]| signal::amplitude_at(&x[24_000..], hz, RATE_HZ);
    Ok(signal::db(level(&output[0]) / level(&sine)))
}

#[test]
fn a_new_latency_asks_for_a_restart_and_is_then_reported() -> Result<()> {
    for offline in [true, false] {
        let mut instance = Instance::active(&entry()?, Setup { offline, ..Setup::default() })?;
        for (text, ms) in
            [("8 ms", 8.0), ("43 ms", 43.0), ("2 ms", 2.0), ("0 ms", 0.0), ("21 ms", 21.0)]
        {
            let before = instance.latency_samples();
            instance.set("latency", text)?;
            let deadline = Instant::now() + PATIENCE;
            loop {
                instance.play(&vec![vec![0.0; 512]; 2])?;
                // Until the host restarts it, the plugin keeps what it promised.
                assert_eq!(instance.latency_samples(), before);
                if instance.idle()? {
                    break;
                }
                ensure!(Instant::now() < deadline, "{text}: no restart was asked for");
                std::thread::sleep(Duration::from_millis(1));
            }
            let expected = BankSpec::latency_samples_at(ms, RATE_HZ);
            assert_eq!(instance.latency_samples(), expected, "{text} reported");
            assert_eq!(measured_latency_samples(&mut instance)?, expected, "{text} measured");
        }
    }
    Ok(())
}

#[test]
fn no_other_choice_changes_the_latency() -> Result<()> {
    let mut instance = Instance::active(&entry()?, Setup::default())?;
    let latency_samples = instance.latency_samples();
    let choices = [
        ("scale", "Mel"),
        ("bands", "24"),
        ("kind", "Gammatone"),
        ("quality", "Eco"),
        ("kind", "ISAC"),
        ("scale", "Linear"),
    ];
    for (id, text) in choices {
        instance.set(id, text)?;
        instance.play(&vec![vec![0.0; 9_600]; 2])?;
        assert!(!instance.idle()?, "{id} {text} asked for a restart");
        assert_eq!(measured_latency_samples(&mut instance)?, latency_samples, "{id} {text}");
    }
    Ok(())
}

/// A wide bell over the units of the ERB scale, in dB.
fn bell_db(hz: f64) -> f64 {
    let distance = Scale::Erb.units_from_hz(hz) - Scale::Erb.units_from_hz(1_500.0);
    12.0 * (-(distance / 7.0).powi(2)).exp()
}

#[test]
fn the_drawn_curve_outlives_its_bands() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup::default())?;
    let centres_hz = bands::centres_hz(&BankSpec::default())?;
    let drawn: Vec<f64> = centres_hz.iter().map(|&hz| bell_db(hz)).collect();
    instance.set_gains_db(&drawn)?;
    instance.activate()?;
    let choices =
        [("scale", "Mel"), ("bands", "32"), ("scale", "Bark"), ("bands", "64"), ("scale", "ERB")];
    for (id, text) in choices {
        instance.set(id, text)?;
        instance.play(&vec![vec![0.0; 9_600]; 2])?;
        for hz in [200.0, 700.0, 1_500.0, 3_000.0, 9_000.0] {
            let heard_db = gain_db_at(&mut instance, hz)?;
            let expected_db = bell_db(hz);
            assert!(
                (heard_db - expected_db).abs() < 1.0,
                "{id} {text}: {heard_db:.2} dB at {hz} Hz, drawn {expected_db:.2} dB"
            );
        }
    }
    Ok(())
}

#[test]
fn a_live_change_of_scale_is_heard_soon_and_never_interrupts() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup { offline: false, ..Setup::default() })?;
    instance.set("gain_1", "-20 dB")?;
    instance.activate()?;
    let latency_samples = instance.latency_samples();
    let input = signal::sine(9_600, 5_000.0, 0.5, RATE_HZ);
    instance.play(&[input.clone(), input.clone()])?;
    instance.set("bands", "8")?;
    // With 8 bands the first reaches much further up: that is how the change is heard.
    let hz = 150.0;
    let probe = signal::sine(9_600, hz, 0.5, RATE_HZ);
    let level = |x: &[f32]| signal::amplitude_at(&x[4_800..], hz, RATE_HZ);
    let deadline = Instant::now() + PATIENCE;
    let before = level(&instance.play(&[probe.clone(), probe.clone()])?[0]);
    loop {
        let output = instance.play(&[probe.clone(), probe.clone()])?;
        assert!(output.iter().flatten().all(|x| x.is_finite()));
        let now = level(&output[0]);
        assert!(now > 0.01, "the sound is interrupted");
        if (signal::db(now / before)).abs() > 0.5 {
            break;
        }
        ensure!(Instant::now() < deadline, "the change was never heard");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(instance.latency_samples(), latency_samples);
    Ok(())
}

#[test]
fn another_kind_comes_in_while_playing_without_a_click() -> Result<()> {
    let mut instance = Instance::new(&entry()?, Setup { offline: false, ..Setup::default() })?;
    // With every gain equal both kinds sound the same, so that only a fault can be heard.
    instance.set_gains_db(&[6.0; 40])?;
    instance.activate()?;
    // The framework tells the first latency by asking for a restart.
    instance.idle()?;
    let latency_samples = instance.latency_samples();
    let mut phase = 0;
    let mut play = |instance: &mut Instance| -> Result<Vec<f32>> {
        let sine: Vec<f32> = signal::sine(phase + 480, 1_000.0, 0.25, RATE_HZ).split_off(phase);
        phase = (phase + 480) % 48;
        Ok(instance.play(&[sine.clone(), sine])?.swap_remove(0))
    };
    for _ in 0..40 {
        play(&mut instance)?;
    }
    for kind in ["Gammatone", "ISAC"] {
        instance.set("kind", kind)?;
        // Long enough to be designed, to warm up and to fade in.
        let start = Instant::now();
        let mut blocks = 0;
        while start.elapsed() < Duration::from_secs(4) || blocks < 100 {
            let output = play(&mut instance)?;
            ensure!(!instance.idle()?, "{kind} asked for a restart");
            let peak = output.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            ensure!((peak - 0.499).abs() < 0.01, "{kind}: a peak of {peak}");
            let bend = output.windows(3).map(|x| (x[0] - 2.0 * x[1] + x[2]).abs());
            let bend = bend.fold(0.0, f32::max);
            // 4 sin²(ω/2) of the amplitude.
            ensure!(bend < 0.0172 * 0.499 * 1.02, "{kind}: a click of {bend}");
            blocks += 1;
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    assert_eq!(instance.latency_samples(), latency_samples);
    Ok(())
}

#[test]
fn many_changes_at_once_end_with_the_last() -> Result<()> {
    let entry = entry()?;
    let mut hurried = Instance::active(&entry, Setup::default())?;
    let mut input = vec![vec![0.0; 256]; 2];
    for round in 0..20 {
        let (scale, bands) = [("Mel", 20), ("Log", 33), ("ERB", 48)][round % 3];
        hurried.set("scale", scale)?;
        hurried.set("bands", &bands.to_string())?;
        hurried.set("gain_12", &format!("{} dB", round % 7))?;
        input.swap(0, 1);
        hurried.play(&input)?;
    }
    for (id, text) in [("scale", "ERB"), ("bands", "40"), ("gain_12", "9 dB")] {
        hurried.set(id, text)?;
    }
    hurried.play(&vec![vec![0.0; 48_000]; 2])?;
    let centres_hz = bands::centres_hz(&BankSpec::default())?;
    let heard_db = gain_db_at(&mut hurried, centres_hz[11])?;
    assert!((heard_db - 9.0).abs() < 0.1, "{heard_db:.3} dB heard for 9 dB drawn");
    Ok(())
}

#[test]
fn too_few_bands_for_the_rate_play_as_the_nearest_in_a_render_and_once_reloaded() -> Result<()> {
    let entry = entry()?;
    let setup = Setup { sample_rate_hz: 96_000.0, offline: true, ..Setup::default() };
    let mut first = Instance::active(&entry, setup)?;
    let latency_samples = first.latency_samples();
    first.play(&vec![signal::noise(4_000, 1); 2])?;
    // In the middle of a render, which must not wait for a bank that does not come.
    for (id, text) in [("scale", "Bark"), ("bands", "8"), ("gain_3", "-24 dB")] {
        first.set(id, text)?;
    }
    first.play(&vec![signal::noise(4_000, 1); 2])?;
    assert_eq!(first.latency_samples(), latency_samples);
    let mut second = Instance::new(&entry, setup)?;
    second.load_state(&first.save_state()?)?;
    second.activate()?;
    assert_eq!(second.latency_samples(), latency_samples);
    let (silence, noise) = (vec![vec![0.0; 48_000]; 2], vec![signal::noise(48_000, 2); 2]);
    let mut outputs = Vec::new();
    for instance in [&mut first, &mut second] {
        instance.play(&silence)?;
        outputs.push(instance.play(&noise)?.swap_remove(0));
    }
    // They began at different times, so that their aliases differ.
    let apart_db = signal::difference_db(&outputs[1], &outputs[0]);
    assert!(apart_db < -60.0, "{apart_db:.1} dB apart");
    let dry = signal::delayed(&noise[0], latency_samples);
    assert!(signal::difference_db(&outputs[0], &dry) > -30.0, "the gain must be heard");
    Ok(())
}
