//! A sub-block of every channel.

/// The most channels an instance processes.
pub const MAX_CHANNELS: usize = 32;
/// The longest piece processed at once, in samples; blocks are cut into such pieces.
pub(crate) const SUB_BLOCK: usize = 256;

/// A piece of every channel.
pub(crate) struct ChannelBuffers(Vec<[f32; SUB_BLOCK]>);

impl ChannelBuffers {
    pub(crate) fn new(channels: usize) -> Self {
        Self(vec![[0.0; SUB_BLOCK]; channels])
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

    /// Takes over the first `samples` samples of every channel of `other`, which has as many.
    pub(crate) fn copy_from(&mut self, other: &Self, samples: usize) {
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            to[..samples].copy_from_slice(&from[..samples]);
        }
    }

    pub(crate) fn with<R>(&self, samples: usize, f: impl FnOnce(&[&[f32]]) -> R) -> R {
        let mut channels: [&[f32]; MAX_CHANNELS] = [&[]; MAX_CHANNELS];
        for (channel, plane) in channels.iter_mut().zip(&self.0) {
            *channel = &plane[..samples];
        }
        f(&channels[..self.0.len()])
    }

    pub(crate) fn with_mut<R>(
        &mut self,
        samples: usize,
        f: impl FnOnce(&mut [&mut [f32]]) -> R,
    ) -> R {
        let count = self.0.len();
        let mut channels: [&mut [f32]; MAX_CHANNELS] = std::array::from_fn(|_| Default::default());
        for (channel, plane) in channels.iter_mut().zip(&mut self.0) {
            *channel = &mut plane[..samples];
        }
        f(&mut channels[..count])
    }
}
