//! Auditory filterbanks with learned duals, designed and streamed.
//!
//! A [`BankSpec`] (a small comparable value) is designed into an immutable [`Bank`]; a
//! [`stream::Engine`] built from an `Arc<Bank>` equalises live audio. Designing allocates and takes
//! milliseconds, so it belongs off the audio thread; [`stream::Engine::process`] never allocates,
//! locks or fails.
//!
//! ```
//! use std::sync::Arc;
//! use erbium_dsp::{Bank, BankSpec, stream::Engine};
//!
//! let bank = Arc::new(Bank::design(&BankSpec { bands: 24, ..BankSpec::default() })?);
//! let mut engine = Engine::new(bank.clone(), 1);
//! engine.set_targets(&vec![0.5; bank.bands()]); // every band 6 dB down
//! let mut channel = vec![0.0_f32; 4096];
//! channel[0] = 1.0;
//! engine.process(&mut [&mut channel]);
//! # Ok::<(), erbium_dsp::DesignError>(())
//! ```

mod cast;
mod kernel;
mod unknown_name;
mod vectors;

pub mod bank;
pub mod display;
pub mod dual;
pub mod feature;
pub mod scale;
pub mod stream;

pub use bank::{Bank, BankSpec, DesignError, Kind, Prototype, Quality, Sizing, UserKernels};
pub use dual::Report;
pub use kernel::Kernel;
pub use scale::Scale;
pub use unknown_name::UnknownName;
