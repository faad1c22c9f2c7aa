//! WAV and FLAC files being read.

use super::Planes;
use anyhow::{Context, Result, anyhow, bail};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

/// What a WAV file needs whose writer could not return to its header.
const STREAMED: &str = "a header with its length, as `sox --ignore-length` writes it";

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
        planes.resize_with(self.channels, Vec::new);
        planes.iter_mut().for_each(Vec::clear);
        self.append(planes)
    }

    /// [`Self::read`], behind what is in `planes`, which are as many as the channels.
    pub fn append(&mut self, planes: &mut Planes) -> Result<bool> {
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
            let start = planes[0].len();
            for plane in planes.iter_mut() {
                plane.resize(start + buffer.frames(), 0.0);
            }
            let mut blocks: Vec<_> = planes.iter_mut().map(|plane| &mut plane[start..]).collect();
            buffer.copy_to_slice_planar(&mut blocks);
            refuse_unreal(&self.path, self.samples, &blocks)?;
            self.samples += u64::try_from(buffer.frames())?;
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
}

/// Names the first sample of a block that is not finite, and its channel. Before the block there were
/// `samples` samples.
fn refuse_unreal(path: &Path, samples: u64, block: &[&mut [f32]]) -> Result<()> {
    // Without an early end, so that vectors do it.
    let real = |plane: &[f32]| plane.iter().fold(true, |real, sample| real & sample.is_finite());
    if block.iter().all(|plane| real(plane)) {
        return Ok(());
    }
    let unreal = |plane: &[f32]| plane.iter().position(|sample| !sample.is_finite());
    let found = block.iter().enumerate();
    let found = found.filter_map(|(channel, plane)| unreal(plane).map(|k| (k, channel + 1)));
    let Some((k, channel)) = found.min() else { return Ok(()) };
    let name = path.display();
    let sample = samples + u64::try_from(k)?;
    bail!(
        "{name} holds {} at sample {sample} of channel {channel}; possible: finite samples",
        block[channel - 1][k]
    )
}

/// Whether a file is a WAV file with 0 for its length.
fn has_no_length(path: &Path) -> bool {
    let mut start = [0; 8];
    let mut read = || File::open(path)?.read_exact(&mut start);
    path.is_file() && read().is_ok() && start == *b"RIFF\0\0\0\0"
}
