//! Which bank plays, and with which gains.

use super::{Incoming, Processor, solo};
use crate::audio::bank_player::BankPlayer;
use crate::audio::mix::Mixing;
use crate::audio::pass_through::PassThrough;
use crate::design::request::Request;
use crate::design::shared_banks::latency_samples;
use crate::design::{DesignFailure, answer};
use crate::state::curve::BandLayout;
use crate::state::params::{MAX_BANDS, Settings, linear_gain};
use std::time::Duration;

/// The longest that a host waits while it prepares an instance to be played live. Designs take a small
/// part of it; the search for the nearest bank, where one is refused, may take more.
const PREPARE_PATIENCE: Duration = Duration::from_secs(5);
/// The longest that an offline render waits for a bank: what takes longer is not coming.
const OFFLINE_PATIENCE: Duration = Duration::from_secs(300);

impl Processor {
    /// Main thread: puts the bank for these settings in place, or lets the one found later come in.
    pub(super) fn prepare_bank(
        &mut self,
        settings: &Settings,
        rate_hz: f64,
    ) -> Result<(), DesignFailure> {
        let Settings { spec, fallback, .. } = *settings;
        let request = Request { spec, fallback, channels: self.channels };
        let incoming = self.incoming.take().map(|incoming| incoming.player);
        let mut players = [self.held.take(), incoming, self.playing.take()]
            .into_iter()
            .flatten()
            .filter(|player| fits(player, rate_hz, request.channels));
        self.playing = players.next();
        drop(players);
        self.requested = Some(request);
        self.designer.give_up();
        self.is_awaiting = false;
        let result = match &self.playing {
            Some(player) if player.request == request => Ok(()),
            _ => self.design(request),
        };
        let coming = || latency_samples(&request.spec).unwrap_or(0);
        let coming_samples = if self.is_awaiting { coming() } else { 0 };
        if self.is_awaiting {
            // What the host is told now is to hold when the bank comes.
            self.playing.take_if(|player| player.latency_samples() != coming_samples);
        }
        self.pass_through = PassThrough::new(request.channels, coming_samples);
        result
    }

    /// Main thread: lets a bank be designed and waits for it.
    fn design(&mut self, request: Request) -> Result<(), DesignFailure> {
        let outcome = if self.designer.runs() {
            self.designer.request(request);
            let live = !self.mode.waits;
            self.designer.wait(if live { PREPARE_PATIENCE } else { OFFLINE_PATIENCE })
        } else {
            answer(request, &|| false, self.telemetry.telemetry())
        };
        match outcome {
            Some(Ok(player)) => self.playing = Some(player),
            Some(Err(failure)) => {
                self.gain_follower.stay();
                return Err(failure);
            }
            None if self.designer.is_awaiting() => self.is_awaiting = true,
            None => {
                self.gain_follower.stay();
                return Err(DesignFailure::NoThread);
            }
        }
        Ok(())
    }

    /// Takes over what the settings say at the start of a block.
    pub(super) fn sync(&mut self, settings: &Settings) {
        let loaded = self.loaded.take().unwrap_or_else(|| self.gain_follower.take_loaded());
        self.request(settings);
        self.collect(settings);
        let moved = !self.awaits_bands() && self.gain_follower.sync(&settings.gains_db);
        // A file is rendered as it is drawn, whoever listens meanwhile.
        let soloed = self.telemetry.telemetry().soloed().filter(|_| !self.mode.waits);
        if self.soloed.is_some() && soloed.is_none() {
            self.release_left = if self.snap { 0 } else { self.release_after_solo() };
        }
        let switched = soloed != self.soloed;
        self.soloed = soloed;
        if loaded || moved {
            self.gain_match.on_gains_moved();
        }
        if loaded || moved || switched || self.snap {
            self.set_targets();
        }
        self.mixing = Mixing::new(settings, self.soloed.is_some());
        self.match_gains = settings.gain_match;
        self.set_mix_targets();
        self.snap = false;
    }

    /// Asks for another bank where the settings do.
    fn request(&mut self, settings: &Settings) {
        let Some(requested) = self.requested else { return };
        let Settings { spec, fallback, .. } = *settings;
        let request = Request { spec, fallback, ..requested };
        if request == requested {
            return;
        }
        self.requested = Some(request);
        // Without a thread there is nobody to ask.
        self.is_awaiting = self.designer.runs();
        if self.is_awaiting {
            self.gain_follower.await_bank();
            self.designer.request(request);
        }
    }

    /// The time in which the bands come back from what was played solo.
    fn release_after_solo(&self) -> usize {
        self.release_samples + self.latency_samples()
    }

    /// The player that came last: the one that gain parameters, screen and state refer to.
    pub(super) fn newest(&mut self) -> Option<&mut Box<BankPlayer>> {
        match &mut self.incoming {
            Some(incoming) => Some(&mut incoming.player),
            None => self.playing.as_mut(),
        }
    }

    /// Whether the parameters speak of bands that no bank has yet, so that edits must wait.
    ///
    /// With equal scale and band count the bands differ by little, and a drag goes on while latency
    /// or quality change. What was asked for counts, not what plays in its place.
    fn awaits_bands(&mut self) -> bool {
        if !self.is_awaiting && self.held.is_none() {
            return false;
        }
        let requested = self.requested;
        let Some(newest) = self.newest() else { return true };
        let layout = BandLayout::of(&newest.request.spec);
        requested.is_some_and(|asked| BandLayout::of(&asked.spec) != layout)
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

    /// Lets the gains of dry and change go where they belong.
    pub(super) fn set_mix_targets(&mut self) {
        let returning = self.release_left > 0;
        let measuring = self.match_gains && self.soloed.is_none() && !returning;
        self.gain_match.update(measuring, self.mixing.mix);
        self.applied_match = self.mixing.applied_match(self.gain_match.gain(), returning);
        let ramp_samples = if self.snap { 0 } else { self.ramp_samples };
        self.mix_gains.set_targets(self.mixing.gains(self.applied_match), ramp_samples);
    }

    /// Takes what the designer has finished, unless a bank is on its way in: then it can wait.
    pub(super) fn collect(&mut self, settings: &Settings) {
        while self.incoming.is_none() && self.is_awaiting {
            let outcome = if self.mode.waits {
                self.designer.wait(OFFLINE_PATIENCE)
            } else {
                self.designer.take()
            };
            match outcome {
                Some(outcome) => {
                    self.is_awaiting = false;
                    match outcome {
                        Ok(player) => self.receive(player, settings),
                        Err(_) => self.gain_follower.stay(),
                    }
                }
                // Live, an answer that is still to come is looked for again.
                None if self.designer.is_awaiting() && !self.mode.waits => break,
                None => {
                    self.designer.give_up();
                    self.is_awaiting = false;
                    self.gain_follower.stay();
                }
            }
        }
    }

    /// Decides what becomes of the player that was asked for.
    fn receive(&mut self, player: Box<BankPlayer>, settings: &Settings) {
        if let Some(held) = self.held.take() {
            self.designer.retire(held);
        }
        let latency_samples = self.latency_samples();
        if let Some(playing) = &mut self.playing
            && playing.engine.bank().spec() == player.engine.bank().spec()
        {
            playing.request = player.request;
            self.gain_follower.stay();
            self.designer.retire(player);
        } else if latency_samples != player.latency_samples() && !self.mode.changes_latency {
            self.held = Some(player);
            self.wants_restart = true;
        } else {
            self.begin(player, settings);
        }
    }

    /// A bank takes over curve, parameters and screen, before it is heard.
    fn begin(&mut self, mut player: Box<BankPlayer>, settings: &Settings) {
        self.gain_follower.change_bank(player.engine.bank());
        self.gain_follower.sync(&settings.gains_db);
        self.gain_match.on_gains_moved();
        self.designer.send_playing(player.engine.bank());
        self.level_meter.restart();
        player.engine.set_metering(self.telemetry.telemetry().editor_visible());
        if self.has_begun {
            if let Some(playing) = &mut self.playing {
                playing.engine.set_metering(false);
            }
            let preroll_left = player.tail_samples().max(1);
            self.incoming = Some(Incoming { player, preroll_left, faded: 0 });
        } else {
            if self.is_offline {
                player.go_offline();
            }
            self.play(player);
        }
        // Nobody hears it yet, so it need not ramp.
        let snap = std::mem::replace(&mut self.snap, true);
        self.set_targets();
        self.snap = snap;
    }

    /// A player is all that plays; the one before it is sent back.
    pub(super) fn play(&mut self, player: Box<BankPlayer>) {
        if let Some(retired) = self.playing.replace(player) {
            self.designer.retire(retired);
        }
    }
}

/// Whether a player can play at this rate and with these channels.
fn fits(player: &BankPlayer, rate_hz: f64, channels: usize) -> bool {
    player.engine.channels() == channels && player.engine.bank().spec().sample_rate_hz == rate_hz
}
