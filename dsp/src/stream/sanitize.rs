//! Which samples and settings are taken, and which samples go out.

/// The greatest sample that is processed, +300 dB above full scale: greater ones, infinities and NaN are taken as
/// silence, so that no fault upstream can outlast the [`Engine`](super::Engine)'s tail.
pub const LOUDEST: f32 = 1e15;

/// Fainter samples are 0 in the bands' input, and in the change, −500 dB: arithmetic on subnormal numbers
/// takes many times as long. So far above those that no sum of change and dry signal is one, either
/// (`tests/engine/subnormal.rs`).
pub(crate) const FAINTEST: f32 = 1e-25;

/// A sample as the engine takes it.
#[must_use]
pub fn sanitize(sample: f32) -> f32 {
    // False for NaN too.
    if sample.abs() <= LOUDEST { sample } else { 0.0 }
}

/// A sample as input of the bands: 0 below [`FAINTEST`].
pub(crate) fn mute_faint(sample: f32) -> f32 {
    if sample.abs() < FAINTEST { 0.0 } else { sample }
}

/// Sets to 0 what of a change is below [`FAINTEST`] or not finite.
#[expect(clippy::manual_range_contains)] // Two comparisons, which compile to vectors.
#[inline(always)]
pub(crate) fn flush(change: &mut [f32]) {
    for change in change {
        let amplitude = change.abs();
        // False for NaN too.
        *change = if FAINTEST <= amplitude && amplitude <= f32::MAX { *change } else { 0.0 };
    }
}

/// Replaces values by those of `from` that are finite.
pub(crate) fn take_finite(from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from).filter(|(_, from)| from.is_finite()) {
        *to = *from;
    }
}

/// The length of the shortest channel there is.
pub(crate) fn shortest(input: &[&[f32]], change: &[&mut [f32]]) -> usize {
    let lengths = input.iter().map(|channel| channel.len());
    lengths.chain(change.iter().map(|channel| channel.len())).min().unwrap_or(0)
}
