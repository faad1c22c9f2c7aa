//! Several chains at work on one stream, on every core there is, with the same bits as from one
//! chain that plays it from end to end: what a file sounds like depends on no number of cores.

use super::super::audio_file::Planes;
use super::cut::Cut;
use super::segments::Segment;
use anyhow::{Context, Result, anyhow};
use erbium::audio::{Mode, Processor};
use erbium::state::params::Settings;
use erbium::telemetry::Telemetry;
use rayon::Scope;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Some channels of a segment, and where they go once played.
struct Part {
    segment: Segment,
    played: Sender<Result<Segment>>,
}

/// Some channels of the stream, and the chains that play them.
struct Lane {
    channels: usize,
    /// Whether a chain forgets all sound before it plays, as any may play what comes next.
    restarts: bool,
    state: Mutex<State>,
}

struct State {
    /// Chains at rest.
    idle: Vec<Processor>,
    /// Chains that may still be made.
    room: usize,
    /// What is still to be played, in order.
    waiting: VecDeque<Part>,
}

impl Lane {
    /// A lane with one chain, and room for more where any chain can play any segment.
    fn new(chain: Processor, cut: &Cut, channels: usize) -> Self {
        let restarts = cut.is_in_time();
        let room = if restarts { rayon::current_num_threads() - 1 } else { 0 };
        let state = State { idle: vec![chain], room, waiting: VecDeque::new() };
        Self { channels, restarts, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whatever panicked held it only to move things.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be played next, and a chain for it unless that has to be made; `None` where
    /// nothing is left, or whoever has the last chain goes on.
    fn next(&self) -> Option<(Part, Option<Processor>)> {
        let mut state = self.state();
        let State { idle, room, waiting } = &mut *state;
        if waiting.is_empty() || (idle.is_empty() && *room == 0) {
            return None;
        }
        let chain = idle.pop();
        if chain.is_none() {
            *room -= 1;
        }
        waiting.pop_front().map(|part| (part, chain))
    }

    /// Plays as long as there is something to play and a chain to play it.
    fn play(&self, settings: &Settings) {
        while let Some((Part { mut segment, played }, chain)) = self.next() {
            let chain = chain.map_or_else(|| chain_for(settings, self.channels), Ok);
            let outcome = chain.map(|mut chain| {
                if self.restarts {
                    chain.reset();
                }
                let warm_samples = segment.warm_samples;
                let parts = segment.planes.iter_mut().map(|plane| plane.split_at_mut(warm_samples));
                let (mut warm, mut sounding): (Vec<_>, Vec<_>) = parts.unzip();
                chain.hear(&mut warm);
                chain.process(settings, &mut sounding);
                self.state().idle.push(chain);
                segment
            });
            // Nobody waits for it where another segment could not be read or written.
            let _ = played.send(outcome);
        }
    }
}

/// A chain that plays from the first sample on, a block at once where the bank lets it.
fn chain_for(settings: &Settings, channels: usize) -> Result<Processor> {
    let mode = Mode { waits: true, changes_latency: true };
    let mut chain = Processor::new(Arc::default(), Arc::<Telemetry>::default());
    chain.prepare(settings, channels, mode).map_err(|failure| anyhow!("{failure}"))?;
    chain.go_offline();
    Ok(chain)
}

/// The lanes of one stream. Segments leave in the order in which they came.
pub struct Lanes<'a> {
    settings: &'a Settings,
    cut: Cut,
    latency_samples: usize,
    lanes: Vec<Arc<Lane>>,
    /// Segments that may be under way at once.
    room: usize,
    playing: VecDeque<Vec<Receiver<Result<Segment>>>>,
}

impl<'a> Lanes<'a> {
    /// Lanes for a stream of `channels` channels, to be cut for so many `threads`: others may have
    /// other streams to play.
    ///
    /// # Errors
    /// Where there is no such bank.
    pub fn new(settings: &'a Settings, channels: usize, threads: usize) -> Result<Self> {
        let first = chain_for(settings, channels)?;
        let latency_samples = first.latency_samples();
        let cut = Cut::new(settings, first.offline(), channels, threads);
        let lanes = if cut.channels() == channels {
            vec![Arc::new(Lane::new(first, &cut, channels))]
        } else {
            let starts = (0..channels).step_by(cut.channels());
            let lane = |start| {
                let channels = cut.channels().min(channels - start);
                let chain = chain_for(settings, channels)?;
                Ok(Arc::new(Lane::new(chain, &cut, channels)))
            };
            starts.map(lane).collect::<Result<_>>()?
        };
        // Two for each thread: one plays while the other waits for its turn to be written.
        let room = 2 * rayon::current_num_threads();
        Ok(Self { settings, cut, latency_samples, lanes, room, playing: VecDeque::new() })
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
        self.playing.len() < self.room
    }

    /// Lets the next segment play, in a scope of worker threads.
    pub fn start<'scope>(&mut self, scope: &Scope<'scope>, segment: Segment)
    where
        'a: 'scope,
    {
        let Segment { planes, warm_samples } = segment;
        let mut planes = planes.into_iter();
        let mut playing = Vec::new();
        for lane in &self.lanes {
            let planes = planes.by_ref().take(lane.channels).collect();
            let (played, receiver) = channel();
            playing.push(receiver);
            lane.state()
                .waiting
                .push_back(Part { segment: Segment { planes, warm_samples }, played });
            let (lane, settings) = (lane.clone(), self.settings);
            scope.spawn(move |_| lane.play(settings));
        }
        self.playing.push_back(playing);
    }

    /// Waits for the segment that started first of those not yet given back; `None` without any.
    ///
    /// # Errors
    /// Where there was no chain for it, or a thread ended before it, which a panic says more of.
    pub fn finish(&mut self) -> Result<Option<Segment>> {
        let Some(playing) = self.playing.pop_front() else { return Ok(None) };
        let mut whole = Segment { planes: Planes::new(), warm_samples: 0 };
        for receiver in playing {
            let part = receiver.recv().context("a thread that renders ended early")?;
            let Segment { planes, warm_samples } = part?;
            whole.planes.extend(planes);
            whole.warm_samples = warm_samples;
        }
        Ok(Some(whole))
    }
}
