//! The audio thread's chain: dry plus change, through a change of bank, mix, delta and bypass.
//!
//! ```text
//! input ─┬─> engine ─> change ─> · b ─┐
//!        └─> delay  ─> dry    ─> · a ─┴─> output
//! ```
//! `a` and `b` hold output gain, mix, delta and bypass, and move in short ramps. At rest they are
//! exact, so bypass and flat settings pass the delayed input bit for bit. The plugin and offline
//! rendering use this same chain; where whole files are rendered, its engine [works off](Chain::go_offline)
//! a block at once.

mod ahead;
mod gain_match;
mod meter;
mod mixing;
mod ramp;
mod tap;
mod touches;
mod voice;

use crate::curve::SharedCurve;
use crate::designer::{DesignFailure, Designer, design};
use crate::monitor::Monitor;
use crate::params::{MAX_BANDS, Settings, linear_gain};
use erbium_dsp::stream::{Engine, Offline, sound};
use erbium_dsp::{BankSpec, Sizing};
use gain_match::GainMatch;
use meter::Meter;
use mixing::{Fade, Gains, gains};
use ramp::Ramp;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tap::Tap;
use touches::Touches;
use voice::{PIECE, Planes};

pub use voice::MAX_CHANNELS;
pub(crate) use voice::Voice;

/// The time a new bank takes to fade in once it is warm, in milliseconds.
pub const FADE_MS: f64 = 30.0;
/// The time mix, delta, bypass and output gain take to move, in milliseconds.
pub const RAMP_MS: f64 = 10.0;

/// How a chain is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Whether processing waits for the design of a bank asked for, as an offline render must.
    pub waits: bool,
    /// Whether a bank of another latency may come into play while processing. If not, it is held
    /// until [`Chain::prepare`], and [`Chain::take_restart_request`] asks for that.
    pub changes_latency: bool,
}

/// A bank on its way in.
struct Incoming {
    voice: Box<Voice>,
    /// Samples until it has heard enough to be heard.
    warm_left: usize,
    /// Samples of the fade done.
    faded: usize,
}

/// The chain of one instance.
pub struct Chain {
    touches: Touches,
    monitor: Arc<Monitor>,
    designer: Designer,
    mode: Mode,
    channels: usize,
    /// What was last asked for: `None` before the first [`Self::prepare`].
    requested: Option<BankSpec>,
    /// Whether the last request was refused, so that nothing is on its way.
    refused: bool,
    /// `None` until a bank has been designed: then the input passes undelayed.
    playing: Option<Box<Voice>>,
    incoming: Option<Incoming>,
    /// A voice of another latency, held until the host restarts.
    held: Option<Box<Voice>>,
    wants_restart: bool,
    /// Whether a state was loaded, once [`Self::take_loaded`] has looked.
    loaded: Option<bool>,
    /// The band heard alone, counted from 0.
    listened: Option<usize>,
    /// Whether the next settings apply at once: nothing is sounding that could click.
    jumps: bool,
    dry_gain: Ramp,
    change_gain: Ramp,
    /// Of the last piece, sample by sample: the gains of dry and change.
    ramps: [[f32; PIECE]; 2],
    ramp_samples: u16,
    fade_samples: usize,
    gain_match: GainMatch,
    input: Planes,
    meter: Meter,
    tap: Tap,
}

impl Chain {
    /// A chain without a bank; [`Self::prepare`] gives it one.
    #[must_use]
    pub fn new(curve: Arc<SharedCurve>, monitor: Arc<Monitor>) -> Self {
        Self {
            touches: Touches::new(curve),
            meter: Meter::default(),
            tap: Tap::default(),
            designer: Designer::new(monitor.clone()),
            monitor,
            mode: Mode { waits: false, changes_latency: true },
            channels: 0,
            requested: None,
            refused: false,
            playing: None,
            incoming: None,
            held: None,
            wants_restart: false,
            loaded: None,
            listened: None,
            jumps: true,
            dry_gain: Ramp::new(1.0),
            change_gain: Ramp::new(1.0),
            ramps: [[1.0; PIECE]; 2],
            ramp_samples: 1,
            fade_samples: 1,
            gain_match: GainMatch::new(48_000.0, 0),
            input: Planes::new(0),
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
            self.input = Planes::new(channels);
        }
        self.ramp_samples = u16::try_from(samples(RAMP_MS, rate_hz)).unwrap_or(u16::MAX);
        self.fade_samples = samples(FADE_MS, rate_hz);
        self.gain_match = GainMatch::new(rate_hz, channels);
        self.meter.set_rate(rate_hz);
        self.tap.set_sound(rate_hz, channels);
        self.wants_restart = false;
        self.jumps = true;

        let mut voices = [
            self.held.take(),
            self.incoming.take().map(|incoming| incoming.voice),
            self.playing.take(),
        ]
        .into_iter()
        .flatten()
        .filter(|voice| fits(voice, rate_hz, channels));
        let newest = voices.next();
        self.requested = Some(settings.spec);
        self.refused = false;
        let result = match newest {
            Some(voice) if voice.engine.bank().spec() == &settings.spec => {
                self.playing = Some(voice);
                Ok(())
            }
            newest => match design(&settings.spec, channels, &|| false) {
                Ok(voice) => {
                    self.playing = Some(voice);
                    Ok(())
                }
                Err(failure) => {
                    self.refused = true;
                    self.touches.stay();
                    self.playing = newest;
                    Err(failure)
                }
            },
        };
        drop(voices);
        self.monitor.set_notice(result.as_ref().err().map(ToString::to_string));
        if let Some(voice) = &self.playing {
            self.monitor.set_bank(voice.engine.bank().clone());
            self.touches.change_bank(voice.engine.bank());
        }
        self.reset();
        self.follow(settings);
        result
    }

    /// As long as the bank in play stays, it works off each block as a whole, at the settings it comes with:
    /// several times faster for long blocks. Processing may then allocate, and levels are silence. Nothing
    /// changes where the [bank cannot](Offline::new).
    pub fn go_offline(&mut self) {
        self.playing.iter_mut().for_each(|voice| voice.go_offline());
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
            *sample = sound(*sample);
        }
        self.playing.iter_mut().for_each(|voice| voice.hear(channels));
    }

    /// The latency of what is heard now, in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        let fading = self.incoming.as_ref().filter(|incoming| incoming.warm_left == 0);
        let voice = fading.map(|incoming| &incoming.voice).or(self.playing.as_ref());
        voice.map_or(0, |voice| voice.engine.latency_samples())
    }

    /// After this many samples of silence the output is silent, too.
    #[must_use]
    pub fn memory_samples(&self) -> usize {
        let incoming = self.incoming.as_ref().map(|incoming| &incoming.voice);
        let voices = self.playing.iter().chain(incoming);
        voices.map(|voice| voice.memory_samples()).max().unwrap_or(0)
    }

    /// Whether a bank of another latency waits for [`Self::prepare`]; true once for each.
    #[must_use]
    pub fn take_restart_request(&mut self) -> bool {
        std::mem::take(&mut self.wants_restart)
    }

    /// Forgets all sound and ends every transition. Allocates nothing.
    pub fn reset(&mut self) {
        if let Some(incoming) = self.incoming.take() {
            self.play(incoming.voice);
        }
        for voice in self.playing.iter_mut().chain(&mut self.held) {
            voice.reset();
        }
        self.gain_match.reset(self.mode.waits);
        self.jumps = true;
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
        let watched = self.monitor.watched();
        let begun = watched.then(Instant::now);
        let newest = self.incoming.as_mut().map(|incoming| &mut incoming.voice);
        let newest = newest.or(self.playing.as_mut());
        self.meter.watch(watched, newest.map(|voice| &mut voice.engine));
        let wanted = self.monitor.feed().wanted() || self.monitor.meter_feed().wanted();
        self.tap.open(watched && wanted);
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
            self.monitor.set_match_gain(self.gain_match.gain());
            self.meter.push_peaks(&self.monitor);
        }
        if let Some(begun) = begun.filter(|_| frames > 0) {
            let rate_hz = settings.spec.sample_rate_hz;
            self.monitor.push_load(begun.elapsed().as_secs_f64() * rate_hz / real(frames));
        }
    }

    /// Takes over a state that was loaded. To be called before the settings of the next block are
    /// read, where another thread may load one in between: a state's parameters are written before
    /// its curve, so settings read afterwards are at least as new.
    pub fn take_loaded(&mut self) {
        self.loaded = Some(self.touches.take_loaded() || self.loaded == Some(true));
    }

    /// Takes over what the settings say at the start of a block.
    fn follow(&mut self, settings: &Settings) {
        let loaded = self.loaded.take().unwrap_or_else(|| self.touches.take_loaded());
        if self.requested.is_some() && self.requested != Some(settings.spec) {
            self.requested = Some(settings.spec);
            // Without a thread there is nobody to ask.
            self.refused = !self.designer.runs();
            if !self.refused {
                self.touches.await_bank();
                self.designer.request(settings.spec, self.channels);
            }
        }
        self.collect(settings);
        let moved = !self.awaits_bands() && self.touches.follow(&settings.gains_db);
        // A file is rendered as it is drawn, whoever listens meanwhile.
        let listened = self.monitor.listened().filter(|_| !self.mode.waits);
        let listens = listened != self.listened;
        self.listened = listened;
        if loaded || moved || listens || self.jumps {
            self.set_targets();
        }
        self.gain_match.follow(settings, self.listened.is_some());
        let (dry_gain, change_gain) = gains(settings, self.listened.is_some());
        let ramp_samples = if self.jumps { 0 } else { self.ramp_samples };
        self.dry_gain.go(dry_gain, ramp_samples);
        self.change_gain.go(change_gain, ramp_samples);
        self.jumps = false;
    }

    /// The voice that came last: the one that gain parameters, screen and state refer to.
    fn newest(&mut self) -> Option<&mut Box<Voice>> {
        match &mut self.incoming {
            Some(incoming) => Some(&mut incoming.voice),
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
        let gains_db = self.touches.in_force_db();
        for (target, gain_db) in targets.iter_mut().zip(gains_db) {
            *target = linear_gain(*gain_db);
        }
        let bands = gains_db.len();
        let (jumps, listened) = (self.jumps, self.listened.filter(|band| *band < bands));
        if let Some(voice) = self.newest() {
            if let Some(band) = listened {
                voice.engine.set_gains(&alone(band, &targets)[..bands]);
            } else {
                voice.engine.set_targets(&targets[..bands]);
            }
            if jumps {
                voice.engine.jump_to_gains();
            }
        }
    }

    /// Takes what the designer has finished, unless a bank is on its way in: then it can wait.
    fn collect(&mut self, settings: &Settings) {
        while self.incoming.is_none() && self.requested.is_some() {
            match self.designer.take() {
                Some(outcome) if self.requested != Some(outcome.spec) => {
                    outcome.voice.into_iter().for_each(|voice| self.designer.retire(voice));
                }
                Some(outcome) => match outcome.voice {
                    Some(voice) => self.receive(voice, settings),
                    None => {
                        self.refused = true;
                        self.touches.stay();
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
        let has = |voice: &Option<Box<Voice>>| {
            voice.as_ref().is_some_and(|voice| self.requested == Some(*voice.engine.bank().spec()))
        };
        !self.refused && self.designer.runs() && !has(&self.playing) && !has(&self.held)
    }

    /// Decides what becomes of the voice that was asked for.
    fn receive(&mut self, voice: Box<Voice>, settings: &Settings) {
        if let Some(held) = self.held.take() {
            self.designer.retire(held);
        }
        let playing = self.playing.as_ref().map(|playing| &playing.engine);
        let latency_samples = playing.map_or(0, Engine::latency_samples);
        let has_it =
            playing.is_some_and(|engine| engine.bank().spec() == voice.engine.bank().spec());
        if has_it || voice.engine.channels() != self.channels {
            self.touches.stay();
            self.designer.retire(voice);
        } else if latency_samples != voice.engine.latency_samples() && !self.mode.changes_latency {
            self.held = Some(voice);
            self.wants_restart = true;
        } else {
            self.begin(voice, settings);
        }
    }

    /// A bank takes over curve, parameters and screen, before it is heard.
    fn begin(&mut self, voice: Box<Voice>, settings: &Settings) {
        self.touches.change_bank(voice.engine.bank());
        self.touches.follow(&settings.gains_db);
        self.designer.tell_playing(voice.engine.bank());
        self.meter.restart();
        let mut voice = voice;
        voice.engine.set_metering(self.monitor.watched());
        if let Some(playing) = &mut self.playing {
            playing.engine.set_metering(false);
            let warm_left = voice.memory_samples().max(1);
            self.incoming = Some(Incoming { voice, warm_left, faded: 0 });
        } else {
            // Until now the input passed undelayed: there is no bank to fade from.
            self.playing = Some(voice);
        }
        // Nobody hears it yet, so it need not ramp.
        let jumps = std::mem::replace(&mut self.jumps, true);
        self.set_targets();
        self.jumps = jumps;
    }

    /// A voice is all that plays; the one before it is sent back.
    fn play(&mut self, voice: Box<Voice>) {
        if let Some(retired) = self.playing.replace(voice) {
            self.designer.retire(retired);
        }
    }

    /// The longest piece in which nothing begins or ends.
    fn piece_length(&self, wanted: usize) -> usize {
        let warm_left = self.incoming.as_ref().map_or(0, |incoming| incoming.warm_left);
        let fade_left = self.incoming.as_ref().map_or(0, |i| self.fade_samples - i.faded);
        [warm_left, fade_left, self.meter.column_left(), self.gain_match.left()]
            .into_iter()
            .filter(|left| *left > 0)
            .fold(wanted.min(PIECE), usize::min)
    }

    /// Plays `length` samples from `start` on.
    fn piece(&mut self, channels: &mut [&mut [f32]], start: usize, length: usize) {
        for (index, channel) in channels.iter_mut().take(self.channels).enumerate() {
            let input = self.input.channel_mut(index, length);
            for (clean, sample) in input.iter_mut().zip(&channel[start..start + length]) {
                // The dry part, too, takes what is no sound for silence.
                *clean = sound(*sample);
            }
            self.meter.see_input(input);
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
                self.meter.see_output(out);
                self.tap.see(index, input, out);
            }
            return;
        };
        playing.play(&self.input, length);
        let mut fading = None;
        if let Some(incoming) = &mut self.incoming {
            incoming.voice.play(&self.input, length);
            if incoming.warm_left == 0 {
                fading = Some(&*incoming);
            }
        }
        for (index, channel) in channels.iter_mut().take(self.channels).enumerate() {
            let out = &mut channel[start..start + length];
            match fading {
                None => gains.mix(playing, index, out),
                Some(incoming) => {
                    let fade = Fade { done: incoming.faded, samples: self.fade_samples };
                    gains.mix_fading(playing, &incoming.voice, fade, index, out);
                }
            }
            let newest = fading.map_or(&**playing, |incoming| &incoming.voice);
            let dry = newest.dry.channel(index, length);
            let change = newest.change.channel(index, length);
            self.gain_match.play(index, dry, change, out);
            self.meter.see_output(out);
            self.tap.see(index, playing.dry.channel(index, length), out);
        }
    }

    /// Counts `length` samples on, and ends what has come to its end.
    fn advance(&mut self, length: usize) {
        self.gain_match.advance(length);
        self.tap.advance(length, [self.monitor.feed(), self.monitor.meter_feed()]);
        if let Some(voice) = self.incoming.as_mut().map(|incoming| &mut incoming.voice) {
            self.meter.advance(length, &mut voice.engine, &self.monitor);
        } else if let Some(voice) = &mut self.playing {
            self.meter.advance(length, &mut voice.engine, &self.monitor);
        }
        let Some(incoming) = &mut self.incoming else { return };
        if incoming.warm_left > 0 {
            incoming.warm_left -= length;
            return;
        }
        incoming.faded += length;
        if incoming.faded == self.fade_samples
            && let Some(incoming) = self.incoming.take()
        {
            self.play(incoming.voice);
        }
    }
}

/// The linear gains with which a band is heard alone: its filter at its drawn gain, or as it is
/// where it is off, and no other.
#[must_use]
pub fn alone(band: usize, targets: &[f32; MAX_BANDS]) -> [f32; MAX_BANDS] {
    let mut gains = [0.0; MAX_BANDS];
    gains[band] = if targets[band] == 0.0 { 1.0 } else { targets[band] };
    gains
}

/// Whether a voice can play at this rate and with these channels.
fn fits(voice: &Voice, rate_hz: f64, channels: usize) -> bool {
    voice.engine.channels() == channels && voice.engine.bank().spec().sample_rate_hz == rate_hz
}

/// A count as a real number.
#[expect(clippy::cast_precision_loss)]
const fn real(count: usize) -> f64 {
    count as f64
}

/// A time in samples, at least 1.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn samples(ms: f64, rate_hz: f64) -> usize {
    ((ms * rate_hz / 1000.0).round() as usize).max(1)
}
