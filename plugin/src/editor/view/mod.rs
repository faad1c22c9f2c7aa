//! What one frame shows, where it lies and what it is drawn with.

pub use crate::cast;

pub mod axes;
pub mod fonts;
pub mod footer;
pub mod frequency_axis;
pub mod header;
pub mod keys;
pub mod layout;
pub mod manual;
pub mod model;
pub mod number;
pub mod theme;
pub mod tokens;
pub mod view_menu;
pub mod widgets;
