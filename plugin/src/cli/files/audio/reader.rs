//! Audio files being read.

use super::flac::FlacStream;
use super::kind::other_kind;
use super::source::{Source, widen};
use super::wav::WavStream;
use super::{ChannelBuffers, Layout, SampleStream};
use crate::cli::console;
use anyhow::{Context, Result, bail};
use erbium_dsp::stream::LOUDEST;
use indicatif::ProgressBar;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Bytes of a file's start that tell its kind.
const START_BYTES: usize = 16;

/// An audio file being read.
pub struct Reader {
    path: PathBuf,
    stream: Box<dyn SampleStream>,
    layout: Layout,
    samples: u64,
    warnings: Vec<String>,
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// Where it holds no sound that can be read; the sentence says why.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        if path.is_dir() {
            bail!("{name} is a folder; possible: WAV and FLAC files");
        }
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        if file.metadata().is_ok_and(|data| data.is_file() && data.len() == 0) {
            bail!("{name} is empty; possible: WAV and FLAC files");
        }
        Self::new(path, Source::new(file))
    }

    /// Reads what comes before the sound of a file called `path`.
    pub(super) fn new(path: &Path, source: Source) -> Result<Self> {
        let name = path.display();
        let stream = stream(source).with_context(|| format!("cannot read {name}"))?;
        if stream.promised_samples() == Some(0) {
            bail!("{name} holds no sound: its length is 0 samples; possible: 1 or more");
        }
        let layout = stream.layout();
        Ok(Self { path: path.to_owned(), stream, layout, samples: 0, warnings: Vec::new() })
    }

    /// Channels, sample rate and speakers.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The number of channels.
    pub const fn channels(&self) -> usize {
        self.layout.channels
    }

    /// The sample rate in hertz.
    pub const fn sample_rate_hz(&self) -> u32 {
        self.layout.sample_rate_hz
    }

    /// The length in samples per channel, where the file says, but not more than it can hold.
    pub fn promised_samples(&self) -> Option<u64> {
        self.stream.promised_samples()
    }

    /// What to warn of once everything is read: where the file held more or less than it promised.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Reads the next block, as long as the file's own blocks are. Returns whether there was one.
    pub fn read(&mut self, buffers: &mut ChannelBuffers) -> Result<bool> {
        buffers.resize_with(self.layout.channels, Vec::new);
        buffers.iter_mut().for_each(Vec::clear);
        self.append(buffers)
    }

    /// [`Self::read`], behind what is in `buffers`, which are as many as the channels.
    pub fn append(&mut self, buffers: &mut ChannelBuffers) -> Result<bool> {
        let start = buffers[0].len();
        let is_read = self.stream.append(buffers);
        if !is_read.with_context(|| format!("cannot read {}", self.path.display()))? {
            self.finish()?;
            return Ok(false);
        }
        let block: Vec<&[f32]> = buffers.iter().map(|channel| &channel[start..]).collect();
        refuse_no_sound(&self.path, self.samples, &block)?;
        self.samples += widen(block[0].len());
        Ok(true)
    }

    fn finish(&mut self) -> Result<()> {
        let name = self.path.display();
        let warnings = self.stream.finish().with_context(|| format!("cannot read {name}"))?;
        if self.samples == 0 {
            bail!("{name} holds no sound: its length is 0 samples; possible: 1 or more");
        }
        self.warnings = warnings.iter().map(|warning| format!("{name} {warning}")).collect();
        Ok(())
    }
}

/// Prints warnings where a progress bar may be.
pub fn warn(bar: &ProgressBar, warnings: &[String]) {
    bar.suspend(|| {
        for warning in warnings {
            console::warn(warning);
        }
    });
}

/// The samples of a file of any kind that can be read.
fn stream(mut source: Source) -> Result<Box<dyn SampleStream>> {
    let has_tag = skip_id3v2(&mut source)?;
    let start = source.peek::<START_BYTES>()?;
    if start.is_empty() && has_tag {
        bail!("it has an ID3 tag and nothing behind it; possible: complete WAV and FLAC files");
    }
    if start.is_empty() {
        bail!("it is empty; possible: WAV and FLAC files");
    }
    if WavStream::is_start(&start) {
        return Ok(Box::new(WavStream::open(source)?));
    }
    if start.starts_with(b"fLaC") {
        return Ok(Box::new(FlacStream::open(source)?));
    }
    match other_kind(&start) {
        Some(kind) => bail!("it is {kind}; possible: WAV and FLAC files"),
        None if has_tag => bail!("it has an ID3 tag and no WAV or FLAC behind it; possible: those"),
        None => bail!("it is no audio that is known; possible: WAV and FLAC files"),
    }
}

/// Passes the ID3v2 tags that some programs put before any file. Returns whether there was one.
fn skip_id3v2(source: &mut Source) -> Result<bool> {
    let mut has_tag = false;
    loop {
        let start = source.peek::<10>()?;
        let [b'I', b'D', b'3', _, _, flags, size @ ..] = &*start else { return Ok(has_tag) };
        // Seven bits a byte; a footer is as long as the header.
        let bytes = size.iter().fold(0, |bytes, byte| bytes << 7 | u64::from(byte & 0x7f));
        let footer_bytes = if flags & 0x10 == 0 { 0 } else { 10 };
        let bytes = 10 + bytes + footer_bytes;
        if !source.skip(bytes)? {
            bail!(
                "it has an ID3 tag of {bytes} bytes, longer than it; possible: complete WAV and FLAC files"
            );
        }
        has_tag = true;
    }
}

/// Names the first sample of a block that would be taken for silence, and its channel. Before the block
/// there were `samples` samples.
fn refuse_no_sound(path: &Path, samples: u64, block: &[&[f32]]) -> Result<()> {
    // Without an early end, so that vectors do it.
    // False for NaN, too.
    let is_sound = |sample: &f32| sample.abs() <= LOUDEST;
    let all_sound =
        |channel: &[f32]| channel.iter().fold(true, |all, sample| all & is_sound(sample));
    if block.iter().all(|channel| all_sound(channel)) {
        return Ok(());
    }
    let first = |channel: &[f32]| channel.iter().position(|sample| !is_sound(sample));
    let found = block.iter().enumerate();
    let found = found.filter_map(|(number, channel)| first(channel).map(|k| (k, number + 1)));
    let Some((k, number)) = found.min() else { return Ok(()) };
    let name = path.display();
    let sample = samples + widen(k);
    bail!(
        "{name} holds {} at sample {sample} of channel {number}; possible: finite samples up to {LOUDEST:e}",
        block[number - 1][k]
    )
}
