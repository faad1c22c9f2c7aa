//! The inner loop of bands that sound at every sample.

use super::{LANES, MARGIN};
use pulp::Simd;

/// A band with a coefficient at every sample, in several channels.
#[derive(Clone, Copy)]
pub(in super::super) struct Dense<'a, const C: usize> {
    /// Real taps within [`MARGIN`]s of silence.
    pub taps: &'a [f32],
    /// The coefficients of each channel from one sample before the oldest that sounds in the output.
    pub coefficients: [&'a [f32]; C],
}

/// Adds to each channel's output what bands sound in it, so many coefficients `apart`:
/// `output`\[n\] += Σ Σ_m a\[n − m\] taps\[m\]. The output's length is a multiple of [`LANES`].
#[inline(always)] // Compiled with the caller's vector instructions.
pub(in super::super) fn add_dense<S: Simd, const C: usize>(
    simd: S,
    bands: &[Dense<C>],
    apart: usize,
    outputs: [&mut [f32]; C],
) {
    // Blocks of 16, so that little is multiplied with the silence around taps; eight sums in all, or
    // every addition would wait for the one before.
    match LANES / S::F32_LANES {
        1 => add_in_blocks::<S, C, 1>(simd, bands, apart, outputs),
        2 => add_in_blocks::<S, C, 2>(simd, bands, apart, outputs),
        _ => add_in_blocks::<S, C, 4>(simd, bands, apart, outputs),
    }
}

/// [`add_dense`] in blocks of `W` vectors.
#[inline(always)] // Compiled with the caller's vector instructions.
fn add_in_blocks<S: Simd, const C: usize, const W: usize>(
    simd: S,
    bands: &[Dense<C>],
    apart: usize,
    outputs: [&mut [f32]; C],
) {
    let size = W * S::F32_LANES;
    let many = outputs[0].len() / size;
    let mut blocks = [(); C].map(|()| Default::default());
    for (blocks, output) in blocks.iter_mut().zip(outputs) {
        *blocks = S::as_mut_simd_f32s(output).0.as_chunks_mut::<W>().0;
    }
    for block in 0..many {
        // Every other coefficient has sums of its own.
        let mut sums = [[[simd.splat_f32s(0.0); W]; 2]; C];
        for band in bands {
            let reach = band.taps.len() - 2 * MARGIN;
            // Two coefficients at a time, the first with one tap of silence more where they are odd.
            let rounds = (reach + size) / 2;
            let oldest = block * size + reach + size - 2 * rounds;
            let mut taps = &band.taps[..MARGIN + 2 * rounds];
            let mut pairs = [(); C].map(|()| [].chunks_exact(1));
            for c in 0..C {
                pairs[c] = band.coefficients[c][oldest * apart..].chunks_exact(2 * apart);
            }
            for _ in 0..rounds {
                let last = taps.len();
                let Some(both) = taps.get(last - size - 1..) else { break };
                taps = &taps[..last - 2];
                let both = [S::as_simd_f32s(&both[1..]).0, S::as_simd_f32s(&both[..size]).0];
                // All are fetched before any is used, or taps would be read anew for each channel.
                let mut parts = [[simd.splat_f32s(0.0); 2]; C];
                for c in 0..C {
                    let Some(pair) = pairs[c].next() else { break };
                    parts[c] = [simd.splat_f32s(pair[0]), simd.splat_f32s(pair[apart])];
                }
                for way in 0..2 {
                    for c in 0..C {
                        for w in 0..W {
                            sums[c][way][w] =
                                simd.mul_add_e_f32s(both[way][w], parts[c][way], sums[c][way][w]);
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
