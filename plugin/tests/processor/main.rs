//! The processor, played as plugin and offline render play it. One program, as it links faster than ten.

#[path = "../support/mod.rs"]
mod support;

mod bank_changes;
mod begin;
mod channels;
mod exact;
mod frames;
mod gain_match;
mod latency_changes;
mod levels;
mod refused_banks;
mod solo;
mod subnormal;
mod switches;
