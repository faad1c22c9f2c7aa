//! Erbium as a plugin and a standalone program.
