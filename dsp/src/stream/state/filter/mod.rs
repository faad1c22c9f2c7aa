//! Filters in partitions, and the channels on their way through them.

mod channel;
mod spectra;

pub(crate) use channel::{FilterChannel, LevelInput, LevelOutput};

use crate::cast::{real, single};
use crate::stream::plan::{Level, Partitions};
use num_complex::Complex32;
use spectra::BlockSpectra;

/// The most filters that have output at a time.
pub(crate) const FILTERS_MAX: usize = 3;

/// Filters that take turns, and the channels that go through them.
pub(crate) struct Filters {
    pub channels: Vec<FilterChannel>,
    pub filters: Vec<Filter>,
    /// Which of them have output.
    pub in_use: [bool; FILTERS_MAX],
    pub scratch: FilterScratch,
}

/// A filter in partitions.
pub(crate) struct Filter {
    /// The first taps.
    pub direct: Vec<f32>,
    /// The partitions of each level, for transforms that are not normalised.
    pub levels: Vec<BlockSpectra>,
    /// How many partitions of each level there are: the others are 0.
    pub filled: Vec<usize>,
}

/// Buffers for transforms.
pub(crate) struct FilterScratch {
    pub frame: Vec<f32>,
    pub spectrum: Vec<Complex32>,
    pub transform: Vec<Complex32>,
}

impl Filters {
    /// So many filters, [`FILTERS_MAX`] at most.
    pub fn new(partitions: &Partitions, channels: usize, filters: usize) -> Self {
        Self {
            channels: (0..channels).map(|_| FilterChannel::new(partitions, filters)).collect(),
            filters: (0..filters).map(|_| Filter::new(partitions)).collect(),
            in_use: [false; FILTERS_MAX],
            scratch: FilterScratch::new(partitions),
        }
    }

    /// Which filters have output.
    pub fn active(&self) -> impl Iterator<Item = usize> + Clone + use<> {
        let in_use = self.in_use;
        (0..FILTERS_MAX).filter(move |which| in_use[*which])
    }

    /// Forgets all sound, and that any filter has output.
    pub fn reset(&mut self) {
        self.channels.iter_mut().for_each(FilterChannel::reset);
        self.in_use = [false; FILTERS_MAX];
    }
}

impl Filter {
    pub fn new(partitions: &Partitions) -> Self {
        let level = |level: &Level| BlockSpectra::new(level.partitions, level.block);
        Self {
            direct: vec![0.0; partitions.direct.len()],
            levels: partitions.levels.iter().map(level).collect(),
            filled: partitions.levels.iter().map(|level| level.partitions).collect(),
        }
    }

    /// Takes the first taps, of `taps` from the first one on that is played.
    pub fn set_direct(&mut self, taps: &[f32]) {
        for (tap, given) in self.direct.iter_mut().zip(taps) {
            *tap = *given;
        }
    }

    /// Takes a partition of level `n`, of `taps` from the first one on that is played.
    pub fn set_partition(
        &mut self,
        partitions: &Partitions,
        (n, partition): (usize, usize),
        taps: &[f32],
        scratch: &mut FilterScratch,
    ) {
        let level = &partitions.levels[n];
        let frame = &mut scratch.frame[..2 * level.block];
        let spectrum = &mut scratch.spectrum[..=level.block];
        let first = level.start() + partition * level.block - partitions.taps().start;
        frame.fill(0.0);
        for (sample, tap) in frame[..level.block].iter_mut().zip(&taps[first..]) {
            *sample = *tap;
        }
        let done = level.forward.process_with_scratch(frame, spectrum, &mut scratch.transform);
        debug_assert!(done.is_ok(), "{done:?}");
        self.levels[n].set(partition, spectrum, single(1.0 / real(2 * level.block)));
    }
}

impl FilterScratch {
    pub fn new(partitions: &Partitions) -> Self {
        let longest = partitions.block_max();
        let transforms = partitions.levels.iter();
        let transforms = transforms
            .map(|level| level.forward.get_scratch_len().max(level.inverse.get_scratch_len()));
        Self {
            frame: vec![0.0; 2 * longest],
            spectrum: vec![Complex32::ZERO; longest + 1],
            transform: vec![Complex32::ZERO; transforms.max().unwrap_or(0)],
        }
    }
}
