//! What dynamics take from a band's coefficients: their powers, from which gains follow.

use super::BlockContext;
use crate::stream::simd::CoefficientBlock;
use crate::stream::state::PowerSums;
use crate::stream::timing::{BATCH_BLOCKS, CONTROL_BLOCK};

/// Takes the power of one coefficient of band `k` in each channel.
#[inline(always)]
pub(super) fn push_power<const C: usize>(
    context: &mut BlockContext<'_>,
    k: usize,
    coefficients: [[f32; 2]; C],
) {
    let pair = context.pair;
    if let Some(dynamics) = context.updating() {
        let mut powers = [0.0; 2];
        for (power, [re, im]) in powers.iter_mut().zip(coefficients) {
            *power = re * re + im * im;
        }
        dynamics.add_power(pair, k, as_pair::<C>(powers));
    }
}

/// Sets the gains of band `k` in the control block that ends now by powers in it.
#[inline(always)]
pub(super) fn update_block_gains<const C: usize>(
    context: &mut BlockContext<'_>,
    k: usize,
    (sums, many): (PowerSums, f32),
) {
    let (gains, first) = (context.gains, context.pair == 0);
    let Some(dynamics) = context.updating() else { return };
    let power = (many > 0.0).then(|| dynamics.link(as_pair::<C>(sums), many));
    if first {
        dynamics.update_gain(k, 0, power, gains);
        dynamics.take_others(k);
    } else if let Some(power) = power {
        dynamics.add_others(k, power);
    }
}

/// The same in the control blocks of the batch that ends now, by its coefficients, as many after its start and by
/// strides.
#[inline(always)]
pub(super) fn update_batch_gains<const C: usize>(
    context: &mut BlockContext<'_>,
    k: usize,
    (wait, stride): (usize, usize),
) {
    let (gains, first) = (context.gains, context.pair == 0);
    let mut sums = [[0.0; 2]; BATCH_BLOCKS];
    let mut many = [0.0; BATCH_BLOCKS];
    for f in 0..context.scratch.run.many {
        let block = (wait + f * stride) / CONTROL_BLOCK;
        many[block] += 1.0;
        for (c, sum) in sums[block].iter_mut().enumerate().take(C) {
            *sum += power_at(&context.scratch.run, c, f);
        }
    }
    let Some(dynamics) = context.updating() else { return };
    for (block, (sums, many)) in sums.into_iter().zip(many).enumerate() {
        let power = (many > 0.0).then(|| dynamics.link(as_pair::<C>(sums), many));
        if first {
            dynamics.update_gain(k, BATCH_BLOCKS - 1 - block, power, gains);
        } else if let Some(power) = power {
            dynamics.add_others(k, power);
        }
    }
    if first {
        dynamics.take_others(k);
    }
}

/// The power of a coefficient.
#[inline(always)]
fn power_at(run: &CoefficientBlock, c: usize, f: usize) -> f32 {
    run.re[c][f] * run.re[c][f] + run.im[c][f] * run.im[c][f]
}

/// A single channel counts as two alike.
#[inline(always)]
const fn as_pair<const C: usize>(powers: PowerSums) -> PowerSums {
    if C == 1 { [powers[0], powers[0]] } else { powers }
}
