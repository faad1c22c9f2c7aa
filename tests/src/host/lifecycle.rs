//! What a host does with an instance between blocks: other setups, stops and starts, flushes.

use super::block::pace;
use super::{Host, Instance, Setup};
use crate::realtime::watched;
use anyhow::{Context, Result, bail, ensure};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::tail::{PluginTail, TailLength};
use clack_host::prelude::*;
use std::sync::atomic::Ordering;

impl Instance {
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
        self.plugin.access_shared_handler(|r| r.is_offline.store(setup.offline, Ordering::SeqCst));
        self.setup = setup;
        Ok(())
    }

    /// How it is played.
    #[must_use]
    pub const fn setup(&self) -> Setup {
        self.setup
    }

    /// From now on the host says that it is at another place in time.
    pub fn jump(&mut self, samples: u64) {
        self.steady_samples = samples;
    }

    /// Forgets what was played, while it stays active.
    ///
    /// # Errors
    /// Where the instance is not active.
    pub fn reset(&mut self) -> Result<()> {
        let processor = self.processor.as_mut().context("the instance is not active")?;
        watched(pace(processor), || processor.reset())?;
        Ok(())
    }

    /// Sends it to sleep and wakes it up, while it stays active.
    ///
    /// # Errors
    /// Where the instance is not active, or does not wake up.
    pub fn sleep_and_wake(&mut self) -> Result<()> {
        let processor = self.processor.take().context("the instance is not active")?;
        match watched(pace(&processor), || processor.stop_processing().start_processing())? {
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
    ///
    /// # Errors
    /// Where it is active and does what the audio thread may not.
    pub fn flush(&mut self, events: &EventBuffer) -> Result<()> {
        let mut answers = EventBuffer::new();
        let (input, mut output) =
            (InputEvents::from_buffer(events), OutputEvents::from_buffer(&mut answers));
        if let Some(processor) = &mut self.processor {
            let pace = pace(processor);
            let mut handle = processor.plugin_handle();
            watched(pace, || self.params.flush_active(&mut handle, &input, &mut output))?;
        } else if let Some(mut handle) = self.plugin.inactive_plugin_handle() {
            self.params.flush(&mut handle, &input, &mut output);
        }
        Ok(())
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
}

/// Chooses the plugin's port configuration with this many channels in and out.
pub(super) fn select_channels(handle: &PluginMainThreadHandle, channels: usize) -> Result<()> {
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
