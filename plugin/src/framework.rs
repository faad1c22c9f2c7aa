//! Which form of the plugin framework this is built with.

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
