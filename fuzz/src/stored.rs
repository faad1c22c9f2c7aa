//! States, presets and curves.

use crate::clap;
use erbium::Erbium;
use erbium::state::param::setting::Setting;
use erbium::state::param::{ParamId, ParamValue};
use erbium::state::params::{ErbiumParams, MAX_GAIN_DB, OFF_DB};
use erbium::state::preset::Preset;
use erbium_curve::hearing::{GAIN_MAX_DB, Rule, THRESHOLDS_DB, read_audiogram};
use erbium_curve::{ChannelChoice, Options, Purpose};
use erbium_dsp::{Bank, BankSpec, Scale, Sizing};
use erbium_tests::host::{Instance, Setup};
use nice_plug::prelude::{Plugin, PluginState};
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::LazyLock;

/// A state that is refused leaves an instance as it was; one that is taken leaves every parameter within its range, and
/// what is then saved loads, there and in a new instance, and is saved as the same bytes again. `data` is a state as
/// hosts hand it over, or one without the length that comes first there.
///
/// # Panics
/// Where that is not so.
pub fn state(data: &[u8]) {
    let mut instance = clap::instance(Setup::default());
    load(&mut instance, data);
    let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
    if load(&mut instance, &[&length.to_le_bytes(), data].concat()) {
        check_values(&mut instance);
        check_saved(&mut instance);
    }
    check_repaired(data);
}

/// What was repaired once is left alone the second time.
fn check_repaired(data: &[u8]) {
    let Ok(mut state) = serde_json::from_slice::<PluginState>(data) else { return };
    let text = |state: &PluginState| serde_json::to_string(&state.params).expect("is JSON");
    Erbium::filter_state(&mut state);
    let once = text(&state);
    Erbium::filter_state(&mut state);
    assert_eq!(text(&state), once);
}

/// Loads a state. Returns whether it was taken.
fn load(instance: &mut Instance, blob: &[u8]) -> bool {
    let before = save(instance);
    let is_taken = instance.load_state(blob).is_ok();
    assert!(is_taken || save(instance) == before, "a state that is refused has changed something");
    is_taken
}

fn save(instance: &mut Instance) -> Vec<u8> {
    instance.save_state().expect("every state can be saved")
}

fn check_values(instance: &mut Instance) {
    for id in ParamId::every().map(ParamId::id) {
        let value = instance.value(&id).expect("a parameter");
        assert!((0.0..=64.0).contains(&value), "{id} is {value}");
        assert!(!instance.text(&id).expect("a text").is_empty(), "{id} has no text");
    }
}

/// Saving and loading changes nothing.
pub(crate) fn check_saved(instance: &mut Instance) {
    let saved = save(instance);
    let mut other = clap::instance(Setup::default());
    for instance in [&mut *instance, &mut other] {
        instance.load_state(&saved).expect("what was saved loads");
        let again = save(instance);
        assert!(
            again == saved,
            "saved as\n{}\nand then as\n{}",
            String::from_utf8_lossy(&saved),
            String::from_utf8_lossy(&again)
        );
    }
}

/// The bank at whose centres curves are read.
static BANK: LazyLock<Bank> = LazyLock::new(|| {
    let sizing = Sizing::Latency { ms: 2.0 };
    let spec = BankSpec { bands: 8, sizing, sample_rate_hz: 16_000.0, ..BankSpec::default() };
    Bank::design(&spec).expect("a bank")
});

/// A preset that is read is written and read again as the same, and sets every parameter to what it can be.
///
/// # Panics
/// Where that is not so.
pub fn preset(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(preset) = Preset::from_json(text) else { return };
    assert_eq!(Preset::from_bytes("", data, 48_000.0).as_ref(), Ok(&preset));
    check_preset(&preset);
}

/// What holds for every preset.
fn check_preset(preset: &Preset) {
    let written = preset.to_value();
    let read = Preset::from_value(written.clone()).expect("what is written is read");
    let again = Preset::from_json(&written.to_string()).expect("what is written is read");
    assert_eq!(read, again);
    assert_eq!(
        (&read.name, &read.about, &read.curve),
        (&preset.name, &preset.about, &preset.curve)
    );
    assert!(read.notices.is_empty(), "{:?}", read.notices);
    for setting in &preset.settings {
        let same = read.settings.iter().find(|other| other.id() == setting.id());
        let same = same.expect("every setting is written").normalized();
        assert!((same - setting.normalized()).abs() < 1e-6, "{setting:?} became {same}");
    }
    assert_eq!(read.to_value(), written, "written again");
    check_curve(preset);
    check_applied(preset);
}

fn check_curve(preset: &Preset) {
    let possible = |gain_db: &f32| (OFF_DB..=MAX_GAIN_DB).contains(gain_db);
    if let Some(nodes) = preset.nodes() {
        assert!(nodes.hz().is_sorted(), "{:?}", nodes.hz());
        assert!(nodes.gain_db().iter().all(possible), "{:?}", nodes.gain_db());
    }
    let centres_hz = [0.0, 1e-9, 0.5, 1.0, 440.0, 1000.0, 19_999.9, 384_000.0, 1e6, 1e9];
    for scale in Scale::ALL {
        let gains_db = preset.curve_gains_db(scale, &centres_hz);
        assert!(gains_db.iter().all(possible), "{scale}: {gains_db:?}");
    }
}

fn check_applied(preset: &Preset) {
    let mut params = ErbiumParams::default();
    let Ok(_) = preset.apply(&mut params, &[], |_| Ok::<_, Infallible>(&*BANK));
    for control in ParamId::every() {
        let setting: Setting = ParamValue::of(control, &params).into();
        assert!((0.0..=1.0).contains(&setting.normalized()), "{setting:?}");
    }
}

/// An audiogram that is read holds possible thresholds, of which every rule that applies makes possible gains.
///
/// # Panics
/// Where that is not so.
fn check_audiogram(data: &[u8]) {
    let Ok(both) = read_audiogram(data) else { return };
    let [least_db, most_db] = THRESHOLDS_DB;
    for ear in [both.left, both.right] {
        assert!(
            ear.points().iter().all(|point| (least_db..=most_db).contains(&point.db)),
            "{ear:?}"
        );
        for prescription in Rule::ALL.into_iter().filter_map(|rule| rule.prescribe(&ear).ok()) {
            let gains = prescription.curve.points();
            assert!(gains.iter().all(|gain| (0.0..=GAIN_MAX_DB).contains(&gain.db)), "{gains:?}");
            assert!(gains.array_windows().all(|[a, b]| a.hz < b.hz), "{gains:?}");
        }
    }
}

/// A curve of another program that is read rises in frequency, is of possible gains, and is read again from the line that
/// says the same.
///
/// # Panics
/// Where that is not so.
pub fn curve_text(data: &[u8]) {
    check_audiogram(data);
    for channel in [None, Some(ChannelChoice::Right), Some(ChannelChoice::Mean)] {
        for purpose in [None, Some(Purpose::Target), Some(Purpose::Correct)] {
            let options = Options { purpose, ..Options::at(48_000.0) };
            let Ok(preset) = Preset::from_curve("Room", data, &options, channel) else { continue };
            check_preset(&preset);
            assert!(preset.curve_only && !preset.curve.is_empty());
            assert_eq!(preset.name, "Room");
            let mut line = String::from("GraphicEQ:");
            for (hz, gain_db) in &preset.curve {
                write!(line, " {hz} {gain_db};").expect("a text has room");
            }
            let again = Preset::from_curve("Room", line.as_bytes(), &options, None);
            let again = again.expect("a curve in other words");
            assert_eq!(again.curve, preset.curve, "{line}");
        }
    }
}
