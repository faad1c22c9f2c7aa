//! Presets: parameters and a drawn curve in a JSON file, as `docs/presets.md` describes it.
//!
//! What a preset means never depends on what was there before it: what it does not name is at its default.

mod apply;
mod curve_file;
mod file;
pub(in crate::state) mod json;
pub mod library;
mod points;

pub use file::{About, is_preset};

use crate::state::curve::{Curve, settled_db, single};
use crate::state::limits::MAX_BANDS;
use crate::state::param::setting::Setting;
use crate::state::param::{DEFINED, ParamId, ParamValue};
use erbium_dsp::Scale;
use points::{read_curve_db, thinned};
use std::sync::LazyLock;

/// The longest text that is read, in bytes: many times what any curve needs.
pub const TEXT_BYTES_MAX: usize = 8 << 20;

/// The most points of a curve that is read.
pub const POINTS_MAX: usize = 100_000;

fn check_points(points: usize) -> Result<(), String> {
    if points > POINTS_MAX {
        return Err(format!(
            "a curve of {points} points is too long; possible: up to {POINTS_MAX}"
        ));
    }
    Ok(())
}

/// A named set of parameters and a drawn curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preset {
    /// The name shown.
    pub name: String,
    /// Who made it, and what for.
    pub about: About,
    /// The parameters it names; see [`Self::all_settings`] for the others.
    pub settings: Vec<Setting>,
    /// The drawn curve: frequencies in hertz, rising, and gains in dB; empty for a flat one.
    pub curve: Vec<(f64, f64)>,
    /// Whether it is no more than a curve that another program wrote, which leaves alone what it does not
    /// name.
    pub curve_only: bool,
    /// What such a curve was made of, in words. Never stored.
    pub contents: String,
    /// What was ignored when it was read, a sentence each. Never stored.
    pub notices: Vec<String>,
}

impl Preset {
    /// All that the preset sets, band gains aside: what it names, and everything else the sound is made of
    /// at its default. Bypass and delta stay as they are unless they are named.
    #[must_use]
    pub fn all_settings(&self) -> Vec<Setting> {
        let named = |control: &ParamId| self.settings.iter().any(|s| s.id() == control.id());
        let unnamed =
            ParamId::SOUND.into_iter().filter(|control| !self.curve_only && !named(control));
        let defaults = unnamed.map(|control| ParamValue::of(control, &DEFINED).into());
        defaults.chain(self.settings.iter().cloned()).collect()
    }

    /// The presets that come with the program, `Flat` first.
    #[must_use]
    pub fn shipped() -> &'static [Self] {
        static SHIPPED: LazyLock<Vec<Preset>> = LazyLock::new(|| {
            const FILES: [&str; 3] = [
                include_str!("../../../presets/presence.json"),
                include_str!("../../../presets/telephone.json"),
                include_str!("../../../presets/warm-speech.json"),
            ];
            let flat =
                Preset { name: "Flat".to_owned(), curve: vec![(0.0, 0.0)], ..Preset::default() };
            // A test holds that each of them reads.
            let read = FILES.into_iter().filter_map(|json| Preset::from_json(json).ok());
            std::iter::once(flat).chain(read).collect()
        });
        &SHIPPED
    }

    /// The drawn curve as the audio thread holds it; `None` without one. Of a longer curve than that
    /// can hold, the nodes that shape it most are kept.
    #[must_use]
    pub fn nodes(&self) -> Option<Curve> {
        let nodes = thinned(self.curve.clone(), MAX_BANDS);
        let (hz, gains_db): (Vec<_>, Vec<_>) =
            nodes.into_iter().map(|(hz, db)| (hz, single(db))).unzip();
        (!hz.is_empty()).then(|| Curve::new(&hz, &gains_db))
    }

    /// The gains in dB that the curve has at these centre frequencies (hertz): straight lines in dB
    /// over the units of the scale, level beyond the ends. Empty without a curve.
    #[must_use]
    pub fn curve_gains_db(&self, scale: Scale, centres_hz: &[f64]) -> Vec<f32> {
        if self.curve.is_empty() {
            return Vec::new();
        }
        let gain_db = |&hz: &f64| settled_db(single(read_curve_db(&self.curve, scale, hz)));
        centres_hz.iter().take(MAX_BANDS).map(gain_db).collect()
    }

    /// [`Self::curve_gains_db`] as settings.
    #[must_use]
    pub fn curve_settings(&self, scale: Scale, centres_hz: &[f64]) -> Vec<Setting> {
        let gains_db = self.curve_gains_db(scale, centres_hz);
        let setting = |(k, gain_db): (usize, f32)| Setting::from(ParamValue::Gain(k, gain_db));
        gains_db.into_iter().enumerate().map(setting).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_curve_the_nodes_that_shape_it_are_kept() {
        let points: Vec<(f64, f64)> = (0..3000)
            .map(|k| {
                let units = f64::from(k) * 0.0136;
                let hz = Scale::Erb.hz_from_units(units);
                (hz, 9.0 * (units / 3.0).sin() + if k % 2 == 0 { 0.02 } else { -0.02 })
            })
            .collect();
        let preset = Preset { curve: points.clone(), ..Preset::default() };
        let nodes = preset.nodes().expect("a curve");
        assert_eq!(nodes.hz().len(), MAX_BANDS);
        assert_eq!((nodes.hz()[0], nodes.hz()[63]), (points[0].0, points[2999].0));
        for (hz, db) in points {
            let off_db = f64::from(nodes.read_db(Scale::Erb, hz)) - db;
            assert!(off_db.abs() < 0.5, "{off_db} dB at {hz} Hz");
        }
        let few = Preset { curve: vec![(100.0, 3.0), (200.0, -3.0)], ..Preset::default() };
        assert_eq!(few.nodes().expect("a curve").points(), few.curve);
    }
}
