//! Measurements that need a process of their own, where nothing else has worked before: this program
//! runs itself.

use std::process::Command;

/// What this program is called with, followed by what to do and how.
const OWN_PROCESS: &str = "--own-process";

/// What is asked of this process alone, if anything is: a measurement and its numbers.
pub fn request(arguments: &[String]) -> Option<(&str, Vec<usize>)> {
    let [first, what, further @ ..] = arguments else { return None };
    let numbers = further.iter().filter_map(|text| text.parse().ok()).collect();
    (first == OWN_PROCESS).then_some((what, numbers))
}

/// This program, about to measure something in a process of its own. It is run by another one if
/// that is given.
pub fn command(by: &[&str], what: &str, numbers: &[usize]) -> Command {
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = match by {
        [] => Command::new(program),
        [other, options @ ..] => {
            let mut command = Command::new(other);
            command.args(options).arg(program);
            command
        }
    };
    command.arg(OWN_PROCESS).arg(what).args(numbers.iter().map(ToString::to_string));
    command
}
