//! What one frame shows, where it lies and what it is drawn with.

pub use crate::cast;

pub mod axes;
pub mod frequency_axis;
pub mod layout;
pub mod model;
pub mod theme;
pub mod toolbar;
pub mod top_bar;
pub mod widgets;
