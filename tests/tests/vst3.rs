//! The built VST3 in pedalboard, a host of its own in Python.

use erbium_tests::prerequisites;
use std::path::Path;
use std::process::Command;

#[test]
fn pedalboard_plays_it() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/vst3_host.py");
    let output = Command::new(prerequisites::path(prerequisites::PYTHON))
        .arg(script)
        .arg(prerequisites::path(prerequisites::VST3))
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{complaints}");
}
