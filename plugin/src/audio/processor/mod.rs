//! What an instance does to sound: dry plus change, through a change of bank, mix, delta and bypass.
//!
//! ```text
//! input ─┬─> engine ─> change ─> · b ─┐
//!        └─> delay  ─> dry    ─> · a ─┴─> output
//! ```
//! `a` and `b` hold output gain, gain match, mix, delta and bypass, and move together in short ramps, so that
//! what is heard on the way is a blend of before and after. At rest they are exact, so bypass and flat
//! settings pass the delayed input bit for bit. The plugin and offline rendering use this same processor;
//! where whole files are rendered, its engine [works off](Processor::go_offline) a block at once.

mod banks;
mod blocks;

use crate::audio::analyzer_sender::AnalyzerSender;
use crate::audio::bank_player::BankPlayer;
use crate::audio::channel_buffers::{ChannelBuffers, MAX_CHANNELS, SUB_BLOCK};
use crate::audio::gain_follower::GainFollower;
use crate::audio::gain_match::GainMatch;
use crate::audio::level_meter::LevelMeter;
use crate::audio::mix::Mixing;
use crate::audio::pass_through::PassThrough;
use crate::audio::ramp::Ramp;
use crate::audio::time::samples;
use crate::design::early::{AskedFor, BankChangeSignal, EarlyDesign};
use crate::design::request::Request;
use crate::design::{DesignFailure, Designer};
use crate::state::curve::SharedCurve;
use crate::state::params::{MAX_BANDS, Settings};
use crate::telemetry::{Telemetry, TelemetrySender};
use erbium_dsp::stream::{GAIN_RAMP_MS, Offline, sanitize};
use std::sync::Arc;

/// The time a new bank takes to fade in once it is warm, in milliseconds.
pub const CROSSFADE_MS: f64 = 30.0;
/// The time mix, delta, bypass and output gain take to move, in milliseconds.
pub const MIX_RAMP_MS: f64 = 10.0;
/// The longest that gains of bands take to set out, see [`Engine`](erbium_dsp::stream::Engine), in
/// milliseconds.
const SETTING_OUT_MS: f64 = 25.0;

/// How an instance is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Whether processing waits for the design of a bank asked for, as an offline render must.
    pub waits: bool,
    /// Whether a bank of another latency may come into play while processing. If not, it is held
    /// until [`Processor::prepare`], and [`Processor::take_restart_request`] asks for that.
    pub changes_latency: bool,
}

/// A bank on its way in.
struct Incoming {
    player: Box<BankPlayer>,
    /// Samples until it has taken in enough to be heard.
    preroll_left: usize,
    /// Samples of the fade done.
    faded: usize,
}

/// The audio thread's part of an instance.
pub struct Processor {
    gain_follower: GainFollower,
    telemetry: TelemetrySender,
    designer: Designer,
    mode: Mode,
    /// Whether whole blocks are worked off at once.
    is_offline: bool,
    channels: usize,
    /// What was last asked for: `None` before the first [`Self::prepare`].
    requested: Option<Request>,
    /// Whether the answer to it is still to come.
    is_awaiting: bool,
    /// What plays where no bank does.
    pass_through: PassThrough,
    /// `None` until a bank has been designed.
    playing: Option<Box<BankPlayer>>,
    incoming: Option<Incoming>,
    /// A player of another latency, held until the host restarts.
    held: Option<Box<BankPlayer>>,
    wants_restart: bool,
    /// Whether anything was played since the last [`Self::reset`]: before, there is nothing to fade from.
    has_begun: bool,
    /// Whether a state was loaded, once [`Self::take_loaded`] has looked.
    loaded: Option<bool>,
    /// The band played solo, counted from 0.
    soloed: Option<usize>,
    /// Samples until the bands are back from what was played solo.
    release_left: usize,
    release_samples: usize,
    /// Whether the next settings apply at once: nothing is sounding that could click.
    snap: bool,
    mixing: Mixing,
    /// Whether the output shall be as loud as the input.
    match_gains: bool,
    /// The gains of dry and change.
    mix_gains: Ramp<2>,
    /// Of the last piece, sample by sample.
    ramps: [[f32; SUB_BLOCK]; 2],
    ramp_samples: u16,
    fade_samples: usize,
    gain_match: GainMatch,
    /// The gain that it has on what is heard, at the end of its ramp.
    applied_match: f32,
    input: ChannelBuffers,
    level_meter: LevelMeter,
    analyzer_sender: AnalyzerSender,
}

impl Processor {
    /// A processor without a bank; [`Self::prepare`] gives it one. It becomes the one that tells
    /// `telemetry` what plays.
    #[must_use]
    pub fn new(curve: Arc<SharedCurve>, telemetry: Arc<Telemetry>) -> Self {
        let flat = Settings::flat(erbium_dsp::BankSpec::default());
        Self {
            gain_follower: GainFollower::new(curve),
            level_meter: LevelMeter::default(),
            analyzer_sender: AnalyzerSender::default(),
            telemetry: telemetry.sender(),
            designer: Designer::new(telemetry),
            mode: Mode { waits: false, changes_latency: true },
            is_offline: false,
            channels: 0,
            requested: None,
            is_awaiting: false,
            pass_through: PassThrough::new(0, 0),
            playing: None,
            incoming: None,
            held: None,
            wants_restart: false,
            has_begun: false,
            loaded: None,
            soloed: None,
            release_left: 0,
            release_samples: 0,
            snap: true,
            mixing: Mixing::new(&flat, false),
            match_gains: false,
            mix_gains: Ramp::new([1.0; 2]),
            ramps: [[1.0; SUB_BLOCK]; 2],
            ramp_samples: 1,
            fade_samples: 1,
            gain_match: GainMatch::new(48_000.0, 0),
            applied_match: 1.0,
            input: ChannelBuffers::new(0),
        }
    }

    /// Before the first [`Self::prepare`]: as long as nothing is played, the bank asked for is designed as soon
    /// as `signal` says that it may be another, so that the first block that wants it has it.
    pub fn design_early(&mut self, signal: Arc<BankChangeSignal>, asked_for: Arc<AskedFor>) {
        self.designer.design_early(EarlyDesign { signal, asked_for });
    }

    /// Makes the processor ready to play `settings` at their sample rate, from the first sample on. Waits
    /// for the bank if this process has none of that spec, so it blocks and allocates; but where the
    /// designer has to search for the nearest bank that can be played, no longer than a host
    /// can wait, unless the [`Mode`] says so. The input then passes with the latency of the bank asked
    /// for until the one found fades in.
    ///
    /// # Errors
    /// [`DesignFailure`] when there is neither the bank asked for nor one to play in its place. The
    /// processor then plays the bank it has if that fits sample rate and channels, and passes the input
    /// undelayed otherwise.
    ///
    /// # Panics
    /// With more than [`MAX_CHANNELS`] channels.
    pub fn prepare(
        &mut self,
        settings: &Settings,
        channels: usize,
        mode: Mode,
    ) -> Result<(), DesignFailure> {
        assert!(channels <= MAX_CHANNELS, "{channels} channels; possible: up to {MAX_CHANNELS}");
        let rate_hz = settings.spec.sample_rate_hz;
        self.designer.start();
        self.mode = mode;
        if channels != self.channels {
            self.channels = channels;
            self.input = ChannelBuffers::new(channels);
        }
        self.ramp_samples = u16::try_from(samples(MIX_RAMP_MS, rate_hz)).unwrap_or(u16::MAX);
        self.fade_samples = samples(CROSSFADE_MS, rate_hz);
        self.release_samples = samples(SETTING_OUT_MS + GAIN_RAMP_MS, rate_hz);
        self.gain_match = GainMatch::new(rate_hz, channels);
        self.level_meter.set_rate(rate_hz);
        self.analyzer_sender.set_sound(rate_hz, channels);
        self.wants_restart = false;
        let result = self.prepare_bank(settings, rate_hz);
        if let Some(player) = &self.playing {
            self.telemetry.telemetry().set_bank(player.engine.bank().clone());
            self.gain_follower.change_bank(player.engine.bank());
        }
        if self.is_awaiting {
            self.gain_follower.await_bank();
        }
        self.reset();
        self.sync(settings);
        result
    }

    /// As long as the bank in play stays, it works off each block as a whole, at the settings it comes with:
    /// several times faster for long blocks. Processing may then allocate, and levels are silence. Nothing
    /// changes where the [bank cannot](Offline::new).
    pub fn go_offline(&mut self) {
        self.is_offline = true;
        self.playing.iter_mut().for_each(|player| player.go_offline());
    }

    /// What works off whole blocks, if [offline](Self::go_offline).
    #[must_use]
    pub fn offline(&self) -> Option<&Offline> {
        self.playing.as_ref()?.offline()
    }

    /// If [offline](Self::go_offline), takes in a block that nobody hears, as what came before those that are
    /// [processed](Self::process); of it nothing is left.
    pub fn preroll(&mut self, channels: &mut [&mut [f32]]) {
        for sample in channels.iter_mut().flat_map(|channel| channel.iter_mut()) {
            *sample = sanitize(*sample);
        }
        self.playing.iter_mut().for_each(|player| player.preroll(channels));
    }

    /// The latency of what is heard now, in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        let fading = self.incoming.as_ref().filter(|incoming| incoming.preroll_left == 0);
        let player = fading.map(|incoming| &incoming.player).or(self.playing.as_ref());
        player.map_or(self.pass_through.latency_samples(), |player| player.latency_samples())
    }

    /// After this many samples of silence the output is silent, too.
    #[must_use]
    pub fn tail_samples(&self) -> usize {
        let incoming = self.incoming.as_ref().map(|incoming| &incoming.player);
        let players = self.playing.iter().chain(incoming);
        let tails = players.map(|player| player.tail_samples());
        tails.max().unwrap_or(self.pass_through.latency_samples())
    }

    /// Whether a bank of another latency waits for [`Self::prepare`]; true once for each.
    #[must_use]
    pub fn take_restart_request(&mut self) -> bool {
        std::mem::take(&mut self.wants_restart)
    }

    /// Forgets all sound and ends every transition. Allocates nothing.
    pub fn reset(&mut self) {
        if let Some(incoming) = self.incoming.take() {
            self.play(incoming.player);
        }
        for player in self.playing.iter_mut().chain(&mut self.held) {
            player.reset();
        }
        self.pass_through.reset();
        self.gain_match.reset(self.mode.waits);
        self.release_left = 0;
        self.snap = true;
        self.set_begun(false);
    }

    /// Until it begins to play, banks are designed early.
    fn set_begun(&mut self, has_begun: bool) {
        self.has_begun = has_begun;
        self.designer.set_idle(!has_begun);
    }

    /// Takes over a state that was loaded. To be called before the settings of the next block are
    /// read, where another thread may load one in between: a state's parameters are written before
    /// its curve, so settings read afterwards are at least as new.
    pub fn take_loaded(&mut self) {
        self.loaded = Some(self.gain_follower.take_loaded() || self.loaded == Some(true));
    }
}

/// The linear gains with which a band is heard alone: its filter at its drawn gain, or as it is
/// where it is off, and no other.
#[must_use]
pub fn solo(band: usize, targets: &[f32; MAX_BANDS]) -> [f32; MAX_BANDS] {
    let mut gains = [0.0; MAX_BANDS];
    gains[band] = if targets[band] == 0.0 { 1.0 } else { targets[band] };
    gains
}
