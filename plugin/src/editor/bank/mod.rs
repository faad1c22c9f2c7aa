//! The bank: its choice, and the report on it.

pub mod choice;
pub mod files;
pub mod report;
