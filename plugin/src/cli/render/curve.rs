//! `--curve`: a curve of another program in place of the preset's.

use super::super::console;
use super::super::files::curve::sentence;
use anyhow::{Result, anyhow, bail};
use clap::Args;
use erbium::state::param::ParamId;
use erbium::state::preset::library::read_bytes;
use erbium::state::preset::{Preset, is_preset};
use erbium_curve::{ChannelChoice, Options, Purpose};
use indicatif::ProgressBar;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Which curve is drawn, and what its file does not say.
#[derive(Args)]
pub struct CurveArguments {
    /// Draw the curve of this file, in place of the preset's: settings of Equalizer APO, AutoEq or REW, or a
    /// table of hertz and dB
    #[arg(long, value_name = "FILE")]
    pub curve: Option<PathBuf>,
    /// Of a file with a curve for either channel, draw this one: left, right, or mean, the mean in dB
    #[arg(long, value_name = "CHANNEL", requires = "curve")]
    channel: Option<ChannelChoice>,
    /// Take the curve for measured levels, which the output is to have (target) or is to lose (correct)
    #[arg(long, value_name = "PURPOSE", requires = "curve")]
    measurement: Option<Purpose>,
}

/// The file of a curve, which is another one at every sampling rate where filters are in it.
pub struct CurveFile {
    name: String,
    bytes: Vec<u8>,
    options: Options,
    channel: Option<ChannelChoice>,
    /// What was said of it, which is not said again for every file that is rendered.
    said: Mutex<BTreeSet<String>>,
}

impl CurveArguments {
    /// The file, if there is one. What is wrong with it is found out before anything is rendered.
    pub fn file(&self) -> Result<Option<CurveFile>> {
        let Some(path) = &self.curve else { return Ok(None) };
        let name = path.display().to_string();
        let bytes = read_bytes(path)?;
        if is_preset(&bytes) {
            bail!("{name} is a preset, no curve; possible: --preset {name}");
        }
        let options = Options { purpose: self.measurement, ..Options::at(48_000.0) };
        let said = Mutex::new(BTreeSet::new());
        let file = CurveFile { name, bytes, options, channel: self.channel, said };
        file.read(options.sample_rate_hz)?;
        Ok(Some(file))
    }
}

impl CurveFile {
    fn read(&self, sample_rate_hz: f64) -> Result<Preset> {
        let options = Options { sample_rate_hz, ..self.options };
        Preset::from_curve(&self.name, &self.bytes, &options, self.channel)
            .map_err(|error| anyhow!("{}: {}", self.name, sentence(&error)))
    }

    /// A preset with this curve in place of its own, at a sampling rate in hertz: its gains by name are left
    /// out, and its output gain where the curve has a preamp. Says what was passed over.
    pub fn onto(&self, preset: &Preset, sample_rate_hz: f64, bar: &ProgressBar) -> Result<Preset> {
        let curve = self.read(sample_rate_hz)?;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for notice in &curve.notices {
            if said.insert(notice.clone()) {
                bar.suspend(|| console::warn(&format!("{}: {notice}", self.name)));
            }
        }
        let stays = |id: &str| match ParamId::from_id(id) {
            Some(ParamId::Gain(_)) => false,
            _ => curve.settings.iter().all(|setting| setting.id() != id),
        };
        let settings = preset.settings.iter().filter(|setting| stays(setting.id()));
        let settings = settings.chain(&curve.settings).cloned().collect();
        Ok(Preset { settings, curve: curve.curve, ..preset.clone() })
    }
}
