//! Parameters as text, and as the manual lists them.

use erbium::state::param::ParamId;
use erbium::state::param::setting::{self, Setting};
use erbium::state::params::ErbiumParams;
use nice_plug::prelude::*;

/// What a host shows at a normalized value.
fn shown(pointer: ParamPtr, normalized: f32) -> String {
    // SAFETY: the parameters outlive every test.
    unsafe { pointer.normalized_value_to_string(normalized, true) }
}

/// What a host makes of a text.
fn typed(pointer: ParamPtr, text: &str) -> Option<f32> {
    // SAFETY: as above.
    unsafe { pointer.string_to_normalized_value(text) }
}

/// A grid of normalized values, dense at both ends, where rounding turns into `off` and into 0.
fn grid() -> Vec<f32> {
    let even = (0..=997_u16).map(|k| f32::from(k) / 997.0);
    let ends = (0..24).flat_map(|k| {
        let near = 0.5_f32.powi(k);
        [near, 1.0 - near, 0.5 + near / 2.0, 60.0 / 84.0 + near / 100.0, 60.0 / 84.0 - near / 100.0]
    });
    even.chain(ends).filter(|value| (0.0..=1.0).contains(value)).collect()
}

#[test]
fn the_text_of_every_value_is_taken_back_by_hosts_settings_and_presets() {
    let params = ErbiumParams::default();
    for control in ParamId::every() {
        let (id, pointer) = (control.id(), control.pointer(&params));
        for normalized in grid() {
            let text = shown(pointer, normalized);
            assert!(!text.starts_with("-0.00") && text != "-0 %", "{id}: {text}");
            let again = typed(pointer, &text).map(|value| shown(pointer, value));
            assert_eq!(again.as_ref(), Some(&text), "{id}: the host's text field");
            let set = |text: &str| {
                let setting = Setting::new(&id, text).unwrap_or_else(|error| panic!("{error}"));
                shown(pointer, setting.normalized())
            };
            assert_eq!(set(&text), text, "{id}: --set");
            let setting = Setting::parse(&format!("{id}={text}")).expect("possible");
            assert_eq!(shown(pointer, setting.normalized()), text, "{id}: --set");
            let written = Setting::from_json(&id, &setting.to_json()).expect("possible");
            assert_eq!(shown(pointer, written.normalized()), text, "{id}: a preset's value");
            let quoted = Setting::from_json(&id, &text.clone().into()).expect("possible");
            assert_eq!(shown(pointer, quoted.normalized()), text, "{id}: a preset's text");
            for variant in variants(&text) {
                assert_eq!(set(&variant), text, "{id}: --set {variant:?}");
                // The framework compares choices letter by letter.
                if !matches!(pointer, ParamPtr::EnumParam(_)) {
                    let again = typed(pointer, &variant).map(|value| shown(pointer, value));
                    assert_eq!(again.as_ref(), Some(&text), "{id}: the host, {variant:?}");
                }
            }
        }
    }
}

/// The same as people write it.
fn variants(text: &str) -> Vec<String> {
    let mut variants = vec![
        text.to_lowercase(),
        text.to_uppercase(),
        text.replace(' ', ""),
        text.replace(' ', "  "),
        format!("  {text} "),
        text.replace('.', ","),
        text.replace('-', "−"),
    ];
    if let Some(number) = text.strip_suffix("dB").or_else(|| text.strip_suffix('%')) {
        variants.push(number.trim().to_owned());
    }
    variants
}

#[test]
fn what_is_no_value_is_taken_by_nobody() {
    let params = ErbiumParams::default();
    for control in ParamId::every() {
        let (id, pointer) = (control.id(), control.pointer(&params));
        for text in ["", "NaN", "inf", "-inf dB dB", "maybe", "1.2.3", "dB", "0x10", "12 kg"] {
            assert_eq!(typed(pointer, text), None, "{id}: the host, {text:?}");
            let error = Setting::new(&id, text).expect_err(text);
            assert!(error.contains(&*id) && error.contains("possible"), "{error}");
        }
    }
}

/// The rows of the manual's table, from the definitions.
fn manual_rows() -> Vec<String> {
    let params = ErbiumParams::default();
    let row = |control: ParamId, id: &str, name: &str| {
        let pointer = control.pointer(&params);
        // SAFETY: as above.
        let default = shown(pointer, unsafe { pointer.default_normalized_value() });
        let held = match control {
            ParamId::Gain(_) => "as a curve",
            control if control.in_presets() => "yes",
            _ => "no",
        };
        format!("| {id} | {name} | {} | {default} | {held} |", setting::possible(control))
    };
    let mut rows: Vec<String> = ParamId::ALL
        .iter()
        .map(|control| {
            // SAFETY: as above.
            let name = unsafe { control.pointer(&params).name().to_owned() };
            row(*control, &format!("`{}`", control.id()), &name)
        })
        .collect();
    let last = ParamId::every().count() - ParamId::ALL.len();
    rows.push(row(
        ParamId::Gain(0),
        &format!("`gain_1` to `gain_{last}`"),
        &format!("Gain 1 to Gain {last}"),
    ));
    rows
}

#[test]
fn the_manual_lists_every_parameter_as_it_is() {
    let manual = include_str!("../../docs/parameters.md");
    let rows = manual_rows();
    for row in &rows {
        assert!(manual.contains(row), "docs/parameters.md shall say:\n{}", rows.join("\n"));
    }
    let listed = manual.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(listed, rows.len(), "docs/parameters.md lists what there is not");
}
