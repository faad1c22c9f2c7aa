//! How loud bands are.

use super::analyse::coefficients;
use super::{Now, Pass};
use crate::cast::single;
use crate::stream::state::Channel;
use crate::stream::timing::{GRID, STEPS, WINDOW};
use pulp::Simd;
use std::ops::Range;

/// Takes note of how loud band `k` is.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn note<const C: usize>(pass: &mut Pass<'_>, k: usize, heard: [[f32; 2]; C]) {
    if pass.metering {
        for [re, im] in heard {
            pass.peaks[k] = pass.peaks[k].max(re * re + im * im);
        }
    }
}

/// Takes note of how loud bands were in a step.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn note_densely<S: Simd, const C: usize>(pass: &mut Pass<'_>, channels: &[Channel; C]) {
    for cascade in channels.iter().filter_map(|channel| channel.cascade.as_ref()) {
        for &k in &pass.plan.dense.bands {
            let (re, im) = cascade.vector::<S>(k);
            let lane = k % S::F64_LANES;
            let re = re[lane..].iter().step_by(S::F64_LANES);
            for (re, im) in re.zip(im[lane..].iter().step_by(S::F64_LANES)) {
                pass.peaks[k] = pass.peaks[k].max(single(re * re + im * im));
            }
        }
    }
}

/// Takes note of a band's coefficients at these samples of a step, or window, that began at this
/// moment.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn listen<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &[Channel; C],
    k: usize,
    (moment, samples): (usize, Range<usize>),
) {
    let band = &pass.plan.bands[k];
    for ahead in (band.wait_samples(moment)..samples.end).step_by(band.stride) {
        if ahead >= samples.start {
            let now = Now { ahead, told: samples.start, after: samples.end - 1 - ahead };
            note(pass, k, coefficients(simd, channels, pass.plan, k, now));
        }
    }
}

/// Takes note of what kernels have heard in windows that have not ended yet.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(crate) fn listen_to_windows<S: Simd, const C: usize>(
    pass: &mut Pass<'_>,
    simd: S,
    channels: &[Channel; C],
) {
    let plan = pass.plan;
    if plan.poles.is_some() {
        return;
    }
    for (last, groups) in plan.by_window.iter().enumerate() {
        // Samples of the window so far.
        let steps = (pass.chunk.step + STEPS - 1 - last) % STEPS;
        let end = steps * GRID + pass.chunk.ahead;
        let first = pass.moment + plan.period() * WINDOW - end;
        for &k in groups.iter().flat_map(|group| &group.bands) {
            let new = end.saturating_sub(pass.unheard)..end;
            listen(pass, simd, channels, k, (first, new));
        }
    }
}
