//! What an audio thread asks its designer for.

use erbium_dsp::BankSpec;

/// A bank to be played. Banks in play remember which request they answer, as the bank that was
/// asked for is not always the one that can be played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Request {
    /// The bank asked for.
    pub(crate) spec: BankSpec,
    /// The bank to play where the one asked for, and what is nearest to it, cannot be played.
    pub(crate) fallback: BankSpec,
    pub(crate) channels: usize,
}
