//! The inner loops for many coefficients of a band at once.

use super::{LANES, MARGIN, PolyphaseSamples, PolyphaseTaps};
use crate::stream::timing::BATCH;
use pulp::Simd;

/// The most coefficients of a run.
const COEFFICIENTS_MAX: usize = BATCH;

/// Coefficients of up to two channels at rising times, all as many. In rows of fixed length, so that loops
/// need but one pointer for all.
pub(crate) struct CoefficientBlock {
    /// Real parts; what comes after [`Self::many`] of them does not count.
    pub re: [[f32; COEFFICIENTS_MAX + BLOCK]; 2],
    /// Imaginary parts.
    pub im: [[f32; COEFFICIENTS_MAX + BLOCK]; 2],
    /// The coefficients of each channel.
    pub many: usize,
}

impl CoefficientBlock {
    pub const fn new() -> Self {
        Self {
            re: [[0.0; COEFFICIENTS_MAX + BLOCK]; 2],
            im: [[0.0; COEFFICIENTS_MAX + BLOCK]; 2],
            many: 0,
        }
    }

    /// Sets a coefficient of each channel.
    #[inline(always)]
    pub fn set<const C: usize>(&mut self, f: usize, coefficients: [[f32; 2]; C]) {
        for (c, coefficient) in coefficients.into_iter().enumerate() {
            [self.re[c][f], self.im[c][f]] = coefficient;
        }
    }

    /// A coefficient of each channel.
    #[inline(always)]
    pub fn at<const C: usize>(&self, f: usize) -> [[f32; 2]; C] {
        let mut found = [[0.0; 2]; C];
        for (c, found) in found.iter_mut().enumerate() {
            *found = [self.re[c][f], self.im[c][f]];
        }
        found
    }

    /// Makes pairs of real coefficients, the second of each as an imaginary part.
    #[inline(always)]
    pub fn pair_up<const C: usize>(&mut self) {
        let pairs = self.many.div_ceil(2);
        for c in 0..C {
            let (re, im) = (&mut self.re[c], &mut self.im[c]);
            // Where their number is odd.
            re[self.many] = 0.0;
            for n in 0..pairs {
                (re[n], im[n]) = (re[2 * n], re[2 * n + 1]);
            }
        }
        self.many = pairs;
    }
}

/// Adds a run of coefficients of each channel, `stride` samples apart, to its output:
/// `output`\[n\] += Σ_f a_f re\[n − f `stride`\] − b_f im\[n − f `stride`\]. The output is read and
/// written once, not once per coefficient. The taps lie between [`MARGIN`]s of zeros; the outputs have
/// as much padding.
#[inline(always)]
pub(crate) fn add_run<S: Simd, const C: usize>(
    simd: S,
    run: &CoefficientBlock,
    stride: usize,
    taps: (&[f32], &[f32]),
    outputs: [&mut [f32]; C],
) {
    // Eight sums in all, or every addition would wait for the one before.
    match (LANES / S::F32_LANES, C) {
        (1, 1) | (2, 2) => add_run_in_blocks::<S, C, 2>(simd, run, stride, taps, outputs),
        (2, 1) => add_run_in_blocks::<S, C, 4>(simd, run, stride, taps, outputs),
        _ => add_run_in_blocks::<S, C, 1>(simd, run, stride, taps, outputs),
    }
}

/// [`add_run`] in blocks of `W` vectors.
#[expect(clippy::needless_range_loop)] // Every channel's output is indexed, not one.
#[inline(always)]
fn add_run_in_blocks<S: Simd, const C: usize, const W: usize>(
    simd: S,
    run: &CoefficientBlock,
    stride: usize,
    (re, im): (&[f32], &[f32]),
    outputs: [&mut [f32]; C],
) {
    let size = W * S::F32_LANES;
    let im = &im[..re.len()];
    let taps = re.len() - 2 * MARGIN;
    // Never more; said so that no bounds are checked below.
    let many = run.many.min(COEFFICIENTS_MAX);
    let length = taps + (many - 1) * stride;
    let mut blocks = [(); C].map(|()| Default::default());
    for (blocks, output) in blocks.iter_mut().zip(outputs) {
        *blocks = S::as_mut_simd_f32s(output).0.as_chunks_mut::<W>().0;
    }
    // The coefficients that contribute to a block.
    let (mut first, mut end) = (0, 0);
    for block in 0..length.div_ceil(size) {
        let start = block * size;
        while first * stride + taps <= start {
            first += 1;
        }
        while end < many && end * stride < start + size {
            end += 1;
        }
        let mut sums = [[[simd.splat_f32s(0.0); W]; 2]; C];
        let mut from = MARGIN + start - first * stride;
        for f in first..end {
            let re = S::as_simd_f32s(&re[from..from + size]).0;
            let im = S::as_simd_f32s(&im[from..from + size]).0;
            for c in 0..C {
                let (a, b) = (simd.splat_f32s(run.re[c][f]), simd.splat_f32s(run.im[c][f]));
                for w in 0..W {
                    sums[c][0][w] = simd.mul_add_e_f32s(re[w], a, sums[c][0][w]);
                    sums[c][1][w] = simd.mul_add_e_f32s(im[w], b, sums[c][1][w]);
                }
            }
            // The last time around this may be before the taps, and is not used.
            from = from.wrapping_sub(stride);
        }
        for c in 0..C {
            let output: &mut [S::f32s; W] = &mut blocks[c][block];
            for w in 0..W {
                let change = simd.sub_f32s(sums[c][0][w], sums[c][1][w]);
                output[w] = simd.add_f32s(output[w], change);
            }
        }
    }
}

/// Padding after a run's coefficients that [`correlate_run`] may write to, and after the samples that it
/// may read.
pub(crate) const BLOCK: usize = 2 * LANES;

/// A run of coefficients of each channel: Σ x_f\[n\] (re\[n\] + i im\[n\]), x_f\[n\] the sample `stride` f
/// after the one at `start` and n before it. Every lane is a coefficient of its own, so no sum is across
/// lanes.
#[inline(always)]
pub(crate) fn correlate_run<S: Simd, const C: usize>(
    simd: S,
    samples: [&PolyphaseSamples; C],
    start: usize,
    taps: &PolyphaseTaps,
    many: usize,
    found: [(&mut [f32], &mut [f32]); C],
) {
    match LANES / S::F32_LANES {
        1 => correlate_run_in_blocks::<S, C, 1>(simd, samples, start, taps, many, found),
        _ => correlate_run_in_blocks::<S, C, 2>(simd, samples, start, taps, many, found),
    }
}

/// [`correlate_run`] in blocks of `W` vectors.
#[inline(always)]
fn correlate_run_in_blocks<S: Simd, const C: usize, const W: usize>(
    simd: S,
    samples: [&PolyphaseSamples; C],
    start: usize,
    taps: &PolyphaseTaps,
    many: usize,
    mut found: [(&mut [f32], &mut [f32]); C],
) {
    let size = W * S::F32_LANES;
    for block in (0..many).step_by(size) {
        let mut sums = [[[simd.splat_f32s(0.0); W]; 2]; C];
        for (phase, re, im) in taps.phases() {
            let mut x = [(); C].map(|()| [].windows(1));
            for (x, samples) in x.iter_mut().zip(samples) {
                *x = samples.before(start - phase, re.len(), block, size).windows(size);
            }
            for (re, im) in re.iter().zip(im) {
                let (re, im) = (simd.splat_f32s(*re), simd.splat_f32s(*im));
                for c in 0..C {
                    let Some(x) = x[c].next_back() else { continue };
                    let x = S::as_simd_f32s(x).0;
                    for w in 0..W {
                        sums[c][0][w] = simd.mul_add_e_f32s(x[w], re, sums[c][0][w]);
                        sums[c][1][w] = simd.mul_add_e_f32s(x[w], im, sums[c][1][w]);
                    }
                }
            }
        }
        for c in 0..C {
            store::<S, W>(&mut found[c], block, sums[c]);
        }
    }
}

/// [`correlate_run`] for a Hermitian kernel, from its middle outwards: of its two taps in the middle one meets
/// the sample at `older`, the other that at `newer`. Half the multiplications.
#[inline(always)]
pub(crate) fn correlate_run_folded<S: Simd, const C: usize>(
    simd: S,
    samples: [&PolyphaseSamples; C],
    starts: (usize, usize),
    taps: &PolyphaseTaps,
    many: usize,
    found: [(&mut [f32], &mut [f32]); C],
) {
    match LANES / S::F32_LANES {
        1 => correlate_run_folded_in_blocks::<S, C, 1>(simd, samples, starts, taps, many, found),
        _ => correlate_run_folded_in_blocks::<S, C, 2>(simd, samples, starts, taps, many, found),
    }
}

/// [`correlate_run_folded`] in blocks of `W` vectors.
#[inline(always)]
fn correlate_run_folded_in_blocks<S: Simd, const C: usize, const W: usize>(
    simd: S,
    samples: [&PolyphaseSamples; C],
    (older, newer): (usize, usize),
    taps: &PolyphaseTaps,
    many: usize,
    mut found: [(&mut [f32], &mut [f32]); C],
) {
    let size = W * S::F32_LANES;
    for block in (0..many).step_by(size) {
        let mut sums = [[[simd.splat_f32s(0.0); W]; 2]; C];
        for (phase, re, im) in taps.phases() {
            let mut both = [(); C].map(|()| ([].windows(1), [].windows(1)));
            for ((x, y), samples) in both.iter_mut().zip(samples) {
                *x = samples.before(older - phase, re.len(), block, size).windows(size);
                *y = samples.after(newer + phase, re.len(), block, size).windows(size);
            }
            for (re, im) in re.iter().zip(im) {
                let (re, im) = (simd.splat_f32s(*re), simd.splat_f32s(*im));
                for c in 0..C {
                    let (x, y) = &mut both[c];
                    let (Some(x), Some(y)) = (x.next_back(), y.next()) else { continue };
                    let (x, y) = (S::as_simd_f32s(x).0, S::as_simd_f32s(y).0);
                    for w in 0..W {
                        let (even, odd) = (simd.add_f32s(x[w], y[w]), simd.sub_f32s(x[w], y[w]));
                        sums[c][0][w] = simd.mul_add_e_f32s(even, re, sums[c][0][w]);
                        sums[c][1][w] = simd.mul_add_e_f32s(odd, im, sums[c][1][w]);
                    }
                }
            }
        }
        for c in 0..C {
            store::<S, W>(&mut found[c], block, sums[c]);
        }
    }
}

#[inline(always)]
fn store<S: Simd, const W: usize>(
    (re, im): &mut (&mut [f32], &mut [f32]),
    block: usize,
    sums: [[S::f32s; W]; 2],
) {
    let place = block..block + W * S::F32_LANES;
    S::as_mut_simd_f32s(&mut re[place.clone()]).0.copy_from_slice(&sums[0]);
    S::as_mut_simd_f32s(&mut im[place]).0.copy_from_slice(&sums[1]);
}
