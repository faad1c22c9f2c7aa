//! The recursion, many bands at once, written once for every vector width that [`pulp`] finds.
//!
//! The outputs of one-pole stages in a row, [weighted](STAGE_WEIGHTS), are all there is to add up.

use super::order::STAGE_WEIGHTS;
use crate::feature::finite_sample;
use crate::scale::constants::GAMMATONE_ORDER as ORDER;
use num_complex::Complex;
use pulp::{Arch, Simd, WithSimd};

/// Bands are padded to the widest vector.
const LANES: usize = 8;

/// Samples filtered at a time, after which outputs are handed on.
const BLOCK: usize = 128;

/// Values below this are set to zero, long before they would be subnormal and slow to compute.
const NEGLIGIBLE: f64 = 1e-200;

/// Who takes the outputs: the band, the time of the first, and the outputs.
pub(super) type Take<'a> = &'a mut dyn FnMut(usize, usize, &[f64]);

/// Filters a signal by all bands, from their states on.
pub(super) fn run(filters: &Filters, memory: &mut Memory, sound: &[f64], take: Take) {
    Arch::new().dispatch(Run { filters, memory, sound, take });
}

/// The filters of all bands, padded to whole vectors.
#[derive(Clone, Debug)]
pub(super) struct Filters {
    bands: usize,
    pole: [Vec<f64>; 2],
    level: [Vec<f64>; 2],
}

/// The stages' states of all bands: real and imaginary parts.
#[derive(Clone, Debug)]
pub(super) struct Memory([[Vec<f64>; 2]; ORDER]);

struct Run<'a> {
    filters: &'a Filters,
    memory: &'a mut Memory,
    sound: &'a [f64],
    take: Take<'a>,
}

impl Filters {
    pub fn new(poles: &[Complex<f64>], levels: &[Complex<f64>]) -> Self {
        let padded = poles.len().next_multiple_of(LANES);
        let parts = |list: &[Complex<f64>]| {
            let mut parts = [
                list.iter().map(|value| value.re).collect::<Vec<_>>(),
                list.iter().map(|value| value.im).collect(),
            ];
            parts.iter_mut().for_each(|part| part.resize(padded, 0.0));
            parts
        };
        Self { bands: poles.len(), pole: parts(poles), level: parts(levels) }
    }

    /// The states at rest.
    pub fn silence(&self) -> Memory {
        let stage = || [0, 1].map(|part: usize| vec![0.0; self.pole[part].len()]);
        Memory(std::array::from_fn(|_| stage()))
    }
}

impl WithSimd for Run<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = S::F64_LANES;
        let Filters { bands, pole, level } = self.filters;
        let [pole_re, pole_im] = pole.each_ref().map(|part| S::as_simd_f64s(part).0);
        let [level_re, level_im] = level.each_ref().map(|part| S::as_simd_f64s(part).0);
        let mut memory = self
            .memory
            .0
            .each_mut()
            .map(|stage| stage.each_mut().map(|p| S::as_mut_simd_f64s(p).0));
        let mut outputs = vec![0.0; BLOCK * lanes];
        let mut row = [0.0; BLOCK];
        for group in 0..bands.div_ceil(lanes) {
            let pole = (pole_re[group], pole_im[group]);
            let level = (level_re[group], level_im[group]);
            let mut state = memory.each_ref().map(|[re, im]| (re[group], im[group]));
            for (block, samples) in self.sound.chunks(BLOCK).enumerate() {
                let (vectors, _) = S::as_mut_simd_f64s(&mut outputs);
                for (output, &sample) in vectors.iter_mut().zip(samples) {
                    *output = step(simd, sample, pole, level, &mut state);
                }
                flush_negligible(simd, &mut state);
                for lane in 0..lanes.min(bands - group * lanes) {
                    let own = outputs[lane..].iter().step_by(lanes);
                    row.iter_mut().zip(own).for_each(|(value, output)| *value = *output);
                    (self.take)(group * lanes + lane, block * BLOCK, &row[..samples.len()]);
                }
            }
            for ([re, im], held) in memory.iter_mut().zip(state) {
                (re[group], im[group]) = held;
            }
        }
    }
}

/// Real and imaginary parts of one value per lane.
type Pair<S> = (<S as Simd>::f64s, <S as Simd>::f64s);

#[inline(always)] // Compiled with the caller's vector instructions.
fn step<S: Simd>(
    simd: S,
    sample: f64,
    pole: Pair<S>,
    level: Pair<S>,
    state: &mut [Pair<S>; ORDER],
) -> S::f64s {
    let sample = simd.splat_f64s(finite_sample(sample));
    let (mut re, mut im) = (simd.mul_f64s(sample, level.0), simd.mul_f64s(sample, level.1));
    let minus_im = simd.neg_f64s(pole.1);
    let mut sum = simd.splat_f64s(0.0);
    for (stage, weight) in state.iter_mut().zip(STAGE_WEIGHTS) {
        let (old_re, old_im) = *stage;
        re = simd.mul_add_e_f64s(minus_im, old_im, simd.mul_add_e_f64s(pole.0, old_re, re));
        im = simd.mul_add_e_f64s(pole.1, old_re, simd.mul_add_e_f64s(pole.0, old_im, im));
        *stage = (re, im);
        sum = simd.mul_add_e_f64s(simd.splat_f64s(weight), re, sum);
    }
    sum
}

/// Lets what is next to nothing end.
#[inline(always)] // Compiled with the caller's vector instructions.
fn flush_negligible<S: Simd>(simd: S, state: &mut [Pair<S>; ORDER]) {
    let nothing = simd.splat_f64s(NEGLIGIBLE);
    let zero = simd.splat_f64s(0.0);
    let flushed =
        |value| simd.select_f64s(simd.less_than_f64s(simd.abs_f64s(value), nothing), zero, value);
    for (re, im) in state {
        (*re, *im) = (flushed(*re), flushed(*im));
    }
}

#[cfg(test)]
mod tests {
    use super::{Filters, ORDER, Run, run};
    use crate::cast::real;
    use num_complex::Complex;
    use pulp::{Scalar, WithSimd};

    #[test]
    fn every_width_agrees_with_scalars_and_the_definition() {
        // Not a whole number of vectors, and longer than a block.
        let poles: Vec<_> = (0..11)
            .map(|k| Complex::from_polar(0.9 + 0.008 * real(k), 0.1 + 0.25 * real(k)))
            .collect();
        let levels: Vec<_> = (0..11).map(|k| Complex::from_polar(1.0, real(k))).collect();
        let mut sound = vec![0.0; 300];
        sound[3] = 1.0;
        let mut vectors = vec![vec![0.0; 300]; 11];
        let filters = Filters::new(&poles, &levels);
        let mut memory = filters.silence();
        for start in [0, 50] {
            // In two pieces, the second from what the first has left.
            let piece = if start == 0 { &sound[..50] } else { &sound[50..] };
            run(&filters, &mut memory, piece, &mut |band, time, values| {
                let time = start + time;
                vectors[band][time..time + values.len()].copy_from_slice(values);
            });
        }
        let mut scalars = vec![vec![0.0; 300]; 11];
        let mut take = |band: usize, time: usize, values: &[f64]| {
            scalars[band][time..time + values.len()].copy_from_slice(values);
        };
        let memory = &mut filters.silence();
        Run { filters: &filters, memory, sound: &sound, take: &mut take }.with_simd(Scalar);
        for band in 0..11 {
            let defined = |n: i32| {
                (levels[band] * poles[band].powi(n)).re
                    * f64::from(n).powi(i32::try_from(ORDER - 1).expect("small"))
            };
            let peak = (0..297).map(|n| defined(n).abs()).fold(0.0, f64::max);
            for n in 0..297_i32 {
                let at = usize::try_from(n + 3).expect("positive");
                assert!((vectors[band][at] - defined(n)).abs() < 1e-12 * peak, "{band} {n}");
                assert!((vectors[band][at] - scalars[band][at]).abs() < 1e-12 * peak, "{band} {n}");
            }
        }
    }
}
