//! The fade from one bank to the next.

use crate::audio::ramp::smooth;

/// How far the fade from one bank to the next is.
#[derive(Clone, Copy)]
pub(crate) struct Crossfade {
    /// Samples of the fade done.
    pub(crate) done: usize,
    /// Samples of the whole fade.
    pub(crate) samples: usize,
}

impl Crossfade {
    /// The part of the new bank at sample `n` from here.
    #[expect(clippy::cast_precision_loss)]
    pub(crate) fn part(self, n: usize) -> f32 {
        smooth((self.done + n + 1) as f32 / self.samples as f32)
    }
}
