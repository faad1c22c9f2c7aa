//! Gathers sound into frames while somebody looks.

use crate::audio::channel_buffers::SUB_BLOCK;
use crate::telemetry::analyzer_queue::{
    ANALYZER_CHANNELS, AnalyzerQueueSender, AudioFrame, FRAME_SAMPLES,
};

/// What is gathered at once before it is handed over.
const CAPACITY_SAMPLES: usize = FRAME_SAMPLES + SUB_BLOCK;

/// Gathers sound before and after the gains.
pub(crate) struct AnalyzerSender {
    open: bool,
    sample_rate_hz: f64,
    channels: usize,
    /// Samples since the instance was made.
    clock: u64,
    /// Samples gathered.
    gathered: usize,
    pre: [[f32; CAPACITY_SAMPLES]; ANALYZER_CHANNELS],
    post: [[f32; CAPACITY_SAMPLES]; ANALYZER_CHANNELS],
}

impl Default for AnalyzerSender {
    fn default() -> Self {
        Self {
            open: false,
            sample_rate_hz: 0.0,
            channels: 0,
            clock: 0,
            gathered: 0,
            pre: [[0.0; CAPACITY_SAMPLES]; ANALYZER_CHANNELS],
            post: [[0.0; CAPACITY_SAMPLES]; ANALYZER_CHANNELS],
        }
    }
}

impl AnalyzerSender {
    /// The sound from now on.
    pub(crate) fn set_sound(&mut self, sample_rate_hz: f64, channels: usize) {
        self.sample_rate_hz = sample_rate_hz;
        self.channels = channels.min(ANALYZER_CHANNELS);
        self.gathered = 0;
    }

    /// At the start of a block: whether somebody looks.
    pub(crate) fn open(&mut self, open: bool) {
        if open != self.open {
            self.gathered = 0;
        }
        self.open = open && self.channels > 0;
    }

    /// Takes what a channel had before and has after the gains.
    pub(crate) fn see(&mut self, channel: usize, pre: &[f32], post: &[f32]) {
        if self.open && channel < self.channels {
            let place = self.gathered..self.gathered + post.len();
            self.pre[channel][place.clone()].copy_from_slice(pre);
            self.post[channel][place].copy_from_slice(post);
        }
    }

    /// Counts samples on and hands over what is a whole frame.
    pub(crate) fn advance(&mut self, samples: usize, queues: [&mut AnalyzerQueueSender; 2]) {
        self.clock += samples as u64;
        if !self.open {
            return;
        }
        self.gathered += samples;
        if self.gathered < FRAME_SAMPLES {
            return;
        }
        let first = |buffer: &[f32; CAPACITY_SAMPLES]| std::array::from_fn(|n| buffer[n]);
        let frame = AudioFrame {
            sample_rate_hz: self.sample_rate_hz,
            start: self.clock - self.gathered as u64,
            channels: self.channels,
            pre: self.pre.each_ref().map(first),
            post: self.post.each_ref().map(first),
        };
        queues.into_iter().for_each(|queue| queue.push(&frame));
        for room in self.pre.iter_mut().chain(&mut self.post) {
            room.copy_within(FRAME_SAMPLES..self.gathered, 0);
        }
        self.gathered -= FRAME_SAMPLES;
    }
}
