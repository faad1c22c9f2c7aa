//! A CLAP host in this process: what a DAW does with a plugin, without the DAW.

mod block;
mod lifecycle;
mod window;

pub use block::{Buffers, play};

use anyhow::{Context, Result, bail, ensure};
use clack_extensions::gui::HostGui;
use clack_extensions::latency::{HostLatency, HostLatencyImpl, PluginLatency};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamInfoBuffer,
    ParamRescanFlags, PluginParams,
};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_host::events::event_types::ParamValueEvent;
pub use clack_host::prelude::PluginEntry;
use clack_host::prelude::*;
pub use clack_host::prelude::{EventBuffer, StartedPluginAudioProcessor};
use std::cell::Cell;
use std::ffi::CString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::realtime::watch_locks_of;
use lifecycle::select_channels;

/// The number of band gains, `gain_1` to `gain_64`.
pub const MAX_BANDS: usize = 64;
/// The drawn gain that turns a band off.
pub const OFF_DB: f64 = -60.0;

/// The plugin's requests, which may come from any thread.
#[derive(Default)]
pub struct Requests {
    /// Whether the host offers no extension at all.
    is_bare: bool,
    /// Whether the plugin was told that it may take its time.
    is_offline: AtomicBool,
    restart: AtomicBool,
    callback: AtomicBool,
}

impl SharedHandler<'_> for Requests {
    fn request_restart(&self) {
        self.restart.store(true, Ordering::SeqCst);
    }
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.callback.store(true, Ordering::SeqCst);
    }
}

impl HostParamsImplShared for Requests {
    fn request_flush(&self) {}
}

/// What the plugin told the main thread.
#[derive(Default)]
pub struct News {
    latency_changes: Cell<u32>,
}

impl MainThreadHandler<'_> for News {}

impl HostLatencyImpl for News {
    fn changed(&self) {
        self.latency_changes.set(self.latency_changes.get() + 1);
    }
}

impl HostParamsImplMainThread for News {
    fn rescan(&self, _flags: ParamRescanFlags) {}
    fn clear(&self, _id: ClapId, _flags: ParamClearFlags) {}
}

/// The host's side of CLAP.
pub struct Host;

impl HostHandlers for Host {
    type Shared<'a> = Requests;
    type MainThread<'a> = News;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, shared: &Requests) {
        if shared.is_bare {
            return;
        }
        builder.register::<HostGui>().register::<HostLatency>().register::<HostParams>();
    }
}

/// How an instance is played.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Samples a second.
    pub sample_rate_hz: f64,
    /// Samples in each block but a shorter last one.
    pub block_samples: u32,
    /// Channels in and out.
    pub channels: usize,
    /// Whether the plugin may take its time, as when a DAW exports a mix.
    pub offline: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { sample_rate_hz: 48_000.0, block_samples: 512, channels: 2, offline: true }
    }
}

/// One parameter as the plugin lists it. Values are CLAP's: 0 to 1, or 0 to N for choices.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The number a host stores.
    pub id: u32,
    /// The name a user reads.
    pub name: String,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The value of a new instance.
    pub default: f64,
}

/// A move of a parameter while audio plays.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    /// When, in samples from the start of what is played.
    pub at: usize,
    /// The parameter's string id, for example `gain_12`.
    pub id: &'a str,
    /// Where to, as a user would type it, for example `-6 dB`.
    pub text: &'a str,
}

/// The number hosts know a parameter's string id by.
#[must_use]
pub fn clap_id(id: &str) -> ClapId {
    let hash = id.bytes().fold(0_u32, |h, byte| h.wrapping_mul(31).wrapping_add(u32::from(byte)));
    ClapId::new(hash & !(1 << 31))
}

/// Loads a bundled plugin's library; instances are made of it.
///
/// # Errors
/// Where it is no CLAP plugin.
pub fn load(bundle: &Path) -> Result<PluginEntry> {
    // SAFETY: the bundle is the plugin this workspace has built, so its entry point is CLAP's.
    let entry = unsafe { PluginEntry::load(bundle) }
        .with_context(|| format!("cannot load {} as a CLAP plugin", bundle.display()))?;
    watch_locks_of(bundle)?;
    Ok(entry)
}

/// One instance of the plugin and its place in the host.
pub struct Instance {
    plugin: PluginInstance<Host>,
    processor: Option<StartedPluginAudioProcessor<Host>>,
    setup: Setup,
    params: PluginParams,
    latency: PluginLatency,
    state: PluginState,
    steady_samples: u64,
    // Moves made between two calls of `play`, delivered with its first block.
    pending: Vec<(ClapId, f64)>,
}

impl Instance {
    /// A new instance, not yet active: parameters and state can be set, nothing played.
    ///
    /// # Errors
    /// Where the plugin refuses, or offers no such number of channels.
    pub fn new(entry: &PluginEntry, setup: Setup) -> Result<Self> {
        Self::in_host(entry, setup, false)
    }

    /// As [`Self::new`], in a host that offers the plugin no extension at all.
    ///
    /// # Errors
    /// As there.
    pub fn in_bare_host(entry: &PluginEntry, setup: Setup) -> Result<Self> {
        Self::in_host(entry, setup, true)
    }

    fn in_host(entry: &PluginEntry, setup: Setup, is_bare: bool) -> Result<Self> {
        let info = HostInfo::new("erbium-tests", "Erbium", "", env!("CARGO_PKG_VERSION"))?;
        let factory = entry.get_plugin_factory().context("no plugin factory")?;
        let descriptor = factory.plugin_descriptors().next().context("no plugin inside")?;
        let id = descriptor.id().context("the plugin has no id")?;
        let mut plugin = PluginInstance::<Host>::new(
            |_| Requests { is_bare, ..Requests::default() },
            |_| News::default(),
            entry,
            id,
            &info,
        )?;
        let handle = plugin.plugin_handle();
        let params = handle.get_extension::<PluginParams>().context("no parameters")?;
        let latency = handle.get_extension::<PluginLatency>().context("no latency")?;
        let state = handle.get_extension::<PluginState>().context("no state")?;
        let render = handle.get_extension::<PluginRender>().context("no render modes")?;
        let mode = if setup.offline { RenderMode::Offline } else { RenderMode::Realtime };
        render.set(&handle, mode)?;
        plugin.access_shared_handler(|r| r.is_offline.store(setup.offline, Ordering::SeqCst));
        let handle = plugin.plugin_handle();
        select_channels(&handle, setup.channels)?;
        Ok(Self {
            plugin,
            processor: None,
            setup,
            params,
            latency,
            state,
            steady_samples: 0,
            pending: Vec::new(),
        })
    }

    /// A new instance, active and ready to play.
    ///
    /// # Errors
    /// As [`Self::new`] and [`Self::activate`].
    pub fn active(entry: &PluginEntry, setup: Setup) -> Result<Self> {
        let mut instance = Self::new(entry, setup)?;
        instance.activate()?;
        // The framework tells the first latency by asking for a restart.
        instance.idle()?;
        Ok(instance)
    }

    /// Makes the instance ready to play.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn activate(&mut self) -> Result<()> {
        let configuration = PluginAudioConfiguration {
            sample_rate: self.setup.sample_rate_hz,
            min_frames_count: 1,
            max_frames_count: self.setup.block_samples,
        };
        let stopped = self.plugin.activate(|_, _| (), configuration)?;
        match stopped.start_processing() {
            Ok(started) => self.processor = Some(started),
            Err(_) => bail!("the plugin would not start processing"),
        }
        Ok(())
    }

    /// Ends playing; [`Self::activate`] starts it again from silence.
    pub fn deactivate(&mut self) {
        if let Some(processor) = self.processor.take() {
            self.plugin.deactivate(processor.stop_processing());
        }
    }

    /// Calls the plugin back on the main thread, where it asked for it.
    pub fn call_back(&mut self) {
        if self.plugin.access_shared_handler(|r| r.callback.swap(false, Ordering::SeqCst)) {
            self.plugin.call_on_main_thread_callback();
        }
    }

    /// Does on the main thread what the plugin asked for: its callback, and the restart a new
    /// latency needs. Returns whether it restarted.
    ///
    /// # Errors
    /// Where the plugin does not come back.
    pub fn idle(&mut self) -> Result<bool> {
        self.call_back();
        let restart =
            self.plugin.access_shared_handler(|r| r.restart.swap(false, Ordering::SeqCst));
        if restart && self.processor.is_some() {
            self.deactivate();
            self.activate()?;
            // The restart itself may leave a message for the main thread.
            self.call_back();
        }
        Ok(restart)
    }

    /// The latency the plugin reports, in samples.
    #[must_use]
    pub fn latency_samples(&mut self) -> usize {
        let samples = self.latency.get(&self.plugin.plugin_handle());
        usize::try_from(samples).unwrap_or(usize::MAX)
    }

    /// How often the plugin said that its latency had changed.
    #[must_use]
    pub fn latency_changes(&self) -> u32 {
        self.plugin.access_handler(|news| news.latency_changes.get())
    }

    /// All parameters, in the plugin's order.
    ///
    /// # Errors
    /// Where the plugin lists fewer than it counts.
    pub fn parameters(&mut self) -> Result<Vec<Parameter>> {
        let handle = self.plugin.plugin_handle();
        (0..self.params.count(&handle))
            .map(|k| {
                let mut buffer = ParamInfoBuffer::new();
                let info = self
                    .params
                    .get_info(&handle, k, &mut buffer)
                    .with_context(|| format!("parameter {k} is missing"))?;
                Ok(Parameter {
                    id: info.id.get(),
                    name: String::from_utf8_lossy(info.name).into_owned(),
                    min: info.min_value,
                    max: info.max_value,
                    default: info.default_value,
                })
            })
            .collect()
    }

    /// A parameter's value, as CLAP has it.
    ///
    /// # Errors
    /// Where there is no such parameter.
    pub fn value(&mut self, id: &str) -> Result<f64> {
        self.params
            .get_value(&self.plugin.plugin_handle(), clap_id(id))
            .with_context(|| format!("no parameter {id}"))
    }

    /// A parameter's value, as a user reads it.
    ///
    /// # Errors
    /// Where there is no such parameter.
    pub fn text(&mut self, id: &str) -> Result<String> {
        let value = self.value(id)?;
        let mut buffer = [0; 256];
        let handle = self.plugin.plugin_handle();
        let text = self.params.value_to_text(&handle, clap_id(id), value, &mut buffer)?;
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    /// The value a text stands for.
    fn parse(&mut self, id: &str, text: &str) -> Result<f64> {
        let c_text = CString::new(text)?;
        self.params
            .text_to_value(&self.plugin.plugin_handle(), clap_id(id), &c_text)
            .with_context(|| format!("parameter {id} does not take {text:?}"))
    }

    /// Sets a parameter as a user would type it: at once where the instance is not active, else
    /// with the next block.
    ///
    /// # Errors
    /// Where there is no such parameter or it does not take the text.
    pub fn set(&mut self, id: &str, text: &str) -> Result<()> {
        let change = (clap_id(id), self.parse(id, text)?);
        self.pending.push(change);
        let Some(mut handle) = self.plugin.inactive_plugin_handle() else { return Ok(()) };
        let mut events = EventBuffer::new();
        for (id, value) in self.pending.drain(..) {
            events.push(&ParamValueEvent::new(0, id, Pckn::match_all(), value));
        }
        let mut answers = EventBuffer::new();
        self.params.flush(
            &mut handle,
            &InputEvents::from_buffer(&events),
            &mut OutputEvents::from_buffer(&mut answers),
        );
        Ok(())
    }

    /// Sets the drawn gain of every band, in dB; −60 is off.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn set_gains_db(&mut self, gains_db: &[f64]) -> Result<()> {
        gains_db
            .iter()
            .enumerate()
            .try_for_each(|(k, gain_db)| self.set(&format!("gain_{}", k + 1), &gain_db.to_string()))
    }

    /// Plays audio: one signal per channel, all of one length; the output is as long.
    ///
    /// # Errors
    /// Where the instance is not active or the plugin fails.
    pub fn play(&mut self, input: &[Vec<f32>]) -> Result<Vec<Vec<f32>>> {
        self.play_with(input, &[])
    }

    /// Plays audio while parameters move; the moves are in order of time.
    ///
    /// # Errors
    /// As [`Self::play`] and [`Self::set`].
    pub fn play_with(&mut self, input: &[Vec<f32>], moves: &[Move]) -> Result<Vec<Vec<f32>>> {
        let channels = self.setup.channels;
        ensure!(input.len() == channels, "{} channels for {channels}", input.len());
        let samples = input[0].len();
        let moves = moves
            .iter()
            .map(|m| Ok((m.at, clap_id(m.id), self.parse(m.id, m.text)?)))
            .collect::<Result<Vec<_>>>()?;
        let block = usize::try_from(self.setup.block_samples)?;
        let mut output = vec![Vec::with_capacity(samples); channels];
        for start in (0..samples).step_by(block) {
            let end = samples.min(start + block);
            let mut events = EventBuffer::new();
            for (id, value) in self.pending.drain(..) {
                events.push(&ParamValueEvent::new(0, id, Pckn::match_all(), value));
            }
            for &(at, id, value) in moves.iter().filter(|m| (start..end).contains(&m.0)) {
                let time = u32::try_from(at - start)?;
                events.push(&ParamValueEvent::new(time, id, Pckn::match_all(), value));
            }
            let cut: Vec<&[f32]> = input.iter().map(|signal| &signal[start..end]).collect();
            let played = self.play_block(&cut, &events, Buffers::apart(channels))?;
            for (out, block) in output.iter_mut().zip(played) {
                out.extend(block);
            }
        }
        Ok(output)
    }

    /// Plays one block, of any length, with changes of parameters at their samples.
    ///
    /// # Errors
    /// Where the instance is not active or the plugin fails.
    pub fn play_block(
        &mut self,
        input: &[&[f32]],
        events: &EventBuffer,
        buffers: Buffers,
    ) -> Result<Vec<Vec<f32>>> {
        let processor = self.processor.as_mut().context("the instance is not active")?;
        let output = play(processor, input, events, buffers, self.steady_samples)?;
        self.steady_samples += u64::try_from(input.first().map_or(0, |signal| signal.len()))?;
        Ok(output)
    }

    /// The value that a text stands for, as CLAP has it.
    ///
    /// # Errors
    /// Where there is no such parameter or it does not take the text.
    pub fn value_of(&mut self, id: &str, text: &str) -> Result<f64> {
        self.parse(id, text)
    }

    /// The state a DAW would store in its project.
    ///
    /// # Errors
    /// Where the plugin fails to save.
    pub fn save_state(&mut self) -> Result<Vec<u8>> {
        let mut blob = Vec::new();
        self.state.save(&self.plugin.plugin_handle(), &mut blob)?;
        Ok(blob)
    }

    /// Restores a stored state.
    ///
    /// # Errors
    /// Where the plugin rejects it.
    pub fn load_state(&mut self, mut blob: &[u8]) -> Result<()> {
        self.state.load(&self.plugin.plugin_handle(), &mut blob)?;
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.deactivate();
    }
}
