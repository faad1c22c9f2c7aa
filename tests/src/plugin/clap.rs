//! The CLAP, as either format is played.

use super::{Block, Change, Playing, Plugin, Setup};
use crate::host::{self, Buffers, EventBuffer, Instance, PluginEntry, clap_id};
use crate::prerequisites;
#[cfg(unix)]
use crate::vst3::Parent;
use anyhow::{Context, Result, ensure};
use clack_host::events::event_types::ParamValueEvent;
use clack_host::prelude::Pckn;
use std::sync::atomic::Ordering;
#[cfg(unix)]
use std::time::Duration;

fn setup_of(setup: Setup) -> Result<host::Setup> {
    let Setup { sample_rate_hz, block_samples, channels, offline } = setup;
    let block_samples = u32::try_from(block_samples)?;
    Ok(host::Setup { sample_rate_hz, block_samples, channels, offline })
}

fn events(changes: &[Change]) -> Result<EventBuffer> {
    let mut events = EventBuffer::new();
    for Change { at, id, value } in changes {
        let at = u32::try_from(*at)?;
        events.push(&ParamValueEvent::new(at, clap_id(id), Pckn::match_all(), *value));
    }
    Ok(events)
}

impl Plugin for Instance {
    type Library = PluginEntry;

    fn library() -> Result<PluginEntry> {
        host::load(&prerequisites::path(prerequisites::CLAP))
    }

    fn new(library: &PluginEntry, setup: Setup) -> Result<Self> {
        Self::new(library, setup_of(setup)?)
    }

    fn set_up(&mut self, setup: Setup) -> Result<()> {
        self.set_up(setup_of(setup)?)
    }

    fn setup(&self) -> Setup {
        let host::Setup { sample_rate_hz, block_samples, channels, offline } = self.setup();
        Setup { sample_rate_hz, block_samples: block_samples as usize, channels, offline }
    }

    fn activate(&mut self) -> Result<()> {
        self.activate()?;
        // The framework tells the latency by asking for a restart.
        self.idle().map(drop)
    }

    fn deactivate(&mut self) {
        self.deactivate();
    }

    fn sleep_and_wake(&mut self) -> Result<()> {
        self.sleep_and_wake()
    }

    fn reset(&mut self) -> Result<()> {
        self.reset()
    }

    fn jump(&mut self, samples: u64) {
        self.jump(samples);
    }

    fn latency_samples(&mut self) -> Result<usize> {
        Ok(self.latency_samples())
    }

    fn tail_samples(&mut self) -> Result<usize> {
        self.tail_samples()
    }

    fn take_latency_change(&mut self) -> Result<bool> {
        let before = self.latency_changes();
        let restarted = self.idle()?;
        let told = self.latency_changes() > before;
        ensure!(!told || restarted, "another latency without a restart");
        Ok(told)
    }

    fn value(&mut self, id: &str) -> Result<f64> {
        self.value(id)
    }

    fn parse(&mut self, id: &str, text: &str) -> Result<f64> {
        self.value_of(id, text)
    }

    fn largest(&mut self, id: &str) -> Result<f64> {
        let number = clap_id(id).get();
        let parameter = self.parameters()?.into_iter().find(|parameter| parameter.id == number);
        Ok(parameter.with_context(|| format!("no parameter {id}"))?.max)
    }

    fn flush(&mut self, changes: &[Change]) -> Result<()> {
        self.flush(&events(changes)?)
    }

    fn process(&mut self, block: Block<'_>) -> Result<Vec<Vec<f32>>> {
        let Block { input, outputs, in_place, changes } = block;
        self.play_block(input, &events(changes)?, Buffers { outputs, in_place })
    }

    fn play_beside<T>(
        &mut self,
        input: &[Vec<f32>],
        playing: &Playing,
        main: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let buffers = Buffers::apart(input.len());
        let audio = |processor: &mut host::StartedPluginAudioProcessor<host::Host>| {
            let input: Vec<&[f32]> = input.iter().map(Vec::as_slice).collect();
            while !playing.stop.load(Ordering::SeqCst) {
                let events = events(playing.next_changes())?;
                let output = host::play(processor, &input, &events, buffers, 0)?;
                ensure!(output.iter().flatten().all(|x| x.is_finite()), "it plays no numbers");
                playing.blocks.fetch_add(1, Ordering::SeqCst);
            }
            Ok(())
        };
        self.beside(audio, |plugin| {
            let result = main(plugin);
            playing.stop.store(true, Ordering::SeqCst);
            result
        })
    }

    #[cfg(unix)]
    fn with_window<T>(
        &mut self,
        parent: &Parent,
        body: impl FnOnce(&mut Self, &dyn Fn(Duration) -> Result<()>) -> Result<T>,
    ) -> Result<T> {
        self.open_window(parent.id())?;
        // The window has a thread of its own.
        let result = body(self, &|duration| {
            std::thread::sleep(duration);
            Ok(())
        });
        self.close_window()?;
        result
    }

    fn save(&mut self) -> Result<Vec<u8>> {
        self.save_state()
    }

    fn load(&mut self, state: &[u8]) -> Result<()> {
        self.load_state(state)
    }

    fn split_state(state: &[u8]) -> (&[u8], &[u8]) {
        state.split_at(8.min(state.len()))
    }

    fn state_of(text: &[u8]) -> Vec<u8> {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        [&length.to_le_bytes(), text].concat()
    }
}
