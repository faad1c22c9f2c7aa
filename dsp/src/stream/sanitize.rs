//! What of sound and settings is taken, and what goes out.

/// The loudest sample taken for sound, +300 dB above full scale: louder ones, infinities and NaN
/// are taken as silence, so that no fault upstream can outlast the [`Engine`](super::Engine)'s memory.
pub const LOUDEST: f32 = 1e15;

/// Fainter samples are silence to the bands, and in what they add, −500 dB: near the smallest numbers
/// there are every operation would take many times as long. So much above them that no sum of what bands add
/// and the dry sound comes near them, either.
pub(crate) const FAINTEST: f32 = 1e-25;

/// A sample as the engine takes it.
#[must_use]
pub fn sanitize(sample: f32) -> f32 {
    // False for NaN too.
    if sample.abs() <= LOUDEST { sample } else { 0.0 }
}

/// A sample as bands hear it: what is so faint that it would be slow to compute is silence to them.
pub(crate) fn mute_faint(sample: f32) -> f32 {
    if sample.abs() < FAINTEST { 0.0 } else { sample }
}

/// Ends what can no longer be heard, and what is not finite, in what bands add.
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
