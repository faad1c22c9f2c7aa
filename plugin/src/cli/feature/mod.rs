//! `erbium analyze`: features, their options, and how they are computed while a file is read.

mod arguments;
mod gammatone;
mod kind;
mod stream;
mod values;
mod way;

pub use arguments::FeatureArguments;
pub use kind::Feature;
pub use stream::Plan;
pub use values::{Features, Picture};
