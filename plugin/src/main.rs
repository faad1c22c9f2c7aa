//! The `erbium` program.
fn main() {}
