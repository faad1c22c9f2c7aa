//! A stretch of signal that moves on: contiguous in memory, without a copy per block.

/// Samples that the tape may move on before it is wound back.
const SLACK: usize = 4096;

/// `span` samples around now, always contiguous. The past of an input or the future of an output.
pub(super) struct Tape {
    samples: Vec<f32>,
    span: usize,
    start: usize,
}

impl Tape {
    pub fn new(span: usize) -> Self {
        Self { samples: vec![0.0; span + SLACK], span, start: 0 }
    }

    /// The whole span, oldest first.
    pub fn span(&self) -> &[f32] {
        &self.samples[self.start..self.start + self.span]
    }

    /// The whole span, oldest first.
    pub fn span_mut(&mut self) -> &mut [f32] {
        &mut self.samples[self.start..self.start + self.span]
    }

    /// Moves on by one sample: drops the oldest, which is returned, and takes `newest` in.
    pub fn advance(&mut self, newest: f32) -> f32 {
        if self.start == SLACK {
            self.samples.copy_within(SLACK.., 0);
            self.start = 0;
        }
        let oldest = self.samples[self.start];
        self.samples[self.start + self.span] = newest;
        self.start += 1;
        oldest
    }

    pub fn reset(&mut self) {
        self.samples.fill(0.0);
        self.start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{SLACK, Tape};

    #[test]
    fn keeps_the_newest_across_rewinding() {
        let mut tape = Tape::new(3);
        for n in 0..2 * SLACK + 5 {
            let oldest = tape.advance(crate::cast::single(crate::cast::real(n)));
            assert_eq!(
                oldest.to_bits(),
                crate::cast::single(crate::cast::real(n.max(3) - 3)).to_bits()
            );
        }
        let expected =
            [2.0, 3.0, 4.0].map(|n| n + crate::cast::single(crate::cast::real(2 * SLACK)));
        assert_eq!(tape.span(), expected);
    }
}
