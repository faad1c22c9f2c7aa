//! Kernels from a file, as `erbium bank -o` and NumPy write them.

use anyhow::{Context, Result};
use erbium::state::bank_file::arrays::Arrays;
use erbium::state::bank_file::{kernel_rows, strides};
use erbium_dsp::Kernel;
use erbium_dsp::feature::isac::Encoder;
use std::path::Path;

/// Reads the encoder of the kernels in a file: `kernels`, bands × taps, each followed by its row of
/// `learned` where that is there, at the smallest of `strides` or `stride`, or 1.
pub fn read_encoder(path: &Path, sample_rate_hz: f64) -> Result<Encoder> {
    let mut arrays = Arrays::open(path)?;
    let rows = kernel_rows(&mut arrays, path)?;
    let kernels = rows.into_iter().map(|taps| Kernel { offset: 0, taps }).collect();
    let stride = strides(&mut arrays)?.into_iter().min().unwrap_or(1);
    Encoder::from_kernels(kernels, stride, sample_rate_hz)
        .with_context(|| format!("cannot use {}", path.display()))
}
