//! The font of pictures: the same on every machine, whatever is installed.

use anyhow::{Result, anyhow};
use plotters::style::{FontStyle, register_font};

/// The name to draw with.
pub const FONT: &str = "erbium";

/// Makes the font known. To be called before anything is drawn.
pub fn register() -> Result<()> {
    register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT)
        .map_err(|_| anyhow!("the font cannot be read"))
}
