//! Which form of the plugin framework this is built with.

use crate::message::one_line;
use nice_plug::wrapper::vst3::PluginInfo;

/// Stands in for the constant that only a mended wrapper has, whose own one comes first.
#[allow(dead_code, reason = "used where the wrapper is as published")]
trait Published {
    const IS_MENDED: bool = false;
}

impl Published for PluginInfo {}

/// Whether the VST3 wrapper has the mends in `xtask/mends`, which the tasks of this workspace build
/// with and a plain `cargo build` does not.
pub const VST3_IS_MENDED: bool = PluginInfo::IS_MENDED;

/// Why the standalone program has no sound, a sentence; `None` where it has, and in a host. Only the mended
/// framework says.
#[must_use]
pub fn missing_audio() -> Option<String> {
    // The mended one has a function of the same name, which is nearer than the one below.
    #[allow(unused_imports, reason = "what is published has no such function")]
    use nice_plug::wrapper::standalone::*;
    let reasons = audio_failures();
    (!reasons.is_empty()).then(|| {
        // Lists of devices have a line for each.
        let reasons: Vec<_> = reasons.iter().map(|reason| reason.trim_end_matches('.')).collect();
        let reasons = reasons.join("; ").replace(":\n", ": ").replace('\n', ", ");
        let reasons = one_line(&reasons);
        format!(
            "No sound ({reasons}). Start a sound server or connect a device, then restart Erbium"
        )
    })
}

/// Stands in for the function that only the mended framework has.
#[allow(dead_code, reason = "used where the framework is as published")]
const fn audio_failures() -> Vec<String> {
    Vec::new()
}
