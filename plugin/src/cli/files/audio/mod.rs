//! Audio files: WAV and FLAC in, WAV out, block by block, so that memory does not grow with length.

mod flac;
mod kind;
mod reader;
mod source;
#[cfg(test)]
mod tests;
mod wav;
mod wav_header;
mod writer;

pub use reader::{Reader, warn};
pub use writer::{SampleFormat, Writer};

use anyhow::{Result, bail};
use erbium::MAX_CHANNELS;
use symphonia::core::audio::GenericAudioBufferRef;

/// A block of audio: one vector of samples per channel, all of one length.
pub type ChannelBuffers = Vec<Vec<f32>>;

/// The samples of each channel.
pub fn length(buffers: &ChannelBuffers) -> u64 {
    buffers.first().map_or(0, |channel| source::widen(channel.len()))
}

/// What the samples of a file are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The number of channels.
    pub channels: usize,
    /// The sample rate in hertz.
    pub sample_rate_hz: u32,
    /// The speakers of the channels as a bit mask, `dwChannelMask` of WAVE_FORMAT_EXTENSIBLE; `None`
    /// where the file does not say.
    pub speakers: Option<u32>,
}

impl Layout {
    /// # Errors
    /// Where nothing plays so.
    fn check(self) -> Result<()> {
        if !(1..=MAX_CHANNELS).contains(&self.channels) {
            bail!("it has {} channels; possible: 1 to {MAX_CHANNELS}", self.channels);
        }
        if self.sample_rate_hz == 0 {
            bail!("its sample rate is 0 Hz; possible: 1 Hz or more");
        }
        Ok(())
    }
}

/// The samples of a file being read.
trait SampleStream: Send {
    /// What they are for.
    fn layout(&self) -> Layout;
    /// The samples per channel, where the file says, but not more than it can hold.
    fn promised_samples(&self) -> Option<u64>;
    /// Appends the next block to `buffers`. Returns whether there was one.
    fn append(&mut self, buffers: &mut ChannelBuffers) -> Result<bool>;
    /// Called once, after the last block: returns what is to be warned of.
    fn finish(&mut self) -> Result<Vec<String>>;
}

/// Appends what a decoder made of a packet.
fn append_decoded(decoded: &GenericAudioBufferRef<'_>, buffers: &mut ChannelBuffers) {
    let start = buffers[0].len();
    for channel in buffers.iter_mut() {
        channel.resize(start + decoded.frames(), 0.0);
    }
    let mut blocks: Vec<_> = buffers.iter_mut().map(|channel| &mut channel[start..]).collect();
    decoded.copy_to_slice_planar(&mut blocks);
}
