//! What Erbium costs, as a table: `cargo xtask bench [GROUP]`.
//!
//! A group is a function that measures and gives back rows; add one to [`GROUPS`] to measure more.
//! Figures are of processor time, which other programs on the machine disturb little.

mod clock;
mod editor;
mod features;
mod sound;

/// One line of the table.
struct Row {
    what: String,
    value: String,
    /// What it should be, where that is decided.
    target: &'static str,
}

impl Row {
    fn new(what: impl Into<String>, value: impl Into<String>, target: &'static str) -> Self {
        Self { what: what.into(), value: value.into(), target }
    }
}

/// What can be asked for by name, and what measures it.
type Group = (&'static str, fn() -> Vec<Row>);

const GROUPS: &[Group] =
    &[("editor", editor::window), ("feed", editor::feed), ("features", features::features)];

fn main() {
    // Cargo adds options of its own.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part));
    let groups: Vec<_> = GROUPS.iter().filter(|(name, _)| is_wanted(name)).collect();
    if groups.is_empty() {
        let names: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
        eprintln!("error: no group is named {}; possible: {}", wanted.join(" "), names.join(", "));
        std::process::exit(2);
    }
    if cfg!(debug_assertions) {
        println!("A build for development: the figures are too high.");
    }
    for (name, measure) in groups {
        println!("\n{name}");
        for row in measure() {
            println!("  {:<70} {:>16}   {}", row.what, row.value, row.target);
        }
    }
}
