//! A bank from a file as hosts store it.

use crate::state::bank_file::BankFile;
use crate::state::limits::MAX_BANDS;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use erbium_dsp::UserKernels;
use num_complex::Complex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kernels themselves, so that nothing depends on the file; `null` is no bank from a file.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredBankFile(Option<Stored>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stored {
    name: String,
    latency_samples: usize,
    #[serde(default)]
    sample_rate_hz: Option<f64>,
    strides: Vec<usize>,
    /// Silence before each kernel, in samples.
    offsets: Vec<usize>,
    /// The length of each kernel, in samples.
    lengths: Vec<usize>,
    /// Base64 of all taps' real and imaginary parts in turn, as 32-bit floats, least byte first.
    taps: String,
}

impl StoredBankFile {
    /// Whether it is no bank from a file, or one that can be played.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.0.is_none() || self.bank_file().is_some()
    }

    /// The bank that was stored; `None` where there was none, or where what was stored cannot be played.
    #[must_use]
    pub fn bank_file(&self) -> Option<BankFile> {
        let Stored { name, latency_samples, sample_rate_hz, strides, offsets, lengths, taps } =
            self.0.as_ref()?;
        let bands = offsets.len();
        let whole = bands <= MAX_BANDS && lengths.len() == bands;
        let short = offsets.iter().chain(lengths).all(|length| *length <= UserKernels::LONGEST);
        // Before anything is decoded: silence before kernels takes no text, and would be allocated.
        let samples = || offsets.iter().chain(lengths).sum::<usize>();
        if !whole || !short || samples() > UserKernels::TAPS_MAX || strides.len() > bands {
            return None;
        }
        let bytes = BASE64_STANDARD.decode(taps).ok()?;
        let number = |bytes: &[u8]| bytes.try_into().map(f32::from_le_bytes).map(f64::from).ok();
        let mut taps = bytes
            .chunks(8)
            .map(|pair| Some(Complex::new(number(pair.get(..4)?)?, number(pair.get(4..)?)?)));
        let mut rows = Vec::with_capacity(bands);
        for (offset, length) in offsets.iter().zip(lengths) {
            let mut row = vec![Complex::default(); *offset];
            for _ in 0..*length {
                row.push(taps.next()??);
            }
            rows.push(row);
        }
        let mut kernels = UserKernels::new(rows, strides, Some(*latency_samples)).ok()?;
        if let Some(rate_hz) = sample_rate_hz {
            kernels = kernels.made_for(*rate_hz);
        }
        Some(BankFile { name: name.clone(), kernels: Arc::new(kernels) })
    }
}

impl From<Option<&BankFile>> for StoredBankFile {
    fn from(file: Option<&BankFile>) -> Self {
        let Some(BankFile { name, kernels }) = file else { return Self(None) };
        let each = kernels.kernels();
        let parts = each.iter().flat_map(|kernel| &kernel.taps).flat_map(|tap| [tap.re, tap.im]);
        let bytes: Vec<u8> =
            parts.flat_map(|part| crate::state::curve::single(part).to_le_bytes()).collect();
        Self(Some(Stored {
            name: name.clone(),
            latency_samples: kernels.latency_samples(),
            sample_rate_hz: kernels.made_for_hz(),
            strides: kernels.strides().to_vec(),
            offsets: each.iter().map(|kernel| kernel.offset).collect(),
            lengths: each.iter().map(|kernel| kernel.taps.len()).collect(),
            taps: BASE64_STANDARD.encode(bytes),
        }))
    }
}
