//! Edits: sent to the host, recorded, undone.

pub mod context;
pub mod controller;
pub mod gesture;
pub mod undo;
