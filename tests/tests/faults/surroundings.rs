//! What the plugin finds around it: a home that cannot be written to, a full disk, windows beside each other.

use crate::states::two_states_in_turn;
use crate::support::{SMALL, delayed, hills, noise, until};
use anyhow::{Context, Result, ensure};
use erbium_tests::isolated::isolated;
use erbium_tests::plugin::{Playing, Plugin, Setup};
use erbium_tests::vst3::{Parent, Played, RunLoop, View};
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

in_both_formats!(without_a_home_or_room_on_the_disk_it_plays_and_saves_its_state,);

/// Set in the process of [`without_a_home_or_room_on_the_disk_it_plays_and_saves_its_state`].
const INSIDE: &str = "ERBIUM_WITHOUT_A_HOME";

/// A home folder that is missing or cannot be written to, by anybody, and a disk that takes not a byte: the plugin loads,
/// plays exactly, saves and loads its state.
fn without_a_home_or_room_on_the_disk_it_plays_and_saves_its_state<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    if std::env::var_os(INSIDE).is_some() {
        ensure!(std::fs::write(std::env::temp_dir().join("erbium"), [1; 4_096]).is_err(), "room");
        let mut plugin = P::active(&library, Setup::default(), &SMALL)?;
        let input = noise(2, 4_000);
        let latency_samples = plugin.latency_samples()?;
        delayed(&plugin.play(&input)?, &input, latency_samples, "flat")?;
        plugin.set(&[("gain_3", "-12 dB"), ("output", "3 dB")])?;
        plugin.play(&input)?;
        let state = plugin.save()?;
        let mut other = P::new(&library, Setup::default())?;
        other.load(&state)?;
        ensure!(other.value("output")? == plugin.value("output")?, "another state");
        println!("it plays");
        return Ok(());
    }
    let name = std::thread::current().name().context("a test has a name")?.to_owned();
    for home in ["/dev/null/home", "/proc/self/task", "/nowhere/at/all"] {
        let mut test = Command::new("sh");
        // Every write is one too many, and the signal for it is ignored as by most hosts.
        test.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""]);
        test.arg(std::env::current_exe()?).args([&name, "--exact", "--nocapture"]);
        test.env(INSIDE, "1").env("HOME", home).env("TMPDIR", "/tmp");
        for folder in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_DOCUMENTS_DIR"] {
            test.env_remove(folder);
        }
        let output = test.output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let done = output.status.success() && said.contains("it plays");
        ensure!(done && !errors.contains("panicked"), "{home}: {said}{errors}");
    }
    Ok(())
}

/// How many windows draw: each has a thread for its spectrogram, from its first frame on.
fn windows() -> usize {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return 0 };
    let names = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("comm")));
    // A thread may have just ended.
    names.flatten().filter(|name| name.starts_with("erbium-displ")).count()
}

/// Serves windows until so many draw.
fn pump_until(views: &[&View], count: usize) -> Result<()> {
    until(&format!("{count} windows"), || {
        for view in views {
            view.pump(Duration::from_millis(5))?;
        }
        Ok(windows() == count)
    })
}

/// Two windows open at once, of two instances, draw; one closes and the other draws on; both play flat all the while.
#[test]
fn two_windows_at_once_are_apart() -> Result<()> {
    isolated("surroundings::two_windows_at_once_are_apart", true, || {
        let library = Played::library()?;
        let parents = [Parent::new()?, Parent::new()?];
        let mut plugins = [
            Played::active(&library, Setup::live(), &SMALL)?,
            Played::active(&library, Setup::live(), &SMALL)?,
        ];
        let input = noise(2, 6_000);
        let plays_flat = |plugins: &mut [Played; 2], what: &str| -> Result<()> {
            for plugin in plugins {
                plugin.reset()?;
                let latency_samples = plugin.latency_samples()?;
                delayed(&plugin.play(&input)?, &input, latency_samples, what)?;
            }
            Ok(())
        };
        for first in [0, 1] {
            let open =
                |k: usize| View::open(plugins[k].instance(), &parents[k], Some(RunLoop::Offered));
            let (one, other) = (open(first)?, open(1 - first)?);
            pump_until(&[&one, &other], 2)?;
            plays_flat(&mut plugins, "with both")?;
            one.close()?;
            pump_until(&[&other], 1)?;
            plays_flat(&mut plugins, "with one")?;
            other.close()?;
            pump_until(&[], 0)?;
        }
        Ok(())
    })
}

/// States are set on the main thread while the audio thread plays and the window is open and draws.
#[test]
fn states_set_while_it_plays_under_an_open_window_are_each_taken_whole() -> Result<()> {
    isolated(
        "surroundings::states_set_while_it_plays_under_an_open_window_are_each_taken_whole",
        true,
        || {
            let library = Played::library()?;
            let parent = Parent::new()?;
            let mut plugin = hills::<Played>(&library, Setup::live())?;
            let view = View::open(plugin.instance(), &parent, Some(RunLoop::Offered))?;
            pump_until(&[&view], 1)?;
            let playing = Playing::default();
            plugin.play_beside(&noise(2, 256), &playing, |plugin| {
                for _ in 0..3 {
                    two_states_in_turn(&library, plugin, &playing)?;
                    view.pump(Duration::from_millis(100))?;
                }
                Ok(())
            })?;
            ensure!(playing.blocks.load(Ordering::SeqCst) > 10, "it has not played");
            view.close()
        },
    )
}

/// A window whose host does not serve it for a while, as when another window of the host's hangs, costs the sound nothing.
#[test]
fn a_window_that_nobody_serves_costs_the_sound_nothing() -> Result<()> {
    isolated("surroundings::a_window_that_nobody_serves_costs_the_sound_nothing", true, || {
        let library = Played::library()?;
        let parent = Parent::new()?;
        let input = noise(2, 48_000);
        let expected = hills::<Played>(&library, Setup::live())?.play(&input)?;
        let mut plugin = hills::<Played>(&library, Setup::live())?;
        let view = View::open(plugin.instance(), &parent, Some(RunLoop::Offered))?;
        pump_until(&[&view], 1)?;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(erbium_tests::soak::count(2, 10) as u64) {
            plugin.reset()?;
            crate::support::same(&plugin.play(&input)?, &expected, "under a window left alone")?;
        }
        view.pump(Duration::from_millis(200))?;
        view.close()
    })
}
