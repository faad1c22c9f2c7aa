//! The files that commands read and write.

pub mod array;
pub mod audio;
pub mod kernels;
pub mod output_plan;
pub mod spool;
