//! What happens to a stored state before an instance takes it over.

pub mod migrations;
pub mod notices;
pub mod repair;
