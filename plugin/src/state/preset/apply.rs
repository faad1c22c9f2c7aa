//! Presets applied to parameters that no host manages: an offline render's.

use crate::state::limits::MAX_BANDS;
use crate::state::param::ParamValue;
use crate::state::param::setting::{self, Setting};
use crate::state::params::ErbiumParams;
use crate::state::preset::Preset;
use erbium_dsp::Bank;

impl Preset {
    /// Sets parameters that no host manages, and `further` ones that go before the preset's. The
    /// curve is read at the centres of the bank the parameters ask for, which `bank` gives and this
    /// returns; a gain among the settings goes before the curve.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::limits::OFF_DB;
    use crate::state::param::ParamId;
    use erbium_dsp::Scale;

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
