//! Faults and stresses that both formats have to survive, each written once and run on the built CLAP and
//! the built VST3. `docs/promises.md` lists what is promised.
#![cfg(target_os = "linux")]

/// Makes a test of each function for either format.
macro_rules! in_both_formats {
    ($($name:ident),* $(,)?) => {
        mod clap {
            $(#[test] fn $name() -> anyhow::Result<()> {
                super::$name::<erbium_tests::host::Instance>()
            })*
        }
        mod vst3 {
            $(#[test] fn $name() -> anyhow::Result<()> {
                super::$name::<erbium_tests::vst3::Played>()
            })*
        }
    };
}

/// The same in a process of its own, whose memory, threads and aborts are those of the test.
macro_rules! in_both_formats_alone {
    (screen: $screen:expr, $($name:ident),* $(,)?) => {
        mod clap_alone {
            $(#[test] fn $name() -> anyhow::Result<()> {
                let test = crate::test_name(module_path!(), stringify!($name));
                let body = super::$name::<erbium_tests::host::Instance>;
                erbium_tests::isolated::isolated(&test, $screen, body)
            })*
        }
        mod vst3_alone {
            $(#[test] fn $name() -> anyhow::Result<()> {
                let test = crate::test_name(module_path!(), stringify!($name));
                let body = super::$name::<erbium_tests::vst3::Played>;
                erbium_tests::isolated::isolated(&test, $screen, body)
            })*
        }
    };
}

mod blocks;
mod changes;
mod channels;
mod cost;
mod many;
mod rates;
mod realtime;
mod sound;
mod states;
mod support;
#[cfg(unix)]
mod surroundings;

/// What the test runner calls a test of this program.
fn test_name(module: &str, name: &str) -> String {
    let module = module.split_once("::").map_or("", |(_, module)| module);
    format!("{module}::{name}")
}
