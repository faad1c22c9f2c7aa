//! Measurements that need a process of their own, where nothing else has worked before: this program
//! runs itself.

use crate::{instructions, memory, start};
use std::process::Command;

/// What this program is called with, followed by what to do and how.
const ALONE: &str = "--alone";

/// Does what the arguments ask for, if they ask for a measurement alone.
pub fn answer(arguments: &[String]) -> bool {
    let [first, what, further @ ..] = arguments else { return false };
    if first != ALONE {
        return false;
    }
    let numbers: Vec<usize> = further.iter().filter_map(|text| text.parse().ok()).collect();
    match (what.as_str(), numbers.as_slice()) {
        ("play", [play, samples]) => instructions::play(*play, *samples),
        ("engines", [bank]) => memory::engines(*bank),
        ("instances", [bank]) => memory::instances(*bank),
        ("scan", []) => start::scan(),
        _ => panic!("asked for {arguments:?}"),
    }
    true
}

/// This program, about to do something alone. It is run by another one if that is given.
pub fn ask(by: &[&str], what: &str, numbers: &[usize]) -> Command {
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = match by {
        [] => Command::new(program),
        [other, options @ ..] => {
            let mut command = Command::new(other);
            command.args(options).arg(program);
            command
        }
    };
    command.arg(ALONE).arg(what).args(numbers.iter().map(ToString::to_string));
    command
}
