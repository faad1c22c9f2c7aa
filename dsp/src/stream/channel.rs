//! What is kept of each channel: the past that bands hear and the future that they sound in.

use super::GRID;
use super::cascade::Cascade;
use super::dense::Told;
use super::plan::{Form, Group, Part, Plan};
use super::rate::{Lower, interpolate};
use super::rest::Rest;
use super::tape::{ReverseTape, Tape};
use super::vector::{Run, add_real, add_real_folded, add_run, correlate, correlate_folded};
use super::window::Collected;
use pulp::Simd;

/// One channel of an engine.
pub(super) struct Channel {
    /// The past of the input in the order of time, for folded kernels newer than their middle, and for what
    /// recursive filters may have to catch up with.
    newer: Tape,
    /// The past of the input the other way round, for whole kernels, and for folded ones older than their
    /// middle.
    older: ReverseTape,
    /// The recursive filters, where there are any.
    pub cascade: Option<Cascade>,
    /// What recursive filters tell at every sample.
    pub told: Told,
    /// Per other recursive filter what it has told in a window.
    pub collected: Vec<Collected>,
    /// What is heard and sounds at each of the lower rates.
    lower: Vec<Lower>,
    /// The future of the output, as far as it is known; the sum of both, and of what sounds at the lower
    /// rates.
    pub later: Tape,
    /// The part of it that folded duals give on the near side of their middle.
    sooner: ReverseTape,
}

impl Channel {
    /// For vectors of so many numbers of double precision.
    pub fn new(plan: &Plan, lanes: usize) -> Self {
        let lower = |rate| Lower::new(rate, plan.past, plan.future);
        Self {
            newer: Tape::new(plan.past),
            older: ReverseTape::new(plan.past),
            cascade: plan.poles.as_ref().map(Cascade::new),
            told: Told::new(&plan.dense, lanes),
            collected: if plan.poles.is_some() {
                plan.bands.iter().map(Collected::new).collect()
            } else {
                Vec::new()
            },
            lower: plan.rates.iter().map(lower).collect(),
            later: Tape::new(plan.future),
            sooner: ReverseTape::new(plan.future),
        }
    }

    /// Lets recursive filters take in so many samples that they have missed; now is so many after a point
    /// of the grid.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn catch_up<S: Simd>(
        &mut self,
        simd: S,
        plan: &Plan,
        rest: &Rest,
        (samples, ahead): (usize, usize),
    ) {
        if let (Some(cascade), Some(poles)) = (&mut self.cascade, &plan.poles) {
            if rest.has_forgotten() {
                cascade.reset();
            }
            let behind = rest.behind_samples();
            let mut missed = &self.newer.at(plan.past - behind)[..samples];
            // As if they had been heard in time.
            let mut ahead = (ahead + behind.next_multiple_of(GRID) - behind) % GRID;
            while !missed.is_empty() {
                let (step, later) = missed.split_at(missed.len().min(GRID - ahead));
                cascade.advance(simd, step, ahead, poles);
                (missed, ahead) = (later, 0);
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
        self.newer.append(samples);
        if let (Some(cascade), Some(poles)) = (&mut self.cascade, &plan.poles) {
            if awake {
                cascade.advance(simd, samples, ahead, poles);
            }
            return;
        }
        self.older.append(samples);
        for (lower, rate) in self.lower.iter_mut().zip(&plan.rates) {
            lower.hear(simd, rate, self.older.at(0), (ahead, samples.len()));
        }
    }

    /// The samples that a group of bands has heard in a window, in the order of time.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn heard_by(&self, plan: &Plan, group: &Group) -> &[f32] {
        let reach = group.unheard + group.heard;
        let past = match group.rate {
            Some(r) => self.lower[r].recent(reach),
            None => &self.newer.at(plan.past - reach)[..reach],
        };
        &past[..group.heard]
    }

    /// Lets what recursive filters hold end where it can no longer be heard.
    pub fn settle(&mut self) {
        self.cascade.iter_mut().for_each(Cascade::settle);
    }

    pub fn reset(&mut self) {
        self.newer.reset();
        self.older.reset();
        self.cascade.iter_mut().for_each(Cascade::reset);
        self.told.reset();
        self.collected.iter_mut().for_each(Collected::reset);
        self.lower.iter_mut().for_each(Lower::reset);
        self.later.reset();
        self.sooner.reset();
    }
}

/// The output of each channel for the samples last taken in, the first so many after a point of the grid.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn tell<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    plan: &Plan,
    sounds: &mut [[f32; GRID]; C],
    (ahead, many): (usize, usize),
) {
    let mut lower = [[0.0; GRID]; C];
    for (r, rate) in plan.rates.iter().enumerate() {
        interpolate(
            simd,
            rate,
            channels.each_ref().map(|channel| &channel.lower[r]),
            ahead,
            &mut lower,
        );
        for channel in &mut *channels {
            channel.lower[r].pass(rate, ahead, many);
        }
    }
    for ((channel, sound), lower) in channels.iter_mut().zip(sounds).zip(&lower) {
        let sound = &mut sound[..many];
        sound.copy_from_slice(&lower[ahead..ahead + many]);
        channel.later.add_oldest(sound);
        channel.sooner.add_oldest(sound);
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
    let mut found = [[0.0; 2]; C];
    for c in 0..C {
        if let (Some(cascade), Some(poles)) = (&channels[c].cascade, &plan.poles) {
            found[c] = cascade.output::<S>(poles, now.ahead, k);
        }
    }
    for part in &plan.bands[k].analysis {
        let heard = heard(simd, channels, plan, part, now);
        for c in 0..C {
            found[c] = [found[c][0] + heard[c][0], found[c][1] + heard[c][1]];
        }
    }
    found
}

/// What a part of a kernel hears now of each channel.
#[inline(always)] // Compiled with the caller's vector instructions.
fn heard<S: Simd, const C: usize>(
    simd: S,
    channels: &[Channel; C],
    plan: &Plan,
    part: &Part,
    now: Now,
) -> [[f32; 2]; C] {
    let taps = &part.taps;
    let mut older: [&[f32]; C] = [&[]; C];
    if let Some(r) = part.rate {
        let rate = &plan.rates[r];
        let since = rate.last(now.ahead + now.after) - rate.last(now.ahead);
        for c in 0..C {
            older[c] = channels[c].lower[r].heard.at(since + taps.near);
        }
    } else {
        for c in 0..C {
            older[c] = channels[c].older.at(now.after + taps.far);
        }
    }
    if taps.form != Form::Folded {
        return correlate(simd, older, (&taps.re, &taps.im));
    }
    let newest = plan.past - 1 - now.after;
    let mut newer: [&[f32]; C] = [&[]; C];
    for c in 0..C {
        newer[c] = channels[c].newer.at(newest - taps.near);
    }
    correlate_folded(simd, older, newer, (&taps.re, &taps.im))
}

/// Lets a run of coefficients of band `k`, the first of them now, sound in each channel: already paired up
/// where the band sounds in pairs. Doing so here would make this slower for all others.
#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) fn sound<S: Simd, const C: usize>(
    simd: S,
    channels: &mut [Channel; C],
    plan: &Plan,
    (k, now): (usize, Now),
    run: &Run,
) {
    let band = &plan.bands[k];
    for part in &band.synthesis {
        let taps = &part.taps;
        // What is told already is over: only patient bands come so late.
        let (start, stride) = if let Some(r) = part.rate {
            let rate = &plan.rates[r];
            let start = rate.begun(now.ahead) + taps.near - rate.begun(now.told);
            (start, band.stride >> rate.shift())
        } else {
            (now.ahead + taps.near - now.told, band.stride)
        };
        let (re, im) = (&taps.re[..], &taps.im[..]);
        match taps.form {
            Form::Run | Form::RunOfPairs => {
                let stride = if taps.form == Form::Run { stride } else { 2 * stride };
                let outputs = later(channels, part.rate, start);
                add_run(simd, run, stride, (re, im), outputs);
            }
            Form::Whole => {
                for f in 0..run.many {
                    let outputs = later(channels, part.rate, start + f * stride);
                    add_real(simd, run.at(f), (re, im), outputs);
                }
            }
            Form::Folded => {
                for f in 0..run.many {
                    let start = start + f * stride;
                    let mut outputs = [(); C].map(|()| Default::default());
                    for (output, channel) in outputs.iter_mut().zip(&mut *channels) {
                        let later = channel.later.at_mut(start + taps.far - taps.near);
                        *output = (later, channel.sooner.at_mut(plan.future - 1 - start));
                    }
                    add_real_folded(simd, run.at(f), (re, im), outputs);
                }
            }
        }
    }
}

/// The future of each channel from a sample on, at a rate.
#[inline(always)] // Compiled with the caller's vector instructions.
fn later<const C: usize>(
    channels: &mut [Channel; C],
    rate: Option<usize>,
    start: usize,
) -> [&mut [f32]; C] {
    let mut outputs = [(); C].map(|()| Default::default());
    for (output, channel) in outputs.iter_mut().zip(channels) {
        *output = match rate {
            Some(r) => channel.lower[r].future(start),
            None => channel.later.at_mut(start),
        };
    }
    outputs
}
