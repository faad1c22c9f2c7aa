//! Hosts the built plugin.
