//! The work on some samples: which bands hear and sound when.

use super::bands::Bands;
use super::channel::{Channel, Now, coefficients, sound, tell};
use super::plan::Plan;
use super::window::Room;
use super::{GRID, STEPS, WINDOW, flush};
use pulp::Simd;
use std::ops::Range;

/// Some samples, none past a point of the grid.
pub(super) struct Chunk {
    pub many: usize,
    /// Samples from the last point of the grid.
    pub ahead: usize,
    /// The step of the grid, counted anew in every window.
    pub step: usize,
    /// Whether recursive filters hear.
    pub awake: bool,
    /// Whether coefficients are computed.
    pub working: bool,
    /// Whether nothing sounds any more.
    pub silent: bool,
}

/// What a [`Chunk`]'s work needs besides the channels.
pub(super) struct Pass<'a> {
    pub plan: &'a Plan,
    pub gains: &'a Bands,
    pub metering: bool,
    pub moment: usize,
    pub chunk: &'a Chunk,
    pub peaks: &'a mut [f32],
    /// Samples since levels were taken, these included.
    pub unheard: usize,
    pub room: &'a mut Room,
}

impl Pass<'_> {
    /// Turns the input of some channels, in `sounds`, into their change.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn play<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &mut [Channel; C],
        sounds: &mut [[f32; GRID]; C],
    ) {
        let (plan, chunk) = (self.plan, self.chunk);
        for (channel, sound) in channels.iter_mut().zip(&*sounds) {
            channel.hear(simd, plan, &sound[..chunk.many], chunk.ahead, chunk.awake);
        }
        if chunk.working {
            self.work(simd, channels);
        }
        if chunk.silent {
            sounds.iter_mut().for_each(|sound| sound[..chunk.many].fill(0.0));
        } else {
            tell(simd, channels, plan, sounds, (chunk.ahead, chunk.many));
            sounds.iter_mut().for_each(|sound| flush(&mut sound[..chunk.many]));
        }
    }

    /// Lets the bands sound whose time it is.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn work<S: Simd, const C: usize>(&mut self, simd: S, channels: &mut [Channel; C]) {
        let (plan, chunk) = (self.plan, self.chunk);
        let mut moment = self.moment;
        let end = chunk.ahead + chunk.many;
        for ahead in chunk.ahead..end {
            let now = Now { ahead, told: chunk.ahead, after: end - 1 - ahead };
            for &k in plan.prompt(moment) {
                self.strike(simd, channels, k, now);
            }
            moment = if moment + 1 == plan.period() { 0 } else { moment + 1 };
        }
        // The moment of the last point of the grid.
        let first = self.moment + plan.period() * GRID - chunk.ahead;
        if self.metering && chunk.many < GRID {
            for &k in plan.by_step.iter().chain(&plan.dense.bands) {
                self.listen(simd, channels, k, (first, chunk.ahead..end));
            }
            if plan.poles.is_some() {
                for &k in plan.by_window.iter().flatten().flat_map(|group| &group.bands) {
                    self.listen(simd, channels, k, (first, chunk.ahead..end));
                }
            }
        }
        if end == GRID {
            for &k in &plan.by_step {
                self.strike_run(simd, channels, k, first);
            }
            self.sound_densely(simd, channels);
            self.end_windows(simd, channels, first);
        }
    }

    /// Computes a band's coefficient now and lets its change sound.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn strike<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &mut [Channel; C],
        k: usize,
        now: Now,
    ) {
        let change = self.gains.change(k, now.ahead);
        if change != 0.0 || self.metering {
            let heard = coefficients(simd, channels, self.plan, k, now);
            self.note(k, heard);
            if change != 0.0 {
                self.room.run.set(0, self.changed(k, heard, change));
                self.room.run.many = 1;
                sound(simd, channels, self.plan, (k, now), &self.room.run);
            }
        }
    }

    /// Takes note of a band's coefficients at these samples of a step, or window, that began at this
    /// moment.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn listen<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &[Channel; C],
        k: usize,
        (moment, samples): (usize, Range<usize>),
    ) {
        let band = &self.plan.bands[k];
        for ahead in (band.wait_samples(moment)..samples.end).step_by(band.stride) {
            if ahead >= samples.start {
                let now = Now { ahead, told: samples.start, after: samples.end - 1 - ahead };
                self.note(k, coefficients(simd, channels, self.plan, k, now));
            }
        }
    }

    /// Takes note of what kernels have heard in windows that have not ended yet.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn listen_to_windows<S: Simd, const C: usize>(&mut self, simd: S, channels: &[Channel; C]) {
        let plan = self.plan;
        if plan.poles.is_some() {
            return;
        }
        for (last, groups) in plan.by_window.iter().enumerate() {
            // Samples of the window so far.
            let steps = (self.chunk.step + STEPS - 1 - last) % STEPS;
            let end = steps * GRID + self.chunk.ahead;
            let first = self.moment + plan.period() * WINDOW - end;
            for &k in groups.iter().flat_map(|group| &group.bands) {
                let new = end.saturating_sub(self.unheard)..end;
                self.listen(simd, channels, k, (first, new));
            }
        }
    }

    /// Computes a band's coefficients in the step that began at this moment, and lets their change
    /// sound.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn strike_run<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &mut [Channel; C],
        k: usize,
        moment: usize,
    ) {
        let band = &self.plan.bands[k];
        let unity = self.gains.is_unity(k);
        let listened = !self.metering || self.chunk.many < GRID;
        if unity && listened {
            return;
        }
        let wait = band.wait_samples(moment);
        let at = |ahead: usize| Now { ahead, told: self.chunk.ahead, after: GRID - 1 - ahead };
        let mut many = 0;
        let mut ahead = wait;
        while ahead < GRID {
            let heard = coefficients(simd, channels, self.plan, k, at(ahead));
            if !listened {
                self.note(k, heard);
            }
            let changed = self.changed(k, heard, self.gains.change(k, ahead));
            self.room.run.set(many, changed);
            many += 1;
            ahead += band.stride;
        }
        if unity || many == 0 {
            return;
        }
        self.room.run.many = many;
        if band.sounds_in_pairs() {
            self.room.run.pair_up::<C>();
        }
        sound(simd, channels, self.plan, (k, at(wait)), &self.room.run);
    }

    /// Takes note of how loud band `k` is.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn note<const C: usize>(&mut self, k: usize, heard: [[f32; 2]; C]) {
        if self.metering {
            for [re, im] in heard {
                self.peaks[k] = self.peaks[k].max(re * re + im * im);
            }
        }
    }

    /// What a change of gain makes of band `k`'s coefficients.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn changed<const C: usize>(
        &self,
        k: usize,
        heard: [[f32; 2]; C],
        change: f32,
    ) -> [[f32; 2]; C] {
        let turn = self.plan.bands[k].turn * change;
        let mut turned = heard;
        for [re, im] in &mut turned {
            (*re, *im) = (turn.re * *re - turn.im * *im, turn.re * *im + turn.im * *re);
        }
        turned
    }
}
