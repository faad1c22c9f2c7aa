//! A CLAP host in this process: what a DAW does with a plugin, without the DAW.

use anyhow::{Context, Result, bail, ensure};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
#[cfg(unix)]
use clack_extensions::gui::{GuiApiType, GuiConfiguration, PluginGui, Window};
use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::latency::{HostLatency, HostLatencyImpl, PluginLatency};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamInfoBuffer,
    ParamRescanFlags, PluginParams,
};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_extensions::tail::{PluginTail, TailLength};
use clack_host::events::event_types::ParamValueEvent;
pub use clack_host::prelude::PluginEntry;
use clack_host::prelude::*;
pub use clack_host::prelude::{EventBuffer, StartedPluginAudioProcessor};
use std::cell::Cell;
use std::ffi::CString;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The number of band gains, `gain_1` to `gain_64`.
pub const MAX_BANDS: usize = 64;
/// The drawn gain that turns a band off.
pub const OFF_DB: f64 = -60.0;

/// The plugin's requests, which may come from any thread.
#[derive(Default)]
pub struct Requests {
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

impl HostGuiImpl for Requests {
    fn resize_hints_changed(&self) {}
    fn request_resize(&self, _size: GuiSize) -> Result<(), HostError> {
        Ok(())
    }
    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn closed(&self, _was_destroyed: bool) {}
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

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Requests) {
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

/// What a block is played into.
#[derive(Clone, Copy, Debug)]
pub struct Buffers {
    /// Channels out.
    pub outputs: usize,
    /// Whether the output is where the input was.
    pub in_place: bool,
}

impl Buffers {
    /// Buffers of its own for the output.
    #[must_use]
    pub const fn apart(outputs: usize) -> Self {
        Self { outputs, in_place: false }
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
    unsafe { PluginEntry::load(bundle) }
        .with_context(|| format!("cannot load {} as a CLAP plugin", bundle.display()))
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
        let info = HostInfo::new("erbium-tests", "Erbium", "", env!("CARGO_PKG_VERSION"))?;
        let factory = entry.get_plugin_factory().context("no plugin factory")?;
        let descriptor = factory.plugin_descriptors().next().context("no plugin inside")?;
        let id = descriptor.id().context("the plugin has no id")?;
        let mut plugin = PluginInstance::<Host>::new(
            |_| Requests::default(),
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

    /// Does on the main thread what the plugin asked for: its callback, and the restart a new
    /// latency needs. Returns whether it restarted.
    ///
    /// # Errors
    /// Where the plugin does not come back.
    pub fn idle(&mut self) -> Result<bool> {
        if self.plugin.access_shared_handler(|r| r.callback.swap(false, Ordering::SeqCst)) {
            self.plugin.call_on_main_thread_callback();
        }
        let restart =
            self.plugin.access_shared_handler(|r| r.restart.swap(false, Ordering::SeqCst));
        if restart && self.processor.is_some() {
            self.deactivate();
            self.activate()?;
            // The restart itself may leave a message for the main thread.
            if self.plugin.access_shared_handler(|r| r.callback.swap(false, Ordering::SeqCst)) {
                self.plugin.call_on_main_thread_callback();
            }
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

    /// From now on the host says that it is at another place in time.
    pub fn jump(&mut self, samples: u64) {
        self.steady_samples = samples;
    }

    /// Plays on a thread of its own while this one does something else, and returns what that does.
    ///
    /// # Errors
    /// What either of them fails with.
    pub fn beside<T>(
        &mut self,
        audio: impl FnOnce(&mut StartedPluginAudioProcessor<Host>) -> Result<()> + Send,
        main: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let mut processor = self.processor.take().context("the instance is not active")?;
        std::thread::scope(|scope| {
            let audio = scope.spawn(move || (audio(&mut processor), processor));
            let result = main(self);
            let Ok((played, processor)) = audio.join() else { bail!("the audio thread panicked") };
            self.processor = Some(processor);
            played?;
            result
        })
    }

    /// Tells it another rate, size of blocks, number of channels and mode; it must not be active.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn set_up(&mut self, setup: Setup) -> Result<()> {
        ensure!(self.processor.is_none(), "the instance is active");
        let handle = self.plugin.plugin_handle();
        let render = handle.get_extension::<PluginRender>().context("no render modes")?;
        let mode = if setup.offline { RenderMode::Offline } else { RenderMode::Realtime };
        render.set(&handle, mode)?;
        select_channels(&handle, setup.channels)?;
        self.setup = setup;
        Ok(())
    }

    /// How it is played.
    #[must_use]
    pub const fn setup(&self) -> Setup {
        self.setup
    }

    /// Forgets what was played, while it stays active.
    ///
    /// # Errors
    /// Where the instance is not active.
    pub fn reset(&mut self) -> Result<()> {
        self.processor.as_mut().context("the instance is not active")?.reset();
        Ok(())
    }

    /// Sends it to sleep and wakes it up, while it stays active.
    ///
    /// # Errors
    /// Where the instance is not active, or does not wake up.
    pub fn sleep_and_wake(&mut self) -> Result<()> {
        let processor = self.processor.take().context("the instance is not active")?;
        match processor.stop_processing().start_processing() {
            Ok(started) => self.processor = Some(started),
            Err(_) => bail!("the plugin would not start processing"),
        }
        Ok(())
    }

    /// After how many samples of silence it says to be silent, too.
    ///
    /// # Errors
    /// Where the instance is not active, or it says never.
    pub fn tail_samples(&mut self) -> Result<usize> {
        let tail = self.plugin.plugin_handle().get_extension::<PluginTail>().context("no tail")?;
        let processor = self.processor.as_mut().context("the instance is not active")?;
        match tail.get(&processor.plugin_handle()) {
            TailLength::Finite(samples) => Ok(usize::try_from(samples)?),
            TailLength::Infinite => bail!("an endless tail"),
        }
    }

    /// Sets values outside of any block, whether or not it is active.
    pub fn flush(&mut self, events: &EventBuffer) {
        let mut answers = EventBuffer::new();
        let (input, mut output) =
            (InputEvents::from_buffer(events), OutputEvents::from_buffer(&mut answers));
        if let Some(processor) = &mut self.processor {
            self.params.flush_active(&mut processor.plugin_handle(), &input, &mut output);
        } else if let Some(mut handle) = self.plugin.inactive_plugin_handle() {
            self.params.flush(&mut handle, &input, &mut output);
        }
    }

    /// The value that a text stands for, as CLAP has it.
    ///
    /// # Errors
    /// Where there is no such parameter or it does not take the text.
    pub fn value_of(&mut self, id: &str, text: &str) -> Result<f64> {
        self.parse(id, text)
    }

    /// Opens the window inside one of the host's.
    ///
    /// # Errors
    /// Where the plugin refuses.
    #[cfg(unix)]
    pub fn open_window(&mut self, parent: u32) -> Result<()> {
        let handle = self.plugin.plugin_handle();
        let gui = handle.get_extension::<PluginGui>().context("no window")?;
        gui.create(&handle, GuiConfiguration { api_type: GuiApiType::X11, is_floating: false })?;
        // SAFETY: the host's window stays until the plugin's is closed.
        unsafe { gui.set_parent(&handle, Window::from_x11_handle(parent.into()))? };
        gui.show(&handle)?;
        Ok(())
    }

    /// Closes the window.
    ///
    /// # Errors
    /// Where the plugin has none.
    #[cfg(unix)]
    pub fn close_window(&mut self) -> Result<()> {
        let handle = self.plugin.plugin_handle();
        handle.get_extension::<PluginGui>().context("no window")?.destroy(&handle);
        Ok(())
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

/// Plays one block on the thread that calls it.
///
/// # Errors
/// Where the plugin fails.
pub fn play(
    processor: &mut StartedPluginAudioProcessor<Host>,
    input: &[&[f32]],
    events: &EventBuffer,
    buffers: Buffers,
    steady_samples: u64,
) -> Result<Vec<Vec<f32>>> {
    let mut input: Vec<Vec<f32>> = input.iter().map(|signal| signal.to_vec()).collect();
    let samples = input.first().map_or(0, Vec::len);
    // Not zero, so that a plugin that writes nothing is found out.
    let mut output = vec![vec![f32::NAN; samples]; buffers.outputs];
    if buffers.in_place {
        output.clone_from(&input);
    }
    let mut input_ports = AudioPorts::with_capacity(input.len(), 1);
    let mut output_ports = AudioPorts::with_capacity(output.len(), 1);
    let shared: Vec<_> = output.iter_mut().map(Vec::as_mut_ptr).collect();
    let inputs = input.iter_mut().enumerate().map(|(k, signal)| {
        let own = signal.as_mut_slice();
        let slice = match shared.get(k).filter(|_| buffers.in_place) {
            // SAFETY: only the plugin reads and writes there during the call, as hosts let it.
            Some(pointer) => unsafe { std::slice::from_raw_parts_mut(*pointer, samples) },
            None => own,
        };
        InputChannel::variable(slice)
    });
    let mut inputs: Vec<_> = inputs.collect();
    let input_port = AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_input_only(inputs.drain(..)),
    };
    let output_port = AudioPortBuffer {
        latency: 0,
        channels: AudioPortBufferType::f32_output_only(output.iter_mut().map(Vec::as_mut_slice)),
    };
    let mut answers = EventBuffer::new();
    processor.process(
        &input_ports.with_input_buffers([input_port]),
        &mut output_ports.with_output_buffers([output_port]),
        &InputEvents::from_buffer(events),
        &mut OutputEvents::from_buffer(&mut answers),
        Some(steady_samples),
        None,
    )?;
    Ok(output)
}

/// Chooses the plugin's port configuration with this many channels in and out.
fn select_channels(handle: &PluginMainThreadHandle, channels: usize) -> Result<()> {
    let channels = u32::try_from(channels)?;
    if let Some(configs) = handle.get_extension::<PluginAudioPortsConfig>() {
        for k in 0..configs.count(handle) {
            let mut buffer = AudioPortsConfigBuffer::new();
            let Some(config) = configs.get(handle, k, &mut buffer) else { continue };
            let inputs = config.main_input.as_ref().map(|port| port.channel_count);
            let outputs = config.main_output.as_ref().map(|port| port.channel_count);
            if inputs == Some(channels) && outputs == Some(channels) {
                configs.select(handle, config.id)?;
                break;
            }
        }
    }
    let ports = handle.get_extension::<PluginAudioPorts>().context("no audio ports")?;
    for is_input in [true, false] {
        let mut buffer = AudioPortInfoBuffer::new();
        let port = ports.get(handle, 0, is_input, &mut buffer).context("no main port")?;
        ensure!(port.channel_count == channels, "the plugin has no {channels}-channel layout");
    }
    Ok(())
}
