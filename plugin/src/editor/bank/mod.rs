//! The bank: which one shall play, and what it is measured to be.

pub mod choice;
pub mod files;
pub mod report;
