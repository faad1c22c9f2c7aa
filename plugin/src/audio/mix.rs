//! Dry and change, summed: mix, delta, bypass, output gain, and the fade between two banks.

use crate::audio::bank_player::BankPlayer;
use crate::audio::crossfade::Crossfade;
use crate::state::params::Settings;
use nice_plug::util::db_to_gain;

/// The linear gains of dry and change that settings stand for. While a band is on solo, it is
/// heard whatever mix, delta and bypass say.
pub(crate) fn gains(settings: &Settings, listening: bool) -> (f32, f32) {
    let finite = |value: f32, otherwise| if value.is_finite() { value } else { otherwise };
    let output = db_to_gain(finite(settings.output_db, 0.0));
    if listening {
        return (output, output);
    }
    if settings.bypass {
        return (1.0, 0.0);
    }
    let mix = finite(settings.mix, 1.0).clamp(0.0, 1.0);
    (if settings.delta { 0.0 } else { output }, output * mix)
}

/// The gains of dry and change, sample by sample.
#[derive(Clone, Copy)]
pub(crate) struct Gains<'a> {
    pub(crate) dry: &'a [f32],
    pub(crate) change: &'a [f32],
}

impl Gains<'_> {
    /// The gains of dry and change, for one sample after the other.
    fn pairs(&self) -> impl Iterator<Item = (f32, f32)> {
        self.dry.iter().copied().zip(self.change.iter().copied())
    }

    /// Without a bank: the input as the dry part.
    pub(crate) fn pass(&self, input: &[f32], out: &mut [f32]) {
        for ((out, input), gain) in out.iter_mut().zip(input).zip(self.dry) {
            *out = gain * input;
        }
    }

    /// One player.
    pub(crate) fn mix(&self, player: &BankPlayer, channel: usize, out: &mut [f32]) {
        let dry = player.dry.channel(channel, out.len());
        let change = player.change.channel(channel, out.len());
        // No indices, so that vectors do it.
        for (((out, dry), change), gains) in out.iter_mut().zip(dry).zip(change).zip(self.pairs()) {
            *out = sum(gains, *dry, *change);
        }
    }

    /// Two players. With equal latency only the changes fade, and dry stays as exact as ever. With another
    /// latency the dry parts differ, too, and complete outputs fade.
    pub(crate) fn mix_fading(
        &self,
        old: &BankPlayer,
        new: &BankPlayer,
        fade: Crossfade,
        channel: usize,
        out: &mut [f32],
    ) {
        let length = out.len();
        let (old_dry, new_dry) =
            (old.dry.channel(channel, length), new.dry.channel(channel, length));
        let (old_change, new_change) =
            (old.change.channel(channel, length), new.change.channel(channel, length));
        let aligned = old.engine.latency_samples() == new.engine.latency_samples();
        for (n, (out, gains)) in out.iter_mut().zip(self.pairs()).enumerate() {
            let part = fade.part(n);
            let blend = |old: f32, new: f32| old + part * (new - old);
            *out = if aligned {
                sum(gains, old_dry[n], blend(old_change[n], new_change[n]))
            } else {
                blend(sum(gains, old_dry[n], old_change[n]), sum(gains, new_dry[n], new_change[n]))
            };
        }
    }
}

/// One sample with the gains of dry and change. Without a change the dry sample passes as it is, down
/// to the sign of zero.
fn sum((dry_gain, change_gain): (f32, f32), dry: f32, change: f32) -> f32 {
    let changed = change_gain * change;
    let dry = dry_gain * dry;
    if changed == 0.0 { dry } else { dry + changed }
}
