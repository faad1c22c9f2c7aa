//! Curves that commands find, written: as presets, or for other programs.

use anyhow::{Context, Result, bail};
use erbium::export::output_file::OutputFile;
use erbium::state::preset::Preset;
use erbium_curve::export::{csv, graphic_eq};
use erbium_curve::{ChannelCurve, Curve};
use std::io::Write;
use std::path::Path;

/// What a curve is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveFormat {
    /// A preset, `.json`.
    Preset,
    /// A `GraphicEQ:` line, `.txt`.
    Graphic,
    /// A table, `.csv`.
    Table,
}

impl CurveFormat {
    /// That of a path, by its ending.
    ///
    /// # Errors
    /// Where it has another ending.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        match ending.to_str() {
            Some("json") => Ok(Self::Preset),
            Some("txt") => Ok(Self::Graphic),
            Some("csv") => Ok(Self::Table),
            _ => bail!(
                "cannot write a curve to {}; possible: a name ending in .json (a preset), .txt (GraphicEQ) or .csv",
                path.display()
            ),
        }
    }

    /// Writes a preset, or its curve alone.
    ///
    /// # Errors
    /// Where nothing can be written there.
    pub fn write(self, path: &Path, preset: &Preset, curve: &Curve) -> Result<()> {
        let channel = || ChannelCurve { curve: curve.clone(), preamp_db: None };
        let text = match self {
            Self::Preset => format!("{:#}\n", preset.to_value()),
            Self::Graphic => graphic_eq(&channel()),
            Self::Table => csv(&channel()),
        };
        let output = OutputFile::create(path)?;
        let written = output.writer().write_all(text.as_bytes());
        written.with_context(|| format!("cannot write {}", path.display()))?;
        output.finish()
    }
}
