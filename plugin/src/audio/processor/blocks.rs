//! Sound, block by block and piece by piece.

use super::Processor;
use crate::audio::channel_buffers::SUB_BLOCK;
use crate::audio::crossfade::Crossfade;
use crate::audio::mix::Gains;
use crate::audio::time::real;
use crate::state::params::Settings;
use erbium_dsp::stream::sanitize;
use std::time::Instant;

impl Processor {
    /// Plays one block in place, of any length. Channels past the prepared number pass untouched; of
    /// those that are missing, or empty, silence is heard.
    ///
    /// Never allocates, locks or panics, unless [offline](Self::go_offline); it waits only in a
    /// [`Mode`](super::Mode) that says so.
    pub fn process(&mut self, settings: &Settings, channels: &mut [&mut [f32]]) {
        self.sync(settings);
        let frames = channels.iter().map(|channel| channel.len()).max().unwrap_or(0);
        if frames > 0 && !self.has_begun {
            self.set_begun(true);
        }
        let editor_visible = self.telemetry.telemetry().editor_visible();
        // Read from memory that the kernel shares, without a call, a lock or a wait for anybody.
        let begun = editor_visible.then(Instant::now);
        let newest = self.incoming.as_mut().map(|incoming| &mut incoming.player);
        let newest = newest.or(self.playing.as_mut());
        self.level_meter.set_metering(editor_visible, newest.map(|player| &mut player.engine));
        let senders = [&self.telemetry.analyzer_queue, &self.telemetry.loudness_queue];
        self.analyzer_sender
            .open(editor_visible && senders.iter().any(|sender| sender.is_enabled()));
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
        if editor_visible {
            self.telemetry.set_match_gain(self.applied_match);
        }
        if let Some(begun) = begun.filter(|_| frames > 0) {
            let rate_hz = settings.spec.sample_rate_hz;
            self.telemetry.push_load(begun.elapsed().as_secs_f64() * rate_hz / real(frames));
        }
    }

    /// The longest piece in which nothing begins or ends.
    fn piece_length(&self, wanted: usize) -> usize {
        let preroll_left = self.incoming.as_ref().map_or(0, |incoming| incoming.preroll_left);
        let fade_left = self.incoming.as_ref().map_or(0, |i| self.fade_samples - i.faded);
        let (column_left, match_left) = (self.level_meter.column_left(), self.gain_match.left());
        [preroll_left, fade_left, column_left, match_left, self.release_left]
            .into_iter()
            .filter(|left| *left > 0)
            .fold(wanted.min(SUB_BLOCK), usize::min)
    }

    /// Plays `length` samples from `start` on.
    fn piece(&mut self, channels: &mut [&mut [f32]], start: usize, length: usize) {
        self.take_input(channels, start, length);
        let [dry_gains, change_gains] = self.ramps.each_mut().map(|ramp| &mut ramp[..length]);
        self.mix_gains.fill([&mut *dry_gains, &mut *change_gains]);
        let gains = Gains { dry: dry_gains, change: change_gains };

        match &mut self.playing {
            Some(playing) => playing.play(&self.input, length),
            None => self.pass_through.play(&self.input, length),
        }
        if let Some(incoming) = &mut self.incoming {
            incoming.player.play(&self.input, length);
        }
        let fading = self.incoming.as_ref().filter(|incoming| incoming.preroll_left == 0);
        let old_samples = match &self.playing {
            Some(playing) => playing.latency_samples(),
            None => self.pass_through.latency_samples(),
        };
        for index in 0..self.channels {
            let mut missing = [0.0; SUB_BLOCK];
            let out = channels.get_mut(index).and_then(|out| out.get_mut(start..start + length));
            let out = out.unwrap_or(&mut missing[..length]);
            let old = match &self.playing {
                Some(playing) => playing.layer(index, length),
                None => self.pass_through.layer(index, length),
            };
            let mut newest = old;
            match fading {
                None => gains.mix(old, out),
                Some(incoming) => {
                    newest = incoming.player.layer(index, length);
                    let same_latency = incoming.player.latency_samples() == old_samples;
                    let fade = Crossfade { done: incoming.faded, samples: self.fade_samples };
                    gains.mix_fading([old, newest], same_latency, fade, out);
                }
            }
            self.gain_match.push(index, newest.dry, newest.change);
            self.analyzer_sender.see(index, old.dry, out);
        }
    }

    /// Takes the input of a piece, where what is no sound is silence, also in the dry part: neither are subnormal
    /// numbers, which are slow wherever the sound goes next.
    fn take_input(&mut self, channels: &[&mut [f32]], start: usize, length: usize) {
        for index in 0..self.channels {
            let input = self.input.channel_mut(index, length);
            match channels.get(index).and_then(|channel| channel.get(start..start + length)) {
                Some(channel) => {
                    for (clean, sample) in input.iter_mut().zip(channel) {
                        *clean = without_subnormal(sanitize(*sample));
                    }
                }
                None => input.fill(0.0),
            }
        }
    }

    /// Counts `length` samples on, and ends what has come to its end.
    fn advance(&mut self, length: usize) {
        self.advance_mix(length);
        let senders = [&mut self.telemetry.analyzer_queue, &mut self.telemetry.loudness_queue];
        self.analyzer_sender.advance(length, senders);
        if let Some(player) = self.incoming.as_mut().map(|incoming| &mut incoming.player) {
            self.level_meter.advance(length, &mut player.engine, &mut self.telemetry);
        } else if let Some(player) = &mut self.playing {
            self.level_meter.advance(length, &mut player.engine, &mut self.telemetry);
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

    /// Counts on what moves the gains of dry and change.
    fn advance_mix(&mut self, length: usize) {
        let returning = self.release_left > 0;
        self.release_left = self.release_left.saturating_sub(length);
        let stepped = self.gain_match.advance(length);
        if stepped || (returning && self.release_left == 0) {
            self.set_mix_targets();
        }
    }
}

/// A sample as it is, down to the sign of zero, but 0 where it is subnormal.
fn without_subnormal(sample: f32) -> f32 {
    if sample.abs() < f32::MIN_POSITIVE && sample != 0.0 { 0.0 } else { sample }
}
