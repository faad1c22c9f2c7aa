//! Banks in NumPy's .npz files: kernels that another program made, NumPy or PyTorch, say, read as a bank of this one, and
//! banks written for all of these. What the equaliser plays is read here, and nowhere else.
//!
//! ```
//! use erbium_bank_file::{BankFile, to_npz};
//! use erbium_dsp::{Bank, BankSpec};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("own.npz");
//! std::fs::write(&path, to_npz(&Bank::design(&BankSpec::default())?, None)?)?;
//! let file = BankFile::read(&path)?;
//! assert_eq!((file.name.as_str(), file.kernels.bands()), ("own", 40));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod arrays;
mod write;

pub use write::to_npz;

use anyhow::{Context, Result, anyhow, bail};
use arrays::{Arrays, Most};
use erbium_dsp::feature::isac::{LEARNED_TAPS_MAX, hybrid};
use erbium_dsp::{BankSpec, Kernel, UserKernels};
use num_complex::Complex;
use std::path::Path;
use std::sync::Arc;

/// The most kernels of a bank that is played.
const BANDS_MAX: usize = BankSpec::BANDS.1;

/// A bank from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct BankFile {
    /// The name shown: that of the file, without its ending.
    pub name: String,
    /// The kernels, in single precision, in which they are played.
    pub kernels: Arc<UserKernels>,
}

impl BankFile {
    /// Reads `kernels`, bands × taps, complex or real, each followed by its row of `learned` where that is
    /// there, and `strides` (one per band, or one) or `stride`, 1 where there is neither. Optional:
    /// `latency_samples`, which is otherwise that of the longest kernel, and `sample_rate_hz`, the only
    /// rate at which they are then played. What else `erbium bank -o` writes is not needed.
    ///
    /// # Errors
    /// When the file cannot be read, or its kernels cannot be played, says what was given and what is
    /// possible.
    pub fn read(path: &Path) -> Result<Self> {
        let mut arrays = Arrays::open(path)?;
        let name = path.display();
        let rows = kernel_rows(&mut arrays, path)?;
        if rows.len() > BANDS_MAX {
            bail!("{name} has {} kernels; possible: up to {BANDS_MAX}", rows.len());
        }
        let strides = strides(&mut arrays)?;
        let latency_samples = match arrays.samples("latency_samples", 0, 1)?.as_deref() {
            None => None,
            Some([latency_samples]) => Some(*latency_samples),
            Some(_) => bail!("latency_samples of {name} is not one number"),
        };
        let rows = rows.iter().map(|row| row.iter().map(rounded).collect()).collect();
        let mut kernels = UserKernels::new(rows, &strides, latency_samples)
            .with_context(|| format!("cannot use {name}"))?;
        if let Some(rate_hz) = arrays.number("sample_rate_hz")? {
            kernels = kernels.made_for(rate_hz);
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name: stem, kernels: Arc::new(kernels) })
    }
}

/// The rows of `kernels`, each followed by its learned one.
///
/// # Errors
/// When there are none or more than can be used, or they do not fit together.
pub fn kernel_rows(arrays: &mut Arrays, path: &Path) -> Result<Vec<Vec<Complex<f64>>>> {
    let name = path.display();
    let rows = BankSpec::USER_BANDS.1;
    let most = Most { rows, columns: UserKernels::LONGEST, numbers: UserKernels::TAPS_MAX };
    let learned = Most { columns: LEARNED_TAPS_MAX, ..most };
    let rows = arrays
        .rows("kernels", most)?
        .ok_or_else(|| anyhow!("{name} holds no kernels; possible: an array of bands x taps"))?;
    let Some(learned) = arrays.rows("learned", learned)? else { return Ok(rows) };
    let kernels: Vec<_> = rows.into_iter().map(|taps| Kernel { offset: 0, taps }).collect();
    let both = hybrid(&kernels, &learned).with_context(|| format!("cannot use {name}"))?;
    Ok(both.into_iter().map(|kernel| kernel.taps).collect())
}

/// `strides` or `stride`, 1 where there is neither.
///
/// # Errors
/// When one is no whole number of 1 or more, or there are more than kernels can be.
pub fn strides(arrays: &mut Arrays) -> Result<Vec<usize>> {
    for name in ["strides", "stride"] {
        if let Some(strides) = arrays.samples(name, 1, BankSpec::USER_BANDS.1)? {
            return Ok(strides);
        }
    }
    Ok(vec![1])
}

/// A tap in single precision, so that it is the same from a file and from a state.
#[expect(clippy::cast_possible_truncation)]
fn rounded(tap: &Complex<f64>) -> Complex<f64> {
    Complex::new(f64::from(tap.re as f32), f64::from(tap.im as f32))
}
