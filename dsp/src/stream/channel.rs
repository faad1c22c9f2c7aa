//! What is kept of each channel: the past that bands hear and the future that they sound in.

use super::GRID;
use super::cascade::Cascade;
use super::plan::{Form, Plan, Taps};
use super::rest::Rest;
use super::tape::{ReverseTape, Tape};
use super::vector::{add_real, add_real_folded, add_run, correlate, correlate_folded};
use pulp::Simd;

/// One channel of an engine.
pub(super) struct Channel {
    /// The past of the input for folded kernels, newer than their middle; or what recursive filters
    /// may have to catch up with.
    newer: Tape,
    /// The past of the input for whole kernels; or for folded ones, older than their middle.
    older: ReverseTape,
    /// The recursive filters, where there are any.
    cascade: Option<Cascade>,
    /// The future of the output, as far as it is known; the sum of both.
    later: Tape,
    /// The part of it that folded duals give on the near side of their middle.
    sooner: ReverseTape,
}

impl Channel {
    pub fn new(plan: &Plan) -> Self {
        Self {
            newer: Tape::new(plan.past),
            older: ReverseTape::new(plan.past),
            cascade: plan.poles().map(Cascade::new),
            later: Tape::new(plan.future),
            sooner: ReverseTape::new(plan.future),
        }
    }

    /// Lets recursive filters take in so many samples that they have missed.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn catch_up<S: Simd>(&mut self, simd: S, plan: &Plan, rest: &Rest, samples: usize) {
        if let (Some(cascade), Some(poles)) = (&mut self.cascade, plan.poles()) {
            if rest.has_forgotten() {
                cascade.reset();
            }
            let missed = &self.newer.at(plan.past - rest.behind_samples())[..samples];
            for samples in missed.chunks(GRID) {
                cascade.advance(simd, samples, 0, poles);
            }
        }
    }

    /// Takes samples in, so many after a point of the grid and none past the next one; recursive
    /// filters only when `awake`.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn hear<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        samples: &[f32],
        ahead: usize,
        awake: bool,
    ) {
        match &plan.form {
            Form::Folded => {
                self.newer.append(samples);
                self.older.append(samples);
            }
            Form::Plain => self.older.append(samples),
            Form::Recursive(poles) => {
                self.newer.append(samples);
                if let (Some(cascade), true) = (&mut self.cascade, awake) {
                    cascade.advance(simd, samples, ahead, poles);
                }
            }
        }
    }

    /// The output for the samples last taken in.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn tell(&mut self, plan: &Plan, samples: &mut [f32]) {
        samples.fill(0.0);
        self.later.add_oldest(samples);
        if matches!(plan.form, Form::Folded) {
            self.sooner.add_oldest(samples);
        }
    }

    /// Lets what recursive filters hold end where it can no longer be heard.
    pub fn settle(&mut self) {
        self.cascade.iter_mut().for_each(Cascade::settle);
    }

    pub fn reset(&mut self) {
        self.newer.reset();
        self.older.reset();
        self.cascade.iter_mut().for_each(Cascade::reset);
        self.later.reset();
        self.sooner.reset();
    }
}

/// A sample among those last taken in.
#[derive(Clone, Copy)]
pub(super) struct Now {
    /// Samples since the last point of the grid.
    pub ahead: usize,
    /// How many of them have been told already.
    pub told: usize,
    /// Samples taken in since.
    pub after: usize,
}

/// Band `k`'s coefficient now in each channel.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn coefficients<S: Simd, const C: usize>(
    simd: S,
    channels: &[Channel; C],
    plan: &Plan,
    k: usize,
    now: Now,
) -> [[f32; 2]; C] {
    let taps = &plan.bands[k].analysis;
    let mut found = [[0.0; 2]; C];
    match plan.form {
        Form::Folded => {
            let older = channels.each_ref().map(|it| it.older.at(now.after + taps.far));
            let newest = plan.past - 1 - now.after;
            let newer = channels.each_ref().map(|it| it.newer.at(newest - taps.near));
            found = correlate_folded(simd, older, newer, (&taps.re, &taps.im));
        }
        Form::Plain => {
            for c in 0..C {
                let heard = &channels[c].older.at(now.after + taps.near)[..taps.re.len()];
                found[c] = correlate(simd, heard, &taps.re, &taps.im);
            }
        }
        Form::Recursive(_) => {
            for c in 0..C {
                if let Some(cascade) = &channels[c].cascade {
                    found[c] = cascade.output::<S>(now.ahead, k);
                }
            }
        }
    }
    found
}

/// Lets a coefficient of band `k` sound in each channel, now.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn sound<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    plan: &Plan,
    (k, now): (usize, Now),
    coefficients: [[f32; 2]; C],
) {
    let taps = &plan.bands[k].synthesis;
    // What is told already is over: only patient bands come so late.
    let start = now.ahead + taps.near - now.told;
    if matches!(plan.form, Form::Folded) {
        let outputs = channels.each_mut().map(|channel| {
            let later = channel.later.at_mut(start + taps.far - taps.near);
            (later, channel.sooner.at_mut(plan.future - 1 - start))
        });
        add_real_folded(simd, coefficients, (&taps.re, &taps.im), outputs);
    } else {
        let outputs = channels.each_mut().map(|channel| channel.later.at_mut(start));
        add_real(simd, coefficients, (&taps.re, &taps.im), outputs);
    }
}

/// Lets a run of coefficients of band `k` sound in each channel, the first now.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn sound_run<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    (taps, stride): (&Taps, usize),
    now: Now,
    run: &[[[f32; 2]; C]],
) {
    let start = now.ahead + taps.near - now.told;
    let outputs = channels.each_mut().map(|channel| channel.later.at_mut(start));
    add_run(simd, run, stride, (&taps.re, &taps.im), outputs);
}
