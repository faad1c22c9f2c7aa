//! Changes while it plays: parameters, banks, latency, bypass, and the host's starts and stops.

use crate::support::{
    HILLS_DB, PATIENCE, SMALL, SMALL_MS, delayed, heard, hills, noise, random, roughness, same,
    silence, small, until,
};
use anyhow::{Result, ensure};
use erbium_dsp::BankSpec;
use erbium_tests::plugin::{Change, Plugin, Setup};
use erbium_tests::signal;
use erbium_tests::soak::{memory_bytes, rounds};
use rand::Rng;
use std::time::{Duration, Instant};

in_both_formats!(
    every_parameter_at_random_in_every_block_makes_no_click,
    every_parameter_at_random_at_every_sample_makes_no_click,
    the_last_of_many_requests_is_what_plays,
    a_new_latency_is_told_by_the_rule_of_the_format_and_is_what_is_measured,
    bypass_is_the_delayed_input_and_switches_without_click_or_comb,
    an_offline_render_sounds_as_real_time,
    an_offline_render_waits_for_its_bank,
    stops_starts_and_resets_leave_no_stale_tail,
    a_late_audio_thread_sounds_as_a_punctual_one,
);
in_both_formats_alone!(screen: false,
    soak_banks_switched_while_playing_crossfade_and_leave_no_memory,
);

/// The parameters that move the sound without another bank.
fn continuous() -> Vec<String> {
    let gains = (1..=8).map(|k| format!("gain_{k}"));
    gains.chain(["output", "mix", "bypass", "delta", "gain_match"].map(str::to_owned)).collect()
}

/// A random value of a parameter; gains within 12 dB, so that one bound holds for all.
fn random_change<P: Plugin>(plugin: &mut P, random: &mut impl Rng, id: &str) -> Result<Change> {
    let value = if id.starts_with("gain_") && id != "gain_match" {
        let gain_db = random.random_range(-12.0..12.0_f64);
        plugin.parse(id, &format!("{gain_db:.2} dB"))?
    } else if id == "output" {
        let gain_db = random.random_range(-6.0..6.0_f64);
        plugin.parse(id, &format!("{gain_db:.2} dB"))?
    } else {
        let largest = plugin.largest(id)?;
        let share: f64 = random.random_range(0.0..=1.0);
        if ["mix"].contains(&id) { share * largest } else { (share * largest).round() }
    };
    Ok(Change { at: 0, id: id.to_owned(), value })
}

/// Plays a low tone under changes, and fails where a click is heard: where the second difference is above a hundredth
/// of the loudest sample. A jump of the output by 1 dB would be a ninth.
///
/// Why no less: the tone itself has 0.0004 of its own peak; and gains of up to 12 dB, 6 dB of output and the gain match move
/// in ramps of 10 and 20 ms, which every change begins anew with a corner of some 1 in 200 of its way.
fn no_click(output: &[Vec<f32>], what: &str) -> Result<()> {
    for output in output {
        ensure!(output.iter().all(|x| x.is_finite()), "{what}: no numbers");
        let (loudest, click) = (signal::peak(output), roughness(output));
        println!("{what}: {:.5} of the loudest sample", click / loudest);
        ensure!(loudest > 0.1 && loudest < 20.0, "{what}: a peak of {loudest}");
        ensure!(click < loudest / 100.0, "{what}: a click of {click}, the loudest is {loudest}");
    }
    Ok(())
}

/// A tone of 150 Hz that begins softly.
fn tone(samples: usize) -> Vec<Vec<f32>> {
    let mut tone = signal::sine(samples, 150.0, 0.25, 48_000.0);
    let begin = samples.min(4_800);
    for (n, x) in tone.iter_mut().take(begin).enumerate() {
        let share = std::f64::consts::PI * signal::index(n) / signal::index(begin);
        #[expect(clippy::cast_possible_truncation, reason = "audio is single precision")]
        let gain = (0.5 - 0.5 * share.cos()) as f32;
        *x *= gain;
    }
    vec![tone; 2]
}

/// Every parameter, the bank's too, goes to a random value at each block, live: no click, no sample that is no number.
fn every_parameter_at_random_in_every_block_makes_no_click<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = hills::<P>(&library, Setup::live())?;
    let mut random = random(15);
    let input = tone(512 * 180);
    let mut changes = Vec::new();
    for block in 10..180 {
        let mut ids = continuous();
        if block % 4 == 0 {
            ids.extend(["kind", "scale"].map(str::to_owned));
        }
        for id in ids {
            let mut change = random_change(&mut plugin, &mut random, &id)?;
            change.at = 512 * block;
            changes.push(change);
        }
        if block % 4 == 0 {
            let bands = random.random_range(8..13).to_string();
            changes.extend(plugin.changes(512 * block, &[("bands", &bands)])?);
        }
        if block % 40 == 0 {
            let latency = ["2 ms", "4 ms", "8 ms"][random.random_range(0..3)];
            let quality = ["Eco", "Standard"][random.random_range(0..2)];
            let settings = [("latency", latency), ("quality", quality)];
            changes.extend(plugin.changes(512 * block, &settings)?);
        }
    }
    no_click(&plugin.play_cut(&input, &[512], &changes)?, "every block")
}

/// Every parameter that moves the sound, a random one of them at each sample: no click.
fn every_parameter_at_random_at_every_sample_makes_no_click<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = hills::<P>(&library, Setup::default())?;
    let mut random = random(16);
    let samples = 12_000;
    let ids = continuous();
    let mut changes = Vec::new();
    for at in 5_000..samples {
        let id = &ids[random.random_range(0..ids.len())];
        let change = random_change(&mut plugin, &mut random, id)?;
        changes.push(Change { at, ..change });
    }
    no_click(&plugin.play_cut(&tone(samples), &[512], &changes)?, "every sample")
}

/// Two hundred requests for a bank, one in each block, live: what plays in the end is the last, as a new instance
/// plays it, and no thread or queue of the others is left.
fn the_last_of_many_requests_is_what_plays<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let last = small(&[("bands", "8"), ("scale", "Mel"), ("gain_3", "12 dB")]);
    let mut plugin = P::active(&library, Setup::live(), &SMALL)?;
    let input = noise(2, 512);
    let threads = threads();
    for round in 0..200 {
        let scale = ["Mel", "ERB", "Bark"][round % 3];
        let bands = (9 + round % 7).to_string();
        plugin.set(&[("scale", scale), ("bands", &bands)])?;
        plugin.play(&input)?;
    }
    plugin.set(&last)?;
    let mut fresh = P::active(&library, Setup::default(), &last)?;
    let probe = noise(2, 24_000);
    let expected = fresh.play(&probe)?;
    until("the last bank", || {
        plugin.play(&silence(2, 4_800))?;
        let output = plugin.play(&probe)?;
        // Equal but for the grid in time that its strides lie on.
        Ok(signal::difference_db(&output[0][9_600..], &expected[0][9_600..]) < -60.0)
    })?;
    // The other test of this process may begin and end some.
    let left = self::threads().saturating_sub(threads);
    ensure!(left < 20, "{left} more threads");
    Ok(())
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// A new latency is told by the format's rule: the CLAP asks for a restart and keeps what it promised until then; the
/// VST3 tells while it plays. Then it is the one chosen, and where an impulse comes out.
fn a_new_latency_is_told_by_the_rule_of_the_format_and_is_what_is_measured<P: Plugin>() -> Result<()>
{
    let library = P::library()?;
    for setup in [Setup::live(), Setup::default()] {
        let mut plugin = P::active(&library, setup, &SMALL)?;
        let _ = plugin.take_latency_change()?;
        for (text, ms) in [("4 ms", 4.0), ("16 ms", 16.0), ("2 ms", 2.0)] {
            plugin.set(&[("latency", text)])?;
            until(text, || {
                plugin.play(&silence(2, 512))?;
                std::thread::sleep(Duration::from_millis(1));
                plugin.take_latency_change()
            })?;
            let expected = BankSpec::latency_samples_at(ms, 48_000.0);
            let told = plugin.latency_samples()?;
            ensure!(told == expected, "{text}: {told} samples for {expected}");
            // Until the fade is over.
            plugin.play(&silence(2, 9_600))?;
            let mut impulse = silence(2, 4_000);
            impulse[0][1_000] = 1.0;
            let output = plugin.play(&impulse)?;
            let measured = signal::peak_index(&output[0]) - 1_000;
            ensure!(measured == expected, "{text}: {measured} samples measured for {expected}");
            ensure!(!plugin.take_latency_change()?, "{text}: told twice");
        }
    }
    Ok(())
}

/// Bypass at random places: where it is on, after its ramp, the delayed input bit for bit; on the way, nothing louder
/// than what it goes between, so that nothing is combed; and no click.
fn bypass_is_the_delayed_input_and_switches_without_click_or_comb<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let mut plugin = hills::<P>(&library, Setup::default())?;
    let latency_samples = plugin.latency_samples()?;
    let samples = 96_000;
    let input = tone(samples);
    let wet = plugin.play(&input)?;
    heard(&wet, &input, latency_samples, "the gains")?;
    plugin.reset()?;
    let dry = signal::delayed(&input[0], latency_samples);
    let mut random = random(19);
    let (mut changes, mut on, mut at) = (Vec::new(), false, 6_000);
    let mut bypassed = vec![false; samples];
    while at < samples {
        on = !on;
        let text = if on { "On" } else { "Off" };
        changes.extend(plugin.changes(at, &[("bypass", text)])?);
        let next = at + random.random_range(1_000..6_000);
        if on {
            // 10 ms of ramp.
            bypassed[samples.min(at + 480)..samples.min(next)].fill(true);
        }
        at = next;
    }
    let output = plugin.play_cut(&input, &[512], &changes)?;
    let (mut exact, mut changed) = (0, 0);
    for n in 0..samples {
        let (got, dry, wet) = (output[0][n], dry[n], wet[0][n]);
        if bypassed[n] {
            ensure!(got == dry, "sample {n}: {got} for {dry} while bypassed");
            exact += 1;
        }
        let most = dry.abs().max(wet.abs());
        ensure!(got.abs() <= 1.001 * most + 1e-5, "sample {n}: {got} between {dry} and {wet}");
        changed += usize::from(got != dry);
    }
    ensure!(exact > 20_000 && changed > 20_000, "{exact} samples exact, {changed} changed");
    let steady = roughness(&wet[0]).max(roughness(&dry));
    let click = roughness(&output[0]);
    ensure!(click < 1.5 * steady + 1e-4, "a click of {click}, steady it is {steady}");
    Ok(())
}

/// A render offline sounds as real time does, bit for bit, whatever moves.
fn an_offline_render_sounds_as_real_time<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 24_000);
    let mut outputs = Vec::new();
    for setup in [Setup::live(), Setup::default()] {
        let mut plugin = hills::<P>(&library, setup)?;
        let mut changes = Vec::new();
        for (k, at) in (3_000..20_000).step_by(1_111).enumerate() {
            let (id, text) =
                [("gain_2", "-20 dB"), ("mix", "50"), ("gain_2", "9 dB"), ("mix", "100")][k % 4];
            changes.extend(plugin.changes(at, &[(id, text)])?);
        }
        outputs.push(plugin.play_cut(&input, &[512], &changes)?);
        heard(&outputs[outputs.len() - 1], &input, plugin.latency_samples()?, "the gains")?;
    }
    same(&outputs[1], &outputs[0], "offline")
}

/// A render in which another bank is asked for waits for it: twice the same, bit for bit, whatever the blocks, and the
/// bank is heard as soon as it has taken in enough and faded in.
fn an_offline_render_waits_for_its_bank<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 48_000);
    let mut outputs = Vec::new();
    for size in [512, 97] {
        let mut plugin = P::active(&library, Setup::default(), &SMALL)?;
        // Banks that nobody plays yet, so that they have to be designed.
        let changes =
            plugin.changes(9_700, &[("bands", "11"), ("scale", "Mel"), ("gain_4", "-30 dB")])?;
        let output = plugin.play_cut(&input, &[size], &changes)?;
        let dry = signal::delayed(&input[0], plugin.latency_samples()?);
        let late = 9_700 + plugin.tail_samples()? + 4_800;
        ensure!(late < 40_000, "too late to be seen");
        let changed_db = signal::difference_db(&output[0][late..], &dry[late..]);
        ensure!(changed_db > -30.0, "{changed_db:.1} dB are heard of the new bank");
        outputs.push(output);
    }
    same(&outputs[1], &outputs[0], "blocks of 97")
}

/// After loud noise, whichever way a host stops and starts or resets: what is played then is what a new instance plays,
/// bit for bit. A transport that jumps without a reset is not the plugin's affair: nothing changes.
fn stops_starts_and_resets_leave_no_stale_tail<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    for kind in ["ISAC", "Gammatone"] {
        let new = || -> Result<P> {
            let mut plugin = P::new(&library, Setup::default())?;
            plugin.set(&SMALL)?;
            plugin.set(&[("kind", kind)])?;
            plugin.set_gains_db(&HILLS_DB)?;
            plugin.activate()?;
            Ok(plugin)
        };
        let input = noise(2, 5_000);
        let expected = new()?.play(&input)?;
        let mut plugin = new()?;
        for way in ["reset", "suspended", "stopped", "jumped and reset"] {
            let mut loud = noise(2, 7_001);
            loud.iter_mut().flatten().for_each(|x| *x *= 4.0);
            plugin.play(&loud)?;
            match way {
                "suspended" => plugin.sleep_and_wake()?,
                "stopped" => {
                    plugin.deactivate();
                    plugin.activate()?;
                }
                "reset" => plugin.reset()?,
                _ => {
                    plugin.jump(1_000_000);
                    plugin.reset()?;
                }
            }
            same(&plugin.play(&input)?, &expected, &format!("{kind}, {way}"))?;
        }
        let [mut jumped, mut steady] = [new()?, new()?];
        for round in 0..4_u64 {
            jumped.jump(round * 77_777 % 50_000);
            let (a, b) = (jumped.play(&input)?, steady.play(&input)?);
            same(&a, &b, "a transport that jumps")?;
        }
    }
    Ok(())
}

/// An audio thread that comes late, by some milliseconds or by a second, plays the same, bit for bit.
fn a_late_audio_thread_sounds_as_a_punctual_one<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let input = noise(2, 512 * 24);
    let expected = hills::<P>(&library, Setup::live())?.play(&input)?;
    let mut plugin = hills::<P>(&library, Setup::live())?;
    let mut output = vec![Vec::new(); 2];
    for block in 0..24 {
        let late_ms = if block == 12 { 1_000 } else { 7 * (block % 5) };
        std::thread::sleep(Duration::from_millis(late_ms));
        let start = 512 * usize::try_from(block)?;
        let cut: Vec<_> = input.iter().map(|x| x[start..start + 512].to_vec()).collect();
        for (out, played) in output.iter_mut().zip(plugin.play(&cut)?) {
            out.extend(played);
        }
    }
    same(&output, &expected, "late")
}

/// Bank, scale and number of bands are switched again and again while a tone plays: it never clicks or breaks off; what
/// plays is sent back and freed, so that memory stays flat; and flat is exact in the end.
fn soak_banks_switched_while_playing_crossfade_and_leave_no_memory<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let settings = small(&[("latency", "8 ms")]);
    let mut plugin = P::active(&library, Setup::default(), &settings)?;
    // With every gain equal all banks sound the same, so that only a fault can be heard.
    plugin.set_gains_db(&[6.0; 64])?;
    let latency_samples = plugin.latency_samples()?;
    ensure!(latency_samples == BankSpec::latency_samples_at(SMALL_MS, 48_000.0), "another one");
    // 48 samples a period: blocks of whole periods follow each other without a seam.
    let tone = vec![signal::sine(9_600, 1_000.0, 0.25, 48_000.0); 2];
    plugin.play(&tone)?;
    plugin.play(&tone)?;
    let (mut memory, mut switches) = (0, 0);
    let filling = 20;
    for round in rounds(80, 1_000) {
        let scale = ["ERB", "Mel", "Bark", "Log"][round % 4];
        let bands = (24 + round % 17).to_string();
        let kind = if round % 3 == 0 { "Gammatone" } else { "ISAC" };
        plugin.set(&[("scale", scale), ("bands", &bands), ("kind", kind)])?;
        let output = plugin.play(&tone)?;
        for output in &output {
            for period in output.chunks_exact(48) {
                let peak = signal::peak(period);
                ensure!((peak - 0.499).abs() < 0.01, "switch {round}: a peak of {peak}");
            }
            // 4 sin²(ω/2) of the amplitude.
            let click = roughness(output);
            ensure!(click < 0.0172 * 0.499 * 1.03, "switch {round}: a click of {click}");
        }
        if round + 1 == filling {
            memory = memory_bytes()?;
        }
        switches = round + 1;
    }
    let grown = memory_bytes()?.saturating_sub(memory);
    let each = grown / u64::try_from(switches - filling)?;
    println!("{switches} switches leave {grown} bytes, {each} each");
    // A bank of 32 bands and its engine hold some 0.5 MB; the system's allocator keeps a few MB in its pools.
    let most = 12_000_000 + 2_000 * u64::try_from(switches)?;
    ensure!(grown < most, "{switches} switches leave {grown} bytes");
    plugin.set_gains_db(&[0.0; 64])?;
    plugin.play(&silence(2, 48_000))?;
    let input = noise(2, 9_000);
    plugin.reset()?;
    delayed(&plugin.play(&input)?, &input, latency_samples, "flat in the end")?;
    let start = Instant::now();
    drop(plugin);
    ensure!(start.elapsed() < PATIENCE, "it does not end");
    Ok(())
}
