//! Audio files: WAV and FLAC in, WAV out, block by block, so that memory does not grow with length.

mod reader;
mod writer;

pub use reader::Reader;
pub use writer::{SampleFormat, Writer};

/// A block of audio: one vector of samples per channel, all of one length.
pub type Planes = Vec<Vec<f32>>;

/// The samples of each channel.
pub fn length(planes: &Planes) -> u64 {
    planes.first().map_or(0, |plane| u64::try_from(plane.len()).unwrap_or(u64::MAX))
}
