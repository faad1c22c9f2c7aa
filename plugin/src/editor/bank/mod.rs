//! The bank: its choices, and the report on it.

pub mod files;
pub mod panel;
pub mod report;
