//! Bands of recursive filters that are not strided: every sample has a coefficient, of which only the real
//! part is synthesised. Those of a vector are scaled together, and all bands are synthesised in one pass.

use super::BlockContext;
use super::dynamics::update_block_gains;
use super::meter::update_dense_peaks;
use crate::cast::{real, single};
use crate::stream::simd::{LANES, Source, gather};
use crate::stream::state::{Channel, PendingOutput};
use crate::stream::timing::CONTROL_BLOCK;
use pulp::Simd;

/// At the end of a control block: synthesises the change of its coefficients.
#[inline(always)]
pub(crate) fn process_dense<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    simd: S,
    channels: &mut [Channel; C],
) {
    let (plan, lanes) = (&context.plan.dense, S::F64_LANES);
    if plan.bands.is_empty() {
        return;
    }
    if context.metering && context.sub_block.many == CONTROL_BLOCK {
        update_dense_peaks::<S, C>(context, channels);
    }
    if context.updates_gains {
        update_dense_gains::<S, C>(context, channels);
    }
    for channel in &mut *channels {
        if let (Some(cascade), Some(coefs)) = (&channel.cascade, &context.plan.gammatone) {
            channel.output.dense.push(simd, plan, context.played(), (cascade, coefs));
        }
    }
    // Counted from the next sample of the output.
    let start = plan.nearest - context.sub_block.ahead;
    let mut parts = channels.each_mut().map(|channel| {
        let PendingOutput { dense, future, .. } = &mut channel.output;
        (&*dense, future)
    });
    let mut first = 0;
    for (v, bands) in plan.vectors(lanes).enumerate() {
        let mut sources = [Source { taps: &[], values: [&[]; C] }; LANES / 2];
        let mut many = 0;
        for (&k, left) in bands.iter().zip(&parts[0].0.left_blocks[first..]) {
            if *left == 0 {
                continue;
            }
            let taps = &context.plan.bands[k].synthesis[0].taps;
            let oldest = plan.span - (taps.reach() - plan.nearest + CONTROL_BLOCK);
            sources[many].taps = &taps.re;
            for (values, (dense, _)) in sources[many].values.iter_mut().zip(&parts) {
                *values = &dense.vectors[v].at(oldest * lanes)[k % lanes..];
            }
            many += 1;
        }
        first += bands.len();
        if many > 0 {
            let mut outputs = [(); C].map(|()| Default::default());
            for (output, (_, future)) in outputs.iter_mut().zip(&mut parts) {
                *output = &mut future.at_mut(start)[..CONTROL_BLOCK];
            }
            gather(simd, &sources[..many], (1, lanes), outputs);
        }
    }
}

/// Sets the gains of all bands by their output in a control block.
#[inline(always)]
fn update_dense_gains<S: Simd, const C: usize>(
    context: &mut BlockContext<'_>,
    channels: &[Channel; C],
) {
    for &k in &context.plan.dense.bands {
        let mut sums = [0.0; 2];
        for (sum, channel) in sums.iter_mut().zip(channels) {
            if let Some(cascade) = &channel.cascade {
                let (re, im) = cascade.vector::<S>(k);
                let lane = k % S::F64_LANES;
                let re = re[lane..].iter().step_by(S::F64_LANES);
                let of = re.zip(im[lane..].iter().step_by(S::F64_LANES));
                *sum = single(of.map(|(re, im)| re * re + im * im).sum());
            }
        }
        update_block_gains::<C>(context, k, (sums, single(real(CONTROL_BLOCK))));
    }
}
