//! Gains that stand still as one filter: how its convolution is cut into partitions.
//!
//! A partition of B taps is a product of spectra of 2 B samples, in blocks of B (Stockham, 1966, DOI
//! 10.1145/1464182.1464209; Gardner, 1995, for partitions that grow). What is taken in until a block ends reaches
//! the output one block later at the soonest: taps before that, where there are any, are convolved
//! directly.

use crate::bank::{Bank, ImpulseResponses};
use crate::cast::real;
use crate::stream::timing::{BATCH, CONTROL_BLOCK};
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::ops::Range;
use std::sync::Arc;

/// What a filter may lose at its ends: the sum of the magnitudes of all bands' taps there, at a change of 1. With
/// −140 dB it is as little as rounding.
const NEGLIGIBLE: f64 = 1e-7;

/// The longest filter that is played: with longer ones an instance takes more memory than it saves work.
const TAPS_MAX: usize = 1 << 15;

/// Block sizes: a multiple of a control block, and dividing the interval of flushes, by which positions are counted.
const BLOCKS: [usize; 5] = [32, 64, 128, 256, 512];

/// A filter is summed up and transformed at no more than this part of the streamed bank's work.
const BUILD_SHARE: f64 = 0.1;

/// How much the worst control block counts against the mean when a filter is cut into partitions: transforms of long
/// blocks save little, and many instances have theirs at once (`cargo xtask bench rest`).
const WORST_SHARE: f64 = 0.25;

/// Gains leave a filter for good after so many times as long as they would have had to stand still.
const LEAVE_AFTER: usize = 2;

/// The filter's taps by samples of delay, and who convolves them.
pub(crate) struct HeldPlan {
    pub responses: Arc<ImpulseResponses>,
    /// The first ones.
    pub direct: Range<usize>,
    /// The others, in blocks that grow.
    pub levels: Vec<Level>,
    /// Samples for which gains have stood still when they are played as a filter: all that is heard was
    /// scaled by them, and all spectra are there. A multiple of a batch.
    pub rest_samples: usize,
    /// The same for gains at unity, which need no filter.
    pub flat_rest_samples: usize,
    /// Samples after which gains that have not come to rest leave the filter: seldom enough that it does not
    /// happen with each move of a control.
    pub leave_samples: usize,
    /// Multiply-adds for a sample.
    pub multiply_adds: f64,
    /// Multiply-adds for a control block while a filter is summed up.
    pub build_multiply_adds: f64,
}

/// Partitions of one size.
pub(crate) struct Level {
    /// Samples of a block, and taps of a partition.
    pub block: usize,
    /// Blocks of delay of the first partition's first tap, at least 1.
    pub first: usize,
    pub partitions: usize,
    pub forward: Arc<dyn RealToComplex<f32>>,
    pub inverse: Arc<dyn ComplexToReal<f32>>,
}

impl HeldPlan {
    /// For a bank that is streamed with so many multiply-adds for a sample, the longest of whose duals reaches
    /// `future` samples. None where that costs no more.
    pub fn new(bank: &Bank, streamed: f64, future: usize) -> Option<Self> {
        let responses = bank.impulse_responses().clone();
        let taps = audible(&responses);
        if taps.is_empty() || taps.len() > TAPS_MAX {
            return None;
        }
        let layout = layouts(&taps).min_by(|a, b| a.score().total_cmp(&b.score()))?;
        let multiply_adds = layout.work();
        if multiply_adds >= streamed {
            return None;
        }
        let mut planner = RealFftPlanner::new();
        let levels: Vec<_> = layout
            .levels
            .iter()
            .map(|of| Level {
                block: of.block,
                first: of.first,
                partitions: of.partitions,
                forward: planner.plan_fft_forward(2 * of.block),
                inverse: planner.plan_fft_inverse(2 * of.block),
            })
            .collect();
        let filled = levels.iter().map(Level::fill_samples).max().unwrap_or(0);
        let build_multiply_adds = BUILD_SHARE * streamed * real(CONTROL_BLOCK);
        let mut plan = Self {
            responses,
            direct: layout.direct,
            levels,
            rest_samples: 0,
            leave_samples: 0,
            flat_rest_samples: future.next_multiple_of(BATCH),
            multiply_adds,
            build_multiply_adds,
        };
        let built = plan.build_blocks() * CONTROL_BLOCK;
        plan.rest_samples = future.max(filled).max(built).next_multiple_of(BATCH);
        plan.leave_samples = LEAVE_AFTER * plan.rest_samples;
        Some(plan)
    }

    /// Samples of silence after which nothing is left of the sound.
    pub fn tail_samples(&self) -> usize {
        self.levels.iter().map(Level::fill_samples).max().unwrap_or(0).max(self.direct.end)
    }

    /// Those of the taps that any level or the direct convolution plays.
    pub fn taps(&self) -> Range<usize> {
        let first = self.levels.first().map_or(self.direct.end, Level::start);
        let start = if self.direct.is_empty() { first } else { self.direct.start };
        start..self.levels.last().map_or(self.direct.end, Level::end)
    }

    /// Multiply-adds to add band `k`'s taps to the sum.
    pub fn band_multiply_adds(&self, k: usize) -> f64 {
        real(self.responses.bands[k].taps.len())
    }

    /// Control blocks in which a filter is built.
    fn build_blocks(&self) -> usize {
        let bands = (0..self.responses.bands.len()).map(|k| self.band_multiply_adds(k));
        let transforms = self.levels.iter().flat_map(|level| {
            std::iter::repeat_n(transform_work(2 * level.block), level.partitions)
        });
        let (mut blocks, mut left) = (1, self.build_multiply_adds);
        for work in bands.chain(transforms) {
            if left <= 0.0 {
                (blocks, left) = (blocks + 1, self.build_multiply_adds);
            }
            left -= work;
        }
        blocks
    }
}

impl Level {
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

/// The range of delays outside of which all taps together are [`NEGLIGIBLE`].
fn audible(responses: &ImpulseResponses) -> Range<usize> {
    let mut magnitudes = vec![0.0; responses.samples];
    for band in &responses.bands {
        for (sum, tap) in magnitudes[band.offset..].iter_mut().zip(&band.taps) {
            *sum += f64::from(tap.abs());
        }
    }
    let within = |taps: &mut dyn Iterator<Item = &f64>| {
        let mut sum = 0.0;
        taps.take_while(|tap| {
            sum += **tap;
            sum < NEGLIGIBLE
        })
        .count()
    };
    let (before, after) = (within(&mut magnitudes.iter()), within(&mut magnitudes.iter().rev()));
    before..(magnitudes.len() - after).max(before)
}

/// A way to cut a filter into partitions.
struct Layout {
    direct: Range<usize>,
    levels: Vec<LevelLayout>,
}

struct LevelLayout {
    block: usize,
    first: usize,
    partitions: usize,
}

impl Layout {
    /// Multiply-adds for a sample.
    fn work(&self) -> f64 {
        let levels = self.levels.iter().map(|level| {
            2.0 * transform_work(2 * level.block) / real(level.block) + 4.0 * real(level.partitions)
        });
        real(self.direct.len()) + levels.sum::<f64>()
    }

    /// Those in the control block in which all blocks end, for a sample of it.
    fn worst_work(&self) -> f64 {
        let levels = self.levels.iter().map(|level| {
            let newest = if level.first == 1 { real(4 * level.block) } else { 0.0 };
            2.0 * transform_work(2 * level.block) + newest
        });
        real(self.direct.len()) + levels.sum::<f64>() / real(CONTROL_BLOCK)
    }

    /// What is to be least.
    fn score(&self) -> f64 {
        self.work() + WORST_SHARE * self.worst_work()
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
            levels.push(LevelLayout { block, first, partitions });
        }
        Some(Layout { direct, levels })
    })
}

/// Multiply-adds of a real transform of so many samples, by and large.
pub(crate) fn transform_work(samples: usize) -> f64 {
    0.75 * real(samples) * real(samples).log2()
}
