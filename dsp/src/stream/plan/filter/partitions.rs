//! How a convolution with a long filter is cut into partitions.
//!
//! A partition of B taps is a product of spectra of 2 B samples, in blocks of B (Stockham, 1966, DOI
//! 10.1145/1464182.1464209; Gardner, 1995, for partitions that grow). What is taken in until a block ends reaches
//! the output one block later at the soonest: taps before that, where there are any, are convolved
//! directly.

use crate::cast::real;
use crate::stream::timing::CONTROL_BLOCK;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Block sizes: a multiple of a control block, and dividing the interval of flushes, by which positions are counted.
const BLOCKS: [usize; 5] = [32, 64, 128, 256, 512];

/// What counts for how much when a filter is cut into partitions.
#[derive(Clone, Copy)]
pub(crate) struct Weights {
    /// A multiply-add of the direct convolution, against one of another kind.
    pub direct: f64,
    /// The control block with the most work, against the mean: transforms of long blocks save little, and many
    /// instances have theirs at once.
    pub worst_block: f64,
}

/// A filter's taps by samples of delay, and who convolves them.
pub(crate) struct Partitions {
    /// The first taps.
    pub direct: Range<usize>,
    /// The others, in blocks that grow.
    pub levels: Vec<Level>,
    /// Multiply-adds for a sample.
    pub multiply_adds: f64,
}

impl Partitions {
    /// For filters of these taps, of which there is at least one: the least work by these weights.
    pub fn new(taps: &Range<usize>, weights: Weights) -> Option<Self> {
        let score = |layout: &Layout| layout.score(weights);
        let least = layouts(taps).min_by(|a, b| score(a).total_cmp(&score(b)))?;
        let mut planner = RealFftPlanner::new();
        let multiply_adds = least.work();
        let levels = least.levels.into_iter().map(|extent| Level {
            forward: planner.plan_fft_forward(2 * extent.block),
            inverse: planner.plan_fft_inverse(2 * extent.block),
            extent,
        });
        Some(Self { direct: least.direct, levels: levels.collect(), multiply_adds })
    }

    /// Samples of silence after which nothing is left of the sound.
    pub fn tail_samples(&self) -> usize {
        self.fill_samples().max(self.direct.end)
    }

    /// Samples after which all spectra are new.
    pub fn fill_samples(&self) -> usize {
        self.levels.iter().map(|level| level.fill_samples()).max().unwrap_or(0)
    }

    /// Those of the taps that any level or the direct convolution plays.
    pub fn taps(&self) -> Range<usize> {
        let first = self.levels.first().map_or(self.direct.end, |level| level.start());
        let start = if self.direct.is_empty() { first } else { self.direct.start };
        start..self.levels.last().map_or(self.direct.end, |level| level.end())
    }

    /// The longest block.
    pub fn block_max(&self) -> usize {
        self.levels.iter().map(|level| level.block).max().unwrap_or(0)
    }
}

/// Partitions of one size, and their transforms.
pub(crate) struct Level {
    extent: Extent,
    pub forward: Arc<dyn RealToComplex<f32>>,
    pub inverse: Arc<dyn ComplexToReal<f32>>,
}

impl Deref for Level {
    type Target = Extent;

    fn deref(&self) -> &Extent {
        &self.extent
    }
}

/// Which taps partitions of one size have.
pub(crate) struct Extent {
    /// Samples of a block, and taps of a partition.
    pub block: usize,
    /// Blocks of delay of the first partition's first tap, at least 1.
    pub first: usize,
    pub partitions: usize,
}

impl Extent {
    /// The delay of the first tap in samples.
    pub const fn start(&self) -> usize {
        self.first * self.block
    }

    /// The delay after the last tap in samples.
    pub const fn end(&self) -> usize {
        self.start() + self.partitions * self.block
    }

    /// Blocks whose spectra are kept.
    pub const fn spectra(&self) -> usize {
        self.first + self.partitions - 1
    }

    /// Control blocks in a block.
    pub const fn steps(&self) -> usize {
        self.block / CONTROL_BLOCK
    }

    /// Samples after which all spectra are new, whenever the first is taken in.
    const fn fill_samples(&self) -> usize {
        (self.spectra() + 2) * self.block
    }

    /// The partitions, those of the newest block excepted, that are multiplied in a step of a block: the work is
    /// spread over all but the last, which has the transforms.
    pub fn partitions_in(&self, step: usize) -> Range<usize> {
        // Only a first partition one block old reaches the block that ends with the last step.
        let newest = usize::from(self.first == 1);
        let others = self.partitions - newest;
        let spread = self.steps() - 1;
        if spread == 0 {
            return newest..self.partitions;
        }
        if step == spread {
            return self.partitions..self.partitions;
        }
        newest + others * step / spread..newest + others * (step + 1) / spread
    }
}

/// A way to cut a filter into partitions.
struct Layout {
    direct: Range<usize>,
    levels: Vec<Extent>,
}

impl Layout {
    /// Multiply-adds for a sample.
    fn work(&self) -> f64 {
        real(self.direct.len()) + self.level_work()
    }

    /// Those of blocks.
    fn level_work(&self) -> f64 {
        let levels = self.levels.iter().map(|level| {
            2.0 * transform_work(2 * level.block) / real(level.block) + 4.0 * real(level.partitions)
        });
        levels.sum::<f64>()
    }

    /// Those of blocks in the control block in which all of them end, for a sample of it.
    fn worst_work(&self) -> f64 {
        let levels = self.levels.iter().map(|level| {
            let newest = if level.first == 1 { real(4 * level.block) } else { 0.0 };
            2.0 * transform_work(2 * level.block) + newest
        });
        levels.sum::<f64>() / real(CONTROL_BLOCK)
    }

    /// What is to be least.
    fn score(&self, weights: Weights) -> f64 {
        let direct = weights.direct * real(self.direct.len());
        direct + self.level_work() + weights.worst_block * (direct + self.worst_work())
    }
}

/// All ways to cut a filter with these taps into partitions of rising [`BLOCKS`].
fn layouts(taps: &Range<usize>) -> impl Iterator<Item = Layout> {
    (1_u32..1 << BLOCKS.len()).filter_map(move |chosen| {
        let sizes = (0..BLOCKS.len()).filter(|n| chosen & (1 << n) != 0).map(|n| BLOCKS[n]);
        let sizes: Vec<usize> = sizes.collect();
        let smallest = *sizes.first()?;
        let direct = taps.start..taps.end.min(smallest).max(taps.start);
        let direct = if taps.start < smallest { direct } else { smallest..smallest };
        let mut levels = Vec::new();
        for (n, &block) in sizes.iter().enumerate() {
            let first = (taps.start / block).max(1);
            let end = sizes.get(n + 1).map_or(taps.end, |next| {
                // Where the next level takes over.
                (taps.start / next).max(1) * next
            });
            if first * block >= end {
                return None;
            }
            let partitions = (end - first * block).div_ceil(block);
            levels.push(Extent { block, first, partitions });
        }
        Some(Layout { direct, levels })
    })
}

/// Multiply-adds of a real transform of so many samples, by and large.
pub(crate) fn transform_work(samples: usize) -> f64 {
    0.75 * real(samples) * real(samples).log2()
}
