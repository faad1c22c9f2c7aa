//! The files that commands read and write.

pub mod array;
pub mod audio;
pub mod curve;
pub mod curve_output;
pub mod kernels;
pub mod output_plan;
pub mod spool;
