//! WAV files being written.

use super::Layout;
use super::source::widen;
use super::wav_header::Header;
use anyhow::{Context, Result};
use clap::ValueEnum;
use erbium::export::output_file::OutputFile;
use std::io::{Seek, SeekFrom, Write};

/// Samples of all channels that are encoded and written at once: few enough to stay in the cache.
const BLOCK_SAMPLES: usize = 1 << 15;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SampleFormat {
    /// 32-bit float: nothing clips
    F32,
    /// 24-bit integer
    I24,
    /// 16-bit integer, rounded without dither
    I16,
}

impl SampleFormat {
    /// Bits of a sample.
    pub const fn bits(self) -> u16 {
        match self {
            Self::F32 => 32,
            Self::I24 => 24,
            Self::I16 => 16,
        }
    }

    /// The number that stands for 1; `None` where floats are stored.
    const fn full_scale(self) -> Option<f64> {
        match self {
            Self::F32 => None,
            Self::I24 => Some(8_388_608.0),
            Self::I16 => Some(32_768.0),
        }
    }
}

/// A WAV file being written.
pub struct Writer {
    output: OutputFile,
    format: SampleFormat,
    header: Header,
    /// Bytes of samples written so far.
    data_bytes: u64,
    /// A block as it is stored.
    block: Vec<u8>,
    clipped: usize,
    peak: f32,
}

impl Writer {
    /// Starts a file of so many samples per channel, where that is known. Where it may not fit 4 GiB,
    /// room is kept for the longer lengths of RF64.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn new(
        output: OutputFile,
        layout: Layout,
        format: SampleFormat,
        samples: Option<u64>,
    ) -> Result<Self> {
        let header = Header::new(layout, format, samples)?;
        let (data_bytes, block, clipped, peak) = (0, Vec::new(), 0, 0.0);
        let writer = Self { output, format, header, data_bytes, block, clipped, peak };
        writer.write_bytes(&writer.header.bytes(0)?)?;
        Ok(writer)
    }

    /// Appends samples, `channels[channel][sample]`.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn write(&mut self, channels: &[&[f32]]) -> Result<()> {
        let samples = channels.first().map_or(0, |channel| channel.len());
        let frame_bytes = self.header.frame_bytes();
        self.data_bytes += widen(samples * frame_bytes);
        let most = (BLOCK_SAMPLES / channels.len().max(1)).max(1);
        for start in (0..samples).step_by(most) {
            let end = samples.min(start + most);
            let channels: Vec<&[f32]> =
                channels.iter().map(|channel| &channel[start..end]).collect();
            self.count_clipped(&channels);
            self.block.resize((end - start) * frame_bytes, 0);
            encode(self.format, &channels, &mut self.block);
            self.write_bytes(&self.block)?;
        }
        Ok(())
    }

    fn write_bytes(&self, bytes: &[u8]) -> Result<()> {
        let written = self.output.writer().write_all(bytes);
        written.with_context(|| format!("cannot write {}", self.output.path().display()))
    }

    /// Takes note of samples too loud to be stored.
    fn count_clipped(&mut self, channels: &[&[f32]]) {
        let Some(full_scale) = self.format.full_scale() else { return };
        // Full scale itself is one step too high, which is no clipping anyone means.
        let limit = 1.0 + 0.5 / full_scale;
        for channel in channels {
            self.peak = channel.iter().fold(self.peak, |peak, sample| peak.max(sample.abs()));
            self.clipped +=
                channel.iter().filter(|sample| f64::from(sample.abs()) >= limit).count();
        }
    }

    /// Puts the complete file in its place. Returns what to warn of: samples that were clipped.
    ///
    /// # Errors
    /// Where it cannot be put there.
    pub fn finish(self) -> Result<Option<String>> {
        let name = self.output.path().display().to_string();
        let header = self.header.bytes(self.data_bytes)?;
        if self.data_bytes % 2 == 1 {
            self.write_bytes(&[0])?;
        }
        let start = self.output.writer().seek(SeekFrom::Start(0));
        start.with_context(|| format!("cannot write {name}"))?;
        self.write_bytes(&header)?;
        self.output.finish()?;
        let (clipped, peak_db) = (self.clipped, 20.0 * self.peak.log10());
        Ok((clipped > 0).then(|| {
            format!(
                "{clipped} samples of {name} are clipped, the peak is {peak_db:+.1} dB; possible: \
                 --format f32, or less output gain"
            )
        }))
    }
}

/// Samples as a WAV file has them: those of one moment side by side.
fn encode(format: SampleFormat, channels: &[&[f32]], bytes: &mut [u8]) {
    let scaled = |sample: f32| {
        let full_scale = format.full_scale().unwrap_or(1.0);
        nearest((f64::from(sample) * full_scale).clamp(-full_scale, full_scale - 1.0))
    };
    match format {
        SampleFormat::F32 => interleave(channels, bytes, f32::to_le_bytes),
        SampleFormat::I24 => interleave(channels, bytes, |sample| {
            let [low, middle, high, _] = scaled(sample).to_le_bytes();
            [low, middle, high]
        }),
        SampleFormat::I16 => interleave(channels, bytes, |sample| {
            let [low, high, ..] = scaled(sample).to_le_bytes();
            [low, high]
        }),
    }
}

/// Stores channel after channel, or two at once, which is faster.
fn interleave<const BYTES: usize>(
    channels: &[&[f32]],
    bytes: &mut [u8],
    store: impl Fn(f32) -> [u8; BYTES],
) {
    if let [left, right] = channels {
        for ((frame, left), right) in bytes.chunks_exact_mut(2 * BYTES).zip(*left).zip(*right) {
            frame[..BYTES].copy_from_slice(&store(*left));
            frame[BYTES..].copy_from_slice(&store(*right));
        }
        return;
    }
    for (c, channel) in channels.iter().enumerate() {
        for (frame, sample) in bytes.chunks_exact_mut(channels.len() * BYTES).zip(*channel) {
            frame[c * BYTES..(c + 1) * BYTES].copy_from_slice(&store(*sample));
        }
    }
}

/// The nearest whole number within 24 bits, away from 0 where two are as near.
#[expect(clippy::cast_possible_truncation)]
fn nearest(value: f64) -> i32 {
    // A quicker `round`: exact, as a sample has 24 bits.
    (value + 0.5_f64.copysign(value)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn samples_are_rounded_and_clipped() {
        let step = 1.0 / 32_768.0;
        let samples = [0.0, 0.5 * step, -0.5 * step, 0.49 * step, 1.5 * step, 1.0, -1.0, 2.0, -2.0];
        let mut bytes = [0; 18];
        encode(SampleFormat::I16, &[&samples], &mut bytes);
        let stored = bytes.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes));
        let expected = [0, 1, -1, 0, 2, i16::MAX, i16::MIN, i16::MAX, i16::MIN];
        assert_eq!(stored.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_file_past_4_gib_is_rf64_and_read_back_whole() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("long.wav");
        let output = OutputFile::create(&path).expect("writable");
        let layout = Layout { channels: 2, sample_rate_hz: 48_000, speakers: None };
        let mut writer = Writer::new(output, layout, SampleFormat::F32, None).expect("writable");
        writer.write(&[&[0.25], &[-0.25]]).expect("writable");
        // A hole instead of 5 GiB of sound, which takes no space.
        let hole = 5 << 30;
        writer.output.writer().seek(SeekFrom::Current(hole)).expect("possible");
        writer.data_bytes += hole.unsigned_abs();
        writer.write(&[&[0.5], &[-0.5]]).expect("writable");
        writer.finish().expect("writable");
        let mut file = std::fs::File::open(&path).expect("written");
        let mut start = [0; 80];
        file.read_exact(&mut start).expect("written");
        let samples: u64 = (5 << 27) + 2;
        let header_bytes = 12 + 36 + 26 + 12 + 8;
        let number =
            |place: usize| u64::from_le_bytes(*start[place..].first_chunk().expect("long"));
        assert_eq!(
            (&start[..20], number(36)),
            (&b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0"[..], samples)
        );
        assert_eq!((number(20), number(28)), (header_bytes - 8 + 8 * samples, 8 * samples));
        assert_eq!(file.metadata().expect("written").len(), header_bytes + 8 * samples);
        let reader = super::super::Reader::open(&path).expect("readable");
        assert_eq!((reader.promised_samples(), reader.layout()), (Some(samples), layout));
    }

    #[test]
    fn an_odd_number_of_bytes_is_made_even() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("odd.wav");
        let output = OutputFile::create(&path).expect("writable");
        let layout = Layout { channels: 1, sample_rate_hz: 48_000, speakers: None };
        let mut writer = Writer::new(output, layout, SampleFormat::I24, Some(1)).expect("writable");
        writer.write(&[&[0.5]]).expect("writable");
        writer.finish().expect("writable");
        let bytes = std::fs::read(&path).expect("written");
        assert_eq!((bytes.len(), &bytes[4..8]), (48, &40_u32.to_le_bytes()[..]));
        assert_eq!(bytes[40..], [3, 0, 0, 0, 0, 0, 0x40, 0]);
    }

    #[test]
    fn samples_of_one_moment_are_side_by_side() {
        let channels: [&[f32]; 3] = [&[0.25, 0.5], &[-0.25, -0.5], &[0.0, 1.0]];
        for many in 1..=3 {
            let mut bytes = vec![0; 8 * many];
            encode(SampleFormat::F32, &channels[..many], &mut bytes);
            let stored: Vec<_> =
                bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            for n in 0..2 {
                let expected: Vec<_> = channels[..many].iter().map(|channel| channel[n]).collect();
                assert_eq!(stored[n * many..(n + 1) * many], expected);
            }
        }
    }
}
