//! The window of an instance.

use super::{Instance, Requests};
use anyhow::{Context, Result};
use clack_extensions::gui::{
    GuiApiType, GuiConfiguration, GuiSize, HostGuiImpl, PluginGui, Window,
};
use clack_host::prelude::HostError;

impl HostGuiImpl for Requests {
    fn resize_hints_changed(&self) {}
    fn request_resize(&self, _size: GuiSize) -> Result<(), HostError> {
        Ok(())
    }
    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }
    fn closed(&self, _was_destroyed: bool) {}
}

impl Instance {
    /// Opens the window inside one of the host's.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn open_window(&mut self, parent: u32) -> Result<()> {
        let handle = self.plugin.plugin_handle();
        let gui = handle.get_extension::<PluginGui>().context("no window")?;
        gui.create(&handle, GuiConfiguration { api_type: GuiApiType::X11, is_floating: false })?;
        // SAFETY: the host's window stays until the plugin's is closed.
        unsafe { gui.set_parent(&handle, Window::from_x11_handle(parent.into()))? };
        gui.show(&handle)?;
        Ok(())
    }

    /// Closes the window.
    ///
    /// # Errors
    /// Where the plugin has none.
    pub fn close_window(&mut self) -> Result<()> {
        let handle = self.plugin.plugin_handle();
        handle.get_extension::<PluginGui>().context("no window")?.destroy(&handle);
        Ok(())
    }
}
