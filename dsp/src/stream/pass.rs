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
        if end < GRID {
            return;
        }
        let first = self.moment + plan.period() * GRID - chunk.ahead;
        for &k in &plan.patient {
            self.strike_run(simd, channels, k, first);
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
            let changes = self.change(k, heard, change);
            if change != 0.0 {
                sound(simd, channels, self.plan, (k, now), changes);
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
        if unity && !self.metering {
            return;
        }
        let wait = band.wait_samples(moment);
        let at = |ahead: usize| Now { ahead, told: self.chunk.ahead, after: GRID - 1 - ahead };
        let mut run = [[[0.0; 2]; C]; GRID];
        let mut many = 0;
        let mut ahead = wait;
        while ahead < GRID {
            let heard = coefficients(simd, channels, self.plan, k, at(ahead));
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

    /// The change that band `k`'s coefficients make, which are taken note of.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn change<const C: usize>(
        &mut self,
        k: usize,
        heard: [[f32; 2]; C],
        change: f32,
    ) -> [[f32; 2]; C] {
        let turn = self.plan.bands[k].turn * change;
        let mut turned = heard;
        for [re, im] in &mut turned {
            if self.metering {
                self.peaks[k] = self.peaks[k].max(*re * *re + *im * *im);
            }
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
