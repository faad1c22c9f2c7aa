//! What the plugin finds around it: a home that cannot be written to, a full disk, windows beside each other.

use crate::states::two_states_in_turn;
use crate::support::{SMALL, delayed, hills, noise, same, until};
use anyhow::{Context, Result, ensure};
use erbium_tests::host::{Instance, Setup as HostSetup};
use erbium_tests::isolated::isolated;
use erbium_tests::plugin::{Playing, Plugin, Setup};
use erbium_tests::soak;
use erbium_tests::vst3::Parent;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

in_both_formats_alone!(screen: true,
    two_windows_at_once_are_apart,
    states_set_while_it_plays_under_an_open_window_are_each_taken_whole,
    a_window_that_nobody_serves_costs_the_sound_nothing,
);
in_both_formats!(without_a_home_or_room_on_the_disk_it_plays_and_saves_its_state,);

/// A CLAP host that offers the plugin nothing, neither requests nor calls back: it plays, opens and closes the window, and
/// changes its bank.
#[test]
fn a_clap_host_that_offers_nothing_can_do_everything() -> Result<()> {
    let name = std::thread::current().name().context("a test has a name")?.to_owned();
    isolated(&name, true, || {
        let library = Instance::library()?;
        let mut plugin = Instance::in_bare_host(&library, HostSetup::default())?;
        Plugin::activate(&mut plugin)?;
        let input = noise(2, 4_000);
        let latency_samples = Plugin::latency_samples(&mut plugin)?;
        let parent = Parent::new()?;
        for round in 0..3 {
            plugin.with_window(&parent, |plugin, serve| {
                serve(Duration::from_millis(300))?;
                let output = Plugin::play(plugin, &input)?;
                delayed(&output, &input, latency_samples, &format!("round {round}"))?;
                Plugin::reset(plugin)?;
                Plugin::set(plugin, &[("bands", if round == 1 { "12" } else { "30" })])
            })?;
        }
        Ok(())
    })
}

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

/// How many threads there are.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Waits until a closed window's threads have ended as well: what ends the process meanwhile may pull its
/// libraries from under them.
fn until_closed(before: usize) -> Result<()> {
    until("the end of all threads of the window", || {
        std::thread::sleep(Duration::from_millis(1));
        Ok(threads() <= before)
    })
}

/// Serves windows until so many draw.
fn draw(serve: &[&dyn Fn(Duration) -> Result<()>], count: usize) -> Result<()> {
    until(&format!("{count} windows"), || {
        serve.iter().try_for_each(|serve| serve(Duration::from_millis(5)))?;
        Ok(windows() == count)
    })
}

/// Fails unless an instance plays flat, from silence.
fn plays_flat<P: Plugin>(plugin: &mut P, what: &str) -> Result<()> {
    let input = noise(2, 6_000);
    plugin.reset()?;
    let latency_samples = plugin.latency_samples()?;
    delayed(&plugin.play(&input)?, &input, latency_samples, what)
}

/// Two windows open at once, of two instances, draw; one closes and the other draws on; both play flat all the while.
fn two_windows_at_once_are_apart<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let parents = [Parent::new()?, Parent::new()?];
    let mut first = P::active(&library, Setup::live(), &SMALL)?;
    let mut second = P::active(&library, Setup::live(), &SMALL)?;
    let before = threads();
    for _ in 0..2 {
        first.with_window(&parents[0], |first, serve_first| {
            second.with_window(&parents[1], |second, serve_second| {
                draw(&[serve_first, serve_second], 2)?;
                plays_flat(first, "beside another window")?;
                plays_flat(second, "beside another window")
            })?;
            draw(&[serve_first], 1)?;
            plays_flat(first, "after another window has closed")?;
            plays_flat(&mut second, "after its window has closed")
        })?;
        until_closed(before)?;
        // The other one is outside the second time.
        std::mem::swap(&mut first, &mut second);
    }
    Ok(())
}

/// States are set on the main thread while the audio thread plays and the window is open and draws.
fn states_set_while_it_plays_under_an_open_window_are_each_taken_whole<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let parent = Parent::new()?;
    let mut plugin = hills::<P>(&library, Setup::live())?;
    let before = threads();
    plugin.with_window(&parent, |plugin, serve| {
        draw(&[serve], 1)?;
        let playing = Playing::default();
        plugin.play_beside(&noise(2, 256), &playing, |plugin| {
            for _ in 0..3 {
                two_states_in_turn(&library, plugin, &playing)?;
                serve(Duration::from_millis(100))?;
            }
            Ok(())
        })?;
        ensure!(playing.blocks.load(Ordering::SeqCst) > 10, "it has not played");
        Ok(())
    })?;
    until_closed(before)
}

/// A window whose host does not serve it for a while, as when another window of the host's hangs, costs the sound nothing:
/// it is what plays without one, bit for bit.
fn a_window_that_nobody_serves_costs_the_sound_nothing<P: Plugin>() -> Result<()> {
    let library = P::library()?;
    let parent = Parent::new()?;
    let input = noise(2, 48_000);
    let expected = hills::<P>(&library, Setup::live())?.play(&input)?;
    let mut plugin = hills::<P>(&library, Setup::live())?;
    let before = threads();
    plugin.with_window(&parent, |plugin, serve| {
        draw(&[serve], 1)?;
        let start = Instant::now();
        let left_alone = Duration::from_secs(if soak::count(0, 1) == 0 { 2 } else { 10 });
        while start.elapsed() < left_alone {
            plugin.reset()?;
            same(&plugin.play(&input)?, &expected, "under a window left alone")?;
        }
        serve(Duration::from_millis(200))
    })?;
    until_closed(before)
}
