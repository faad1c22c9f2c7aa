//! Against the numbers of independent implementations.

mod allpole;
mod gammatone;
mod isac;
mod isac_front_ends;
mod matching;
mod matrices;
