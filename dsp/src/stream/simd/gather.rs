//! The inner loop of synthesis and interpolation at a fixed stride: each output sample gathers what the latest
//! values contribute.

use super::{LANES, MARGIN};
use pulp::Simd;

/// Values of several channels at every [`stride`](gather) samples, and the kernel of each.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a, const C: usize> {
    /// Real taps between [`MARGIN`]s of zeros.
    pub taps: &'a [f32],
    /// The values of each channel from the one before the oldest that contributes to the output.
    pub values: [&'a [f32]; C],
}

/// Adds what sources contribute to each channel's output, each value so many `apart` from the next:
/// `output`\[n\] += Σ Σ_i values\[i\] taps\[n − i `stride`\]. The output's length is a multiple of [`LANES`];
/// it begins at a value, and the stride divides [`LANES`].
#[inline(always)]
pub(crate) fn gather<S: Simd, const C: usize>(
    simd: S,
    sources: &[Source<C>],
    (stride, apart): (usize, usize),
    outputs: [&mut [f32]; C],
) {
    // Blocks of LANES: short, so that little is multiplied with the zeros around taps.
    match LANES / S::F32_LANES {
        1 => gather_in_blocks::<S, C, 1>(simd, sources, (stride, apart), outputs),
        2 => gather_in_blocks::<S, C, 2>(simd, sources, (stride, apart), outputs),
        4 => gather_in_blocks::<S, C, 4>(simd, sources, (stride, apart), outputs),
        _ => gather_in_blocks::<S, C, LANES>(simd, sources, (stride, apart), outputs),
    }
}

/// [`gather`] in blocks of `W` vectors.
#[expect(clippy::needless_range_loop)] // Every channel's output is indexed, not one.
#[inline(always)]
fn gather_in_blocks<S: Simd, const C: usize, const W: usize>(
    simd: S,
    sources: &[Source<C>],
    (stride, apart): (usize, usize),
    outputs: [&mut [f32]; C],
) {
    let size = W * S::F32_LANES;
    let many = outputs[0].len() / size;
    let mut blocks = [(); C].map(|()| Default::default());
    for (blocks, output) in blocks.iter_mut().zip(outputs) {
        *blocks = S::as_mut_simd_f32s(output).0.as_chunks_mut::<W>().0;
    }
    for block in 0..many {
        // Every other value has sums of its own, or every addition would wait for the one before.
        let mut sums = [[[simd.splat_f32s(0.0); W]; 2]; C];
        for source in sources {
            let taps = source.taps.len() - 2 * MARGIN;
            // Two values at a time, the first with zeros where their number is odd.
            let contributing = taps.div_ceil(stride) + size / stride - 1;
            let rounds = contributing.div_ceil(2);
            let oldest = block * size / stride + 1 + contributing - 2 * rounds;
            let mut taps = &source.taps[..MARGIN + 2 * rounds * stride];
            let mut pairs = [(); C].map(|()| [].chunks_exact(1));
            for (pairs, values) in pairs.iter_mut().zip(source.values) {
                *pairs = values[oldest * apart..].chunks_exact(2 * apart);
            }
            for _ in 0..rounds {
                let last = taps.len();
                let Some(both) = taps.get(last - size - stride..) else { break };
                taps = &taps[..last - 2 * stride];
                let both = [S::as_simd_f32s(&both[stride..]).0, S::as_simd_f32s(&both[..size]).0];
                // All are fetched before any is used, or taps would be read anew for each channel.
                let mut values = [[simd.splat_f32s(0.0); 2]; C];
                for c in 0..C {
                    let Some(pair) = pairs[c].next() else { break };
                    values[c] = [simd.splat_f32s(pair[0]), simd.splat_f32s(pair[apart])];
                }
                for way in 0..2 {
                    for c in 0..C {
                        for w in 0..W {
                            sums[c][way][w] =
                                simd.mul_add_e_f32s(both[way][w], values[c][way], sums[c][way][w]);
                        }
                    }
                }
            }
        }
        for c in 0..C {
            let output: &mut [S::f32s; W] = &mut blocks[c][block];
            for w in 0..W {
                let change = simd.add_f32s(sums[c][0][w], sums[c][1][w]);
                output[w] = simd.add_f32s(output[w], change);
            }
        }
    }
}
