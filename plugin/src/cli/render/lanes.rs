//! Several chains at work on one stream, on every core there is, with the same bits as from one
//! chain that plays it from end to end: what a file sounds like depends on no machine.

use super::super::audio_file::Planes;
use super::segments::Segment;
use anyhow::{Context, Result, anyhow};
use erbium::chain::{Chain, Mode};
use erbium::monitor::Monitor;
use erbium::params::Settings;
use erbium_dsp::Bank;
use rayon::Scope;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// Besides the bank's period, what engines do at once repeats with this one, in samples.
const GRID: usize = 1024;

/// Where a bank's strides have no period shorter than this, in samples, cuts would lie too far apart.
const LONGEST_GRID: usize = 1 << 16;

/// A segment holds at most about this many samples of all channels together.
const SEGMENT_SAMPLES: usize = 1 << 19;

/// A segment is at least so many times as long as what has to be heard before it.
const LEAST_WARM_PARTS: usize = 16;

/// Where a stream can be cut so that no bit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Samples of a segment.
    pub segment_samples: usize,
    /// Samples a chain has to hear before a segment: those of the bank's memory. 0 where every
    /// segment has to go through the same chain.
    pub warm_samples: usize,
    /// Channels that go through one chain.
    channels: usize,
}

impl Cut {
    /// How to cut a stream of `channels` channels that lasts `memory_samples` in the chain.
    ///
    /// The kernels of ISAC banks are finite: a chain that has heard as much as they span goes on as
    /// if it had heard everything. Recursive filters never forget to the last bit, so gammatone
    /// banks are shared out by channels only; and gain match hears all of the sound.
    pub fn new(settings: &Settings, bank: &Bank, memory_samples: usize, channels: usize) -> Self {
        let segment_samples = SEGMENT_SAMPLES / channels;
        if settings.gain_match {
            return Self { segment_samples, warm_samples: 0, channels };
        }
        let grid = least_common_multiple(bank.period(), GRID);
        if !bank.poles().is_empty() || grid > LONGEST_GRID {
            return Self { segment_samples, warm_samples: 0, channels: 1 };
        }
        let warm_samples = memory_samples.next_multiple_of(grid);
        let segment_samples = segment_samples.max(LEAST_WARM_PARTS * warm_samples);
        Self { segment_samples: segment_samples.next_multiple_of(grid), warm_samples, channels }
    }

    /// Whether any chain can play any segment.
    const fn is_in_time(self) -> bool {
        self.warm_samples > 0
    }
}

fn least_common_multiple(a: usize, b: usize) -> usize {
    let (mut divisor, mut rest) = (a, b);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (a / divisor).saturating_mul(b)
}

/// A chain and the channels it plays.
struct Lane {
    chain: Chain,
    channels: Range<usize>,
}

impl Lane {
    fn new(settings: &Settings, channels: Range<usize>) -> Result<Self> {
        let mode = Mode { waits: true, changes_latency: true };
        let mut chain = Chain::new(Arc::default(), Arc::<Monitor>::default());
        let failed = |failure| anyhow!("{failure}");
        chain.prepare(settings, channels.len(), mode).map_err(failed)?;
        Ok(Self { chain, channels })
    }
}

/// What comes back from a lane.
type Played = (Lane, Planes);

/// The lanes of one stream. Segments leave in the order in which they came.
pub struct Lanes<'a> {
    settings: &'a Settings,
    cut: Cut,
    latency_samples: usize,
    idle: Vec<Lane>,
    /// Lanes that may still be made.
    room: usize,
    playing: VecDeque<Vec<Receiver<Played>>>,
}

impl<'a> Lanes<'a> {
    /// Lanes for a stream of `channels` channels.
    ///
    /// # Errors
    /// Where there is no such bank.
    pub fn new(settings: &'a Settings, bank: &Bank, channels: usize) -> Result<Self> {
        let first = Lane::new(settings, 0..channels)?;
        let memory_samples = first.chain.memory_samples();
        let cut = Cut::new(settings, bank, memory_samples, channels);
        let latency_samples = first.chain.latency_samples();
        let mut idle = vec![first];
        let mut room = 0;
        if cut.is_in_time() {
            // Two for each core: one plays while the other waits for its turn to be written.
            room = 2 * rayon::current_num_threads() - 1;
        } else if cut.channels < channels {
            let lane = |channel| Lane::new(settings, channel..channel + 1);
            idle = (0..channels).map(lane).collect::<Result<_>>()?;
        }
        Ok(Self { settings, cut, latency_samples, idle, room, playing: VecDeque::new() })
    }

    /// Where the stream is to be cut.
    pub const fn cut(&self) -> Cut {
        self.cut
    }

    /// The delay from input to output in samples.
    pub const fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Whether a segment can start, rather than has to wait for another to be done.
    pub fn is_free(&self) -> bool {
        !self.idle.is_empty() || self.room > 0
    }

    /// Lets the next segment play, in a scope of worker threads.
    ///
    /// # Errors
    /// Where a chain cannot be made.
    pub fn start<'scope>(&mut self, scope: &Scope<'scope>, segment: Segment) -> Result<()>
    where
        'a: 'scope,
    {
        if self.idle.is_empty() {
            let lane = Lane::new(self.settings, 0..segment.planes.len())?;
            self.idle.push(lane);
            self.room -= 1;
        }
        let Segment { mut planes, warm_samples } = segment;
        let lanes = if self.cut.is_in_time() { self.idle.len() - 1.. } else { 0.. };
        let mut playing = Vec::new();
        for mut lane in self.idle.drain(lanes) {
            let mut planes: Planes = planes.drain(..lane.channels.len()).collect();
            let (settings, restarts) = (self.settings, self.cut.is_in_time());
            let (sender, receiver) = channel();
            playing.push(receiver);
            scope.spawn(move |_| {
                if restarts {
                    lane.chain.reset();
                }
                let mut channels: Vec<_> = planes.iter_mut().map(Vec::as_mut_slice).collect();
                lane.chain.process(settings, &mut channels);
                for plane in &mut planes {
                    plane.drain(..warm_samples);
                }
                // Nobody waits for it where another segment could not be read or written.
                let _ = sender.send((lane, planes));
            });
        }
        self.playing.push_back(playing);
        Ok(())
    }

    /// Waits for the segment that started first of those not yet given back; `None` without any.
    ///
    /// # Errors
    /// Where a thread ended before its segment did, which a panic says more of.
    pub fn finish(&mut self) -> Result<Option<Planes>> {
        let Some(playing) = self.playing.pop_front() else { return Ok(None) };
        let mut planes = Planes::new();
        for receiver in playing {
            let (lane, played) = receiver.recv().context("a thread that renders ended early")?;
            planes.extend(played);
            self.idle.push(lane);
        }
        Ok(Some(planes))
    }
}
