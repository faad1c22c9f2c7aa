//! One bank at work: its engine and the dry delay that goes with it.

use crate::audio::channel_buffers::ChannelBuffers;
use crate::audio::mix::Layer;
use crate::audio::offline_block::OfflineBlock;
use crate::design::request::Request;
use erbium_dsp::Bank;
use erbium_dsp::stream::{DelayLine, Engine, Offline};
use std::sync::Arc;

/// An engine with everything it needs to play, made where allocation is allowed.
pub(crate) struct BankPlayer {
    /// What it answers: its bank may be another than the one asked for.
    pub(crate) request: Request,
    pub(crate) engine: Engine,
    /// What works in the engine's place where whole blocks are worked off at once.
    ahead: Option<OfflineBlock>,
    delay: DelayLine,
    /// The delayed input of the last piece.
    dry: ChannelBuffers,
    /// The change of the last piece: equalised minus dry.
    change: ChannelBuffers,
}

impl BankPlayer {
    pub(crate) fn new(bank: Arc<Bank>, request: Request) -> Self {
        let channels = request.channels;
        let engine = Engine::new(bank, channels);
        let delay = DelayLine::new(channels, engine.latency_samples());
        let buffers = || ChannelBuffers::new(channels);
        Self { request, engine, ahead: None, delay, dry: buffers(), change: buffers() }
    }

    /// Works off whole blocks at once from now on, if the bank lets it.
    pub(crate) fn go_offline(&mut self) {
        if self.ahead.is_none() {
            let offline = Offline::new(self.engine.bank().clone(), self.engine.channels());
            self.ahead = offline.map(OfflineBlock::new);
        }
    }

    /// What works off whole blocks, if anything does.
    pub(crate) fn offline(&self) -> Option<&Offline> {
        self.ahead.as_ref().map(OfflineBlock::offline)
    }

    /// The delay from input to output in samples.
    pub(crate) fn latency_samples(&self) -> usize {
        self.engine.latency_samples()
    }

    /// Takes in a block that nobody hears, if [offline](Self::go_offline); of it nothing is left.
    pub(crate) fn preroll(&mut self, block: &mut [&mut [f32]]) {
        if let Some(ahead) = &mut self.ahead {
            ahead.preroll(block);
            self.delay.process(block);
        }
    }

    /// What a channel of the last piece was.
    pub(crate) fn layer(&self, channel: usize, samples: usize) -> Layer<'_> {
        let (dry, change) = (&self.dry, &self.change);
        Layer { dry: dry.channel(channel, samples), change: change.channel(channel, samples) }
    }

    /// Works off a block before its pieces are played, if [offline](Self::go_offline).
    pub(crate) fn work_ahead(&mut self, block: &[&mut [f32]], samples: usize) {
        if let Some(ahead) = &mut self.ahead {
            self.engine.jump_to_gains();
            ahead.work(self.engine.gains(), block, self.request.channels, samples);
        }
    }

    /// After this many samples nothing is left of what was before, in the engine or the delay.
    pub(crate) fn tail_samples(&self) -> usize {
        self.engine.tail_samples().max(self.engine.latency_samples())
    }

    /// Plays the first `samples` samples of `input` into `dry` and `change`.
    pub(crate) fn play(&mut self, input: &ChannelBuffers, samples: usize) {
        self.dry.copy_from(input, samples);
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
        self.ahead.iter_mut().for_each(OfflineBlock::reset);
        self.delay.reset();
    }
}
