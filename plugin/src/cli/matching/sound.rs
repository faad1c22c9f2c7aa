//! Long-term spectra of files.

use crate::cli::files::audio::{ChannelBuffers, Reader, length};
use anyhow::{Context, Result};
use erbium_dsp::feature::long_term::{LongTermMeter, LongTermSpectrum};
use indicatif::ProgressBar;
use std::path::Path;

/// A sound less long than this, in seconds, says little of its long-term levels.
const SHORT_S: f64 = 3.0;

/// A file's long-term spectrum.
pub struct Sound {
    pub spectrum: LongTermSpectrum,
    /// What there is to warn of.
    pub warnings: Vec<String>,
}

impl Sound {
    /// Reads a file of any length.
    pub fn read(path: &Path, bar: &ProgressBar) -> Result<Self> {
        let name = path.display();
        let mut reader = Reader::open(path)?;
        let meter = LongTermMeter::new(f64::from(reader.sample_rate_hz()), reader.channels());
        let mut meter = meter.with_context(|| format!("cannot measure {name}"))?;
        let mut buffers = ChannelBuffers::new();
        while reader.read(&mut buffers)? {
            let channels: Vec<&[f32]> = buffers.iter().map(Vec::as_slice).collect();
            meter.push(&channels);
            bar.inc(length(&buffers));
        }
        let spectrum = meter.finish();
        let mut warnings = reader.warnings().to_vec();
        let sounding_s = spectrum.sounding_s();
        if sounding_s == 0.0 {
            warnings.push(format!("{name} is silent"));
        } else if sounding_s < SHORT_S {
            warnings.push(format!(
                "{name} holds {sounding_s:.1} s of sound, of which levels are chance rather than long-term; \
                 better: {SHORT_S} s or more"
            ));
        }
        Ok(Self { spectrum, warnings })
    }
}
