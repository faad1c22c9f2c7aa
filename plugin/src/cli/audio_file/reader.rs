//! Audio files: WAV and FLAC in, WAV out, block by block, so that memory does not grow with length.

use super::output_file::OutputFile;
use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::{Path, PathBuf};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// What a WAV file needs whose writer could not return to its header.
const STREAMED: &str = "a header with its length, as `sox --ignore-length` writes it";

/// A block of audio: one vector of samples per channel, all of one length.
pub type Planes = Vec<Vec<f32>>;

/// An audio file being read.
pub struct Reader {
    path: PathBuf,
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    channels: usize,
    sample_rate_hz: u32,
    promised_samples: Option<u64>,
    samples: u64,
}

impl Reader {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        if path.is_dir() {
            bail!("{name} is a folder; possible: WAV and FLAC files");
        }
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        if file.metadata().is_ok_and(|data| data.is_file() && data.len() == 0) {
            bail!("{name} is empty; possible: WAV and FLAC files");
        }
        let mut hint = Hint::new();
        if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
            hint.with_extension(extension);
        }
        let stream = MediaSourceStream::new(Box::new(file), Default::default());
        let unreadable = |error| {
            if has_no_length(path) {
                return anyhow!("{name} does not say how long it is; possible: {STREAMED}");
            }
            anyhow!(
                "{name} cannot be read as audio ({error}); possible: complete WAV and FLAC files of \
                 up to 18 channels"
            )
        };
        let format = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(unreadable)?;
        let track = format
            .default_track(TrackType::Audio)
            .ok_or_else(|| anyhow!("{name} holds no audio; possible: WAV and FLAC files"))?;
        let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
        let parameters =
            parameters.ok_or_else(|| anyhow!("{name} does not say how its audio is stored"))?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default().verify(true))
            .map_err(unreadable)?;
        let channels = parameters.channels.as_ref().map_or(0, |channels| channels.count());
        let sample_rate_hz = parameters.sample_rate.unwrap_or(0);
        if channels == 0 || sample_rate_hz == 0 {
            bail!(
                "{name} has {channels} channels at {sample_rate_hz} Hz; possible: 1 or more of each"
            );
        }
        let promised_samples = track.num_frames;
        if promised_samples == Some(0) {
            bail!(
                "{name} holds no sound: its length is 0 samples; possible: where it was streamed, {STREAMED}"
            );
        }
        let track = track.id;
        Ok(Self {
            path: path.to_owned(),
            format,
            decoder,
            track,
            channels,
            sample_rate_hz,
            promised_samples,
            samples: 0,
        })
    }

    /// The number of channels.
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// The sample rate in hertz.
    pub const fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// The length in samples per channel, where the file's header says.
    pub const fn promised_samples(&self) -> Option<u64> {
        self.promised_samples
    }

    /// Reads the next block, as long as the file's own blocks are. Returns whether there was one.
    pub fn read(&mut self, planes: &mut Planes) -> Result<bool> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return self.finish(),
                Err(Error::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return self.finish();
                }
                Err(error) => return Err(self.damaged(&error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let buffer = match self.decoder.decode(&packet) {
                Ok(buffer) => buffer,
                Err(error) => return Err(self.damaged(&error)),
            };
            if buffer.num_planes() != self.channels || buffer.spec().rate() != self.sample_rate_hz {
                bail!("{} changes its channels or sample rate midway", self.path.display());
            }
            if buffer.frames() == 0 {
                continue;
            }
            buffer.copy_to_vecs_planar(planes);
            self.refuse_unreal(planes)?;
            self.samples += length(planes);
            return Ok(true);
        }
    }

    /// Checks at the end of the file that nothing is missing.
    fn finish(&mut self) -> Result<bool> {
        let name = self.path.display();
        match self.promised_samples {
            Some(promised) if self.samples < promised => bail!(
                "{name} is truncated: its header promises {promised} samples per channel, it holds {}",
                self.samples
            ),
            _ if self.samples == 0 => bail!("{name} holds no sound: its length is 0 samples"),
            _ if self.decoder.finalize().verify_ok == Some(false) => {
                bail!("{name} is damaged: its checksum does not match its sound")
            }
            _ => Ok(false),
        }
    }

    fn damaged(&self, error: &Error) -> anyhow::Error {
        let (name, samples) = (self.path.display(), self.samples);
        anyhow!("{name} is damaged after {samples} samples ({error}); possible: complete files")
    }

    /// Names the first sample of the block that is not finite, counted from 0, and its channel.
    fn refuse_unreal(&self, planes: &Planes) -> Result<()> {
        let unreal = |plane: &Vec<f32>| plane.iter().position(|sample| !sample.is_finite());
        let found = planes.iter().enumerate();
        let found = found.filter_map(|(channel, plane)| unreal(plane).map(|k| (k, channel + 1)));
        let Some((k, channel)) = found.min() else { return Ok(()) };
        let name = self.path.display();
        let sample = self.samples + u64::try_from(k)?;
        bail!(
            "{name} holds {} at sample {sample} of channel {channel}; possible: finite samples",
            planes[channel - 1][k]
        )
    }
}

/// Whether a file is a WAV file with 0 for its length.
fn has_no_length(path: &Path) -> bool {
    let mut start = [0; 8];
    let mut read = || File::open(path)?.read_exact(&mut start);
    path.is_file() && read().is_ok() && start == *b"RIFF\0\0\0\0"
}

/// The samples of each channel.
pub fn length(planes: &Planes) -> u64 {
    planes.first().map_or(0, |plane| u64::try_from(plane.len()).unwrap_or(u64::MAX))
}

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
    const fn bits(self) -> u16 {
        match self {
            Self::F32 => 32,
            Self::I24 => 24,
            Self::I16 => 16,
        }
    }
}

/// A WAV file being written.
pub struct Writer {
    wav: hound::WavWriter<BufWriter<File>>,
    output: OutputFile,
    format: SampleFormat,
    bytes_left: u64,
    clipped: u64,
    peak: f32,
}

impl Writer {
    /// Starts a file of `channels` channels at `sample_rate_hz`.
    pub fn new(
        output: OutputFile,
        channels: usize,
        sample_rate_hz: u32,
        format: SampleFormat,
    ) -> Result<Self> {
        let spec = hound::WavSpec {
            channels: u16::try_from(channels).map_err(|_| {
                anyhow!("{channels} channels do not fit a WAV file; possible: 65535")
            })?,
            sample_rate: sample_rate_hz,
            bits_per_sample: format.bits(),
            sample_format: match format {
                SampleFormat::F32 => hound::SampleFormat::Float,
                SampleFormat::I24 | SampleFormat::I16 => hound::SampleFormat::Int,
            },
        };
        let file = output.file().try_clone()?;
        let wav = hound::WavWriter::new(BufWriter::new(file), spec)?;
        // Lengths have 32 bits, and the header takes less than 100 bytes.
        let bytes_left = u64::from(u32::MAX) - 100;
        Ok(Self { wav, output, format, bytes_left, clipped: 0, peak: 0.0 })
    }

    /// Appends samples, `channels[channel][sample]`.
    pub fn write(&mut self, channels: &[&[f32]]) -> Result<()> {
        let samples = channels.first().map_or(0, |channel| channel.len());
        let bytes = u64::try_from(samples * channels.len())? * u64::from(self.format.bits() / 8);
        let name = self.output.path().display();
        let Some(bytes_left) = self.bytes_left.checked_sub(bytes) else {
            bail!("{name} would exceed 4 GiB, the most a WAV file holds; possible: --format i16");
        };
        self.bytes_left = bytes_left;
        for sample in 0..samples {
            for channel in channels {
                let scaled = self.scaled(channel[sample]);
                let written = match scaled {
                    Some(integer) => self.wav.write_sample(integer),
                    None => self.wav.write_sample(channel[sample]),
                };
                written
                    .with_context(|| format!("cannot write {}", self.output.path().display()))?;
            }
        }
        Ok(())
    }

    /// The sample as an integer, clipped; `None` where floats are stored.
    fn scaled(&mut self, sample: f32) -> Option<i32> {
        self.peak = self.peak.max(sample.abs());
        let full_scale = match self.format {
            SampleFormat::F32 => return None,
            SampleFormat::I24 => 8_388_608.0,
            SampleFormat::I16 => 32_768.0,
        };
        let rounded = (f64::from(sample) * full_scale).round();
        let bounded = rounded.clamp(-full_scale, full_scale - 1.0);
        // Full scale itself is one step too high, which is no clipping anyone means.
        if rounded > full_scale || rounded < -full_scale {
            self.clipped += 1;
        }
        Some(integer(bounded))
    }

    /// Puts the complete file in its place. Returns what to warn of: samples that were clipped.
    pub fn finish(self) -> Result<Option<String>> {
        let name = self.output.path().display().to_string();
        self.wav.finalize().with_context(|| format!("cannot write {name}"))?;
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

/// A whole number within 24 bits.
#[expect(clippy::cast_possible_truncation)]
const fn integer(value: f64) -> i32 {
    value as i32
}
