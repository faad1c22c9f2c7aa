//! WAV files, plain, RF64 and RIFX, with samples as programs store them.

mod chunks;
mod format;

use super::source::{Source, widen};
use super::{ChannelBuffers, Layout, SampleStream, append_decoded};
use anyhow::{Result, anyhow};
use chunks::Sound;
use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::PcmDecoder;

/// Samples of all channels that are read at once.
const BLOCK_SAMPLES: usize = 1 << 14;

/// Which byte of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The lowest: RIFF and RF64.
    Little,
    /// The highest: RIFX.
    Big,
}

impl ByteOrder {
    fn u16(self, bytes: [u8; 2]) -> u16 {
        if self == Self::Little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
    }

    fn u32(self, bytes: [u8; 4]) -> u32 {
        if self == Self::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
    }

    fn u64(self, bytes: [u8; 8]) -> u64 {
        if self == Self::Little { u64::from_le_bytes(bytes) } else { u64::from_be_bytes(bytes) }
    }
}

/// A WAV file being read.
pub struct WavStream {
    source: Source,
    sound: Sound,
    decoder: PcmDecoder,
    /// Bytes of sound read so far, a frame that is not whole included.
    read_bytes: u64,
}

impl WavStream {
    /// Whether a file that begins so is a WAV file.
    pub fn is_start(start: &[u8]) -> bool {
        [b"RIFF", b"RIFX", b"RF64", b"BW64"].iter().any(|riff| start.starts_with(*riff))
    }

    /// Reads what comes before the sound.
    ///
    /// # Errors
    /// Where there is none, or it is stored in a way that is not known.
    pub fn open(mut source: Source) -> Result<Self> {
        let riff = source.take::<4>()?.unwrap_or_default();
        let sound = chunks::find_sound(&mut source, riff)?;
        let layout = sound.format.layout;
        layout.check()?;
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(sound.format.codec)
            .with_sample_rate(layout.sample_rate_hz)
            .with_channels(Channels::Discrete(u16::try_from(layout.channels)?));
        let decoder = PcmDecoder::try_new(&parameters, &AudioDecoderOptions::default())?;
        Ok(Self { source, sound, decoder, read_bytes: 0 })
    }

    /// Bytes of one sample of every channel.
    fn frame_bytes(&self) -> u64 {
        widen(self.sound.format.frame_bytes())
    }
}

impl SampleStream for WavStream {
    fn layout(&self) -> Layout {
        self.sound.format.layout
    }

    fn promised_samples(&self) -> Option<u64> {
        let left = self.source.left().map(|left| left + self.read_bytes);
        let bytes = match (self.sound.promised_bytes, left) {
            (Some(promised), Some(left)) => Some(promised.min(left)),
            (promised, left) => promised.or(left),
        };
        bytes.map(|bytes| bytes / self.frame_bytes())
    }

    fn append(&mut self, buffers: &mut ChannelBuffers) -> Result<bool> {
        let frame_bytes = self.sound.format.frame_bytes();
        let block_bytes = (BLOCK_SAMPLES / self.sound.format.layout.channels).max(1) * frame_bytes;
        let left = self.sound.promised_bytes.map(|promised| promised - self.read_bytes);
        let wanted = left.and_then(|left| usize::try_from(left).ok());
        let mut bytes = vec![0; wanted.map_or(block_bytes, |wanted| wanted.min(block_bytes))];
        let read = self.source.read(&mut bytes)?;
        self.read_bytes += widen(read);
        let samples = read / frame_bytes;
        if samples == 0 {
            return Ok(false);
        }
        bytes.truncate(samples * frame_bytes);
        let packet = Packet::new(0, Timestamp::new(0), Duration::new(widen(samples)), bytes);
        let decoded = self.decoder.decode(&packet).map_err(|error| anyhow!("{error}"))?;
        append_decoded(&decoded, buffers);
        Ok(true)
    }

    /// Compares what was read with what was promised.
    fn finish(&mut self) -> Result<Vec<String>> {
        let mut warnings = std::mem::take(&mut self.sound.warnings);
        let (frame_bytes, read_bytes) = (self.frame_bytes(), self.read_bytes);
        let (samples, left_bytes) = (read_bytes / frame_bytes, read_bytes % frame_bytes);
        match self.sound.promised_bytes {
            Some(promised) if read_bytes < promised => warnings.push(format!(
                "is truncated: its header promises {} samples per channel, it holds {samples}",
                promised / frame_bytes
            )),
            Some(promised) => {
                warnings.extend(chunks::behind_sound(&mut self.source, &self.sound, promised)?);
            }
            None => {}
        }
        if left_bytes > 0 {
            warnings.push(format!(
                "ends within a sample: {left_bytes} bytes of {frame_bytes} after {samples} samples, \
                 which are left out"
            ));
        }
        Ok(warnings)
    }
}
