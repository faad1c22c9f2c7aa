//! The audio thread's chain: dry plus change, through a change of bank, mix, delta and bypass.
//!
//! ```text
//! input ─┬─> engine ─> change ─> · b ─┐
//!        └─> delay  ─> dry    ─> · a ─┴─> output
//! ```
//! `a` and `b` hold output gain, mix, delta and bypass, and move in short ramps. At rest they are
//! exact, so bypass and flat settings pass the delayed input bit for bit. The plugin and offline
//! rendering use this same chain; where whole files are rendered, its engine [works off](Processor::go_offline)
//! a block at once.

use crate::audio::analyzer_sender::AnalyzerSender;
use crate::audio::channel_buffers::{ChannelBuffers, MAX_CHANNELS, SUB_BLOCK};
use crate::audio::crossfade::Crossfade;
use crate::audio::gain_follower::GainFollower;
use crate::audio::gain_match::GainMatch;
use crate::audio::level_meter::LevelMeter;
use crate::audio::mix::{Gains, gains};
use crate::audio::ramp::Ramp;
use crate::design::{DesignFailure, Designer, design};
use crate::state::curve::SharedCurve;
use crate::state::params::{MAX_BANDS, Settings, linear_gain};
use crate::telemetry::Telemetry;
use erbium_dsp::stream::{Engine, Offline, sanitize};
use erbium_dsp::{BankSpec, Sizing};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::audio::bank_player::BankPlayer;
use crate::audio::time::{real, samples};

/// The time a new bank takes to fade in once it is warm, in milliseconds.
pub const CROSSFADE_MS: f64 = 30.0;
/// The time mix, delta, bypass and output gain take to move, in milliseconds.
pub const MIX_RAMP_MS: f64 = 10.0;

/// How a chain is played.
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
    /// Samples until it has heard enough to be heard.
    preroll_left: usize,
    /// Samples of the fade done.
    faded: usize,
}

/// The chain of one instance.
pub struct Processor {
    gain_follower: GainFollower,
    telemetry: Arc<Telemetry>,
    designer: Designer,
    mode: Mode,
    channels: usize,
    /// What was last asked for: `None` before the first [`Self::prepare`].
    requested: Option<BankSpec>,
    /// Whether the last request was refused, so that nothing is on its way.
    refused: bool,
    /// `None` until a bank has been designed: then the input passes undelayed.
    playing: Option<Box<BankPlayer>>,
    incoming: Option<Incoming>,
    /// A player of another latency, held until the host restarts.
    held: Option<Box<BankPlayer>>,
    wants_restart: bool,
    /// Whether a state was loaded, once [`Self::take_loaded`] has looked.
    loaded: Option<bool>,
    /// The band heard solo, counted from 0.
    soloed: Option<usize>,
    /// Whether the next settings apply at once: nothing is sounding that could click.
    snap: bool,
    dry_gain: Ramp,
    change_gain: Ramp,
    /// Of the last piece, sample by sample: the gains of dry and change.
    ramps: [[f32; SUB_BLOCK]; 2],
    ramp_samples: u16,
    fade_samples: usize,
    gain_match: GainMatch,
    input: ChannelBuffers,
    level_meter: LevelMeter,
    analyzer_sender: AnalyzerSender,
}

impl Processor {
    /// A chain without a bank; [`Self::prepare`] gives it one.
    #[must_use]
    pub fn new(curve: Arc<SharedCurve>, telemetry: Arc<Telemetry>) -> Self {
        Self {
            gain_follower: GainFollower::new(curve),
            level_meter: LevelMeter::default(),
            analyzer_sender: AnalyzerSender::default(),
            designer: Designer::new(telemetry.clone()),
            telemetry,
            mode: Mode { waits: false, changes_latency: true },
            channels: 0,
            requested: None,
            refused: false,
            playing: None,
            incoming: None,
            held: None,
            wants_restart: false,
            loaded: None,
            soloed: None,
            snap: true,
            dry_gain: Ramp::new(1.0),
            change_gain: Ramp::new(1.0),
            ramps: [[1.0; SUB_BLOCK]; 2],
            ramp_samples: 1,
            fade_samples: 1,
            gain_match: GainMatch::new(48_000.0, 0),
            input: ChannelBuffers::new(0),
        }
    }

    /// Makes the chain ready to play `settings` at their sample rate, from the first sample on.
    /// Designs the bank if this process has none of that spec, so it blocks and allocates.
    ///
    /// # Errors
    /// [`DesignFailure`] when there is no such bank. The chain then plays the bank it has if that fits
    /// sample rate and channels, and passes the input undelayed otherwise.
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
        self.gain_match = GainMatch::new(rate_hz, channels);
        self.level_meter.set_rate(rate_hz);
        self.analyzer_sender.set_sound(rate_hz, channels);
        self.wants_restart = false;
        self.snap = true;

        let mut players = [
            self.held.take(),
            self.incoming.take().map(|incoming| incoming.player),
            self.playing.take(),
        ]
        .into_iter()
        .flatten()
        .filter(|player| fits(player, rate_hz, channels));
        let newest = players.next();
        self.requested = Some(settings.spec);
        self.refused = false;
        let result = match newest {
            Some(player) if player.engine.bank().spec() == &settings.spec => {
                self.playing = Some(player);
                Ok(())
            }
            newest => match design(&settings.spec, channels, &|| false) {
                Ok(player) => {
                    self.playing = Some(player);
                    Ok(())
                }
                Err(failure) => {
                    self.refused = true;
                    self.gain_follower.stay();
                    self.playing = newest;
                    Err(failure)
                }
            },
        };
        drop(players);
        self.telemetry.set_notice(result.as_ref().err().map(ToString::to_string));
        if let Some(player) = &self.playing {
            self.telemetry.set_bank(player.engine.bank().clone());
            self.gain_follower.change_bank(player.engine.bank());
        }
        self.reset();
        self.follow(settings);
        result
    }

    /// As long as the bank in play stays, it works off each block as a whole, at the settings it comes with:
    /// several times faster for long blocks. Processing may then allocate, and levels are silence. Nothing
    /// changes where the [bank cannot](Offline::new).
    pub fn go_offline(&mut self) {
        self.playing.iter_mut().for_each(|player| player.go_offline());
    }

    /// What works off whole blocks, if [offline](Self::go_offline).
    #[must_use]
    pub fn offline(&self) -> Option<&Offline> {
        self.playing.as_ref()?.offline()
    }

    /// If [offline](Self::go_offline), takes in a block that nobody hears, as what came before those that are
    /// [processed](Self::process); of it nothing is left.
    pub fn hear(&mut self, channels: &mut [&mut [f32]]) {
        for sample in channels.iter_mut().flat_map(|channel| channel.iter_mut()) {
            *sample = sanitize(*sample);
        }
        self.playing.iter_mut().for_each(|player| player.hear(channels));
    }

    /// The latency of what is heard now, in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        let fading = self.incoming.as_ref().filter(|incoming| incoming.preroll_left == 0);
        let player = fading.map(|incoming| &incoming.player).or(self.playing.as_ref());
        player.map_or(0, |player| player.engine.latency_samples())
    }

    /// After this many samples of silence the output is silent, too.
    #[must_use]
    pub fn tail_samples(&self) -> usize {
        let incoming = self.incoming.as_ref().map(|incoming| &incoming.player);
        let players = self.playing.iter().chain(incoming);
        players.map(|player| player.tail_samples()).max().unwrap_or(0)
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
        self.gain_match.reset(self.mode.waits);
        self.snap = true;
    }

    /// Plays one block in place, of any length. Channels past the prepared number pass untouched.
    ///
    /// Never allocates, locks or panics, unless [offline](Self::go_offline); it waits only in a [`Mode`] that
    /// says so.
    pub fn process(&mut self, settings: &Settings, channels: &mut [&mut [f32]]) {
        self.follow(settings);
        let frames = channels.iter().map(|channel| channel.len()).min().unwrap_or(0);
        if channels.len() < self.channels {
            // Not what was prepared: there is nothing sensible to play.
            channels.iter_mut().for_each(|channel| channel.fill(0.0));
            return;
        }
        let watched = self.telemetry.watched();
        let begun = watched.then(Instant::now);
        let newest = self.incoming.as_mut().map(|incoming| &mut incoming.player);
        let newest = newest.or(self.playing.as_mut());
        self.level_meter.set_watched(watched, newest.map(|player| &mut player.engine));
        let wanted =
            self.telemetry.analyzer_queue().wanted() || self.telemetry.loudness_queue().wanted();
        self.analyzer_sender.open(watched && wanted);
        if let Some(playing) = &mut self.playing {
            playing.work_ahead(channels, frames);
        }
        let mut start = 0;
        while start < frames {
            self.collect(settings);
            let length = self.piece_length(frames - start);
            self.piece(channels, start, length);
            self.advance(length);
            start += length;
        }
        if watched {
            self.telemetry.set_match_gain(self.gain_match.gain());
            self.level_meter.push_peaks(&self.telemetry);
        }
        if let Some(begun) = begun.filter(|_| frames > 0) {
            let rate_hz = settings.spec.sample_rate_hz;
            self.telemetry.push_load(begun.elapsed().as_secs_f64() * rate_hz / real(frames));
        }
    }

    /// Takes over a state that was loaded. To be called before the settings of the next block are
    /// read, where another thread may load one in between: a state's parameters are written before
    /// its curve, so settings read afterwards are at least as new.
    pub fn take_loaded(&mut self) {
        self.loaded = Some(self.gain_follower.take_loaded() || self.loaded == Some(true));
    }

    /// Takes over what the settings say at the start of a block.
    fn follow(&mut self, settings: &Settings) {
        let loaded = self.loaded.take().unwrap_or_else(|| self.gain_follower.take_loaded());
        if self.requested.is_some() && self.requested != Some(settings.spec) {
            self.requested = Some(settings.spec);
            // Without a thread there is nobody to ask.
            self.refused = !self.designer.runs();
            if !self.refused {
                self.gain_follower.await_bank();
                self.designer.request(settings.spec, self.channels);
            }
        }
        self.collect(settings);
        let moved = !self.awaits_bands() && self.gain_follower.follow(&settings.gains_db);
        // A file is rendered as it is drawn, whoever listens meanwhile.
        let soloed = self.telemetry.soloed().filter(|_| !self.mode.waits);
        let listens = soloed != self.soloed;
        self.soloed = soloed;
        if loaded || moved || listens || self.snap {
            self.set_targets();
        }
        self.gain_match.follow(settings, self.soloed.is_some());
        let (dry_gain, change_gain) = gains(settings, self.soloed.is_some());
        let ramp_samples = if self.snap { 0 } else { self.ramp_samples };
        self.dry_gain.go(dry_gain, ramp_samples);
        self.change_gain.go(change_gain, ramp_samples);
        self.snap = false;
    }

    /// The player that came last: the one that gain parameters, screen and state refer to.
    fn newest(&mut self) -> Option<&mut Box<BankPlayer>> {
        match &mut self.incoming {
            Some(incoming) => Some(&mut incoming.player),
            None => self.playing.as_mut(),
        }
    }

    /// Whether the parameters speak of bands that no bank has yet, so that touches must wait.
    ///
    /// With equal scale and band count the bands differ by little, and a drag goes on while latency
    /// or quality change.
    fn awaits_bands(&mut self) -> bool {
        let (requested, refused) = (self.requested, self.refused);
        // A held bank may wait for long: until then gains belong to the bands that sound.
        if refused || self.held.is_some() {
            return false;
        }
        let Some(newest) = self.newest() else { return true };
        let spec = newest.engine.bank().spec();
        let given = |spec: &BankSpec| match spec.sizing {
            Sizing::Given { fingerprint } => Some(fingerprint),
            _ => None,
        };
        let bands = |spec: &BankSpec| (spec.kind, spec.scale, spec.bands, given(spec));
        requested.is_some_and(|asked| bands(&asked) != bands(spec))
    }

    fn set_targets(&mut self) {
        let mut targets = [0.0; MAX_BANDS];
        let gains_db = self.gain_follower.effective_gain_db();
        for (target, gain_db) in targets.iter_mut().zip(gains_db) {
            *target = linear_gain(*gain_db);
        }
        let bands = gains_db.len();
        let (snap, soloed) = (self.snap, self.soloed.filter(|band| *band < bands));
        if let Some(player) = self.newest() {
            if let Some(band) = soloed {
                player.engine.set_gains(&solo(band, &targets)[..bands]);
            } else {
                player.engine.set_targets(&targets[..bands]);
            }
            if snap {
                player.engine.jump_to_gains();
            }
        }
    }

    /// Takes what the designer has finished, unless a bank is on its way in: then it can wait.
    fn collect(&mut self, settings: &Settings) {
        while self.incoming.is_none() && self.requested.is_some() {
            match self.designer.take() {
                Some(outcome) if self.requested != Some(outcome.spec) => {
                    outcome.player.into_iter().for_each(|player| self.designer.retire(player));
                }
                Some(outcome) => match outcome.player {
                    Some(player) => self.receive(player, settings),
                    None => {
                        self.refused = true;
                        self.gain_follower.stay();
                    }
                },
                None if self.mode.waits && self.is_waiting() => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                None => break,
            }
        }
    }

    /// Whether an outcome is still to come.
    fn is_waiting(&self) -> bool {
        let has = |player: &Option<Box<BankPlayer>>| {
            player
                .as_ref()
                .is_some_and(|player| self.requested == Some(*player.engine.bank().spec()))
        };
        !self.refused && self.designer.runs() && !has(&self.playing) && !has(&self.held)
    }

    /// Decides what becomes of the player that was asked for.
    fn receive(&mut self, player: Box<BankPlayer>, settings: &Settings) {
        if let Some(held) = self.held.take() {
            self.designer.retire(held);
        }
        let playing = self.playing.as_ref().map(|playing| &playing.engine);
        let latency_samples = playing.map_or(0, Engine::latency_samples);
        let has_it =
            playing.is_some_and(|engine| engine.bank().spec() == player.engine.bank().spec());
        if has_it || player.engine.channels() != self.channels {
            self.gain_follower.stay();
            self.designer.retire(player);
        } else if latency_samples != player.engine.latency_samples() && !self.mode.changes_latency {
            self.held = Some(player);
            self.wants_restart = true;
        } else {
            self.begin(player, settings);
        }
    }

    /// A bank takes over curve, parameters and screen, before it is heard.
    fn begin(&mut self, player: Box<BankPlayer>, settings: &Settings) {
        self.gain_follower.change_bank(player.engine.bank());
        self.gain_follower.follow(&settings.gains_db);
        self.designer.send_playing(player.engine.bank());
        self.level_meter.restart();
        let mut player = player;
        player.engine.set_metering(self.telemetry.watched());
        if let Some(playing) = &mut self.playing {
            playing.engine.set_metering(false);
            let preroll_left = player.tail_samples().max(1);
            self.incoming = Some(Incoming { player, preroll_left, faded: 0 });
        } else {
            // Until now the input passed undelayed: there is no bank to fade from.
            self.playing = Some(player);
        }
        // Nobody hears it yet, so it need not ramp.
        let snap = std::mem::replace(&mut self.snap, true);
        self.set_targets();
        self.snap = snap;
    }

    /// A player is all that plays; the one before it is sent back.
    fn play(&mut self, player: Box<BankPlayer>) {
        if let Some(retired) = self.playing.replace(player) {
            self.designer.retire(retired);
        }
    }

    /// The longest piece in which nothing begins or ends.
    fn piece_length(&self, wanted: usize) -> usize {
        let preroll_left = self.incoming.as_ref().map_or(0, |incoming| incoming.preroll_left);
        let fade_left = self.incoming.as_ref().map_or(0, |i| self.fade_samples - i.faded);
        [preroll_left, fade_left, self.level_meter.column_left(), self.gain_match.left()]
            .into_iter()
            .filter(|left| *left > 0)
            .fold(wanted.min(SUB_BLOCK), usize::min)
    }

    /// Plays `length` samples from `start` on.
    fn piece(&mut self, channels: &mut [&mut [f32]], start: usize, length: usize) {
        for (index, channel) in channels.iter_mut().take(self.channels).enumerate() {
            let input = self.input.channel_mut(index, length);
            for (clean, sample) in input.iter_mut().zip(&channel[start..start + length]) {
                // The dry part, too, takes what is no sound for silence.
                *clean = sanitize(*sample);
            }
            self.level_meter.see_input(input);
        }
        let [dry_gains, change_gains] = self.ramps.each_mut().map(|ramp| &mut ramp[..length]);
        self.dry_gain.fill(dry_gains);
        self.change_gain.fill(change_gains);
        let gains = Gains { dry: dry_gains, change: change_gains };

        let Some(playing) = &mut self.playing else {
            for (index, channel) in channels.iter_mut().take(self.channels).enumerate() {
                let out = &mut channel[start..start + length];
                let input = self.input.channel(index, length);
                gains.pass(input, out);
                self.level_meter.see_output(out);
                self.analyzer_sender.see(index, input, out);
            }
            return;
        };
        playing.play(&self.input, length);
        let mut fading = None;
        if let Some(incoming) = &mut self.incoming {
            incoming.player.play(&self.input, length);
            if incoming.preroll_left == 0 {
                fading = Some(&*incoming);
            }
        }
        for (index, channel) in channels.iter_mut().take(self.channels).enumerate() {
            let out = &mut channel[start..start + length];
            match fading {
                None => gains.mix(playing, index, out),
                Some(incoming) => {
                    let fade = Crossfade { done: incoming.faded, samples: self.fade_samples };
                    gains.mix_fading(playing, &incoming.player, fade, index, out);
                }
            }
            let newest = fading.map_or(&**playing, |incoming| &incoming.player);
            let dry = newest.dry.channel(index, length);
            let change = newest.change.channel(index, length);
            self.gain_match.play(index, dry, change, out);
            self.level_meter.see_output(out);
            self.analyzer_sender.see(index, playing.dry.channel(index, length), out);
        }
    }

    /// Counts `length` samples on, and ends what has come to its end.
    fn advance(&mut self, length: usize) {
        self.gain_match.advance(length);
        self.analyzer_sender
            .advance(length, [self.telemetry.analyzer_queue(), self.telemetry.loudness_queue()]);
        if let Some(player) = self.incoming.as_mut().map(|incoming| &mut incoming.player) {
            self.level_meter.advance(length, &mut player.engine, &self.telemetry);
        } else if let Some(player) = &mut self.playing {
            self.level_meter.advance(length, &mut player.engine, &self.telemetry);
        }
        let Some(incoming) = &mut self.incoming else { return };
        if incoming.preroll_left > 0 {
            incoming.preroll_left -= length;
            return;
        }
        incoming.faded += length;
        if incoming.faded == self.fade_samples
            && let Some(incoming) = self.incoming.take()
        {
            self.play(incoming.player);
        }
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

/// Whether a player can play at this rate and with these channels.
fn fits(player: &BankPlayer, rate_hz: f64, channels: usize) -> bool {
    player.engine.channels() == channels && player.engine.bank().spec().sample_rate_hz == rate_hz
}
