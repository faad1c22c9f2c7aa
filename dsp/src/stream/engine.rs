//! [`Engine`]: a bank at work on live channels.

use super::plan::{Plan, Poles};
use super::process::{Chunk, Pass, listen_to_windows, play};
use super::sanitize::{audible, shortest, sound, take_finite};
use super::state::{Bands, Channel, DelayLine, Rest, Room};
use super::timing::{GRID, LEFT_OUT, LEFT_OUT_STEEP, SETTLING, SOLVING, STEPS};
use crate::bank::{Bank, Curve};
use crate::cast::count;
use crate::vectors::Vectors;
use pulp::{Simd, WithSimd};
use std::sync::Arc;

/// A live equaliser: splits each channel into the bank's bands, scales them and puts them together.
///
/// Nothing but construction allocates; no method locks, waits or panics on any sound.
pub struct Engine {
    bank: Arc<Bank>,
    plan: Arc<Plan>,
    vectors: Vectors,
    gains: Bands,
    /// What [`Self::targets`] are.
    asked: Asked,
    /// Per band what is asked for.
    targets: Vec<f32>,
    /// Whether the gains have yet to set out for it.
    pending: bool,
    /// The amplitudes at the centres that the gains have set out for, unless these were asked for
    /// themselves.
    solved_targets: Vec<f32>,
    is_solved: bool,
    /// Room for the goals of the gains.
    goals: Vec<f32>,
    channels: Vec<Channel>,
    /// Where recursive filters are.
    rest: Rest,
    dry: DelayLine,
    /// Position in the schedule's period.
    moment: usize,
    /// Samples until recursive filters are settled again, and the next point of the [`GRID`].
    settling: usize,
    /// Samples between two looks at what is asked: [`SOLVING`], in proportion more above 48 kHz.
    solving: usize,
    /// Looks at what is asked still to be left out.
    left_out: usize,
    /// Samples until the output of bands that have gone to unity has died away.
    ringing_samples: usize,
    metering: bool,
    /// Per band the largest squared amplitude since levels were taken.
    peaks: Vec<f32>,
    /// Samples since levels were taken.
    unheard: usize,
    change: Vec<[f32; GRID]>,
    room: Room,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Amplitudes at the centre frequencies.
    Targets,
    /// The bands' own gains.
    Gains,
}

impl Engine {
    /// An engine at flat settings for a number of channels.
    #[must_use]
    pub fn new(bank: Arc<Bank>, channels: usize) -> Self {
        Self::with_vectors(bank, channels, Vectors::new())
    }

    /// [`Self::new`] with other vector instructions than the best: for tests and measurements.
    #[must_use]
    pub fn with_vectors(bank: Arc<Bank>, channels: usize, vectors: Vectors) -> Self {
        let plan = bank.laid_out(Plan::new);
        let lanes = vectors.double_lanes();
        Self {
            gains: Bands::new(bank.bands(), bank.spec().sample_rate_hz),
            asked: Asked::Targets,
            targets: vec![1.0; bank.bands()],
            pending: false,
            solved_targets: vec![1.0; bank.bands()],
            is_solved: true,
            goals: vec![1.0; bank.bands()],
            channels: (0..channels).map(|_| Channel::new(&plan, lanes)).collect(),
            rest: Rest::new(plan.poles.as_ref().map_or(0, |_| plan.past)),
            dry: DelayLine::new(channels, bank.latency_samples()),
            moment: 0,
            settling: 0,
            solving: solving_samples(bank.spec().sample_rate_hz),
            left_out: 0,
            ringing_samples: 0,
            metering: false,
            peaks: vec![0.0; bank.bands()],
            unheard: 0,
            room: Room::new(&plan),
            change: vec![[0.0; GRID]; channels],
            plan,
            vectors,
            bank,
        }
    }

    /// The bank at work.
    #[must_use]
    pub const fn bank(&self) -> &Arc<Bank> {
        &self.bank
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels.len()
    }

    /// The delay from input to output in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        self.bank.latency_samples()
    }

    /// After so many samples of silence the output is exactly zero.
    #[must_use]
    pub fn memory_samples(&self) -> usize {
        let settled = |poles: &Poles| poles.memory_samples + SETTLING;
        self.plan.poles.as_ref().map_or(self.plan.past, settled) + self.plan.future
    }

    /// The multiply-adds for one channel at each sample of the time after which they begin anew, while
    /// no band is at unity, as the engine does them: symmetric kernels folded, low bands at lower
    /// rates, and patient bands worked out together. Allocates: not for the audio thread.
    #[must_use]
    pub fn multiply_adds(&self) -> Vec<f64> {
        self.plan.multiply_adds()
    }

    /// The bands' linear gains, where they were at the last multiple of 32 samples since the stream began.
    #[must_use]
    pub fn gains(&self) -> &[f32] {
        self.gains.now()
    }

    /// Moves the response at the centre frequencies to these linear amplitudes (0 is off), through
    /// [`Bank::solve_gains`]. Missing ones count as 1, surplus ones and values that are not finite are
    /// ignored. Asking for the same again does nothing. Once the gains have set out they arrive within
    /// [`RAMP_MS`](super::RAMP_MS), and none leaves the interval from where it was to where it goes.
    ///
    /// They set out at the next multiple of 128 samples since the stream began, but no sooner than 256
    /// after the last time, 896 where that curve was steep for the bands (all in proportion more above
    /// 48 kHz): so the cost of solving stays bounded however often targets move. The gains of a recursive
    /// bank leave flat once its filters have caught up with what they missed there, a seventh of
    /// [`Self::memory_samples`] later at most.
    pub fn set_targets(&mut self, targets: &[f32]) {
        self.targets.fill(1.0);
        take_finite(targets, &mut self.targets);
        self.asked = Asked::Targets;
        self.pending = !self.is_solved || self.targets != self.solved_targets;
    }

    /// Moves the bands' own linear gains as [`Self::set_targets`] does. Missing ones and values that
    /// are not finite stay as they are, surplus ones are ignored.
    pub fn set_gains(&mut self, gains: &[f32]) {
        if self.asked != Asked::Gains {
            self.targets.copy_from_slice(self.gains.goal());
        }
        take_finite(gains, &mut self.targets);
        self.asked = Asked::Gains;
        self.pending = self.targets != self.gains.goal();
    }

    /// Ends the gains' movement at once: for the start of a stream.
    pub fn jump_to_gains(&mut self) {
        if self.pending {
            let missed = self.rest.behind_samples();
            self.catch_up(missed);
        }
        self.set_out();
        self.left_out = 0;
        self.gains.jump();
    }

    /// Lets the gains go where they are asked to.
    fn set_out(&mut self) {
        self.left_out = 0;
        if !std::mem::replace(&mut self.pending, false) {
            return;
        }
        match self.asked {
            Asked::Targets => {
                self.left_out = match self.bank.solve(self.vectors, &self.targets, &mut self.goals)
                {
                    Curve::Smooth => LEFT_OUT,
                    Curve::Steep => LEFT_OUT_STEEP,
                };
                self.solved_targets.copy_from_slice(&self.targets);
                self.is_solved = true;
            }
            Asked::Gains => {
                self.left_out = LEFT_OUT;
                self.goals.copy_from_slice(&self.targets);
                // Flat is flat, whichever way it is asked for.
                self.is_solved = self.targets.iter().all(|gain| *gain == 1.0);
                if self.is_solved {
                    self.solved_targets.fill(1.0);
                }
            }
        }
        self.gains.set_goals(&self.goals);
    }

    /// Says whether levels will be taken: bands at unity are then analysed too. Levels of what was before
    /// are not among those taken.
    pub fn set_metering(&mut self, metering: bool) {
        if metering && !self.metering {
            self.peaks.fill(0.0);
            self.unheard = 0;
        }
        self.metering = metering;
    }

    /// Per band the largest linear amplitude before the gains since the last call, over all
    /// channels: 1 for a full-scale sinusoid at the centre. Needs [`Self::set_metering`].
    pub fn take_levels(&mut self, levels: &mut [f32]) {
        if self.metering {
            let chunk = self.next_chunk(0);
            self.vectors.dispatch(Listen { engine: self, chunk: &chunk });
        }
        self.unheard = 0;
        for ((level, peak), band) in levels.iter_mut().zip(&mut self.peaks).zip(&self.plan.bands) {
            // Sound within bounds may still be too loud for its square.
            *level = (peak.sqrt() * band.level).min(f32::MAX);
            *peak = 0.0;
        }
    }

    /// Forgets all sound and ends any movement of the gains.
    pub fn reset(&mut self) {
        self.channels.iter_mut().for_each(Channel::reset);
        self.rest.reset();
        self.dry.reset();
        self.jump_to_gains();
        self.peaks.fill(0.0);
        self.unheard = 0;
        self.moment = 0;
        self.settling = 0;
        self.ringing_samples = 0;
    }

    /// Equalises a block of any length in place, `channels[channel][sample]`. Channels past the
    /// engine's own are left alone; those missing hear silence; the shortest of all decides the length.
    ///
    /// Where nothing is added the output is the delayed input bit for bit, subnormal numbers included. It
    /// holds no other subnormal ones: what is added is either nothing or too much to end in one.
    pub fn process(&mut self, channels: &mut [&mut [f32]]) {
        let length = channels.iter().map(|channel| channel.len()).min().unwrap_or(0);
        let mut start = 0;
        while start < length {
            let many = self.chunk(length - start);
            for (c, channel) in channels.iter_mut().enumerate().take(self.channels.len()) {
                for sample in &mut channel[start..start + many] {
                    *sample = sound(*sample);
                }
                for (to, from) in self.change[c].iter_mut().zip(&channel[start..start + many]) {
                    *to = audible(*from);
                }
            }
            for c in channels.len()..self.channels.len() {
                self.change[c][..many].fill(0.0);
            }
            self.equalise_chunk(many);
            self.add_to_dry(channels, start, many);
            start += many;
        }
    }

    /// Only what equalising adds, Σ (g_k − 1) v_k, aligned with the input delayed by the latency: finite,
    /// and 0 where it is below −500 dB. `input` and `change` are `[channel][sample]`; the shortest of all
    /// decides the length. Channels missing in `input` hear silence; surplus ones in either are left alone.
    pub fn process_change(&mut self, input: &[&[f32]], change: &mut [&mut [f32]]) {
        let length = shortest(input, change);
        let mut start = 0;
        while start < length {
            let many = self.chunk(length - start);
            for (c, buffer) in self.change.iter_mut().enumerate() {
                match input.get(c) {
                    Some(channel) => {
                        for (to, from) in buffer.iter_mut().zip(&channel[start..start + many]) {
                            *to = audible(sound(*from));
                        }
                    }
                    None => buffer[..many].fill(0.0),
                }
            }
            self.equalise_chunk(many);
            for (channel, buffer) in change.iter_mut().zip(&self.change) {
                channel[start..start + many].copy_from_slice(&buffer[..many]);
            }
            start += many;
        }
    }

    /// Delays the input and adds the change to it; where there is none, not even −0 is touched.
    fn add_to_dry(&mut self, channels: &mut [&mut [f32]], start: usize, many: usize) {
        self.dry.process_part(channels, start, many);
        for (channel, change) in channels.iter_mut().zip(&self.change) {
            for (sample, change) in channel[start..start + many].iter_mut().zip(change) {
                if *change != 0.0 {
                    *sample += change;
                }
            }
        }
    }

    /// The length of the next chunk: none goes past a point of the grid.
    const fn chunk(&self, left: usize) -> usize {
        let to_grid = self.settling % GRID;
        let most = if to_grid == 0 { GRID } else { to_grid };
        if left < most { left } else { most }
    }

    /// Turns the input in `self.change` into the change.
    fn equalise_chunk(&mut self, many: usize) {
        if self.settling.is_multiple_of(GRID) {
            self.look_around();
        }
        let flat = self.gains.flat();
        if !flat {
            self.ringing_samples = self.plan.future;
        }
        let wanted = !flat || self.metering || self.pending;
        if wanted {
            let due = self.rest.due(many);
            self.catch_up(due);
        }
        self.unheard = self.unheard.saturating_add(many);
        let awake = wanted && self.rest.is_awake();
        let chunk = Chunk {
            awake,
            working: awake && (!flat || self.metering)
                || self.channels.first().is_some_and(|channel| channel.told.sounds()),
            silent: self.ringing_samples == 0,
            ..self.next_chunk(many)
        };
        self.vectors.dispatch(Equalise { engine: self, chunk: &chunk });
        if wanted {
            self.rest.pass(many);
        } else {
            self.rest.rest(many);
        }
        self.moment = (self.moment + many) % self.plan.period();
        self.settling = (self.settling + SETTLING - many) % SETTLING;
        if self.settling.is_multiple_of(GRID) {
            self.gains.arrive();
        }
        if flat {
            self.ringing_samples = self.ringing_samples.saturating_sub(many);
        }
    }

    /// The next samples, with nothing to do for them.
    const fn next_chunk(&self, many: usize) -> Chunk {
        let passed = (SETTLING - self.settling) % SETTLING;
        let (ahead, step) = (passed % GRID, passed / GRID % STEPS);
        Chunk { many, ahead, step, awake: false, working: false, silent: true }
    }

    /// What there is to do at a point of the grid.
    fn look_around(&mut self) {
        if self.rest.is_ready() {
            if self.settling == 0 {
                self.channels.iter_mut().for_each(Channel::settle);
            }
            if self.settling.is_multiple_of(self.solving) {
                match self.left_out.checked_sub(1) {
                    Some(left_out) => self.left_out = left_out,
                    None => self.set_out(),
                }
            }
        }
        self.gains.set_out();
    }

    /// A pass over channels, and the channels with their sounds.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn pass<'a>(
        &'a mut self,
        chunk: &'a Chunk,
    ) -> (Pass<'a>, &'a mut [Channel], &'a mut [[f32; GRID]]) {
        let pass = Pass {
            plan: &self.plan,
            gains: &self.gains,
            metering: self.metering,
            moment: self.moment,
            chunk,
            peaks: &mut self.peaks,
            unheard: self.unheard,
            room: &mut self.room,
        };
        (pass, &mut self.channels, &mut self.change)
    }

    /// Lets recursive filters take in so many samples that they have missed.
    fn catch_up(&mut self, samples: usize) {
        if samples > 0 {
            let ahead = self.next_chunk(0).ahead;
            self.vectors.dispatch(CatchUp { engine: self, samples, ahead });
            self.rest.catch_up(samples);
        }
    }
}

/// A [`Chunk`]'s work, for whatever vectors there are.
struct Equalise<'a> {
    engine: &'a mut Engine,
    chunk: &'a Chunk,
}

impl WithSimd for Equalise<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        let (mut pass, channels, change) = self.engine.pass(self.chunk);
        let (pairs, single) = channels.as_chunks_mut::<2>();
        let (pair_sounds, single_sound) = change.as_chunks_mut::<2>();
        for (channels, sounds) in pairs.iter_mut().zip(pair_sounds) {
            play(&mut pass, simd, channels, sounds);
        }
        let (singles, single_sounds) =
            (single.as_chunks_mut::<1>(), single_sound.as_chunks_mut::<1>());
        for (channels, sounds) in singles.0.iter_mut().zip(single_sounds.0) {
            play(&mut pass, simd, channels, sounds);
        }
    }
}

/// What windows that have not ended have heard, for whatever vectors there are.
struct Listen<'a> {
    engine: &'a mut Engine,
    chunk: &'a Chunk,
}

impl WithSimd for Listen<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        let (mut pass, channels, _) = self.engine.pass(self.chunk);
        for channel in channels.as_chunks::<1>().0 {
            listen_to_windows(&mut pass, simd, channel);
        }
    }
}

/// Missed samples, for whatever vectors there are.
struct CatchUp<'a> {
    engine: &'a mut Engine,
    samples: usize,
    /// Samples from the last point of the grid.
    ahead: usize,
}

impl WithSimd for CatchUp<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        let Engine { plan, rest, channels, .. } = self.engine;
        for channel in channels {
            channel.catch_up(simd, plan, rest, (self.samples, self.ahead));
        }
    }
}

/// [`SOLVING`] times a power of two, no less than 8/3 ms unless at the longest: [`SETTLING`].
fn solving_samples(sample_rate_hz: f64) -> usize {
    let factor = count((sample_rate_hz / 48_000.0).ceil()).next_power_of_two();
    (factor * SOLVING).min(SETTLING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::BankSpec;

    #[test]
    fn targets_are_solved_for_seldom_however_often_they_move() {
        const BLOCK: usize = 32;
        const BLOCKS: usize = 7 * 8 * 10;
        for (steep, apart_samples) in [(false, 256), (true, 896)] {
            let bank = Arc::new(Bank::design(&BankSpec::default()).expect("the default exists"));
            let mut engine = Engine::new(bank, 1);
            let mut solved = 0;
            for n in 0..BLOCKS {
                // Never what it was when last solved for.
                let lift = 1.5 + crate::cast::single(crate::cast::real(n) / 1000.0);
                let low = if steep { 0.1 } else { 1.0 };
                let targets: Vec<_> = (0..40).map(|k| lift * [low, 1.0][k % 2]).collect();
                engine.set_targets(&targets);
                engine.process(&mut [&mut [0.0; BLOCK]]);
                solved += usize::from(!engine.pending);
            }
            assert_eq!(solved, BLOCKS * BLOCK / apart_samples, "steep: {steep}");
        }
    }
}
