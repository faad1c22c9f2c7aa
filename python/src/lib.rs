//! The compiled part of the Python package `erbium`: NumPy's arrays in and out of `erbium-dsp`.
//!
//! Nothing is computed here. Arrays that are contiguous are read where they are; Python's global lock is let go of
//! while the library works; what the library refuses is a `ValueError` with its sentence.
//!
//! The signatures are in `erbium/_erbium.pyi`, which a test compares with this module.

mod arrays;
mod bank;
mod bank_file;
mod bank_settings;
mod cepstrum;
mod coefficients;
mod equalizer;
mod errors;
mod gammatone;
mod isac;
mod matrices;
mod stream;

use pyo3::prelude::*;

/// Auditory filterbanks with exact inverses; see `erbium`.
#[pymodule]
mod _erbium {
    #[pymodule_export]
    use crate::bank::Bank;
    #[pymodule_export]
    use crate::cepstrum::{delta, melspectrogram, mfcc, power_to_db};
    #[pymodule_export]
    use crate::gammatone::Gammatone;
    #[pymodule_export]
    use crate::isac::{Isac, IsacCc, IsacSpec};
    #[pymodule_export]
    use crate::matrices::{filtbankm, hz_from_units, kapre, mel, mfb, units_from_hz};
    #[pymodule_export]
    use crate::stream::Stream;

    #[pymodule_export]
    #[expect(non_upper_case_globals)] // Python's name.
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
