//! What plays while there is no bank: the input, as late as the bank that is on its way will be.

use crate::audio::channel_buffers::{ChannelBuffers, SUB_BLOCK};
use crate::audio::mix::Layer;
use erbium_dsp::stream::DelayLine;

/// The change where there is none.
const SILENCE: [f32; SUB_BLOCK] = [0.0; SUB_BLOCK];

/// The delayed input.
pub(crate) struct PassThrough {
    delay: DelayLine,
    latency_samples: usize,
    /// The delayed input of the last piece.
    dry: ChannelBuffers,
}

impl PassThrough {
    pub(crate) fn new(channels: usize, latency_samples: usize) -> Self {
        Self {
            delay: DelayLine::new(channels, latency_samples),
            latency_samples,
            dry: ChannelBuffers::new(channels),
        }
    }

    pub(crate) const fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Plays the first `samples` samples of `input`.
    pub(crate) fn play(&mut self, input: &ChannelBuffers, samples: usize) {
        let Self { delay, dry, .. } = self;
        dry.copy_from(input, samples);
        dry.with_mut(samples, |dry| delay.process(dry));
    }

    /// What a channel of the last piece was.
    pub(crate) fn layer(&self, channel: usize, samples: usize) -> Layer<'_> {
        Layer { dry: self.dry.channel(channel, samples), change: &SILENCE[..samples] }
    }

    pub(crate) fn reset(&mut self) {
        self.delay.reset();
    }
}
