//! Sample rates: any of them, one after the other, and every bank at each.

use crate::support::{HILLS_DB, SMALL, delayed, noise, same, small};
use anyhow::{Context, Result, ensure};
use erbium_dsp::{BankSpec, Scale};
use erbium_tests::bands::centres_hz;
use erbium_tests::plugin::{Change, Plugin, Setup};
use erbium_tests::signal;
use erbium_tests::soak;
use rustix::time::{ClockId, clock_gettime};

in_both_formats!(
    any_rate_is_finite_and_exact_when_flat_and_has_no_band_above_its_half,
    a_rate_may_change_a_hundred_times_and_nothing_of_the_one_before_is_left,
    soak_flat_is_exact_at_every_rate_on_every_scale_with_every_bank,
    a_bank_is_never_designed_on_the_audio_thread,
);

/// The usual ones first, which the short form of the longest test is limited to.
const RATES_HZ: [f64; 11] = [
    44_100.0,
    48_000.0,
    96_000.0,
    192_000.0,
    8_000.0,
    22_050.0,
    88_200.0,
    176_400.0,
    384_000.0,
    768_000.0,
    1_234.567_8,
];

/// A choice of latency that leaves a bank of some size, and the same in milliseconds.
fn latency(rate_hz: f64) -> (&'static str, f64) {
    match rate_hz {
        0.0..20_000.0 => ("43 ms", 43.0),
        20_000.0..100_000.0 => ("8 ms", 8.0),
        _ => ("2 ms", 2.0),
    }
}

/// The rate as the framework hands it on, in single precision.
#[expect(clippy::cast_possible_truncation, reason = "that is what it does")]
fn handed_on(rate_hz: f64) -> f64 {
    f64::from(rate_hz as f32)
}

/// At any rate from 1234.5678 Hz to 768 kHz: the latency is the one chosen; flat is the delayed input bit
/// for bit; no band lies above half the rate; and all of them together reach all of the sound there is.
fn any_rate_is_finite_and_exact_when_flat_and_has_no_band_above_its_half<P: Plugin>() -> Result<()>
{
    let library = P::library()?;
    for rate_hz in RATES_HZ {
        let what = format!("{rate_hz} Hz");
        let (text, ms) = latency(rate_hz);
        let setup = Setup { sample_rate_hz: rate_hz, ..Setup::default() };
        let settings = [("bands", "8"), ("latency", text), ("quality", "Eco")];
        let mut plugin = P::active(&library, setup, &settings)?;
        let latency_samples = plugin.latency_samples()?;
        ensure!(latency_samples == BankSpec::latency_samples_at(ms, handed_on(rate_hz)), "{what}");
        let input = noise(2, 6_000);
        delayed(&plugin.play(&input)?, &input, latency_samples, &what)?;
        let spec = BankSpec {
            bands: 8,
            sizing: erbium_dsp::Sizing::Latency { ms },
            quality: erbium_dsp::Quality::Eco,
            sample_rate_hz: handed_on(rate_hz),
            ..BankSpec::default()
        };
        let highest = centres_hz(&spec)?.into_iter().fold(0.0, f64::max);
        ensure!(highest <= rate_hz / 2.0, "{what}: a band at {highest} Hz");
        plugin.deactivate();
        plugin.set_gains_db(&[-12.0; 8])?;
        plugin.activate()?;
        let input = noise(2, 8 * latency_samples + 6_000);
        let output = plugin.play(&input)?;
        ensure!(output.iter().flatten().all(|x| x.is_finite() && !x.is_subnormal()), "{what}");
        let begun = 4 * latency_samples;
        let level = |x: &[f32]| signal::rms(&x[begun..]);
        let gain_db =
            signal::db(level(&output[0]) / level(&signal::delayed(&input[0], latency_samples)));
        ensure!((gain_db + 12.0).abs() < 0.1, "{what}: {gain_db:.2} dB for -12 dB");
    }
    Ok(())
}

/// A host that changes the rate a hundred times without releasing the instance is told the latency each time,
/// and hears what a new instance plays at that rate, bit for bit: no kernel of the rate before is left.
fn a_rate_may_change_a_hundred_times_and_nothing_of_the_one_before_is_left<P: Plugin>() -> Result<()>
{
    let library = P::library()?;
    let setups: Vec<Setup> = [(44_100.0, 64), (48_000.0, 512), (96_000.0, 333), (22_050.0, 1)]
        .into_iter()
        .map(|(sample_rate_hz, block_samples)| Setup {
            sample_rate_hz,
            block_samples,
            ..Setup::default()
        })
        .collect();
    let input = noise(2, 3_000);
    // The same gain everywhere: another curve is drawn on over the frequencies, not over the bands.
    let new = |setup| -> Result<P> {
        let mut plugin = P::new(&library, setup)?;
        plugin.set(&SMALL)?;
        plugin.set_gains_db(&[-9.0; 8])?;
        plugin.activate()?;
        Ok(plugin)
    };
    let mut expected = Vec::new();
    for setup in &setups {
        expected.push(new(*setup)?.play(&input)?);
    }
    let mut plugin = new(setups[0])?;
    for round in 0..100 {
        let at = round % setups.len();
        let setup = setups[at];
        plugin.deactivate();
        plugin.set_up(setup)?;
        plugin.activate()?;
        let spec = BankSpec::latency_samples_at(crate::support::SMALL_MS, setup.sample_rate_hz);
        let told = plugin.latency_samples()?;
        ensure!(told == spec, "round {round}: {told} samples for {spec}");
        same(&plugin.play(&input)?, &expected[at], &format!("round {round}, {setup:?}"))?;
    }
    Ok(())
}

/// Flat is the delayed input bit for bit with every bank on every scale, at every rate.
fn soak_flat_is_exact_at_every_rate_on_every_scale_with_every_bank<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 3_000);
    for rate_hz in RATES_HZ.into_iter().take(soak::count(3, RATES_HZ.len())) {
        let (text, _) = latency(rate_hz);
        let setup = Setup { sample_rate_hz: rate_hz, ..Setup::default() };
        let mut plugin = P::new(&library, setup)?;
        let bands: &[&str] = if soak::count(0, 1) == 0 { &["8"] } else { &["8", "24", "40", "64"] };
        for scale in ["ERB", "Mel", "Bark", "Log", "Linear"] {
            for kind in ["ISAC", "Gammatone"] {
                for bands in bands {
                    let what = format!("{rate_hz} Hz, {scale}, {kind}, {bands} bands");
                    plugin.set(&[
                        ("bands", bands),
                        ("latency", text),
                        ("scale", scale),
                        ("kind", kind),
                        ("quality", "Eco"),
                    ])?;
                    plugin.activate().with_context(|| what.clone())?;
                    let latency_samples = plugin.latency_samples()?;
                    ensure!(latency_samples > 0, "{what}: no latency");
                    delayed(&plugin.play(&input)?, &input, latency_samples, &what)?;
                    plugin.deactivate();
                }
            }
        }
    }
    Ok(())
}

/// The time that this thread has computed, in seconds.
fn thread_seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let nanoseconds = i32::try_from(time.tv_nsec).unwrap_or(0);
    let seconds = i32::try_from(time.tv_sec).unwrap_or(0);
    f64::from(seconds) + 1e-9 * f64::from(nanoseconds)
}

/// While a bank is asked for live, no block of 64 samples computes for longer than a tenth of what the design
/// takes: the design is done elsewhere. Time is this thread's own, so that a busy machine does not count.
fn a_bank_is_never_designed_on_the_audio_thread<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let setup = Setup { block_samples: 64, sample_rate_hz: 96_000.0, ..Setup::live() };
    let settings = [("bands", "24"), ("latency", "43 ms"), ("gain_12", "12 dB")];
    let mut plugin = P::active(&library, setup, &settings)?;
    let spec = BankSpec {
        bands: 40,
        scale: Scale::Mel,
        sizing: erbium_dsp::Sizing::Latency { ms: 43.0 },
        sample_rate_hz: 96_000.0,
        ..BankSpec::default()
    };
    let begun = thread_seconds();
    centres_hz(&spec)?;
    let design = thread_seconds() - begun;
    let input = noise(2, 64);
    let probe = noise(2, 48_000);
    let before = plugin.play(&probe)?;
    let mut changes: Vec<Change> = plugin.changes(0, &[("bands", "40"), ("scale", "Mel")])?;
    let (mut most, mut blocks) = (0.0_f64, 0);
    let start = std::time::Instant::now();
    // Long enough for the design, however busy the machine, and its fade.
    while blocks < 3_000 || start.elapsed().as_secs_f64() < 3.0 * design + 1.0 {
        let begun = thread_seconds();
        plugin.play_cut(&input, &[64], &changes)?;
        most = most.max(thread_seconds() - begun);
        changes.clear();
        blocks += 1;
    }
    println!("the design takes {design:.3} s, the longest of {blocks} blocks {most:.4} s");
    let changed_db =
        signal::difference_db(&plugin.play(&probe)?[0][24_000..], &before[0][24_000..]);
    ensure!(changed_db > -50.0, "the bank has not come: {changed_db:.1} dB");
    ensure!(most < 0.1 * design, "a block takes {most:.4} s, the design {design:.4} s");
    Ok(())
}

/// The settings of this file are those of the others.
#[test]
fn small_banks_have_a_gain_for_each_band() {
    assert_eq!(small(&[]).len(), SMALL.len());
    assert_eq!(SMALL[0].1, HILLS_DB.len().to_string());
}
