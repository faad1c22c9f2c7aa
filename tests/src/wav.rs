//! WAV files as one signal per channel.

use anyhow::{Context, Result, bail, ensure};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use std::path::Path;

/// What a WAV file holds.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// One signal per channel, all of one length.
    pub channels: Vec<Vec<f32>>,
}

impl Recording {
    /// How long it lasts.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        crate::signal::index(self.channels[0].len()) / f64::from(self.sample_rate_hz)
    }
}

/// Reads a mono or stereo WAV file; full scale is 1.
///
/// # Errors
/// Where the file cannot be read, is no WAV file, is cut short, or holds no sound.
pub fn read(path: &Path) -> Result<Recording> {
    let name = path.display();
    let mut reader =
        WavReader::open(path).with_context(|| format!("cannot read {name} as a WAV file"))?;
    let spec = reader.spec();
    let count = usize::from(spec.channels);
    ensure!((1..=2).contains(&count), "{name} has {count} channels; the plugin plays one or two");
    let samples: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect::<hound::Result<_>>(),
        SampleFormat::Int => {
            let scale = 2.0_f64.powi(1 - i32::from(spec.bits_per_sample));
            reader.samples::<i32>().map(|sample| Ok(narrow(f64::from(sample?) * scale))).collect()
        }
    }
    .with_context(|| format!("{name} is damaged or cut short"))?;
    ensure!(!samples.is_empty(), "{name} holds no sound");
    ensure!(samples.iter().all(|x| x.is_finite()), "{name} holds samples that are not numbers");
    let channels =
        (0..count).map(|c| samples.iter().skip(c).step_by(count).copied().collect()).collect();
    Ok(Recording { sample_rate_hz: spec.sample_rate, channels })
}

/// Writes a WAV file of 32-bit floats, which nothing can clip; a file of that name is replaced
/// only once the new one is whole.
///
/// # Errors
/// Where the file cannot be written.
pub fn write(path: &Path, recording: &Recording) -> Result<()> {
    let unfinished = path.with_extension("wav.part");
    let result = write_all(&unfinished, recording)
        .and_then(|()| Ok(std::fs::rename(&unfinished, path)?))
        .with_context(|| format!("cannot write {}", path.display()));
    if result.is_err() {
        // Already failing: a leftover that cannot be removed changes nothing.
        let _ = std::fs::remove_file(&unfinished);
    }
    result
}

fn write_all(path: &Path, recording: &Recording) -> Result<()> {
    let spec = WavSpec {
        channels: u16::try_from(recording.channels.len())?,
        sample_rate: recording.sample_rate_hz,
        bits_per_sample: 32,
        sample_format: SampleFormat::Float,
    };
    let Some(first) = recording.channels.first() else { bail!("there is no channel") };
    let mut writer = WavWriter::create(path, spec)?;
    for n in 0..first.len() {
        for channel in &recording.channels {
            writer.write_sample(channel[n])?;
        }
    }
    writer.finalize()?;
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "audio is single precision")]
const fn narrow(x: f64) -> f32 {
    x as f32
}
