//! The parameters, each defined once. Host, presets and states, `--set`, undo, A and B, and the manual's
//! table follow from here. Ids, names, ranges and order are for ever: a new one is the last of all.

pub mod choices;
pub mod setting;
mod table;
pub mod text;

use crate::state::limits::{DEFAULT_BANDS, MAX_BANDS, MAX_OUTPUT_DB, MIN_BANDS, count};
use crate::state::param::choices::{
    ChoiceIds, KindChoice, LatencyChoice, QualityChoice, ScaleChoice,
};
use crate::state::param::table::parameters;
use crate::state::param::text as param_text;
use nice_plug::prelude::*;
use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

parameters! {
    before_gains {
        /// The kind of bank.
        Kind, kind: EnumParam<KindChoice>, id = "kind", in_presets = true,
            EnumParam::new("Kind", KindChoice::Isac);
        /// The scale that spaces and shapes the bands.
        Scale, scale: EnumParam<ScaleChoice>, id = "scale", in_presets = true,
            EnumParam::new("Scale", ScaleChoice::Erb);
        /// The number of bands.
        Bands, bands: IntParam, id = "bands", in_presets = true,
            param_text::whole("Bands", count(DEFAULT_BANDS), count(MIN_BANDS)..=count(MAX_BANDS));
        /// The latency: what the bank is designed for.
        Latency, latency: EnumParam<LatencyChoice>, id = "latency", in_presets = true,
            EnumParam::new("Latency", LatencyChoice::Ms21);
        /// The work spent on transparency.
        Quality, quality: EnumParam<QualityChoice>, id = "quality", in_presets = true,
            EnumParam::new("Quality", QualityChoice::Standard);
        /// Gain of the output in dB, after the mix.
        Output, output_db: FloatParam, id = "output", in_presets = true,
            param_text::decibels("Output", 0.0, -MAX_OUTPUT_DB..=MAX_OUTPUT_DB);
        /// How much of the change is mixed in, 0 to 1; the dry part is aligned in time.
        Mix, mix: FloatParam, id = "mix", in_presets = true, param_text::per_cent("Mix", 1.0);
        /// Whether the output is the input delayed by the latency, bit for bit.
        Bypass, bypass: BoolParam, id = "bypass", in_presets = false,
            param_text::switch("Bypass").make_bypass();
        /// Whether only the change is heard: equalised minus dry.
        Delta, delta: BoolParam, id = "delta", in_presets = false, param_text::switch("Delta");
    }
    after_gains {
        /// Whether the output is kept as loud as the input.
        GainMatch, gain_match: BoolParam, id = "gain_match", in_presets = true,
            param_text::switch("Gain match");
    }
}

/// What the band gains' ids begin with; the band's number, counted from 1, follows.
const GAIN_PREFIX: &str = "gain_";

/// An instance that nobody plays: what it says of its parameters holds for every instance.
pub(in crate::state) static DEFINED: LazyLock<Parameters> = LazyLock::new(Parameters::default);

/// One band's parameters: ids `gain_1` to `gain_64`.
#[derive(Params)]
pub struct BandParams {
    /// The drawn gain at the band's centre frequency in dB; [`OFF_DB`](crate::state::limits::OFF_DB) is off.
    #[id = "gain"]
    pub gain_db: FloatParam,
}

impl BandParams {
    /// The parameters of a band, counted from 0.
    fn new(band: usize) -> Self {
        Self { gain_db: param_text::band_gain(&format!("Gain {}", band + 1)) }
    }
}

impl ParamId {
    /// What the sound is made of, band gains aside: what presets and A and B hold.
    pub const SOUND: [Self; Self::in_presets_count()] = {
        let mut sound = [Self::Kind; Self::in_presets_count()];
        let (mut from, mut to) = (0, 0);
        while from < Self::ALL.len() {
            if Self::ALL[from].in_presets() {
                sound[to] = Self::ALL[from];
                to += 1;
            }
            from += 1;
        }
        sound
    };

    /// What decides the bank.
    pub const BANK: [Self; 5] =
        [Self::Kind, Self::Scale, Self::Bands, Self::Latency, Self::Quality];

    /// Whether it decides the kernels of a bank, and so nothing while those of a file play.
    #[must_use]
    pub fn decides_kernels(self) -> bool {
        Self::BANK.contains(&self) && self != Self::Scale
    }

    const fn in_presets_count() -> usize {
        let (mut from, mut count) = (0, 0);
        while from < Self::ALL.len() {
            count += Self::ALL[from].in_presets() as usize;
            from += 1;
        }
        count
    }

    /// The parameter of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        if let Some(control) = Self::ALL.iter().find(|control| control.id() == id) {
            return Some(*control);
        }
        let band: usize = id.strip_prefix(GAIN_PREFIX)?.parse().ok()?;
        let gain = Self::Gain(band.checked_sub(1).filter(|band| *band < MAX_BANDS)?);
        // Not "gain_07" nor "gain_+7".
        (gain.id() == id).then_some(gain)
    }

    /// The values it can have: of a choice or a switch, which of them, from 0; of a share, 0 to 1; else in
    /// its unit.
    #[must_use]
    pub fn range(self) -> RangeInclusive<f32> {
        let pointer = self.pointer(&DEFINED);
        // SAFETY: what the pointer points into lives for ever.
        unsafe { pointer.preview_plain(0.0)..=pointer.preview_plain(1.0) }
    }

    /// The value of a new instance, in the same numbers as [`Self::range`].
    #[must_use]
    pub fn default_plain(self) -> f32 {
        let pointer = self.pointer(&DEFINED);
        // SAFETY: what the pointer points into lives for ever.
        unsafe { pointer.preview_plain(pointer.default_normalized_value()) }
    }

    /// Every parameter, band gains included.
    pub fn every() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().chain((0..MAX_BANDS).map(Self::Gain))
    }
}

impl ParamValue {
    /// Whether it is the same to whoever hears or reads it: less apart than a hundredth of a decibel or of
    /// a per cent. A value that passes through a host comes back rounded.
    #[must_use]
    pub fn is_near(self, other: Self) -> bool {
        const NEAR: f32 = 5e-5;
        let same = self.control() == other.control();
        same && (self.normalized() - other.normalized()).abs() < NEAR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_rounds_is_near_and_another_choice_is_not() {
        assert!(ParamValue::Output(3.0).is_near(ParamValue::Output(2.999_99)));
        assert!(ParamValue::Gain(3, -7.0).is_near(ParamValue::Gain(3, -7.003)));
        assert!(!ParamValue::Gain(3, -7.0).is_near(ParamValue::Gain(4, -7.0)));
        assert!(!ParamValue::Gain(3, -7.0).is_near(ParamValue::Gain(3, -7.01)));
        assert!(!ParamValue::Bands(24).is_near(ParamValue::Bands(25)));
        assert!(!ParamValue::Mix(1.0).is_near(ParamValue::Mix(0.999)));
        assert!(!ParamValue::Delta(true).is_near(ParamValue::Delta(false)));
    }

    #[test]
    fn every_parameter_of_the_host_is_known_by_its_id() {
        let map = DEFINED.param_map();
        for (id, pointer, _) in &map {
            let control = ParamId::from_id(id).unwrap_or_else(|| panic!("{id} is unknown"));
            assert_eq!(control.id(), id.as_str());
            assert_eq!(control.pointer(&DEFINED), *pointer, "{id}");
            assert_eq!(ParamValue::of(control, &DEFINED).control(), control);
        }
        assert_eq!(ParamId::every().count(), map.len());
        for id in ["gain_0", "gain_65", "gain_07", "gain_+7", "gain_", "gain", "Kind", ""] {
            assert_eq!(ParamId::from_id(id), None, "{id}");
        }
    }

    #[test]
    fn presets_hold_what_the_sound_is_made_of() {
        assert!(ParamId::SOUND.iter().all(|control| control.in_presets()));
        let held = ParamId::every().filter(|control| control.in_presets()).count();
        assert_eq!(ParamId::SOUND.len(), held);
        assert!(!ParamId::Bypass.in_presets() && !ParamId::Delta.in_presets());
    }
}
