//! The engine by itself: what it costs, how steadily, against its limit, its plain form and its peers.

pub mod cost;
pub mod limit;
pub mod lsp;
pub mod minimum_phase;
pub mod peers;
pub mod plain;
pub mod players;
pub mod rest;
pub mod scaling;
pub mod steady;
