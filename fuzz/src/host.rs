//! Hosts that do anything in any order.

use crate::bank_check::noise;
use crate::{clap, stored};
use arbitrary::{Arbitrary, Unstructured};
use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::Pckn;
use erbium::framework::VST3_IS_MENDED;
use erbium::state::param::ParamId;
use erbium_dsp::stream::sanitize;
use erbium_tests::host::{Buffers, EventBuffer, Instance, Setup, clap_id};

/// Calls at most.
const CALLS_MAX: usize = 32;
/// Samples in a block at most.
const BLOCK_SAMPLES: u32 = 512;
const RATES_HZ: [f64; 4] = [8000.0, 16_000.0, 11_025.0, 6000.0];

#[derive(Arbitrary, Debug)]
enum Sound {
    Noise,
    Silence,
    Faint,
    Loud,
    /// Samples that are none among noise.
    Invalid,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Change {
    parameter: u8,
    /// From its least to its greatest value.
    value: u16,
    at: u16,
}

/// The buffers of a block.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Layout {
    Apart,
    InPlace,
    /// Not as many channels as agreed.
    Other {
        inputs: u8,
        outputs: u8,
        in_place: bool,
    },
}

#[derive(Arbitrary, Debug)]
enum Call {
    Activate,
    Deactivate,
    SetUp {
        rate: u8,
        is_mono: bool,
        offline: bool,
    },
    Reset,
    SleepAndWake,
    Idle,
    Jump(u32),
    Process {
        samples: u16,
        sound: Sound,
        buffers: Layout,
        changes: [Option<Change>; 3],
    },
    Flush(Change),
    SaveAndLoad,
    /// The first state, with bits of it changed.
    Load {
        flips: [Option<(u16, u8)>; 2],
    },
}

/// Whatever a host calls in whatever order, all that comes out is finite; as long as nothing but flat was asked for it is
/// the delayed input to the bit; and what is saved loads, and is saved as the same bytes again.
///
/// # Panics
/// Where that is not so.
pub fn host_calls(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let mut host = Host::new();
    for _ in 0..CALLS_MAX {
        if u.is_empty() {
            break;
        }
        let Ok(call) = Call::arbitrary(&mut u) else { break };
        host.call(&call);
    }
    stored::check_saved(&mut host.instance);
}

struct Host {
    instance: Instance,
    is_active: bool,
    /// Whether nothing was ever asked for that is heard.
    is_flat: bool,
    /// What went in since the last beginning.
    history: Vec<Vec<f32>>,
    latency_samples: usize,
    blocks: u32,
    first_state: Vec<u8>,
}

impl Host {
    /// With a bank that is designed quickly.
    fn new() -> Self {
        let setup = Setup {
            sample_rate_hz: RATES_HZ[0],
            block_samples: BLOCK_SAMPLES,
            channels: 2,
            offline: true,
        };
        let mut host = Self {
            instance: clap::instance(setup),
            is_active: false,
            is_flat: true,
            history: Vec::new(),
            latency_samples: 0,
            blocks: 0,
            first_state: Vec::new(),
        };
        host.make_quick();
        host.first_state = host.instance.save_state().expect("it is saved");
        host
    }

    fn call(&mut self, call: &Call) {
        match call {
            Call::Activate if !self.is_active => {
                self.instance.activate().expect("it can be played");
                self.is_active = true;
                self.begin();
                self.idle();
            }
            Call::Deactivate => {
                self.instance.deactivate();
                self.is_active = false;
            }
            Call::SetUp { rate, is_mono, offline } if !self.is_active => {
                let setup = Setup {
                    sample_rate_hz: RATES_HZ[usize::from(*rate) % RATES_HZ.len()],
                    channels: if *is_mono { 1 } else { 2 },
                    offline: *offline,
                    ..self.instance.setup()
                };
                self.instance.set_up(setup).expect("it is possible");
            }
            Call::Reset if self.is_active => {
                self.instance.reset().expect("it is active");
                self.begin();
            }
            Call::SleepAndWake if self.is_active => {
                self.instance.sleep_and_wake().expect("it wakes up");
                self.begin();
            }
            Call::Idle => self.idle(),
            Call::Jump(samples) => self.instance.jump(u64::from(*samples)),
            Call::Process { samples, sound, buffers, changes } if self.is_active => {
                self.process(u32::from(*samples) % (BLOCK_SAMPLES + 1), sound, *buffers, changes);
            }
            Call::Flush(change) => {
                let (_, id, value) = self.value(*change, 1);
                self.flush(&[(0, id, value)]);
            }
            Call::SaveAndLoad => stored::check_saved(&mut self.instance),
            Call::Load { flips } => self.load(flips),
            Call::Activate
            | Call::SetUp { .. }
            | Call::Reset
            | Call::SleepAndWake
            | Call::Process { .. } => {}
        }
    }

    /// From here on it plays as from the start.
    fn begin(&mut self) {
        self.history = vec![Vec::new(); self.instance.setup().channels];
        self.latency_samples = self.instance.latency_samples();
    }

    fn idle(&mut self) {
        if self.instance.idle().expect("it comes back") && self.is_active {
            self.begin();
        }
    }

    /// The change, within `samples` samples, of a parameter to a value that CLAP has for it. What decides a bank stays
    /// with those that are designed quickly.
    fn value(
        &mut self,
        Change { parameter, value, at }: Change,
        samples: u32,
    ) -> (u32, ParamId, f64) {
        let every: Vec<ParamId> = ParamId::every().collect();
        // Half of all changes are of the parameters that are no gains.
        let id = match usize::from(parameter) {
            few @ 0..128 => ParamId::ALL[few % ParamId::ALL.len()],
            many => every[many % every.len()],
        };
        let most = match id {
            ParamId::Kind => 1.0,
            ParamId::Scale | ParamId::Bands => 4.0,
            ParamId::Latency => 1.0,
            ParamId::Quality => 2.0,
            _ => 1.0,
        };
        let share = f64::from(value) / 65_535.0;
        let value = if ParamId::BANK.contains(&id) { (share * most).round() } else { share };
        self.is_flat &=
            ParamId::BANK.contains(&id) || [ParamId::Bypass, ParamId::Mix].contains(&id);
        (u32::from(at) % samples.max(1), id, value)
    }

    fn load(&mut self, flips: &[Option<(u16, u8)>]) {
        let mut state = self.first_state.clone();
        for (place, bits) in flips.iter().flatten() {
            let place = usize::from(*place) % state.len();
            state[place] ^= bits;
        }
        let is_first = state == self.first_state;
        let is_taken = self.instance.load_state(&state).is_ok();
        assert!(is_taken || !is_first, "a state that was saved is refused");
        self.is_flat &= is_first || !is_taken;
        // Whatever bank it asks for, this one is designed quickly.
        self.make_quick();
    }

    fn make_quick(&mut self) {
        for id in [ParamId::Bands, ParamId::Latency] {
            self.flush(&[(0, id, 0.0)]);
        }
    }

    fn flush(&mut self, changes: &[(u32, ParamId, f64)]) {
        self.instance.flush(&events(changes)).expect("as the audio thread may");
    }

    fn process(
        &mut self,
        samples: u32,
        sound: &Sound,
        buffers: Layout,
        changes: &[Option<Change>],
    ) {
        let channels = self.instance.setup().channels;
        let (inputs, outputs, in_place) = match buffers {
            Layout::Apart => (channels, channels, false),
            Layout::InPlace => (channels, channels, true),
            // Without its mends, which `cargo xtask` builds with, the framework aborts.
            Layout::Other { .. } if !VST3_IS_MENDED => (channels, channels, false),
            Layout::Other { inputs, outputs, in_place } => {
                (usize::from(inputs % 4), usize::from(outputs % 4), in_place && inputs % 4 > 0)
            }
        };
        self.is_flat &= (inputs, outputs) == (channels, channels);
        let mut taken = Vec::new();
        for change in changes.iter().flatten().filter(|_| samples > 0) {
            taken.push(self.value(*change, samples));
        }
        taken.sort_by_key(|(at, ..)| *at);
        let input: Vec<Vec<f32>> =
            (0..inputs).map(|channel| self.input(samples, sound, channel)).collect();
        self.blocks += 1;
        let slices: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
        let buffers = Buffers { outputs, in_place };
        let Ok(output) = self.instance.play_block(&slices, &events(&taken), buffers) else {
            assert!((inputs, outputs) != (channels, channels), "an agreed layout is refused");
            return;
        };
        // What a host gave no input for at all may be left as it was.
        let played = if inputs > 0 { output.len().min(channels) } else { 0 };
        let samples = output[..played].iter().flatten();
        assert!(samples.into_iter().all(|sample| sample.is_finite()), "{sound:?}, {buffers:?}");
        if self.is_flat {
            self.check_flat(&input, &output);
        }
    }

    /// The output is the delayed input.
    fn check_flat(&mut self, input: &[Vec<f32>], output: &[Vec<f32>]) {
        for ((history, input), output) in self.history.iter_mut().zip(input).zip(output) {
            let start = history.len();
            history.extend(input.iter().map(|sample| as_taken(*sample)));
            for (k, sample) in output.iter().enumerate() {
                let at = (start + k).checked_sub(self.latency_samples);
                let expected = at.map_or(0.0, |at| history[at]);
                let at = start + k;
                assert!(sample.to_bits() == expected.to_bits(), "{sample} for {expected} at {at}");
            }
        }
    }

    fn input(&self, samples: u32, sound: &Sound, channel: usize) -> Vec<f32> {
        let seed = self.blocks * 2 + u32::from(channel > 0);
        let noise = noise(samples.try_into().unwrap_or(0), seed);
        match sound {
            Sound::Noise => noise.collect(),
            Sound::Silence => noise.map(|_| 0.0).collect(),
            Sound::Faint => noise.map(|sample| sample * 1e-38).collect(),
            Sound::Loud => noise.map(|sample| sample * 1e15).collect(),
            Sound::Invalid => {
                const NONE: [f32; 4] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3e38];
                let none = NONE.iter().cycle();
                let noise = noise.zip(none);
                noise.map(|(sample, none)| if sample > 0.5 { *none } else { sample }).collect()
            }
        }
    }
}

fn events(changes: &[(u32, ParamId, f64)]) -> EventBuffer {
    let mut events = EventBuffer::new();
    for (at, id, value) in changes {
        events.push(&ParamValueEvent::new(*at, clap_id(&id.id()), Pckn::match_all(), *value));
    }
    events
}

/// A sample as it is played: what is no sound, or subnormal, is silence.
fn as_taken(sample: f32) -> f32 {
    let sample = sanitize(sample);
    if sample.is_subnormal() { 0.0 } else { sample }
}
