//! A channel on its way through filters in partitions.

use super::spectra::BlockSpectra;
use crate::stream::plan::{Level, Partitions};

/// One channel's input and output at every block size.
pub(crate) struct FilterChannel {
    pub inputs: Vec<LevelInput>,
    /// Of each filter.
    pub outputs: Vec<Vec<LevelOutput>>,
}

/// The input of a level.
pub(crate) struct LevelInput {
    /// The block before and the one that is being taken in.
    pub frame: Vec<f32>,
    /// The spectra of such frames, in a ring.
    pub spectra: BlockSpectra,
    /// How many are kept.
    many: usize,
    /// Where the newest is.
    newest: usize,
}

/// What a filter makes of a level.
pub(crate) struct LevelOutput {
    /// The spectrum of the next block so far.
    pub sum: BlockSpectra,
    /// The block that is being played.
    pub block: Vec<f32>,
}

impl FilterChannel {
    /// For so many filters.
    pub fn new(partitions: &Partitions, filters: usize) -> Self {
        let output = |level: &Level| LevelOutput {
            sum: BlockSpectra::new(1, level.block),
            block: vec![0.0; level.block],
        };
        Self {
            inputs: partitions.levels.iter().map(LevelInput::new).collect(),
            outputs: (0..filters).map(|_| partitions.levels.iter().map(output).collect()).collect(),
        }
    }

    /// Takes in samples, none past a control tick; the first is that many samples after the stream began.
    #[inline(always)]
    pub fn push_input(&mut self, position: usize, samples: &[f32]) {
        for input in &mut self.inputs {
            let block = input.frame.len() / 2;
            let start = block + position % block;
            input.frame[start..start + samples.len()].copy_from_slice(samples);
        }
    }

    pub fn reset(&mut self) {
        for input in &mut self.inputs {
            input.frame.fill(0.0);
            input.spectra.clear();
        }
        for output in self.outputs.iter_mut().flatten() {
            output.sum.clear();
            output.block.fill(0.0);
        }
    }
}

impl LevelInput {
    fn new(level: &Level) -> Self {
        let many = level.spectra();
        Self {
            frame: vec![0.0; 2 * level.block],
            spectra: BlockSpectra::new(many, level.block),
            many,
            newest: 0,
        }
    }

    /// The place of the spectrum of so many blocks before the newest.
    #[inline(always)]
    pub const fn place(&self, blocks_ago: usize) -> usize {
        let place = self.newest + blocks_ago;
        if place < self.many { place } else { place - self.many }
    }

    /// Moves on by a block: the place of what is now the newest spectrum.
    pub const fn advance(&mut self) -> usize {
        self.newest = if self.newest == 0 { self.many - 1 } else { self.newest - 1 };
        self.newest
    }
}
