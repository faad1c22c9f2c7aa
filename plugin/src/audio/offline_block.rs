//! Whole blocks worked off at once, before they are played in pieces.

use crate::audio::channel_buffers::ChannelBuffers;
use erbium_dsp::stream::Offline;

/// A bank at work on whole blocks.
pub(crate) struct OfflineBlock {
    offline: Offline,
    /// The change of the block, `[channel][sample]`.
    change: Vec<Vec<f32>>,
    /// What is heard on channels that a block has not.
    silence: Vec<f32>,
    /// Samples of it that have been played.
    played: usize,
}

impl OfflineBlock {
    pub(crate) const fn new(offline: Offline) -> Self {
        Self { offline, change: Vec::new(), silence: Vec::new(), played: 0 }
    }

    pub(crate) const fn offline(&self) -> &Offline {
        &self.offline
    }

    /// Takes in a block that nobody hears.
    pub(crate) fn preroll(&mut self, block: &[&mut [f32]]) {
        let input: Vec<&[f32]> = block.iter().map(|channel| &**channel).collect();
        self.offline.preroll(&input);
    }

    /// Works off the first `samples` samples of a block of so many channels, of which the last may be
    /// missing, at these linear gains of the bands.
    pub(crate) fn work(
        &mut self,
        gains: &[f32],
        block: &[&mut [f32]],
        channels: usize,
        samples: usize,
    ) {
        self.offline.set_gains(gains);
        self.change.resize_with(channels, Vec::new);
        self.change.iter_mut().for_each(|plane| plane.resize(samples, 0.0));
        self.silence.resize(samples, 0.0);
        let channel =
            |k: usize| block.get(k).and_then(|c| c.get(..samples)).unwrap_or(&self.silence);
        let input: Vec<&[f32]> = (0..channels).map(channel).collect();
        let mut change: Vec<&mut [f32]> = self.change.iter_mut().map(Vec::as_mut_slice).collect();
        self.offline.process_change(&input, &mut change);
        self.played = 0;
    }

    /// The change of the next `samples` samples.
    pub(crate) fn play(&mut self, change: &mut ChannelBuffers, samples: usize) {
        for (channel, plane) in self.change.iter().enumerate().take(change.channels()) {
            let now = &plane[self.played..self.played + samples];
            change.channel_mut(channel, samples).copy_from_slice(now);
        }
        self.played += samples;
    }

    pub(crate) fn reset(&mut self) {
        self.offline.reset();
    }
}
