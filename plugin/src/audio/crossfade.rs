//! The fade from one bank to the next.

/// How far the fade from one bank to the next is.
#[derive(Clone, Copy)]
pub(crate) struct Crossfade {
    /// Samples of the fade done.
    pub(crate) done: usize,
    /// Samples of the whole fade.
    pub(crate) samples: usize,
}

impl Crossfade {
    /// The part of the new bank at sample `n` from here: smooth at both ends.
    #[expect(clippy::cast_precision_loss)]
    pub(crate) fn part(self, n: usize) -> f32 {
        let x = (self.done + n + 1) as f32 / self.samples as f32;
        x * x * (3.0 - 2.0 * x)
    }
}
