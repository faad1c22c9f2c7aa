//! The plugin as a CLAP host has it, in this process.

use clack_host::prelude::PluginEntry;
use erbium_tests::host::{Instance, Setup};
use std::sync::OnceLock;

/// An instance that is not active, of a plugin that may take its time.
pub(crate) fn instance(setup: Setup) -> Instance {
    static ENTRY: OnceLock<PluginEntry> = OnceLock::new();
    let entry = ENTRY.get_or_init(|| {
        // SAFETY: it is the entry point that the plugin exports as a CLAP.
        unsafe { PluginEntry::load_from_raw(&erbium::clap_entry, c"/erbium.clap") }
            .expect("the plugin is in this program")
    });
    Instance::new(entry, setup).expect("an instance")
}
