//! One bank at work: its engine and the dry delay that goes with it.

use erbium_dsp::Bank;
use erbium_dsp::stream::{DelayLine, Engine};
use std::sync::Arc;

/// The most channels a chain processes.
pub const MAX_CHANNELS: usize = 32;
/// The longest piece processed at once, in samples; blocks are cut into such pieces.
pub(crate) const PIECE: usize = 256;

/// A piece of every channel.
pub(crate) struct Planes(Vec<[f32; PIECE]>);

impl Planes {
    pub(crate) fn new(channels: usize) -> Self {
        Self(vec![[0.0; PIECE]; channels])
    }

    /// The first `samples` samples of a channel.
    pub(crate) fn channel(&self, channel: usize, samples: usize) -> &[f32] {
        &self.0[channel][..samples]
    }

    pub(crate) fn channel_mut(&mut self, channel: usize, samples: usize) -> &mut [f32] {
        &mut self.0[channel][..samples]
    }

    pub(crate) fn channels(&self) -> usize {
        self.0.len()
    }

    fn with<R>(&self, samples: usize, f: impl FnOnce(&[&[f32]]) -> R) -> R {
        let mut channels: [&[f32]; MAX_CHANNELS] = [&[]; MAX_CHANNELS];
        for (channel, plane) in channels.iter_mut().zip(&self.0) {
            *channel = &plane[..samples];
        }
        f(&channels[..self.0.len()])
    }

    fn with_mut<R>(&mut self, samples: usize, f: impl FnOnce(&mut [&mut [f32]]) -> R) -> R {
        let count = self.0.len();
        let mut channels: [&mut [f32]; MAX_CHANNELS] = std::array::from_fn(|_| Default::default());
        for (channel, plane) in channels.iter_mut().zip(&mut self.0) {
            *channel = &mut plane[..samples];
        }
        f(&mut channels[..count])
    }
}

/// An engine with everything it needs to play, made where allocation is allowed.
pub(crate) struct Voice {
    pub(crate) engine: Engine,
    delay: DelayLine,
    /// The delayed input of the last piece.
    pub(crate) dry: Planes,
    /// The change of the last piece: equalised minus dry.
    pub(crate) change: Planes,
}

impl Voice {
    pub(crate) fn new(bank: Arc<Bank>, channels: usize) -> Self {
        let engine = Engine::new(bank, channels);
        let delay = DelayLine::new(channels, engine.latency_samples());
        Self { engine, delay, dry: Planes::new(channels), change: Planes::new(channels) }
    }

    /// After this many samples nothing is left of what was before, in the engine or the delay.
    pub(crate) fn memory_samples(&self) -> usize {
        self.engine.memory_samples().max(self.engine.latency_samples())
    }

    /// Plays the first `samples` samples of `input` into `dry` and `change`.
    pub(crate) fn play(&mut self, input: &Planes, samples: usize) {
        for channel in 0..input.channels() {
            let dry = self.dry.channel_mut(channel, samples);
            dry.copy_from_slice(input.channel(channel, samples));
        }
        self.dry.with_mut(samples, |dry| self.delay.process(dry));
        let (engine, change) = (&mut self.engine, &mut self.change);
        input.with(samples, |input| {
            change.with_mut(samples, |change| engine.process_change(input, change));
        });
    }

    /// Forgets all sound; the gains stay.
    pub(crate) fn reset(&mut self) {
        self.engine.reset();
        self.delay.reset();
    }
}
