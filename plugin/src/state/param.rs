//! Every parameter by its name and with its value.

use crate::state::params::{
    ErbiumParams, KindChoice, LatencyChoice, MAX_BANDS, QualityChoice, ScaleChoice,
};
use crate::state::setting::Setting;
use nice_plug::prelude::Enum;

/// A parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamId {
    /// The kind of bank.
    Kind,
    /// The scale.
    Scale,
    /// The number of bands.
    Bands,
    /// The latency.
    Latency,
    /// The quality.
    Quality,
    /// The output gain.
    Output,
    /// The mix.
    Mix,
    /// Bypass.
    Bypass,
    /// Delta.
    Delta,
    /// Gain match.
    GainMatch,
    /// The drawn gain of a band, counted from 0.
    Gain(usize),
}

/// A parameter with the value it shall have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParamValue {
    /// The kind of bank.
    Kind(KindChoice),
    /// The scale.
    Scale(ScaleChoice),
    /// The number of bands.
    Bands(i32),
    /// The latency.
    Latency(LatencyChoice),
    /// The quality.
    Quality(QualityChoice),
    /// The output gain in dB.
    Output(f32),
    /// The mix, 0 to 1.
    Mix(f32),
    /// Bypass.
    Bypass(bool),
    /// Delta.
    Delta(bool),
    /// Gain match.
    GainMatch(bool),
    /// A band, counted from 0, and its drawn gain in dB.
    Gain(usize, f32),
}

impl ParamId {
    /// What the sound is made of, band gains aside: what presets and A/B hold.
    pub const SOUND: [Self; 8] = [
        Self::Kind,
        Self::Scale,
        Self::Bands,
        Self::Latency,
        Self::Quality,
        Self::Output,
        Self::Mix,
        Self::GainMatch,
    ];

    /// The parameter of this id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        let gain = || id.strip_prefix("gain_")?.parse::<usize>().ok()?.checked_sub(1);
        Some(match id {
            "kind" => Self::Kind,
            "scale" => Self::Scale,
            "bands" => Self::Bands,
            "latency" => Self::Latency,
            "quality" => Self::Quality,
            "output" => Self::Output,
            "mix" => Self::Mix,
            "bypass" => Self::Bypass,
            "delta" => Self::Delta,
            "gain_match" => Self::GainMatch,
            _ => Self::Gain(gain().filter(|band| *band < MAX_BANDS)?),
        })
    }
}

impl ParamValue {
    /// The parameter with the value it has now.
    #[must_use]
    pub fn of(control: ParamId, params: &ErbiumParams) -> Self {
        match control {
            ParamId::Kind => Self::Kind(params.kind.value()),
            ParamId::Scale => Self::Scale(params.scale.value()),
            ParamId::Bands => Self::Bands(params.bands.value()),
            ParamId::Latency => Self::Latency(params.latency.value()),
            ParamId::Quality => Self::Quality(params.quality.value()),
            ParamId::Output => Self::Output(params.output_db.value()),
            ParamId::Mix => Self::Mix(params.mix.value()),
            ParamId::Bypass => Self::Bypass(params.bypass.value()),
            ParamId::Delta => Self::Delta(params.delta.value()),
            ParamId::GainMatch => Self::GainMatch(params.gain_match.value()),
            ParamId::Gain(band) => Self::Gain(band, params.band[band].gain_db.value()),
        }
    }

    /// The same as a preset holds it.
    #[must_use]
    pub fn as_text(self) -> Option<Setting> {
        fn name<T: Enum>(choice: T) -> String {
            T::variants()[choice.to_index()].to_owned()
        }
        let switch = |on| if on { "on" } else { "off" }.to_owned();
        let (id, value) = match self {
            Self::Kind(kind) => ("kind", name(kind)),
            Self::Scale(scale) => ("scale", name(scale)),
            Self::Bands(bands) => ("bands", bands.to_string()),
            Self::Latency(latency) => ("latency", name(latency)),
            Self::Quality(quality) => ("quality", name(quality)),
            Self::Output(gain_db) => ("output", gain_db.to_string()),
            Self::Mix(mix) => ("mix", (100.0 * mix).to_string()),
            Self::Bypass(on) => ("bypass", switch(on)),
            Self::Delta(on) => ("delta", switch(on)),
            Self::GainMatch(on) => ("gain_match", switch(on)),
            Self::Gain(band, gain_db) => {
                let id = format!("gain_{}", band + 1);
                return Setting::new(&id, &gain_db.to_string()).ok();
            }
        };
        Setting::new(id, &value).ok()
    }

    /// The parameter that is set.
    #[must_use]
    pub const fn control(self) -> ParamId {
        match self {
            Self::Kind(_) => ParamId::Kind,
            Self::Scale(_) => ParamId::Scale,
            Self::Bands(_) => ParamId::Bands,
            Self::Latency(_) => ParamId::Latency,
            Self::Quality(_) => ParamId::Quality,
            Self::Output(_) => ParamId::Output,
            Self::Mix(_) => ParamId::Mix,
            Self::Bypass(_) => ParamId::Bypass,
            Self::Delta(_) => ParamId::Delta,
            Self::GainMatch(_) => ParamId::GainMatch,
            Self::Gain(band, _) => ParamId::Gain(band),
        }
    }
}
