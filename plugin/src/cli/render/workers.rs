//! Several chains at work on one stream, on every core there is, with the same bits as from one
//! chain that processes it from end to end: the output depends on no number of cores.

use super::super::files::audio::ChannelBuffers;
use super::segment_plan::SegmentPlan;
use super::segments::Segment;
use anyhow::{Context, Result, anyhow};
use erbium::audio::{Mode, Processor};
use erbium::state::params::Settings;
use erbium::telemetry::Telemetry;
use rayon::Scope;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Some channels of a segment, and where they go once processed.
struct Part {
    segment: Segment,
    processed: Sender<Result<Segment>>,
}

/// Some channels of the stream, and the chains that process them.
struct ChannelGroup {
    channels: usize,
    /// Whether a chain is reset before each segment, as any may process the next one.
    restarts: bool,
    state: Mutex<State>,
}

struct State {
    /// Chains without work.
    idle: Vec<Processor>,
    /// Chains that may still be made.
    allowed: usize,
    /// What is still to be processed, in order.
    waiting: VecDeque<Part>,
}

impl ChannelGroup {
    /// Channels with one chain, and leave for more where any chain can process any segment.
    fn new(chain: Processor, plan: &SegmentPlan, channels: usize) -> Self {
        let restarts = plan.splits_time();
        let allowed = if restarts { rayon::current_num_threads() - 1 } else { 0 };
        let state = State { idle: vec![chain], allowed, waiting: VecDeque::new() };
        Self { channels, restarts, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whatever panicked held it only to move things.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be processed next, and a chain for it unless that has to be made; `None` where
    /// nothing is left, or whoever has the last chain goes on.
    fn next(&self) -> Option<(Part, Option<Processor>)> {
        let mut state = self.state();
        let State { idle, allowed, waiting } = &mut *state;
        if waiting.is_empty() || (idle.is_empty() && *allowed == 0) {
            return None;
        }
        let chain = idle.pop();
        if chain.is_none() {
            *allowed -= 1;
        }
        waiting.pop_front().map(|part| (part, chain))
    }

    /// Processes as long as there is something to process and a chain for it.
    fn process(&self, settings: &Settings) {
        while let Some((Part { mut segment, processed }, chain)) = self.next() {
            let chain = chain.map_or_else(|| chain_for(settings, self.channels), Ok);
            let outcome = chain.map(|mut chain| {
                if self.restarts {
                    chain.reset();
                }
                let preroll_samples = segment.preroll_samples;
                let parts =
                    segment.buffers.iter_mut().map(|channel| channel.split_at_mut(preroll_samples));
                let (mut preroll, mut audible): (Vec<_>, Vec<_>) = parts.unzip();
                chain.preroll(&mut preroll);
                chain.process(settings, &mut audible);
                self.state().idle.push(chain);
                segment
            });
            // Nobody waits for it where another segment could not be read or written.
            let _ = processed.send(outcome);
        }
    }
}

/// A chain that processes from the first sample on, a block at once where the bank lets it.
pub fn chain_for(settings: &Settings, channels: usize) -> Result<Processor> {
    let mode = Mode { waits: true, changes_latency: true };
    let mut chain = Processor::new(Arc::default(), Arc::<Telemetry>::default());
    chain.prepare(settings, channels, mode).map_err(|failure| anyhow!("{failure}"))?;
    chain.go_offline();
    Ok(chain)
}

/// What processes one stream. Segments leave in the order in which they came.
pub struct Workers<'a> {
    settings: &'a Settings,
    plan: SegmentPlan,
    latency_samples: usize,
    groups: Vec<Arc<ChannelGroup>>,
    /// Segments that may be under way at once.
    most: usize,
    under_way: VecDeque<Vec<Receiver<Result<Segment>>>>,
}

impl<'a> Workers<'a> {
    /// Workers for a stream of `channels` channels, to be split for so many `threads`: others may
    /// have other streams to process.
    ///
    /// # Errors
    /// Where there is no such bank.
    pub fn new(settings: &'a Settings, channels: usize, threads: usize) -> Result<Self> {
        let first = chain_for(settings, channels)?;
        let latency_samples = first.latency_samples();
        let plan = SegmentPlan::new(settings, first.offline(), channels, threads);
        let groups = if plan.channels() == channels {
            vec![Arc::new(ChannelGroup::new(first, &plan, channels))]
        } else {
            let starts = (0..channels).step_by(plan.channels());
            let group = |start| {
                let channels = plan.channels().min(channels - start);
                let chain = chain_for(settings, channels)?;
                Ok(Arc::new(ChannelGroup::new(chain, &plan, channels)))
            };
            starts.map(group).collect::<Result<_>>()?
        };
        // Two for each thread: one is processed while the other waits for its turn to be written.
        let most = 2 * rayon::current_num_threads();
        Ok(Self { settings, plan, latency_samples, groups, most, under_way: VecDeque::new() })
    }

    /// How the stream is to be split.
    pub const fn plan(&self) -> SegmentPlan {
        self.plan
    }

    /// The delay from input to output in samples.
    pub const fn latency_samples(&self) -> usize {
        self.latency_samples
    }

    /// Whether a segment can start, rather than has to wait for another to be done.
    pub fn is_free(&self) -> bool {
        self.under_way.len() < self.most
    }

    /// Lets the next segment be processed, in a scope of worker threads.
    pub fn start<'scope>(&mut self, scope: &Scope<'scope>, segment: Segment)
    where
        'a: 'scope,
    {
        let Segment { buffers, preroll_samples } = segment;
        let mut buffers = buffers.into_iter();
        let mut receivers = Vec::new();
        for group in &self.groups {
            let buffers = buffers.by_ref().take(group.channels).collect();
            let (processed, receiver) = channel();
            receivers.push(receiver);
            group
                .state()
                .waiting
                .push_back(Part { segment: Segment { buffers, preroll_samples }, processed });
            let (group, settings) = (group.clone(), self.settings);
            scope.spawn(move |_| group.process(settings));
        }
        self.under_way.push_back(receivers);
    }

    /// Waits for the segment that started first of those not yet given back; `None` without any.
    ///
    /// # Errors
    /// Where there was no chain for it, or a thread ended before it, which a panic says more of.
    pub fn finish(&mut self) -> Result<Option<Segment>> {
        let Some(receivers) = self.under_way.pop_front() else { return Ok(None) };
        let mut whole = Segment { buffers: ChannelBuffers::new(), preroll_samples: 0 };
        for receiver in receivers {
            let part = receiver.recv().context("a thread that renders ended early")?;
            let Segment { buffers, preroll_samples } = part?;
            whole.buffers.extend(buffers);
            whole.preroll_samples = preroll_samples;
        }
        Ok(Some(whole))
    }
}
