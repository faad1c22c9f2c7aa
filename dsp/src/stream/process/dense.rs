//! Bands of recursive filters that are not strided: every sample has a coefficient, and its real part is
//! all that sounds. Those of a vector are scaled together, and all bands sound in one go.

use super::Pass;
use super::meter::note_densely;
use crate::stream::simd::{LANES, Source, gather};
use crate::stream::state::Channel;
use crate::stream::timing::GRID;
use pulp::Simd;

/// At the end of a step: lets the change of its coefficients sound.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn sound_densely<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &mut [Channel; C],
) {
    let (plan, lanes) = (&pass.plan.dense, S::F64_LANES);
    if plan.bands.is_empty() {
        return;
    }
    if pass.metering && pass.chunk.many == GRID {
        note_densely::<S, C>(pass, channels);
    }
    for channel in &mut *channels {
        if let (Some(cascade), Some(poles)) = (&channel.cascade, &pass.plan.poles) {
            channel.told.take_in(simd, plan, pass.gains, (cascade, poles));
        }
    }
    // Seen from the samples that are told next.
    let start = plan.nearest - pass.chunk.ahead;
    let mut parts = channels.each_mut().map(|Channel { told, later, .. }| (&*told, later));
    let mut first = 0;
    for (v, bands) in plan.vectors(lanes).enumerate() {
        let mut sounding = [Source { taps: &[], values: [&[]; C] }; LANES / 2];
        let mut many = 0;
        for (&k, left) in bands.iter().zip(&parts[0].0.left[first..]) {
            if *left == 0 {
                continue;
            }
            let taps = &pass.plan.bands[k].synthesis[0].taps;
            let oldest = plan.span - (taps.reach() - plan.nearest + GRID);
            sounding[many].taps = &taps.re;
            for (values, (told, _)) in sounding[many].values.iter_mut().zip(&parts) {
                *values = &told.vectors[v].at(oldest * lanes)[k % lanes..];
            }
            many += 1;
        }
        first += bands.len();
        if many > 0 {
            let mut outputs = [(); C].map(|()| Default::default());
            for (output, (_, later)) in outputs.iter_mut().zip(&mut parts) {
                *output = &mut later.at_mut(start)[..GRID];
            }
            gather(simd, &sounding[..many], (1, lanes), outputs);
        }
    }
}
