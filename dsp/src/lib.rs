#![doc = include_str!("../README.md")]
// What only the optional modules use.
#![cfg_attr(not(all(feature = "display", feature = "features")), allow(dead_code, unused_imports))]

mod cast;
mod kernel;
mod unknown_name;
mod vectors;

pub mod bank;
#[cfg(feature = "display")]
pub mod display;
pub mod dual;
pub mod dynamics;
#[cfg(feature = "features")]
pub mod feature;
#[cfg(feature = "features")]
pub mod matching;
pub mod scale;
pub mod stream;

pub use bank::{Bank, BankSpec, DesignError, Kind, Phase, Prototype, Quality, Sizing, UserKernels};
pub use dual::Report;
pub use dynamics::Dynamics;
pub use kernel::Kernel;
pub use num_complex;
pub use scale::Scale;
pub use unknown_name::UnknownName;
