//! [`Engine`]: a bank at work on live channels.

use super::bands::Bands;
use super::cascade::{Cascade, Poles};
use super::delay::DelayLine;
use super::plan::{BandPlan, Plan};
use super::sound;
use super::tape::Tape;
use super::vector::{add_real, correlate};
use crate::bank::Bank;
use crate::cast::count;
use pulp::{Simd, WithSimd};
use std::sync::Arc;

/// Samples handled between two looks at the gains' ramp and targets; divides [`SETTLING`].
const CHUNK: usize = 64;

/// Samples between two looks at what recursive filters can forget.
const SETTLING: usize = 1024;

/// A live equaliser: splits each channel into the bank's bands, scales them and puts them together.
///
/// Nothing but construction allocates; no method locks, waits or panics on any sound.
pub struct Engine {
    bank: Arc<Bank>,
    plan: Plan,
    /// The vector instructions this machine has.
    arch: pulp::Arch,
    gains: Bands,
    targets: Vec<f32>,
    /// Whether the targets have moved since gains were last solved.
    unsolved: bool,
    channels: Vec<Channel>,
    dry: DelayLine,
    /// Position in the schedule's period.
    position: usize,
    /// Samples until recursive filters are settled again.
    settling: usize,
    /// Samples between two looks at the targets: [`CHUNK`] at common rates, as much time at others.
    solving: usize,
    /// Samples until the output of bands that have gone to unity has died away.
    ringing_samples: usize,
    metering: bool,
    /// Per band the largest squared amplitude since levels were taken.
    peaks: Vec<f32>,
    change: Vec<[f32; CHUNK]>,
}

/// Fainter samples are silence to the bands, −500 dB: near the smallest numbers there are, every
/// operation would take many times as long.
const FAINTEST: f32 = 1e-25;

/// What is kept of one channel.
struct Channel {
    past: Tape,
    /// The state of a recursive bank's filters.
    cascade: Option<Cascade>,
    future: Tape,
}

impl Engine {
    /// An engine at flat settings for a number of channels.
    #[must_use]
    pub fn new(bank: Arc<Bank>, channels: usize) -> Self {
        let plan = Plan::new(&bank);
        let channel = || Channel {
            past: Tape::new(plan.past),
            cascade: plan.poles.as_ref().map(Cascade::new),
            future: Tape::new(plan.future),
        };
        Self {
            gains: Bands::new(bank.bands(), bank.spec().sample_rate_hz),
            targets: vec![1.0; bank.bands()],
            unsolved: false,
            channels: (0..channels).map(|_| channel()).collect(),
            dry: DelayLine::new(channels, bank.latency_samples()),
            position: 0,
            settling: 0,
            solving: solving_samples(bank.spec().sample_rate_hz),
            ringing_samples: 0,
            metering: false,
            peaks: vec![0.0; bank.bands()],
            change: vec![[0.0; CHUNK]; channels],
            plan,
            arch: pulp::Arch::new(),
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
        let past = self.plan.poles.as_ref().map_or(self.plan.past, |poles| poles.memory_samples);
        past + SETTLING + self.plan.future
    }

    /// The bands' linear gains now.
    #[must_use]
    pub fn gains(&self) -> &[f32] {
        self.gains.now()
    }

    /// Moves the response at the centre frequencies to these linear amplitudes (0 is off) within
    /// [`RAMP_MS`](super::RAMP_MS), through [`Bank::solve_gains`]. Missing ones count as 1, surplus
    /// ones and values that are not finite are ignored. Solved on a grid of 64 samples (in
    /// proportion more above 48 kHz), so that the cost stays bounded however often targets move.
    pub fn set_targets(&mut self, targets: &[f32]) {
        self.targets.fill(1.0);
        take_finite(targets, &mut self.targets);
        self.unsolved = true;
    }

    /// Moves the bands' own linear gains within [`RAMP_MS`](super::RAMP_MS). Missing ones and values
    /// that are not finite stay as they are, surplus ones are ignored.
    pub fn set_gains(&mut self, gains: &[f32]) {
        self.unsolved = false;
        take_finite(gains, self.gains.start());
    }

    /// Ends the gains' movement at once: for the start of a stream.
    pub fn jump_to_gains(&mut self) {
        self.solve();
        self.gains.jump();
    }

    /// Lets the gains go where the latest targets want them.
    fn solve(&mut self) {
        if std::mem::take(&mut self.unsolved) {
            self.bank.solve_gains(&self.targets, self.gains.start());
        }
    }

    /// Says whether levels will be taken: bands at unity are then analysed too.
    pub const fn set_metering(&mut self, metering: bool) {
        self.metering = metering;
    }

    /// Per band the largest linear amplitude before the gains since the last call, over all
    /// channels: 1 for a full-scale sinusoid at the centre. Needs [`Self::set_metering`].
    pub fn take_levels(&mut self, levels: &mut [f32]) {
        for ((level, peak), band) in levels.iter_mut().zip(&mut self.peaks).zip(&self.plan.bands) {
            *level = peak.sqrt() * band.level;
            *peak = 0.0;
        }
    }

    /// Forgets all sound and ends any movement of the gains.
    pub fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.past.reset();
            channel.cascade.iter_mut().for_each(Cascade::reset);
            channel.future.reset();
        }
        self.dry.reset();
        self.jump_to_gains();
        self.peaks.fill(0.0);
        self.position = 0;
        self.settling = 0;
        self.ringing_samples = 0;
    }

    /// Equalises a block of any length in place, `channels[channel][sample]`. Channels past the
    /// engine's own are left alone; those missing hear silence; the shortest of all decides the length.
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

    /// Only what equalising adds, Σ (g_k − 1) v_k, aligned with the input delayed by the latency.
    /// `input` and `change` are `[channel][sample]`, of equal shape; the shortest decides the length.
    pub fn process_change(&mut self, input: &[&[f32]], change: &mut [&mut [f32]]) {
        let lengths = input.iter().map(|channel| channel.len());
        let lengths = lengths.chain(change.iter().map(|channel| channel.len()));
        let length = lengths.min().unwrap_or(0);
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
        let to_grid = self.settling % CHUNK;
        let most = if to_grid == 0 { CHUNK } else { to_grid };
        if left < most { left } else { most }
    }

    /// Turns the input in `self.change` into the change, with the best instructions there are.
    fn equalise_chunk(&mut self, many: usize) {
        if self.settling.is_multiple_of(self.solving) {
            self.solve();
        }
        self.arch.dispatch(Equalise { engine: self, many });
    }

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn equalise_chunk_with<S: Simd>(&mut self, simd: S, many: usize) {
        let flat = self.gains.flat();
        if !flat {
            self.ringing_samples = self.plan.future;
        }
        let working = !flat || self.metering;
        let silent = self.ringing_samples == 0;
        for (channel, buffer) in self.channels.iter_mut().zip(&mut self.change) {
            let mut position = self.position;
            for (ahead, sample) in buffer[..many].iter_mut().enumerate() {
                channel.hear(simd, *sample, self.plan.poles.as_ref(), self.settling == ahead);
                if working {
                    for &k in &self.plan.schedule[position] {
                        let k = usize::from(k);
                        let gain = self.gains.gain(k, ahead);
                        channel.step(
                            simd,
                            k,
                            &self.plan.bands[k],
                            gain,
                            self.metering,
                            &mut self.peaks[k],
                        );
                    }
                }
                *sample = if silent { 0.0 } else { channel.future.advance(0.0) };
                position = if position + 1 == self.plan.schedule.len() { 0 } else { position + 1 };
            }
        }
        self.position = (self.position + many) % self.plan.schedule.len();
        self.settling = (self.settling + SETTLING - many) % SETTLING;
        self.gains.advance(many);
        if flat {
            self.ringing_samples = self.ringing_samples.saturating_sub(many);
        }
    }
}

/// [`Engine::equalise_chunk`], for whatever vectors there are.
struct Equalise<'a> {
    engine: &'a mut Engine,
    many: usize,
}

impl WithSimd for Equalise<'_> {
    type Output = ();

    #[inline(always)] // Compiled with the caller's vector instructions.
    fn with_simd<S: Simd>(self, simd: S) {
        self.engine.equalise_chunk_with(simd, self.many);
    }
}

impl Channel {
    /// Takes one sample in.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn hear<S: Simd>(&mut self, simd: S, sample: f32, poles: Option<&Poles>, settle: bool) {
        if let (Some(cascade), Some(poles)) = (&mut self.cascade, poles) {
            cascade.advance(simd, sample, poles);
            if settle {
                cascade.settle();
            }
        } else {
            self.past.advance(sample);
        }
    }

    /// Computes one coefficient of a band and lets its change sound.
    #[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn step<S: Simd>(
        &mut self,
        simd: S,
        k: usize,
        band: &BandPlan,
        gain: f32,
        metering: bool,
        peak: &mut f32,
    ) {
        let unity = gain == 1.0;
        if unity && !metering {
            return;
        }
        let (re, im) = match &self.cascade {
            Some(cascade) => cascade.output(k),
            None => {
                let past = self.past.span();
                let end = past.len() - band.age;
                let heard = &past[end - band.analysis.re.len()..end];
                correlate(simd, heard, &band.analysis.re, &band.analysis.im)
            }
        };
        if metering {
            *peak = peak.max(re * re + im * im);
        }
        if !unity {
            let synthesis = &band.synthesis;
            let end = band.delay + synthesis.re.len();
            let sounding = &mut self.future.span_mut()[band.delay..end];
            let change = gain - 1.0;
            add_real(simd, sounding, &synthesis.re, &synthesis.im, re * change, im * change);
        }
    }
}

/// A power of two of chunks that divides [`SETTLING`], no less than 4/3 ms unless at the longest.
fn solving_samples(sample_rate_hz: f64) -> usize {
    let chunks = count((sample_rate_hz / 48_000.0).ceil()).next_power_of_two();
    (chunks * CHUNK).min(SETTLING)
}

/// A sample as bands hear it: what is so faint that it would be slow to compute is silence to them.
fn audible(sample: f32) -> f32 {
    if sample.abs() < FAINTEST { 0.0 } else { sample }
}

/// Replaces values by those of `from` that are finite.
fn take_finite(from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from).filter(|(_, from)| from.is_finite()) {
        *to = *from;
    }
}
