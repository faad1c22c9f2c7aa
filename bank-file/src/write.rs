//! Banks being written.

use anyhow::Result;
use erbium_dsp::{Bank, Kernel};
use erbium_npy::NpzWriter;
use num_complex::Complex;
use std::io::Cursor;

/// The archive of a bank: `centres_hz`, `bandwidths_hz`, `supports`, `strides`, `phases` and, bands × taps from time 0 on,
/// `kernels` and `duals`; `latency_samples`; and `sample_rate_hz` where the kernels shall be played at this rate alone.
/// [`BankFile::read`](crate::BankFile::read) takes kernels, strides, latency and rate of it.
///
/// # Errors
/// When a length does not fit in 64 bits.
pub fn to_npz(bank: &Bank, made_for_hz: Option<f64>) -> Result<Vec<u8>> {
    let mut npz = NpzWriter::new(Cursor::new(Vec::new()));
    let bands = bank.bands();
    npz.array("centres_hz", &[bands], bank.centres_hz().iter().copied())?;
    npz.array("bandwidths_hz", &[bands], bank.bandwidths_hz().iter().copied())?;
    npz.array("supports", &[bands], integers(bank.supports())?)?;
    npz.array("strides", &[bands], integers(bank.strides())?)?;
    npz.array("phases", &[bands], integers(bank.phases())?)?;
    for (name, kernels) in [("kernels", bank.analysis_kernels()), ("duals", bank.dual_kernels())] {
        let length = kernels.iter().map(Kernel::length).max().unwrap_or(0);
        npz.array(
            name,
            &[bands, length],
            kernels.iter().flat_map(|kernel| padded(kernel, length)),
        )?;
    }
    npz.array("latency_samples", &[], integers(&[bank.report().latency_samples])?)?;
    if let Some(made_for_hz) = made_for_hz {
        npz.array("sample_rate_hz", &[], [made_for_hz])?;
    }
    Ok(npz.finish()?.into_inner())
}

fn integers(counts: &[usize]) -> Result<Vec<i64>> {
    Ok(counts.iter().map(|&count| i64::try_from(count)).collect::<Result<_, _>>()?)
}

/// The taps of a kernel from time 0 to `length`.
fn padded(kernel: &Kernel, length: usize) -> Vec<Complex<f64>> {
    let mut row = vec![Complex::new(0.0, 0.0); length];
    row[kernel.offset..kernel.length()].copy_from_slice(&kernel.taps);
    row
}
