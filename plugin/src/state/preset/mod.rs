//! Presets: parameters and a drawn curve in a JSON file, as `docs/presets.md` describes it.
//!
//! What a preset means never depends on what was there before it: what it does not name is at its default.

pub mod library;

use crate::state::curve::{Curve, settled_db, single};
use crate::state::limits::{MAX_BANDS, MAX_GAIN_DB, OFF_DB};
use crate::state::migrations::Version;
use crate::state::param::{DEFINED, ErbiumParams, ParamId, ParamValue};
use crate::state::setting::{self, Setting};
use erbium_dsp::{Bank, Scale};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The version of the format written in `"erbium"`.
const FORMAT: u32 = 1;

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
    /// What was ignored when it was read, a sentence each. Never stored.
    pub notices: Vec<String>,
}

/// What a preset may say of itself; nothing of it is heard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// What there is to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    erbium: u32,
    name: String,
    #[serde(default)]
    made_by: Option<String>,
    #[serde(default)]
    parameters: Map<String, Value>,
    #[serde(default)]
    curve: Vec<(f64, f64)>,
    #[serde(flatten)]
    about: About,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

impl File {
    /// The parameters that are named, and what was ignored. Of a later version's preset, parameters that
    /// this version does not know are left out, as they are at their defaults here.
    fn settings(&self) -> Result<(Vec<Setting>, Vec<String>), String> {
        let mut notices: Vec<String> = self
            .unknown
            .keys()
            .map(|field| format!("the unknown field \"{field}\" was ignored"))
            .collect();
        let made_by = self.made_by.as_deref();
        let version = made_by.and_then(Version::read).filter(|made| *made > Version::current());
        let mut settings = Vec::new();
        for (id, value) in &self.parameters {
            match (ParamId::from_id(id), version) {
                (None, Some(version)) => notices.push(format!(
                    "the parameter \"{id}\" of Erbium {version} is unknown to this {}, and was ignored",
                    Version::current()
                )),
                _ => settings.push(Setting::from_json(id, value)?),
            }
        }
        Ok((settings, notices))
    }
}

impl Preset {
    /// Reads a preset: all of it or, where anything is wrong, nothing.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn from_json(json: &str) -> Result<Self, String> {
        Self::from_file(serde_json::from_str(json))
    }

    /// Reads what a file or the clipboard holds: a preset, or a curve of any number of points as other
    /// programs write it, which is then called `name`.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn from_text(name: &str, text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with('{') {
            Self::from_json(text)
        } else {
            let curve = crate::state::curve::text::read(name, text)?;
            Ok(Self { curve_only: true, ..curve })
        }
    }

    /// Reads a preset that is part of something larger, as [`Self::from_json`] does.
    ///
    /// # Errors
    /// A sentence saying what was given and what is possible.
    pub fn from_value(json: Value) -> Result<Self, String> {
        Self::from_file(serde_json::from_value(json))
    }

    fn from_file(file: serde_json::Result<File>) -> Result<Self, String> {
        let file = file.map_err(|error| {
            format!(
                "not an Erbium preset: {error}; possible: {{\"erbium\": {FORMAT}, \"name\": …, \
                 \"parameters\": {{id: value}}, \"curve\": [[Hz, dB], …]}}"
            )
        })?;
        if file.erbium != FORMAT {
            let given = file.erbium;
            return Err(format!("preset format {given} is unknown; possible: {FORMAT}"));
        }
        check_curve(&file.curve)?;
        let (settings, notices) = file.settings()?;
        let File { name, about, curve, .. } = file;
        Ok(Self { name, about, settings, curve, curve_only: false, notices })
    }

    /// The preset as [`Self::from_value`] reads it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let parameters: Map<String, Value> = self
            .settings
            .iter()
            .map(|setting| (setting.id().to_owned(), setting.to_json()))
            .collect();
        let mut file = serde_json::json!({
            "erbium": FORMAT,
            "made_by": env!("CARGO_PKG_VERSION"),
            "name": self.name,
            "parameters": parameters,
            "curve": self.curve,
        });
        if let (Value::Object(file), Ok(Value::Object(about))) =
            (&mut file, serde_json::to_value(&self.about))
        {
            file.extend(about);
        }
        file
    }

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

    /// Sets parameters that no host manages, and `further` ones that go before the preset's. The curve is read at the centres of the bank the parameters ask for,
    /// which `bank` gives and this returns; a gain among the settings goes before the curve.
    ///
    /// # Errors
    /// That of `bank`.
    pub fn apply<B: std::borrow::Borrow<Bank>, E>(
        &self,
        params: &mut ErbiumParams,
        further: &[Setting],
        bank: impl FnOnce(&ErbiumParams) -> Result<B, E>,
    ) -> Result<B, E> {
        let settings = self.all_settings();
        setting::apply(&settings, params);
        setting::apply(further, params);
        let bank = bank(params)?;
        if !self.curve_only {
            let flat = (0..MAX_BANDS).map(|band| ParamValue::Gain(band, 0.0).into());
            setting::apply(&flat.collect::<Vec<_>>(), params);
        }
        let gains = self.curve_settings(params.scale.value().scale(), bank.borrow().centres_hz());
        setting::apply(&gains, params);
        // Again, for the gains among them go before the curve.
        setting::apply(&settings, params);
        setting::apply(further, params);
        Ok(bank)
    }
}

fn check_curve(curve: &[(f64, f64)]) -> Result<(), String> {
    let gains_db = f64::from(OFF_DB)..=f64::from(MAX_GAIN_DB);
    for &(hz, gain_db) in curve {
        if !(0.0..=1e6).contains(&hz) || !gains_db.contains(&gain_db) {
            return Err(format!(
                "curve point [{hz}, {gain_db}] is out of range; possible: 0 to 1000000 Hz, \
                 {OFF_DB} (off) to {MAX_GAIN_DB} dB"
            ));
        }
    }
    match curve.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
        Some(pair) => Err(format!(
            "curve frequency {} Hz follows {} Hz; possible: rising frequencies",
            pair[1].0, pair[0].0
        )),
        None => Ok(()),
    }
}

/// At most `most` points of a curve: those that shape it least are left out, pass by pass, no two
/// neighbours in one.
fn thinned(mut curve: Vec<(f64, f64)>, most: usize) -> Vec<(f64, f64)> {
    let units = |hz: f64| Scale::Erb.units_from_hz(hz);
    while curve.len() > most {
        let bend_db = |k: usize| {
            let [(left, left_db), (at, db), (right, right_db)] =
                [k - 1, k, k + 1].map(|k| (units(curve[k].0), curve[k].1));
            let straight_db = left_db + (at - left) / (right - left) * (right_db - left_db);
            // An area, so that a narrow bend goes before a wide one.
            (db - straight_db).abs() * (right - left)
        };
        let mut order: Vec<(f64, usize)> = (1..curve.len() - 1).map(|k| (bend_db(k), k)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0));
        let surplus = curve.len() - most;
        let mut goes = vec![false; curve.len()];
        let mut gone = 0;
        // A few at a time near the end, so that what is left is looked at anew.
        for &(_, k) in order.iter().take((order.len() / 8).max(1)) {
            if gone < surplus && !goes[k - 1] && !goes[k + 1] {
                goes[k] = true;
                gone += 1;
            }
        }
        let mut goes = goes.into_iter();
        curve.retain(|_| !goes.next().unwrap_or(false));
    }
    curve
}

/// The curve in dB at a frequency.
fn read_curve_db(curve: &[(f64, f64)], scale: Scale, hz: f64) -> f64 {
    let after = curve.partition_point(|&(point_hz, _)| point_hz <= hz);
    let (Some(&(low_hz, low_db)), Some(&(high_hz, high_db))) =
        (after.checked_sub(1).and_then(|before| curve.get(before)), curve.get(after))
    else {
        return if after == 0 { curve[0].1 } else { curve[curve.len() - 1].1 };
    };
    let [low, high, at] = [low_hz, high_hz, hz].map(|hz| scale.units_from_hz(hz));
    // Below 1 Hz the logarithmic scale stands still.
    let share = if high > low { (at - low) / (high - low) } else { 0.0 };
    low_db + share * (high_db - low_db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_preset_loads_and_draws_something() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/presets");
        let mut presets = 1; // Flat, which is no file.
        for entry in std::fs::read_dir(folder).expect("presets are shipped") {
            let path = entry.expect("readable").path();
            let json = std::fs::read_to_string(&path).expect("readable");
            let preset =
                Preset::from_json(&json).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            let mut params = ErbiumParams::default();
            let bank = |params: &ErbiumParams| Bank::design(&params.bank_spec(48_000.0));
            preset.apply(&mut params, &[], bank).expect("has a bank");
            assert!(params.band.iter().any(|band| band.gain_db.value() != 0.0), "{path:?}");
            presets += 1;
        }
        assert_eq!(Preset::shipped().len(), presets, "every file is in the window's list");
    }

    #[test]
    fn a_curve_is_straight_in_scale_units_and_level_beyond_its_ends() {
        let curve = [(100.0, 0.0), (1000.0, 12.0)];
        let mel = |hz| Scale::Mel.units_from_hz(hz);
        let middle_hz = Scale::Mel.hz_from_units((mel(100.0) + mel(1000.0)) / 2.0);
        let points = [(0.0, 0.0), (100.0, 0.0), (middle_hz, 6.0), (1000.0, 12.0), (20_000.0, 12.0)];
        for (hz, expected_db) in points {
            assert!((read_curve_db(&curve, Scale::Mel, hz) - expected_db).abs() < 1e-9, "{hz} Hz");
        }
    }

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

    #[test]
    fn what_is_written_is_what_is_read() {
        let preset = Preset::from_json(
            r#"{"erbium": 1, "name": "Öl \"1\"", "curve": [[0.5, -60], [1000.25, 3.125]],
                "parameters": {"kind": "gammatone", "scale": "log", "bands": 24, "latency": "43ms",
                               "quality": "high", "output": -3.25, "mix": 37.5, "bypass": true,
                               "gain_match": false, "gain_4": "off", "gain_5": -9.125}}"#,
        )
        .expect("valid");
        let text = preset.to_value().to_string();
        let read = Preset::from_json(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((&read.name, &read.curve), (&preset.name, &preset.curve));
        assert_eq!(read.settings.len(), preset.settings.len());
        for (read, written) in read.settings.iter().zip(&preset.settings) {
            assert_eq!(read.id(), written.id());
            assert!((read.normalized() - written.normalized()).abs() < 1e-6, "{text}");
        }
    }

    #[test]
    fn a_named_gain_goes_before_the_curve_and_a_further_setting_before_all() {
        let preset = Preset::from_json(
            r#"{"erbium": 1, "name": "Up", "curve": [[1000, 12]],
                "parameters": {"scale": "mel", "bands": 24, "gain_4": -9.5, "gain_5": 1}}"#,
        )
        .expect("valid");
        let further = [Setting::new("bands", "12"), Setting::new("gain_5", "off")];
        let further = further.map(|setting| setting.expect("possible"));
        let mut params = ErbiumParams::default();
        let bank = |params: &ErbiumParams| Bank::design(&params.bank_spec(48_000.0));
        let bank = preset.apply(&mut params, &further, bank).expect("has a bank");
        assert_eq!((bank.bands(), bank.spec().scale), (12, Scale::Mel));
        assert_eq!(params.bands.value(), 12);
        for (k, band) in params.band.iter().enumerate() {
            let expected_db = match k {
                3 => -9.5,
                4 => OFF_DB,
                0..12 => 12.0,
                _ => 0.0,
            };
            assert!((band.gain_db.value() - expected_db).abs() < 1e-3, "band {k}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (json, told) in [
            ("", "not an Erbium preset"),
            ("{\"erbium\": 1}", "name"),
            (r#"{"erbium": 2, "name": "x"}"#, "format 2"),
            (r#"{"erbium": 1, "name": "x", "parameters": {"bands": 100}}"#, "8 to 64"),
            (r#"{"erbium": 1, "name": "x", "parameters": {"band": 10}}"#, "bands"),
            (r#"{"erbium": 1, "name": "x", "parameters": {"bands": [10]}}"#, "a number"),
            (r#"{"erbium": 1, "name": "x", "curve": [[100, 99]]}"#, "24"),
            (r#"{"erbium": 1, "name": "x", "curve": [[100, 1], [100, 2]]}"#, "rising"),
            (r#"{"erbium": 1, "name": "x", "made_by": "0.1.0", "parameters": {"b": 1}}"#, "bands"),
            (
                r#"{"erbium": 1, "name": "x", "made_by": "99.0.0", "parameters": {"mix": 200}}"#,
                "0 to 100",
            ),
        ] {
            let error = Preset::from_json(json).expect_err(json);
            assert!(error.contains(told), "{json}: {error}");
        }
    }

    #[test]
    fn what_a_later_version_says_is_ignored_with_a_notice() {
        let preset = Preset::from_json(
            r#"{"erbium": 1, "name": "x", "made_by": "99.1.0", "colour": 3, "author": "A",
                "parameters": {"bands": 24, "scent": 3, "depth": {"of": [1]}}, "curve": [[100, 1]]}"#,
        )
        .expect("reads");
        assert_eq!((preset.settings.len(), preset.curve.len()), (1, 1));
        let told = preset.notices.join("\n");
        for word in ["colour", "scent", "depth", "99.1.0"] {
            assert!(told.contains(word), "{word}: {told}");
        }
        assert_eq!(preset.notices.len(), 3, "{told}");
    }

    #[test]
    fn who_made_it_and_what_for_is_kept() {
        let text = r#"{"erbium": 1, "name": "x", "author": "Ö. \"A\"", "comment": "soft", "tags": ["a", "b"]}"#;
        let preset = Preset::from_json(text).expect("reads");
        assert_eq!(preset.notices, [""; 0]);
        let value = preset.to_value();
        assert_eq!(value["author"], "Ö. \"A\"");
        assert_eq!((&value["comment"], &value["tags"][1]), (&"soft".into(), &"b".into()));
        assert_eq!(value["made_by"], env!("CARGO_PKG_VERSION"));
        assert_eq!(Preset::from_value(value).expect("reads").about, preset.about);
        let none = Preset::from_json(r#"{"erbium": 1, "name": "x"}"#).expect("reads").to_value();
        assert!(none.get("author").is_none() && none.get("tags").is_none(), "{none}");
    }

    #[test]
    fn what_a_preset_means_does_not_depend_on_what_was_there_before() {
        let before = ["kind=gammatone", "scale=mel", "bands=12", "latency=43", "quality=high"];
        let before = before.into_iter().chain(["output=6", "mix=10", "gain_match", "gain_3=-9"]);
        let before: Vec<_> = before.map(|text| Setting::parse(text).expect("possible")).collect();
        let flags = ["bypass", "delta"].map(|text| Setting::parse(text).expect("possible"));
        let bare = Preset::from_json(r#"{"erbium": 1, "name": "x", "parameters": {"gain_2": 3}}"#);
        for preset in Preset::shipped().iter().cloned().chain([bare.expect("reads")]) {
            let mut new = ErbiumParams::default();
            let mut other = ErbiumParams::default();
            setting::apply(&before, &mut other);
            for params in [&mut new, &mut other] {
                setting::apply(&flags, params);
                let bank = |params: &ErbiumParams| Bank::design(&params.bank_spec(48_000.0));
                preset.apply(params, &[], bank).expect("has a bank");
            }
            for control in ParamId::every() {
                let [new, other] = [&new, &other].map(|params| ParamValue::of(control, params));
                assert_eq!(new, other, "{}", preset.name);
            }
            assert!(other.bypass.value() && other.delta.value(), "these stay as they are");
        }
    }
}
