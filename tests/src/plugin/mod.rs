//! The built plugin in either format, so that what must hold in both is written once.

mod clap;

#[cfg(unix)]
use crate::vst3::Parent;
use anyhow::{Result, ensure};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
#[cfg(unix)]
use std::time::Duration;

/// How an instance is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setup {
    /// Samples a second.
    pub sample_rate_hz: f64,
    /// The most samples that a block is said to have.
    pub block_samples: usize,
    /// Channels in and out, 1 or 2.
    pub channels: usize,
    /// Whether the plugin may take its time.
    pub offline: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { sample_rate_hz: 48_000.0, block_samples: 512, channels: 2, offline: true }
    }
}

impl Setup {
    /// As when a person listens.
    #[must_use]
    pub fn live() -> Self {
        Self { offline: false, ..Self::default() }
    }
}

/// A change of a parameter.
#[derive(Clone, Debug)]
pub struct Change {
    /// When, in samples from the start of what is played.
    pub at: usize,
    /// The parameter's string id.
    pub id: String,
    /// Where to, in the numbers of the format.
    pub value: f64,
}

/// One block as the host hands it over.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The channels of the input, all of one length.
    pub input: &'a [&'a [f32]],
    /// How many channels the output has.
    pub outputs: usize,
    /// Whether the output is where the input was.
    pub in_place: bool,
    /// Counted from the start of the block, in order of time.
    pub changes: &'a [Change],
}

/// What the audio thread of [`Plugin::play_beside`] is told and tells.
#[derive(Debug, Default)]
pub struct Playing {
    /// Set when it shall end.
    pub stop: AtomicBool,
    /// The blocks played.
    pub blocks: AtomicU64,
    /// What the blocks bring, in turn.
    pub changes: [Vec<Change>; 2],
}

impl Playing {
    /// What the next block brings.
    pub(crate) fn next_changes(&self) -> &[Change] {
        &self.changes[usize::from(self.blocks.load(Ordering::SeqCst) % 2 == 1)]
    }
}

/// An instance of the plugin in one of its formats.
pub trait Plugin: Sized {
    /// The loaded bundle.
    type Library;

    /// Loads the bundle.
    ///
    /// # Errors
    /// Where it cannot be loaded.
    fn library() -> Result<Self::Library>;

    /// A new instance, not yet active.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn new(library: &Self::Library, setup: Setup) -> Result<Self>;

    /// Tells it another setup; it must not be active.
    ///
    /// # Errors
    /// Where the plugin refuses, as it was before.
    fn set_up(&mut self, setup: Setup) -> Result<()>;

    /// How it is played.
    fn setup(&self) -> Setup;

    /// Makes it ready to play, from silence.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn activate(&mut self) -> Result<()>;

    /// Ends playing.
    fn deactivate(&mut self);

    /// Suspends and resumes it while it stays active.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn sleep_and_wake(&mut self) -> Result<()>;

    /// Forgets what was played, in the way that the format has for that.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn reset(&mut self) -> Result<()>;

    /// Goes to another place of the transport.
    fn jump(&mut self, samples: u64);

    /// The latency that it reports, in samples.
    ///
    /// # Errors
    /// Where it reports none.
    fn latency_samples(&mut self) -> Result<usize>;

    /// After how many samples of silence it says to be silent, too.
    ///
    /// # Errors
    /// Where it says never.
    fn tail_samples(&mut self) -> Result<usize>;

    /// Does on the main thread what the plugin asked for. Returns whether that was to take note of
    /// another latency.
    ///
    /// # Errors
    /// Where the plugin does not come back.
    fn take_latency_change(&mut self) -> Result<bool>;

    /// A parameter's value, in the numbers of the format.
    ///
    /// # Errors
    /// Where there is no such parameter.
    fn value(&mut self, id: &str) -> Result<f64>;

    /// The value that a text stands for.
    ///
    /// # Errors
    /// Where the parameter does not take it.
    fn parse(&mut self, id: &str, text: &str) -> Result<f64>;

    /// The largest value; the smallest is 0.
    ///
    /// # Errors
    /// Where there is no such parameter.
    fn largest(&mut self, id: &str) -> Result<f64>;

    /// Changes parameters outside of any block of sound, whether or not it is active.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn flush(&mut self, changes: &[Change]) -> Result<()>;

    /// Plays a block.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn process(&mut self, block: Block<'_>) -> Result<Vec<Vec<f32>>>;

    /// Plays a block again and again on a thread of its own, while this one does something else.
    ///
    /// # Errors
    /// What either of them fails with, and where a sample is not finite.
    fn play_beside<T>(
        &mut self,
        input: &[Vec<f32>],
        playing: &Playing,
        main: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T>;

    /// Opens the window inside a parent, does something, and closes it. What is done is handed what
    /// serves the window for a while, as far as the host has to.
    ///
    /// # Errors
    /// Where the plugin refuses, and what fails meanwhile.
    #[cfg(unix)]
    fn with_window<T>(
        &mut self,
        parent: &Parent,
        body: impl FnOnce(&mut Self, &dyn Fn(Duration) -> Result<()>) -> Result<T>,
    ) -> Result<T>;

    /// The state as it is saved with a project.
    ///
    /// # Errors
    /// Where the plugin fails.
    fn save(&mut self) -> Result<Vec<u8>>;

    /// Loads a saved state.
    ///
    /// # Errors
    /// Where the plugin refuses it.
    fn load(&mut self, state: &[u8]) -> Result<()>;

    /// The text in a state, and what stands before it.
    fn split_state(state: &[u8]) -> (&[u8], &[u8]);

    /// A state with this text.
    fn state_of(text: &[u8]) -> Vec<u8>;

    /// A new instance, set as a user would, and active.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn active(library: &Self::Library, setup: Setup, settings: &[(&str, &str)]) -> Result<Self> {
        let mut plugin = Self::new(library, setup)?;
        plugin.set(settings)?;
        plugin.activate()?;
        Ok(plugin)
    }

    /// The changes that set parameters as a user would type them.
    ///
    /// # Errors
    /// Where a parameter does not take its text.
    fn changes(&mut self, at: usize, settings: &[(&str, &str)]) -> Result<Vec<Change>> {
        let change = |&(id, text): &(&str, &str)| {
            Ok(Change { at, id: id.to_owned(), value: self.parse(id, text)? })
        };
        settings.iter().map(change).collect()
    }

    /// Sets parameters as a user would type them.
    ///
    /// # Errors
    /// Where a parameter does not take its text.
    fn set(&mut self, settings: &[(&str, &str)]) -> Result<()> {
        let changes = self.changes(0, settings)?;
        self.flush(&changes)
    }

    /// Sets the drawn gains of the first bands, in dB.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn set_gains_db(&mut self, gains_db: &[f64]) -> Result<()> {
        let mut changes = Vec::new();
        for (k, gain_db) in gains_db.iter().enumerate() {
            let id = format!("gain_{}", k + 1);
            let value = self.parse(&id, &gain_db.to_string())?;
            changes.push(Change { at: 0, id, value });
        }
        self.flush(&changes)
    }

    /// Plays a sound in blocks as they were agreed.
    ///
    /// # Errors
    /// Where the plugin refuses.
    fn play(&mut self, input: &[Vec<f32>]) -> Result<Vec<Vec<f32>>> {
        self.play_cut(input, &[self.setup().block_samples], &[])
    }

    /// Plays a sound in blocks of these sizes, over and over, while parameters change.
    ///
    /// # Errors
    /// Where the plugin refuses, and where all sizes are 0.
    fn play_cut(
        &mut self,
        input: &[Vec<f32>],
        sizes: &[usize],
        changes: &[Change],
    ) -> Result<Vec<Vec<f32>>> {
        ensure!(sizes.iter().any(|size| *size > 0), "blocks of nothing");
        let samples = input.first().map_or(0, Vec::len);
        let mut output = vec![Vec::with_capacity(samples); input.len()];
        let (mut start, mut sizes) = (0, sizes.iter().cycle());
        while start < samples {
            let end = samples.min(start + sizes.next().copied().unwrap_or(1));
            let cut: Vec<&[f32]> = input.iter().map(|signal| &signal[start..end]).collect();
            let inside = changes.iter().filter(|change| (start..end).contains(&change.at));
            let inside: Vec<Change> =
                inside.map(|change| Change { at: change.at - start, ..change.clone() }).collect();
            let block =
                Block { input: &cut, outputs: input.len(), in_place: false, changes: &inside };
            for (out, block) in output.iter_mut().zip(self.process(block)?) {
                out.extend(block);
            }
            start = end;
        }
        Ok(output)
    }
}
