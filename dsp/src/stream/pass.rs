//! The work on some samples: which bands hear and sound when.

use super::GRID;
use super::bands::Bands;
use super::channel::{Channel, Now, coefficients, sound, sound_run};
use super::plan::Plan;
use pulp::Simd;

/// Some samples, none past a point of the grid.
pub(super) struct Chunk {
    pub many: usize,
    /// Samples from the last point of the grid.
    pub ahead: usize,
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
        for (channel, sound) in channels.iter_mut().zip(sounds) {
            if chunk.silent {
                sound[..chunk.many].fill(0.0);
            } else {
                channel.tell(plan, &mut sound[..chunk.many]);
            }
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
            for &k in &plan.patient {
                self.listen(simd, channels, k, first);
            }
        }
        if end == GRID {
            for &k in &plan.patient {
                self.strike_run(simd, channels, k, first);
            }
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
        let (gain, slope) = self.gains.line(k);
        let change = gain - 1.0 + slope * AHEAD[now.ahead];
        if change != 0.0 || self.metering {
            let heard = coefficients(simd, channels, self.plan, k, now);
            self.note(k, heard);
            if change != 0.0 {
                sound(simd, channels, self.plan, (k, now), self.change(k, heard, change));
            }
        }
    }

    /// Takes note of a patient band's coefficients within a step of the grid: levels are wanted now.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn listen<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &[Channel; C],
        k: usize,
        moment: usize,
    ) {
        let band = &self.plan.bands[k];
        let (told, end) = (self.chunk.ahead, self.chunk.ahead + self.chunk.many);
        for ahead in (band.wait_samples(moment)..end).step_by(band.stride) {
            if ahead >= told {
                let now = Now { ahead, told, after: end - 1 - ahead };
                self.note(k, coefficients(simd, channels, self.plan, k, now));
            }
        }
    }

    /// Computes a patient band's coefficients since the last point of the grid, which was at this
    /// moment, and lets their change sound.
    #[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn strike_run<S: Simd, const C: usize>(
        &mut self,
        simd: S,
        channels: &mut [Channel; C],
        k: usize,
        moment: usize,
    ) {
        let band = &self.plan.bands[k];
        let (gain, slope) = self.gains.line(k);
        let unity = gain == 1.0 && slope == 0.0;
        let listened = !self.metering || self.chunk.many < GRID;
        if unity && listened {
            return;
        }
        let wait = band.wait_samples(moment);
        let at = |ahead: usize| Now { ahead, told: self.chunk.ahead, after: GRID - 1 - ahead };
        let mut run = [[[0.0; 2]; C]; GRID];
        let mut many = 0;
        let mut ahead = wait;
        while ahead < GRID {
            let heard = coefficients(simd, channels, self.plan, k, at(ahead));
            if !listened {
                self.note(k, heard);
            }
            run[many] = self.change(k, heard, gain - 1.0 + slope * AHEAD[ahead]);
            many += 1;
            ahead += band.stride;
        }
        if unity || many == 0 {
            return;
        }
        if let Some(taps) = &band.run {
            sound_run(simd, channels, (taps, band.stride), at(wait), &run[..many]);
        } else {
            for (f, change) in run[..many].iter().enumerate() {
                sound(simd, channels, self.plan, (k, at(wait + f * band.stride)), *change);
            }
        }
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
    fn change<const C: usize>(&self, k: usize, heard: [[f32; 2]; C], change: f32) -> [[f32; 2]; C] {
        let turn = self.plan.bands[k].turn * change;
        let mut turned = heard;
        for [re, im] in &mut turned {
            (*re, *im) = (turn.re * *re - turn.im * *im, turn.re * *im + turn.im * *re);
        }
        turned
    }
}

/// The numbers of samples from a point of the grid to the next.
const AHEAD: [f32; GRID] = {
    let mut ahead = [0.0; GRID];
    let mut n = 1;
    while n < GRID {
        ahead[n] = ahead[n - 1] + 1.0;
        n += 1;
    }
    ahead
};
