//! What is written is read again as the same, and few filters come as near to a curve as is said.

mod support;

use erbium_curve::export::{csv, fit, graphic_eq, parametric_eq};
use erbium_curve::{Curve, Point};
use support::{case, common, points};

#[test]
fn a_curve_is_read_as_it_was_written() {
    let channel = common("Preamp: -6.2 dB\nGraphicEQ: 20 -1.5; 100.5 0; 1000 6.25; 20000 -3.125");
    let text = graphic_eq(&channel);
    assert_eq!(text, "Preamp: -6.20 dB\nGraphicEQ: 20 -1.5; 100.5 0; 1000 6.25; 20000 -3.125\n");
    assert_eq!(common(&text), channel);
    let table = common(&csv(&channel));
    assert_eq!(table.preamp_db, None);
    for ((hz, db), (expected_hz, expected_db)) in points(&table).into_iter().zip(points(&channel)) {
        assert!(hz == expected_hz && (db - expected_db + 6.2).abs() < 1e-3, "{hz} Hz: {db} dB");
    }
    let filters = case("parametric.txt").channels.one(None).expect("one");
    let again = common(&graphic_eq(&filters));
    assert!((0..2000).all(|k| {
        let hz = f64::from(k) * 10.0;
        (again.curve.at_db(hz) - filters.curve.at_db(hz)).abs() < 1e-3
    }));
}

/// The largest difference in dB of what a text says from a curve.
fn off_db(text: &str, curve: &Curve, range_hz: [f64; 2]) -> f64 {
    let read = common(text);
    let preamp_db = read.preamp_db.expect("a preamp");
    let hz = |k: i32| range_hz[0] * (range_hz[1] / range_hz[0]).powf(f64::from(k) / 3000.0);
    let off = |k| (read.curve.at_db(hz(k)) + preamp_db - curve.at_db(hz(k))).abs();
    (0..=3000).map(off).fold(0.0, f64::max)
}

#[test]
fn filters_are_found_again_from_their_curve() {
    for name in ["parametric.txt", "inert_filters.txt"] {
        let curve = case(name).channels.one(None).expect("one").curve;
        let fit = fit(&curve, 48_000.0, 10);
        let text = parametric_eq(fit.offset_db, &fit.filters);
        let off_db = off_db(&text, &curve, fit.range_hz);
        println!(
            "{name}: {} filters, {:.3} dB, rms {:.3} dB; read {off_db:.3} dB",
            fit.filters.len(),
            fit.worst_db,
            fit.rms_db
        );
        // What is read is within 0.05 dB of the filters, and between the places of the fit a little more.
        assert!(off_db < fit.worst_db + 0.08, "{name}: {off_db} for {} dB", fit.worst_db);
        assert!(fit.worst_db < 0.3 && fit.rms_db < 0.1, "{name}: {} dB", fit.worst_db);
        assert!(fit.filters.len() <= 10);
    }
    let curve = case("parametric.txt").channels.one(None).expect("one").curve;
    let two = fit(&curve, 48_000.0, 2);
    assert!(two.filters.len() == 2 && two.worst_db > 0.3, "{} dB", two.worst_db);
    let off_db = off_db(&parametric_eq(two.offset_db, &two.filters), &curve, two.range_hz);
    assert!((off_db - two.worst_db).abs() < 0.08, "{off_db} for {} dB", two.worst_db);
}

#[test]
fn a_rough_curve_is_met_as_near_as_is_said() {
    let points = (0..120).map(|k| {
        let x = f64::from(k) / 12.0;
        let db = 5.0 * (1.3 * x).sin() + 2.0 * (4.1 * x).cos() + if k > 90 { -6.0 } else { 0.0 };
        Point { hz: 20.0 * x.exp2(), db }
    });
    let curve = Curve::new(points.collect()).expect("a curve");
    for rate_hz in [16_000.0, 44_100.0, 96_000.0] {
        let fit = fit(&curve, rate_hz, 10);
        println!("{rate_hz} Hz: worst {:.2} dB, rms {:.2} dB", fit.worst_db, fit.rms_db);
        assert!(fit.rms_db < 0.5 && fit.worst_db < 1.5 && fit.filters.len() <= 10);
        assert!(fit.range_hz[1] <= 0.45 * rate_hz);
    }
    let flat = fit(&common("GraphicEQ: 20 -4.5; 20000 -4.5").curve, 48_000.0, 10);
    assert_eq!((flat.filters.len(), flat.offset_db), (0, -4.5));
}
