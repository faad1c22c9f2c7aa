//! Windows: all that a band hears in several steps of the grid, worked out at once.
//!
//! Kernels hear a run of coefficients with a coefficient in each lane, for which the group's samples are
//! sorted once ([`Polyphase`]). What recursive filters tell is collected step by step.

use super::channel::{Channel, Now, sound};
use super::pass::Pass;
use super::plan::{BandPlan, Form, Group, Pace, Plan};
use super::polyphase::Polyphase;
use super::vector::{Run, correlate_run, correlate_run_folded};
use super::{GRID, STEPS, WINDOW};
use pulp::Simd;

/// Room to work in, for the channels of a pass.
pub(super) struct Room {
    samples: [Polyphase; 2],
    pub run: Run,
    changes: [f32; WINDOW],
}

impl Room {
    pub fn new(plan: &Plan) -> Self {
        let groups = || plan.by_window.iter().flatten();
        let heard = groups().map(|group| group.heard).max().unwrap_or(0);
        let stride = groups().map(|group| group.stride).max().unwrap_or(1);
        Self {
            samples: [Polyphase::new(heard, stride), Polyphase::new(heard, stride)],
            run: Run::new(),
            changes: [0.0; WINDOW],
        }
    }
}

/// What a recursive filter has told in a window so far, already scaled, yet to be turned back.
pub(super) struct Collected {
    re: Vec<f32>,
    im: Vec<f32>,
    /// The coefficients there are; those left out are silent.
    many: usize,
}

impl Collected {
    /// Room for a window's coefficients, where they are worked out by windows.
    pub fn new(band: &BandPlan) -> Self {
        let many = if band.pace == Pace::Window { WINDOW.div_ceil(band.stride) } else { 0 };
        Self { re: vec![0.0; many], im: vec![0.0; many], many: 0 }
    }

    pub const fn reset(&mut self) {
        self.many = 0;
    }

    /// The place of so many coefficients, the first the `nth` of the window.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn next(&mut self, nth: usize, many: usize) -> (&mut [f32], &mut [f32]) {
        self.skip_to(nth);
        self.many = nth + many;
        (&mut self.re[nth..nth + many], &mut self.im[nth..nth + many])
    }

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn skip_to(&mut self, nth: usize) {
        if self.many < nth {
            self.re[self.many..nth].fill(0.0);
            self.im[self.many..nth].fill(0.0);
            self.many = nth;
        }
    }
}

impl Pass<'_> {
    /// At the end of a step, which began at this moment: ends the windows that end with it.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn end_windows<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &mut [Channel; C],
        moment: usize,
    ) {
        let plan = self.plan;
        if plan.poles.is_some() {
            self.collect::<S, C>(channels, moment);
        }
        let first = moment + plan.period() * WINDOW - (WINDOW - GRID);
        for group in &plan.by_window[self.chunk.step] {
            if plan.poles.is_some() {
                for &k in &group.bands {
                    self.end_collected(simd, channels, k, first);
                }
            } else if self.metering || group.bands.iter().any(|&k| !self.gains.unity_lately(k)) {
                for (samples, channel) in self.room.samples.iter_mut().zip(&*channels) {
                    samples.fill(channel.heard_by(plan, group), group.stride);
                }
                for &k in &group.bands {
                    self.end_heard(simd, channels, (group, k), first);
                }
            }
        }
    }

    /// Computes a band's coefficients in a window that began at this moment, and lets their change
    /// sound.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn end_heard<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &mut [Channel; C],
        (group, k): (&Group, usize),
        moment: usize,
    ) {
        let band = &self.plan.bands[k];
        let unity = self.gains.unity_lately(k);
        if unity && !self.metering {
            return;
        }
        let wait = band.wait_samples(moment);
        let many = (WINDOW - wait).div_ceil(band.stride);
        let Some(sorted) = &band.sorted else { return };
        let taps = &band.analysis[0].taps;
        // From the newest sample to the one now.
        let since = group.rate.map_or(WINDOW - 1 - wait, |r| {
            self.plan.rates[r].last(WINDOW - 1) - self.plan.rates[r].last(wait)
        });
        let now = group.unheard + group.heard - 1 - since;
        let at = self.at(wait);
        let Room { samples, run, changes } = &mut *self.room;
        run.many = many;
        let mut heard = [(); C].map(|()| (&mut [][..], &mut [][..]));
        for (heard, (re, im)) in heard.iter_mut().zip(run.re.iter_mut().zip(&mut run.im)) {
            *heard = (re, im);
        }
        let mut of = [&samples[0]; C];
        for c in 0..C {
            of[c] = &samples[c];
        }
        if taps.form == Form::Folded {
            let starts = (now - taps.far, now - taps.near);
            correlate_run_folded(simd, of, starts, sorted, many, heard);
        } else {
            correlate_run(simd, of, now - taps.near, sorted, many, heard);
        }
        if self.metering {
            // Those before levels were last taken have been listened to.
            let ago = |f: usize| WINDOW - wait - f * band.stride;
            let new = (0..many).find(|&f| ago(f) <= self.unheard).unwrap_or(many);
            for c in 0..C {
                for (re, im) in run.re[c][new..many].iter().zip(&run.im[c][new..many]) {
                    self.peaks[k] = self.peaks[k].max(re * re + im * im);
                }
            }
        }
        if unity {
            return;
        }
        self.gains.changes(k, (wait, band.stride), &mut changes[..many]);
        for c in 0..C {
            let parts = run.re[c][..many].iter_mut().zip(&mut run.im[c][..many]);
            for ((re, im), change) in parts.zip(&*changes) {
                let (a, b) = (*re * change, *im * change);
                *re = band.turn.re * a - band.turn.im * b;
                *im = band.turn.re * b + band.turn.im * a;
            }
        }
        sound(simd, channels, self.plan, (k, at), run);
    }

    /// Takes in what recursive filters have told in a step that began at this moment.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn collect<S: Simd, const C: usize>(&mut self, channels: &mut [Channel; C], moment: usize) {
        let plan = self.plan;
        for (last, groups) in plan.by_window.iter().enumerate() {
            // Samples of the window before this step.
            let before = (self.chunk.step + STEPS - 1 - last) % STEPS * GRID;
            let first = moment + plan.period() * WINDOW - before;
            for &k in groups.iter().flat_map(|group| &group.bands) {
                let band = &plan.bands[k];
                let wait = band.wait_samples(moment);
                let unity = self.gains.is_unity(k);
                if wait >= GRID || (unity && !self.metering) {
                    continue;
                }
                let many = (GRID - wait).div_ceil(band.stride);
                let nth = (before + wait - band.wait_samples(first)) / band.stride;
                let changes = &mut self.room.changes[..many];
                self.gains.changes_now(k, (wait, band.stride), changes);
                for channel in &mut *channels {
                    let (Some(cascade), collected) = (&channel.cascade, &mut channel.collected[k])
                    else {
                        continue;
                    };
                    let (re, im) = collected.next(nth, many);
                    cascade.outputs::<S>(k, (wait, band.stride), (re, im));
                    if self.metering && self.chunk.many == GRID {
                        for (re, im) in re.iter().zip(&*im) {
                            self.peaks[k] = self.peaks[k].max(re * re + im * im);
                        }
                    }
                    for ((re, im), change) in re.iter_mut().zip(im).zip(&*changes) {
                        (*re, *im) = (*re * change, *im * change);
                    }
                }
            }
        }
    }

    /// Lets a band sound that has collected a window's coefficients; it began at this moment.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn end_collected<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &mut [Channel; C],
        k: usize,
        moment: usize,
    ) {
        if channels[0].collected[k].many == 0 {
            return;
        }
        let band = &self.plan.bands[k];
        let wait = band.wait_samples(moment);
        let many = (WINDOW - wait).div_ceil(band.stride);
        let at = self.at(wait);
        let Some(turns) = band.turns(wait) else { return };
        let run = &mut self.room.run;
        run.many = many;
        for (c, channel) in channels.iter_mut().enumerate() {
            let collected = &mut channel.collected[k];
            collected.skip_to(many);
            collected.many = 0;
            let told = collected.re[..many].iter().zip(&collected.im[..many]);
            let turns = turns.re[..many].iter().zip(&turns.im[..many]);
            for (((re, im), (a, b)), (turn_re, turn_im)) in
                run.re[c][..many].iter_mut().zip(&mut run.im[c][..many]).zip(told).zip(turns)
            {
                (*re, *im) = (a * turn_re - b * turn_im, a * turn_im + b * turn_re);
            }
        }
        if band.sounds_in_pairs() {
            run.pair_up::<C>();
        }
        sound(simd, channels, self.plan, (k, at), run);
    }

    /// A sample of the window that ends now.
    #[inline(always)] // Compiled with the caller's vector instructions.
    const fn at(&self, ahead: usize) -> Now {
        Now { ahead, told: WINDOW - self.chunk.many, after: WINDOW - 1 - ahead }
    }
}
