//! What Erbium costs, as a table: `cargo xtask bench [GROUP]`.
//!
//! A group is a function that measures and gives back rows; add one to [`GROUPS`] to measure more.
//! Figures are of processor time, which other programs on the machine disturb little.

mod cast;
mod clock;
mod engine;
mod features;
mod instance;
mod instructions;
mod own_process;
mod row;
mod signal;

use row::Row;

/// What can be asked for by name, and what measures it.
type Group = (&'static str, fn() -> Vec<Row>);

const GROUPS: &[Group] = &[
    ("cost", engine::cost::rows),
    ("limit", engine::limit::rows),
    ("rest", engine::rest::rows),
    ("minimum-phase", engine::minimum_phase::rows),
    ("steady", engine::steady::rows),
    ("memory", instance::memory::rows),
    ("scaling", engine::scaling::rows),
    ("offline", instance::offline::rows),
    ("start", instance::start::rows),
    ("instructions", instructions::rows),
    ("peers", engine::peers::rows),
    ("lsp", engine::lsp::rows),
    ("features", features::features),
    ("editor", instance::editor::window),
    ("feed", instance::editor::feed),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((what, numbers)) = own_process::request(&arguments) {
        return measure_alone(what, &numbers);
    }
    let is_given = |option: &str| arguments.iter().any(|argument| argument == option);
    // Cargo adds options of its own.
    let wanted: Vec<&String> =
        arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| {
        // Others need programs of theirs, and some take minutes: only where asked for.
        let all = wanted.is_empty() && !["peers", "lsp"].contains(&name);
        let all = all || is_given(&format!("--{name}"));
        all || wanted.iter().any(|part| name.contains(*part))
    };
    let groups: Vec<_> = GROUPS.iter().filter(|(name, _)| is_wanted(name)).collect();
    if groups.is_empty() {
        let names: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
        eprintln!("error: no group is named so; possible: {}", names.join(", "));
        std::process::exit(2);
    }
    if cfg!(debug_assertions) {
        eprintln!("A build for development: the figures are too high.");
    }
    let json = is_given("--json");
    let mut lines = Vec::new();
    for (name, measure) in groups {
        if json {
            lines.extend(measure().iter().map(|row| row.json(name)));
        } else {
            println!("\n{name}");
            measure().iter().for_each(Row::print);
        }
    }
    if json {
        println!("{:#}", serde_json::Value::from(lines));
    }
}

/// A measurement that another process of this program asked for.
fn measure_alone(what: &str, numbers: &[usize]) {
    match (what, numbers) {
        ("play", &[play, samples]) => instructions::play(play, samples),
        ("engines", &[bank]) => instance::memory::engines(bank),
        ("instances", &[bank]) => instance::memory::instances(bank),
        ("scan", []) => instance::start::scan(),
        _ => panic!("asked for {what} {numbers:?}"),
    }
}
