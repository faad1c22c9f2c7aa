//! Which bands the gain parameters speak of.

use erbium_dsp::{BankSpec, Kind, Scale, Sizing};

/// What two banks share where band k of the one is band k of the other: all of a spec but latency, phase,
/// quality and sample rate, which move the centres by little or not at all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandLayout {
    kind: Kind,
    scale: Scale,
    bands: usize,
    fingerprint: Option<u64>,
}

impl BandLayout {
    /// The bands of a bank of this spec.
    #[must_use]
    pub fn of(spec: &BankSpec) -> Self {
        let fingerprint = match spec.sizing {
            Sizing::UserKernels { fingerprint } => Some(fingerprint),
            _ => None,
        };
        Self { kind: spec.kind, scale: spec.scale, bands: spec.bands, fingerprint }
    }

    /// The number of bands.
    #[must_use]
    pub const fn bands(&self) -> usize {
        self.bands
    }
}
