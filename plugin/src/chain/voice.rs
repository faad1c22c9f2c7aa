//! One bank at work: its engine and the dry delay that goes with it.

use super::ahead::Ahead;
use erbium_dsp::Bank;
use erbium_dsp::stream::{DelayLine, Engine, Offline};
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
    /// What works in the engine's place where whole blocks are worked off at once.
    ahead: Option<Ahead>,
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
        let planes = || Planes::new(channels);
        Self { engine, ahead: None, delay, dry: planes(), change: planes() }
    }

    /// Works off whole blocks at once from now on, if the bank lets it.
    pub(crate) fn go_offline(&mut self) {
        if self.ahead.is_none() {
            let offline = Offline::new(self.engine.bank().clone(), self.engine.channels());
            self.ahead = offline.map(Ahead::new);
        }
    }

    /// What works off whole blocks, if anything does.
    pub(crate) fn offline(&self) -> Option<&Offline> {
        self.ahead.as_ref().map(Ahead::offline)
    }

    /// Takes in a block that nobody hears, if [offline](Self::go_offline); of it nothing is left.
    pub(crate) fn hear(&mut self, block: &mut [&mut [f32]]) {
        if let Some(ahead) = &mut self.ahead {
            ahead.hear(block);
            self.delay.process(block);
        }
    }

    /// Works off a block before its pieces are played, if [offline](Self::go_offline).
    pub(crate) fn work_ahead(&mut self, block: &[&mut [f32]], samples: usize) {
        if let Some(ahead) = &mut self.ahead {
            self.engine.jump_to_gains();
            ahead.work(self.engine.gains(), block, samples);
        }
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
        if let Some(ahead) = &mut self.ahead {
            ahead.play(&mut self.change, samples);
            return;
        }
        let (engine, change) = (&mut self.engine, &mut self.change);
        input.with(samples, |input| {
            change.with_mut(samples, |change| engine.process_change(input, change));
        });
    }

    /// Forgets all sound; the gains stay.
    pub(crate) fn reset(&mut self) {
        self.engine.reset();
        self.ahead.iter_mut().for_each(Ahead::reset);
        self.delay.reset();
    }
}
