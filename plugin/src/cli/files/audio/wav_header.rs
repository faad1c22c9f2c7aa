//! What a WAV file that is written begins with.

use super::source::widen;
use super::{Layout, SampleFormat};
use anyhow::{Context, Result, bail};

const PCM: u16 = 1;
const FLOAT: u16 = 3;
const EXTENSIBLE: u16 = 0xfffe;

/// What follows the format tag in the GUID of a subformat.
const SUBFORMAT: &[u8] = b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71";

/// Speakers of one and two channels that every reader takes for granted: FC; FL and FR.
const USUAL_SPEAKERS: [u32; 2] = [0x4, 0x3];

/// Bytes of a `ds64` chunk's body: three lengths, and that of an empty table.
const DS64_BYTES: u32 = 28;

/// Bytes of sound from which on room is kept for long lengths: half of what short ones count, as
/// what a file promises may be wrong.
const SHORT_BYTES: u64 = 1 << 31;

/// The start of a file, up to its sound.
pub struct Header {
    channels: u16,
    layout: Layout,
    format: SampleFormat,
    /// Whether there is room for lengths of 64 bits.
    has_room: bool,
}

impl Header {
    /// For a file of so many samples per channel, where that is known.
    ///
    /// # Errors
    /// Where there are more channels than WAV files have.
    pub fn new(layout: Layout, format: SampleFormat, samples: Option<u64>) -> Result<Self> {
        let channels = u16::try_from(layout.channels).ok();
        let channels = channels.with_context(|| {
            format!("{} channels do not fit a WAV file; possible: up to 65535", layout.channels)
        })?;
        let mut header = Self { channels, layout, format, has_room: false };
        let bytes = |samples: u64| samples.saturating_mul(widen(header.frame_bytes()));
        header.has_room = samples.is_none_or(|samples| bytes(samples) > SHORT_BYTES);
        Ok(header)
    }

    /// Bytes of one sample of every channel.
    pub const fn frame_bytes(&self) -> usize {
        self.layout.channels * (self.format.bits() / 8) as usize
    }

    /// The header of a file of `data_bytes` bytes of sound; always as long. Where 32 bits do not count them
    /// it is RF64 (EBU Tech 3306), which keeps lengths in a chunk that is JUNK in others.
    ///
    /// # Errors
    /// Where 32 bits do not count them and there is no room for more.
    pub fn bytes(&self, data_bytes: u64) -> Result<Vec<u8>> {
        let fmt = self.fmt();
        let samples = data_bytes / widen(self.frame_bytes().max(1));
        let room_bytes = if self.has_room { 8 + u64::from(DS64_BYTES) } else { 0 };
        let fact_bytes = if self.format == SampleFormat::F32 { 12 } else { 0 };
        let riff_bytes =
            4 + room_bytes + 8 + widen(fmt.len()) + fact_bytes + 8 + data_bytes.next_multiple_of(2);
        let is_long = riff_bytes > u64::from(u32::MAX);
        if is_long && !self.has_room {
            bail!(
                "the file would exceed 4 GiB, and its input promised less; possible: a correct input"
            );
        }
        // Lengths that need 64 bits are all ones where they have 32.
        let short = |length: u64| {
            let length = u32::try_from(length).ok().filter(|_| !is_long);
            length.unwrap_or(u32::MAX).to_le_bytes()
        };
        let mut bytes = Vec::new();
        bytes.extend(if is_long { b"RF64" } else { b"RIFF" });
        bytes.extend(short(riff_bytes));
        bytes.extend(b"WAVE");
        if self.has_room {
            bytes.extend(if is_long { b"ds64" } else { b"JUNK" });
            bytes.extend(DS64_BYTES.to_le_bytes());
            for length in [riff_bytes, data_bytes, samples] {
                bytes.extend(if is_long { length } else { 0 }.to_le_bytes());
            }
            bytes.extend(0_u32.to_le_bytes());
        }
        bytes.extend(b"fmt ");
        bytes.extend(u32::try_from(fmt.len())?.to_le_bytes());
        bytes.extend(fmt);
        if self.format == SampleFormat::F32 {
            bytes.extend(b"fact\x04\0\0\0");
            bytes.extend(short(samples));
        }
        bytes.extend(b"data");
        bytes.extend(short(data_bytes));
        Ok(bytes)
    }

    /// The body of the `fmt ` chunk: the oldest form that says everything.
    fn fmt(&self) -> Vec<u8> {
        let Layout { channels, sample_rate_hz, speakers } = self.layout;
        let speakers = speakers.unwrap_or(0);
        let usual = channels.checked_sub(1).and_then(|k| USUAL_SPEAKERS.get(k));
        let is_plain = usual.is_some_and(|usual| speakers == 0 || speakers == *usual);
        let subformat = if self.format == SampleFormat::F32 { FLOAT } else { PCM };
        let block_bytes = self.channels.saturating_mul(self.format.bits() / 8);
        let mut fmt = Vec::new();
        fmt.extend(if is_plain { subformat } else { EXTENSIBLE }.to_le_bytes());
        fmt.extend(self.channels.to_le_bytes());
        fmt.extend(sample_rate_hz.to_le_bytes());
        fmt.extend(sample_rate_hz.saturating_mul(u32::from(block_bytes)).to_le_bytes());
        fmt.extend(block_bytes.to_le_bytes());
        fmt.extend(self.format.bits().to_le_bytes());
        if !is_plain {
            fmt.extend(22_u16.to_le_bytes());
            fmt.extend(self.format.bits().to_le_bytes());
            fmt.extend(speakers.to_le_bytes());
            fmt.extend(subformat.to_le_bytes());
            fmt.extend(SUBFORMAT);
        } else if subformat == FLOAT {
            // What is no PCM says that nothing follows.
            fmt.extend(0_u16.to_le_bytes());
        }
        fmt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(channels: usize, speakers: Option<u32>, format: SampleFormat) -> Header {
        let layout = Layout { channels, sample_rate_hz: 48_000, speakers };
        Header::new(layout, format, Some(1000)).expect("possible")
    }

    #[test]
    fn plain_headers_are_as_old_readers_know_them() {
        let expected =
            b"RIFF\x2a\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\x65\x04\0\x06\0\x18\0\
            data\x06\0\0\0";
        for speakers in [None, Some(0), Some(0x3)] {
            let header = header(2, speakers, SampleFormat::I24);
            assert_eq!(header.bytes(6).expect("fits"), expected);
        }
        let float =
            b"RIFF\x36\0\0\0WAVEfmt \x12\0\0\0\x03\0\x01\0\x80\xbb\0\0\0\xee\x02\0\x04\0\x20\0\0\0\
            fact\x04\0\0\0\x01\0\0\0data\x04\0\0\0";
        assert_eq!(header(1, Some(0x4), SampleFormat::F32).bytes(4).expect("fits"), float);
    }

    #[test]
    fn speakers_that_are_not_usual_are_kept() {
        for (channels, speakers) in [(1, 0x1), (2, 0x30), (4, 0x33), (6, 0x60f)] {
            let fmt = header(channels, Some(speakers), SampleFormat::I16).fmt();
            assert_eq!((fmt.len(), &fmt[..2]), (40, &b"\xfe\xff"[..]));
            assert_eq!(fmt[20..24], speakers.to_le_bytes());
        }
        assert_eq!(header(4, None, SampleFormat::I16).fmt()[20..24], [0; 4]);
    }

    #[test]
    fn the_length_decides_between_riff_and_rf64_at_its_last_byte() {
        let layout = Layout { channels: 1, sample_rate_hz: 48_000, speakers: None };
        let header = Header::new(layout, SampleFormat::I16, None).expect("possible");
        let before = widen(header.bytes(0).expect("fits").len()) - 8;
        // RIFF counts even lengths, so that the last one is odd by one.
        let most = u64::from(u32::MAX) - 1 - before;
        for (data_bytes, riff) in [(0, b"RIFF"), (most, b"RIFF"), (most + 2, b"RF64")] {
            let bytes = header.bytes(data_bytes).expect("has room");
            assert_eq!((&bytes[..4], widen(bytes.len())), (&riff[..], before + 8));
        }
        assert!(self::header(1, None, SampleFormat::I16).bytes(most + 2 + 36).is_err());
    }
}
