//! All that is heard, by value: what A and B hold.

use crate::state::curve::Curve;
use crate::state::param::setting::Setting;
use crate::state::param::{ParamId, ParamValue, Parameters};
use crate::state::preset::Preset;

/// Parameters, gains among them, and the drawn curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The parameters with their values.
    pub settings: Vec<ParamValue>,
    /// The drawn curve.
    pub curve: Curve,
}

impl Snapshot {
    /// The same as a preset of this name.
    #[must_use]
    pub fn preset(&self, name: &str) -> Preset {
        Preset {
            name: name.to_owned(),
            settings: self.settings.iter().map(|setting| Setting::from(*setting)).collect(),
            curve: self.curve.points(),
            ..Preset::default()
        }
    }

    /// What a preset holds; a curve that it leaves out is flat.
    #[must_use]
    pub fn of(preset: &Preset) -> Self {
        Self { settings: settings(preset), curve: preset.nodes().unwrap_or(Curve::FLAT) }
    }
}

/// What a preset sets, band gains it does not name aside.
#[must_use]
pub fn settings(preset: &Preset) -> Vec<ParamValue> {
    values(&preset.all_settings())
}

/// The same settings with their types.
#[must_use]
pub fn values(settings: &[Setting]) -> Vec<ParamValue> {
    let mut named = Parameters::default();
    crate::state::param::setting::apply(settings, &mut named);
    let controls = settings.iter().filter_map(|setting| ParamId::from_id(setting.id()));
    controls.map(|control| ParamValue::of(control, &named)).collect()
}
