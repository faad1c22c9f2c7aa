//! The controls around the bands.

use crate::stage::{Stage, bank};
use egui::{accesskit::Role, vec2};
use egui_kittest::kittest::Queryable;
use erbium::chain::{Chain, Mode};
use erbium::editor::theme;
use erbium::monitor::Column;
use erbium::params::{MAX_BANDS, ScaleChoice};
use nice_plug::context::gui::ParamSetter;

#[test]
fn the_scale_is_chosen_from_its_list() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.harness.get_by_role_and_label(Role::ComboBox, "Scale").click();
    stage.harness.run();
    stage.harness.get_by_label("Bark").click();
    stage.harness.run();
    assert_eq!(stage.params.scale.value(), ScaleChoice::Bark);
    assert_eq!(stage.host.take(), ["begin scale", "set scale", "end scale"]);
}

#[test]
fn switches_switch() {
    let mut stage = Stage::new(700.0, 450.0);
    for name in ["Bypass", "Delta"] {
        stage.harness.get_by_label(name).click();
        stage.harness.run();
    }
    assert!(stage.params.bypass.value() && stage.params.delta.value());
    let expected =
        ["begin bypass", "set bypass", "end bypass", "begin delta", "set delta", "end delta"];
    assert_eq!(stage.host.take(), expected);
}

#[test]
fn the_mix_is_dragged_in_one_gesture() {
    let mut stage = Stage::new(700.0, 450.0);
    let from = stage.harness.get_by_label("Mix").rect().center();
    stage.stroke(&[from, from - vec2(20.0, 0.0), from - vec2(60.0, 0.0)]);
    assert!((0.6..0.85).contains(&stage.params.mix.value()), "{}", stage.params.mix.value());
    let told = stage.host.take();
    assert_eq!(told.first().map(String::as_str), Some("begin mix"));
    assert_eq!(told.last().map(String::as_str), Some("end mix"));
    assert_eq!(told.iter().filter(|what| !what.starts_with("set")).count(), 2, "{told:?}");
}

#[test]
fn the_report_says_what_the_bank_says() {
    let stage = Stage::new(700.0, 450.0);
    let bank = bank();
    let report = bank.report();
    let latency = format!("Latency: 21.0 ms · {} samples", report.latency_samples);
    stage.harness.get_by_label(&latency);
    let alias = format!("Worst alias: −{:.0} dB", -report.worst_alias_db());
    stage.harness.get_by_label(&alias);
}

#[test]
fn a_look_wears_off() {
    let mut stage = Stage::new(700.0, 450.0);
    stage.harness.step();
    let column = Column { bands: 40, input: [0.0; MAX_BANDS], gains: [1.0; MAX_BANDS] };
    (0..499).for_each(|_| stage.monitor.push_column(column));
    assert!(stage.monitor.watched());
    stage.monitor.push_column(column);
    assert!(!stage.monitor.watched(), "no frame for 5 s");
    stage.harness.step();
    assert!(stage.monitor.watched());
    drop(stage.harness);
    assert!(!stage.monitor.watched(), "closed");
}

#[test]
fn parameters_follow_the_curve_to_another_number_of_bands() {
    let mut stage = Stage::empty(1100.0, 700.0);
    let mut chain = Chain::new(stage.params.curve.clone(), stage.monitor.clone());
    let mode = Mode { waits: true, changes_latency: true };
    chain.prepare(&stage.params.settings(48_000.0), 1, mode).expect("the default bank exists");
    let mut seed = 1_u32;
    let mut noise = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from(seed.to_be_bytes()[0]) / 512.0 - 0.25
    };
    let mut play = |stage: &mut Stage, blocks: u8| {
        for _ in 0..blocks {
            let mut channel = [0.0; 960].map(|_: f32| noise());
            chain.process(&stage.params.settings(48_000.0), &mut [&mut channel]);
            stage.harness.step();
        }
    };
    play(&mut stage, 4);
    let places = [stage.place(10, 12.0), stage.place(22, 12.0)];
    stage.stroke(&places);
    play(&mut stage, 40);
    let drawn: Vec<f32> = (0..40).map(|band| stage.gain_db(band)).collect();
    assert!(stage.host.take().len() >= 3 * 13, "painted");

    let setter = ParamSetter { raw_context: &*stage.host };
    setter.set_parameter(&stage.params.bands, 24);
    play(&mut stage, 40);
    let told = stage.host.take();
    for band in 0..24 {
        let (parameter_db, curve_db) = (stage.gain_db(band), stage.params.curve.gain_db(band));
        assert!((parameter_db - curve_db).abs() < 1e-3, "{band}: {parameter_db}, {curve_db}");
    }
    assert!(stage.gain_db(10) > 11.0 && stage.gain_db(20).abs() < 1e-3, "the curve is kept");
    let count = |what| told.iter().filter(|told| told.starts_with(what)).count();
    let changed = (0..24).filter(|band| (stage.gain_db(*band) - drawn[*band]).abs() > 1e-3).count();
    assert!(
        changed > 3 && count("begin gain") == changed && count("end gain") == changed,
        "{told:?}"
    );
    play(&mut stage, 40);
    assert_eq!(stage.host.take(), <[String; 0]>::default(), "and that is the end of it");

    let picture = stage.picture("noise");
    let spectrogram = stage.harness.get_by_label("Spectrogram").rect();
    assert!(picture.count(stage.bands(), theme::DARK.level_output) > 500, "levels of the real chain");
    assert!(picture.colors(spectrogram) > 200, "{}", picture.colors(spectrogram));
}

