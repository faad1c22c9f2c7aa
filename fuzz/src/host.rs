//! Hosts that do anything in any order.

use arbitrary::{Arbitrary, Unstructured};
use clack_host::entry::EntryDescriptor;
use erbium_tests::host::{Instance, PluginEntry, Setup};
use erbium_tests::plugin::{Change, Plugin};
use std::cell::OnceCell;

unsafe extern "C" {
    /// CLAP's way into the plugin, which this program is linked with.
    static clap_entry: EntryDescriptor;
}

thread_local! {
    static ENTRY: OnceCell<PluginEntry> = const { OnceCell::new() };
}

/// What a host does.
#[derive(Arbitrary, Debug)]
enum Call {
    Activate,
    Deactivate,
    Reset,
    Sleep,
    SetUp { rate: u8, block: u16, is_mono: bool, is_offline: bool },
    Flush { changes: Vec<(u8, u16)> },
    Process { samples: u16, inputs: u8, outputs: u8, in_place: bool, changes: Vec<(u16, u8, u16)> },
    Save,
    Load { is_last: bool, flips: Vec<(u16, u8)> },
    Idle,
}

const RATES_HZ: [f64; 8] =
    [8_000.0, 22_050.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0, 1_234.567_8];
/// What decides the bank comes as often as the rest.
const IDS: [&str; 20] = [
    "kind",
    "scale",
    "bands",
    "kind",
    "scale",
    "bands",
    "quality",
    "output",
    "mix",
    "bypass",
    "delta",
    "gain_match",
    "gain_1",
    "gain_2",
    "gain_5",
    "gain_8",
    "gain_13",
    "gain_40",
    "gain_64",
    "gain_3",
];

/// Whatever a host does in whatever order, the plugin goes on, plays finite numbers, and a state that it saves it loads
/// again as it was.
///
/// # Panics
/// Where that is not so.
pub fn host_calls(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(count) = u.int_in_range(1..=24) else { return };
    let calls: Vec<Call> = (0..count).map_while(|_| Call::arbitrary(&mut u).ok()).collect();
    ENTRY.with(|entry| {
        let entry = entry.get_or_init(|| {
            // SAFETY: the linker has put the plugin's own entry there, which lives for ever.
            let entry = unsafe { PluginEntry::load_from_raw(&clap_entry, c"erbium") };
            entry.expect("it is a plugin")
        });
        run(entry, &calls);
    });
}

fn run(entry: &PluginEntry, calls: &[Call]) {
    let setup = Setup { block_samples: 4_096, ..Setup::default() };
    let mut plugin = Instance::new(entry, setup).expect("an instance");
    // Small banks are designed quickly.
    Plugin::set(&mut plugin, &[("bands", "9"), ("latency", "2 ms")]).expect("possible");
    let mut active = false;
    let mut saved = Vec::new();
    for call in calls {
        match call {
            Call::Activate if !active => active = Plugin::activate(&mut plugin).is_ok(),
            Call::Deactivate if active => {
                Plugin::deactivate(&mut plugin);
                active = false;
            }
            Call::Reset if active => Plugin::reset(&mut plugin).expect("it is active"),
            Call::Sleep if active => Plugin::sleep_and_wake(&mut plugin).expect("it is active"),
            Call::SetUp { rate, block, is_mono, is_offline } if !active => {
                let _ = Plugin::set_up(
                    &mut plugin,
                    erbium_tests::plugin::Setup {
                        sample_rate_hz: RATES_HZ[usize::from(*rate) % RATES_HZ.len()],
                        block_samples: usize::from(*block % 8_192).max(1),
                        channels: if *is_mono { 1 } else { 2 },
                        offline: *is_offline,
                    },
                );
            }
            Call::Flush { changes } => {
                let changes: Vec<_> =
                    changes.iter().map(|(id, value)| change(&mut plugin, 0, *id, *value)).collect();
                Plugin::flush(&mut plugin, &changes).expect("a flush is possible at any time");
            }
            Call::Process { samples, inputs, outputs, in_place, changes } if active => {
                let samples = usize::from(*samples % 5_000);
                process(&mut plugin, samples, [*inputs, *outputs], *in_place, changes);
            }
            Call::Save => save_and_load(&mut plugin, &mut saved),
            Call::Load { is_last, flips } if !saved.is_empty() => {
                let mut state: Vec<u8> = saved.clone();
                if !is_last {
                    for (place, bits) in flips {
                        let place = usize::from(*place) % state.len();
                        state[place] ^= bits;
                    }
                }
                let loaded = Plugin::load(&mut plugin, &state);
                assert!(loaded.is_ok() || state != saved, "a state of its own is refused");
            }
            Call::Idle => drop(plugin.idle()),
            _ => {}
        }
    }
}

/// A change of a parameter anywhere within its range.
fn change(plugin: &mut Instance, at: usize, id: u8, value: u16) -> Change {
    let id = IDS[usize::from(id) % IDS.len()];
    let largest = plugin.largest(id).expect("there is such a parameter");
    // More bands take longer to design, and no other way.
    let most = if id == "bands" { 8.0 } else { largest };
    let value = f64::from(value) / f64::from(u16::MAX) * most;
    Change { at, id: id.to_owned(), value: if id == "bands" { 8.0 + value.round() } else { value } }
}

fn process(
    plugin: &mut Instance,
    samples: usize,
    [inputs, outputs]: [u8; 2],
    in_place: bool,
    changes: &[(u16, u8, u16)],
) {
    let mut changes: Vec<_> = changes
        .iter()
        .map(|(at, id, value)| change(plugin, usize::from(*at) % samples.max(1), *id, *value))
        .collect();
    changes.sort_by_key(|change| change.at);
    let input: Vec<Vec<f32>> =
        (0..3).map(|seed| erbium_tests::signal::noise(samples, seed)).collect();
    let input: Vec<&[f32]> =
        input.iter().take(usize::from(inputs % 4)).map(Vec::as_slice).collect();
    let block = erbium_tests::plugin::Block {
        input: &input,
        outputs: usize::from(outputs % 4),
        in_place: in_place && !input.is_empty(),
        changes: &changes,
    };
    if let Ok(output) = Plugin::process(plugin, block) {
        let channels = Plugin::setup(plugin).channels;
        for channel in output.iter().take(channels.min(block.outputs)) {
            // What a host gave no input for at all may be left as it was.
            let is_played = input.is_empty() || channel.iter().all(|sample| sample.is_finite());
            assert!(is_played, "{samples} samples, {inputs} in, {outputs} out");
        }
    }
}

/// A state that is saved is loaded again as it is.
fn save_and_load(plugin: &mut Instance, saved: &mut Vec<u8>) {
    *saved = Plugin::save(plugin).expect("it saves");
    Plugin::load(plugin, saved).expect("it loads what it saves");
    let again = Plugin::save(plugin).expect("it saves");
    assert!(again == *saved, "a state that is loaded is saved as another");
}
