//! What a person does: told to the host, remembered, undone.

pub mod context;
pub mod controller;
pub mod gesture;
pub mod undo;
