//! Samples sorted by phase for coefficients a stride apart: what one tap reads for all of them lies in a row.

use super::BLOCK;

/// Samples of a channel, every `stride`th of them in a row of its own.
#[derive(Default)]
pub(crate) struct PolyphaseSamples {
    samples: Vec<f32>,
    stride: usize,
    /// From one row to the next.
    row: usize,
}

impl PolyphaseSamples {
    /// For up to so many samples, at any stride up to `stride`.
    pub fn new(many: usize, stride: usize) -> Self {
        Self { samples: vec![0.0; many + stride * (BLOCK + 1)], stride: 1, row: 0 }
    }

    /// Takes in all samples of a slice, the oldest first.
    #[inline(always)]
    pub fn fill(&mut self, samples: &[f32], stride: usize) {
        self.stride = stride;
        self.row = samples.len().div_ceil(stride) + BLOCK;
        match stride {
            1 => self.sort::<1>(samples),
            2 => self.sort::<2>(samples),
            3 => self.sort::<3>(samples),
            4 => self.sort::<4>(samples),
            6 => self.sort::<6>(samples),
            8 => self.sort::<8>(samples),
            _ => {
                for (phase, row) in self.samples.chunks_exact_mut(self.row).enumerate().take(stride)
                {
                    for (to, from) in row.iter_mut().zip(samples[phase..].iter().step_by(stride)) {
                        *to = *from;
                    }
                }
            }
        }
    }

    /// The same for a stride known to the compiler.
    #[inline(always)]
    fn sort<const D: usize>(&mut self, samples: &[f32]) {
        let (whole, rest) = samples.as_chunks::<D>();
        for phase in 0..D {
            let row = &mut self.samples[phase * self.row..][..self.row];
            for (to, from) in row.iter_mut().zip(whole) {
                *to = from[phase];
            }
            if let Some(last) = rest.get(phase) {
                row[whole.len()] = *last;
            }
        }
    }

    /// The `nth` oldest sample and so many in all, each a stride before the other, in the order of time;
    /// and further ones for as many coefficients as `size`, from coefficient `block` on.
    #[inline(always)]
    pub fn before(&self, nth: usize, many: usize, block: usize, size: usize) -> &[f32] {
        let at = nth % self.stride * self.row + nth / self.stride + block;
        &self.samples[at + 1 - many..at + size]
    }

    /// The same, each a stride after the other.
    #[inline(always)]
    pub fn after(&self, nth: usize, many: usize, block: usize, size: usize) -> &[f32] {
        let at = nth % self.stride * self.row + nth / self.stride + block;
        &self.samples[at..at + many - 1 + size]
    }
}

/// A kernel's taps sorted as [`PolyphaseSamples`] sorts samples.
pub(crate) struct PolyphaseTaps {
    re: Vec<f32>,
    im: Vec<f32>,
    /// Taps of each row: one more in the first `longer` rows.
    each: usize,
    longer: usize,
}

impl PolyphaseTaps {
    pub fn new(re: &[f32], im: &[f32], stride: usize) -> Self {
        let sorted = |taps: &[f32]| {
            let phase = |phase| taps.iter().skip(phase).step_by(stride).copied();
            (0..stride).flat_map(phase).collect()
        };
        Self { re: sorted(re), im: sorted(im), each: re.len() / stride, longer: re.len() % stride }
    }

    /// The taps from the first on a stride apart, then those from the second, and so on.
    #[inline(always)]
    pub fn phases(&self) -> impl Iterator<Item = (usize, &[f32], &[f32])> {
        let (longer, shorter) = (self.each + 1, self.each);
        let (re, re_rest) = self.re.split_at(self.longer * longer);
        let (im, im_rest) = self.im.split_at(self.longer * longer);
        let first = re.chunks_exact(longer).zip(im.chunks_exact(longer));
        let others = re_rest.chunks_exact(shorter.max(1)).zip(im_rest.chunks_exact(shorter.max(1)));
        first.chain(others).enumerate().map(|(phase, (re, im))| (phase, re, im))
    }
}

#[cfg(test)]
mod tests {
    use super::{PolyphaseSamples, PolyphaseTaps};
    use crate::cast::{real, single};

    #[test]
    fn sorted_taps_meet_the_samples_they_did_before() {
        let samples: Vec<f32> = (0..100).map(|n| single(real(n))).collect();
        let taps: Vec<f32> = (0..23).map(|n| single(real(n))).collect();
        let mut sorted = PolyphaseSamples::new(100, 32);
        for stride in [1, 2, 3, 5, 12, 32] {
            sorted.fill(&samples, stride);
            let mut met = 0;
            for (phase, re, im) in PolyphaseTaps::new(&taps, &taps, stride).phases() {
                let (before, after) = (
                    sorted.before(60 - phase, re.len(), 0, 1),
                    sorted.after(60 + phase, re.len(), 0, 1),
                );
                for (j, tap) in re.iter().enumerate() {
                    assert_eq!(before[re.len() - 1 - j], 60.0 - tap, "{stride}");
                    assert_eq!(after[j], 60.0 + tap, "{stride}");
                    met += 1;
                }
                assert_eq!(re, im);
            }
            assert_eq!(met, taps.len(), "{stride}");
            let run = sorted.after(20, 1, 1, 2);
            assert_eq!(run[0], 20.0 + single(real(stride)));
        }
    }
}
