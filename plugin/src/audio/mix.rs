//! Dry and change, summed: mix, delta, bypass, solo, output gain, gain match, and the fade between two
//! banks.

use crate::audio::crossfade::Crossfade;
use crate::state::params::Settings;
use nice_plug::util::db_to_gain;

/// What of the sound is to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Dry and change.
    Whole,
    /// The dry sound as it is.
    Bypass,
    /// The change alone.
    Delta,
    /// One band, which the engine plays alone.
    Solo,
}

/// What is to be heard, and how loud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mixing {
    part: Part,
    /// The output gain, as an amplitude.
    output: f32,
    /// How much of the change is mixed in.
    pub(crate) mix: f32,
    gain_match: bool,
}

impl Mixing {
    /// What settings stand for. A band played solo is heard whatever mix and delta say; bypass is
    /// bypass whatever else is chosen.
    pub(crate) fn new(settings: &Settings, solo: bool) -> Self {
        let finite = |value: f32, otherwise| if value.is_finite() { value } else { otherwise };
        let part = match settings {
            Settings { bypass: true, .. } => Part::Bypass,
            _ if solo => Part::Solo,
            Settings { delta: true, .. } => Part::Delta,
            _ => Part::Whole,
        };
        Self {
            part,
            output: db_to_gain(finite(settings.output_db, 0.0)),
            mix: finite(settings.mix, 1.0).clamp(0.0, 1.0),
            gain_match: settings.gain_match,
        }
    }

    /// The gain of the match that is applied, where it is `match_gain` for the whole sound. `cautious`
    /// where the bands are still on their way from what was played solo.
    ///
    /// A band heard alone is as loud as it is in the whole, but never raised: bands that are off are
    /// heard as they are, and the match may have raised all others from far below.
    pub(crate) fn applied_match(self, match_gain: f32, cautious: bool) -> f32 {
        match self.part {
            Part::Bypass | Part::Delta => 1.0,
            _ if !self.gain_match => 1.0,
            Part::Solo => match_gain.min(1.0),
            Part::Whole if cautious => match_gain.min(1.0),
            Part::Whole => match_gain,
        }
    }

    /// The linear gains of dry and change.
    pub(crate) fn gains(self, applied_match: f32) -> [f32; 2] {
        let output = self.output * applied_match;
        match self.part {
            Part::Whole => [output, output * self.mix],
            Part::Bypass => [1.0, 0.0],
            Part::Delta => [0.0, output * self.mix],
            Part::Solo => [output, output],
        }
    }
}

/// A channel of what one bank plays: the delayed input, and the change.
#[derive(Clone, Copy)]
pub(crate) struct Layer<'a> {
    pub(crate) dry: &'a [f32],
    pub(crate) change: &'a [f32],
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

    /// One bank.
    pub(crate) fn mix(&self, layer: Layer<'_>, out: &mut [f32]) {
        let Layer { dry, change } = layer;
        // No indices, so that vectors do it.
        for (((out, dry), change), gains) in out.iter_mut().zip(dry).zip(change).zip(self.pairs()) {
            *out = sum(gains, *dry, *change);
        }
    }

    /// Two banks. With equal latency only the changes fade, and dry stays as exact as ever. With another
    /// latency the dry parts differ, too, and complete outputs fade.
    pub(crate) fn mix_fading(
        &self,
        [old, new]: [Layer<'_>; 2],
        same_latency: bool,
        fade: Crossfade,
        out: &mut [f32],
    ) {
        for (n, (out, gains)) in out.iter_mut().zip(self.pairs()).enumerate() {
            let part = fade.part(n);
            let blend = |old: f32, new: f32| old + part * (new - old);
            *out = if same_latency {
                sum(gains, old.dry[n], blend(old.change[n], new.change[n]))
            } else {
                let [old, new] = [old, new].map(|layer| sum(gains, layer.dry[n], layer.change[n]));
                normal(blend(old, new))
            };
        }
    }
}

/// One sample with the gains of dry and change. Without a change a dry sample at unity passes as it is,
/// down to the sign of zero.
#[expect(clippy::float_cmp, reason = "exact unity is what passes")]
fn sum((dry_gain, change_gain): (f32, f32), dry: f32, change: f32) -> f32 {
    let changed = normal(change_gain * change);
    let dry = dry_gain * dry;
    if changed == 0.0 {
        if dry_gain == 1.0 { dry } else { normal(dry) }
    } else {
        normal(dry + changed)
    }
}

/// A computed sample, 0 where it is subnormal: such numbers are slow wherever the sound goes next.
fn normal(sample: f32) -> f32 {
    if sample.abs() < f32::MIN_POSITIVE { 0.0 } else { sample }
}
