//! Commands of Equalizer APO and filters as AutoEq and REW export them.

mod support;

use erbium_curve::{ErrorKind, Filter, Options, Shape, Width, read, read_filter};
use support::{common, left_right, notes, points, points_of, read_text};

const POINTS: [(f64, f64); 3] = [(20.0, -1.5), (100.5, 0.0), (1000.0, 6.25)];

/// The response in dB of filters, in words, at 48 kHz.
fn sum_db(words: &[&str], hz: f64) -> f64 {
    let filter = |words: &&str| read_filter(words).expect("reads").expect("a filter");
    words.iter().map(|words| filter(words).response(48_000.0).db(hz)).sum()
}

#[test]
fn every_way_to_write_a_graphic_equaliser_is_read() {
    for text in [
        "GraphicEQ: 20 -1.5; 100.5 0; 1000 6.25",
        "Device: all\nChannel: all\nStage: post-mix\ngraphiceq: 1000 6.25; 20 -1.5; 100.5 0.0;",
        "GraphicEQ: 20 -1,5; 100,5 0; 1000 6,25",
        "GraphicEQ: 20 −1.5, 100.5 0, 1000 6.25",
        "  GraphicEQ : 20,-1.5; 100.5,0; 1000,6.25",
        "GraphicEQ: 20 Hz -1.5 dB; 100.5 Hz 0 dB; 1000 Hz 6.25 dB",
        "# made by hand\n\nGraphicEQ: 20 -1.5; 100.5 0; 1000 6.25\nnot a command\n",
        "GraphicEQ: 20 -1.5; 100.5 0; 1,000 6.25",
        "GraphicEQ: 20 -1,5; 100,5 0; 1.000 6,25",
    ] {
        let common = common(text);
        assert_eq!((points(&common), common.preamp_db), (POINTS.to_vec(), None), "{text}");
    }
    let off = points_of("GraphicEQ: 10 -84; 20 -inf; 50 off; 100 0");
    assert_eq!(off, [(10.0, -84.0), (20.0, -60.0), (50.0, -60.0), (100.0, 0.0)]);
}

#[test]
fn a_graphic_equaliser_may_have_any_number_of_points() {
    let pairs: Vec<String> =
        (0..200_000).map(|k| format!("{} {}", 0.1 * f64::from(k), k % 3)).collect();
    assert_eq!(points_of(&format!("GraphicEQ: {}", pairs.join("; "))).len(), 200_000);
}

#[test]
fn several_lines_add_up_as_one_filter_after_the_other() {
    let common =
        common("Preamp: -3 dB\nGraphicEQ: 100 2; 10000 4\nPreamp: -1,5 dB\nGraphicEQ: 1000 -1");
    assert_eq!(common.preamp_db, Some(-4.5));
    for (hz, db) in [(100.0, 1.0), (1000.0, 2.0), (10_000.0, 3.0), (50.0, 1.0)] {
        assert!((common.curve.at_db(hz) - db).abs() < 1e-12, "{hz} Hz");
    }
    let text = "GraphicEQ: 100 2; 10000 4\nFilter: ON PK Fc 500 Hz Gain 6 dB Q 2\n\
                Filter 7: ON HP Fc 30 Hz\nFilter: OFF PK Fc 500 Hz Gain 6 dB Q 2";
    let common = support::common(text);
    for hz in [10.0, 30.0, 250.0, 500.0, 510.0, 3000.0, 20_000.0] {
        let graphic_db = support::common("GraphicEQ: 100 2; 10000 4").curve.at_db(hz);
        let expected_db = graphic_db + sum_db(&["PK Fc 500 Hz Gain 6 dB Q 2", "HP Fc 30 Hz"], hz);
        assert!((common.curve.at_db(hz) - expected_db).abs() < 0.05, "{hz} Hz");
    }
    assert_eq!(points_of("Preamp: -6 dB"), [(0.0, 0.0)]);
}

#[test]
fn widths_and_corners_are_as_equalizer_apo_defines_them() {
    let filter = |words| read_filter(words).unwrap_or_else(|error| panic!("{words}: {error}"));
    let low = Filter::new(Shape::LowShelf, 300.0, 5.0, Width::Slope(0.9));
    assert_eq!(filter("LS Fc 300 Hz Gain 5 dB"), Some(low));
    assert_eq!(filter("LSC Fc 300 Hz Gain 5 dB"), Some(low));
    let half = Filter { width: Width::Slope(0.5), ..low };
    assert_eq!(filter("LSC 6 dB Fc 300 Hz Gain 5 dB"), Some(half));
    assert_eq!(filter("LS 6dB Fc 300 Hz Gain 5 dB"), Some(Filter { is_corner: true, ..half }));
    let q = Filter { width: Width::Q(0.7), ..low };
    assert_eq!(filter("LSC Fc 300 Hz Gain 5 dB Q 0.7"), Some(q));
    assert_eq!(filter("LS_Q Fc 300 Hz Gain 5 dB Q 0.7"), Some(q));
    assert_eq!(filter("ls fc 300hz gain 5db q 0.7"), Some(Filter { is_corner: true, ..q }));
    let high = Filter { shape: Shape::HighShelf, ..half };
    assert_eq!(filter("HSC Gain 5 dB 6 dB Fc 300 Hz Q 2").map(|f| f.width), Some(Width::Q(2.0)));
    assert_eq!(filter("HSC 6.0 dB Fc 300 Hz Gain 5 dB"), Some(high));
    assert_eq!(filter("NO Fc 800 Hz").map(|f| f.width), Some(Width::Q(30.0)));
    assert_eq!(filter("LP Fc 8000 Hz Gain 3 dB").map(|f| f.gain_db), Some(0.0));
    let thousand = Filter::new(Shape::Peak, 1000.0, -3.5, Width::Q(1.41));
    for words in [
        "PK Fc 1.000 Hz Gain -3,5 dB Q 1,41",
        "PK Fc 1,000 Hz Gain -3.5 dB Q 1.41",
        "PK Fc 1\u{a0}000 Hz Gain -3.5 dB Q 1.41",
        "PEQ Fc 1 000 Hz Gain −3.5 dB Q 1.41",
        "Modal Fc 1000H z Gain -3.5 dB Q 1.41 T60 target 100 ms",
        "PK Fc 1000.0Hz ( 1k -2 ) Gain -3.5dB Q 1.41",
    ] {
        assert_eq!(filter(words), Some(thousand), "{words}");
    }
}

#[test]
fn left_and_right_have_what_is_theirs() {
    let text = "Preamp: -1 dB\nChannel: L\nGraphicEQ: 100 1\nChannel: R\nGraphicEQ: 100 2\n\
                Preamp: -2 dB\nChannel: L R\nGraphicEQ: 100 4\nChannel: LFE 3\nGraphicEQ: 100 8";
    let curves = read_text(text).expect("reads");
    let (left, right) = left_right(&curves);
    assert_eq!((points(left), left.preamp_db), (vec![(100.0, 5.0)], Some(-1.0)));
    assert_eq!((points(right), right.preamp_db), (vec![(100.0, 6.0)], Some(-3.0)));
    assert!(notes(&curves).contains("the channel \"LFE\" was passed over"), "{}", notes(&curves));
    assert_eq!(curves.contents.points, 3, "without that of the other channels");
    assert_eq!(
        points_of("Channel: 1\nGraphicEQ: 100 1\nChannel: 2\nGraphicEQ: 100 1"),
        [(100.0, 1.0)]
    );
    let curves = read_text("Channel: right\nGraphicEQ: 100 1").expect("reads");
    assert_eq!(points(left_right(&curves).0), [(0.0, 0.0)]);
}

#[test]
fn what_rew_exports_is_read() {
    let text = "Filter Settings file\n\nRoom EQ V5.40\nDated: 2026 Jun 28 21:42:22\n\nNotes:92.7\n\n\
                Equaliser: Generic\nRMS 2.1 Average bassMax\n\
                Filter  1: ON  PK       Fc   45.80 Hz  Gain   3.00 dB  Q  1.000\n\
                Filter  2: ON  Modal    Fc   25.00 Hz  Gain  -7.0 dB  Q 16.139  T60 target   300 ms\n\
                Filter  3: ON  LS 12dB  Fc  315.00 Hz  Gain    2.0 dB\n\
                Filter  4: ON  All pass  Fc 1600.00 Hz  Q   0.71\n\
                Filter  5: ON  None   \nFilter  6: OFF None\n";
    let curves = read_text(text).expect("reads");
    let common = curves.channels.one(None).expect("one curve");
    let words = [
        "PK Fc 45.8 Hz Gain 3 dB Q 1",
        "Modal Fc 25 Hz Gain -7 dB Q 16.139",
        "LS 12dB Fc 315 Hz Gain 2 dB",
    ];
    for hz in [20.0, 25.0, 45.8, 300.0, 5000.0] {
        assert!((common.curve.at_db(hz) - sum_db(&words, hz)).abs() < 0.05, "{hz} Hz");
    }
    assert_eq!(notes(&curves), "line 13: an all-pass filter changes no gain, and was passed over");
    for (tab, row) in [("\t", "3\tTrue\tAuto\tLP\t8000\t\t"), (" ", "3 True Auto None")] {
        let table = "Notes:left\nConfigurable_PEQ\nNumber Enabled Control Type Frequency(Hz) Gain(dB) Q\n\
             1 True Auto PK 66.00 -12.00 7.40\n2 False Auto PK 140.0 -12.00 3.21\n";
        let table = table.replace(' ', tab) + row;
        let common = support::common(&table);
        let mut words = vec!["PK Fc 66 Hz Gain -12 dB Q 7.4"];
        if tab == "\t" {
            words.push("LP Fc 8000 Hz");
        }
        for hz in [60.0, 66.0, 140.0, 10_000.0] {
            assert!(
                (common.curve.at_db(hz) - sum_db(&words, hz)).abs() < 0.05,
                "{hz} Hz of {table}"
            );
        }
    }
}

#[test]
fn what_changes_no_gain_is_passed_over_with_a_note() {
    for (text, noted) in [
        (
            "Delay: 5 ms\nGraphicEQ: 20 1",
            "line 1: this line was passed over: a delay changes no gain",
        ),
        (
            "Device: Speakers\nGraphicEQ: 20 1",
            "line 2: settings for the device \"Speakers\" are used for any",
        ),
        ("GraphicEQ: 20 1\nPreamble: 3", "line 2: this line is no command"),
        (
            "GraphicEQ: 20 1\nStage: Capture\nGraphicEQ: 20 5",
            "line 3: what is for the stage capture",
        ),
        ("GraphicEQ: 20 1\n40 2", "line 2: \"40 2\" is no setting"),
        (
            "GraphicEQ: 20 1\nFilter: ON AP Fc 900 Hz Q 0.7",
            "line 2: an all-pass filter changes no gain",
        ),
    ] {
        let curves = read_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(notes(&curves).contains(noted), "{text}: {}", notes(&curves));
        assert!(curves.channels.one(None).expect("one").curve.at_db(20.0) - 1.0 < 1e-12, "{text}");
    }
    let low =
        read(b"Filter: ON PK Fc 10000 Hz Gain 3 dB Q 1", &Options::at(16_000.0)).expect("reads");
    assert!(notes(&low).contains("above half the sampling rate, 8000 Hz"), "{}", notes(&low));
    let many: String = (0..100).map(|k| format!("Foo{k}: 1\nChannel: X{k}\n")).collect();
    let curves = read_text(&(many + "Channel: all\nGraphicEQ: 20 1")).expect("reads");
    assert!(curves.notes.len() < 25, "{} notes", curves.notes.len());
    assert!(notes(&curves).contains("more like these"), "{}", notes(&curves));
}

#[test]
fn what_is_wrong_or_more_than_a_curve_is_told_with_its_line() {
    use ErrorKind::{Ambiguous, Malformed, TooLarge, Unsupported};
    for (text, kind, told) in [
        (
            "GraphicEQ: 20 1\nInclude: example.txt",
            Unsupported,
            "line 2: Include: takes settings from another file",
        ),
        ("Copy: L=R\nGraphicEQ: 20 1", Unsupported, "line 1: Copy: mixes channels"),
        ("Convolution: a.wav", Unsupported, "line 1: Convolution: convolves"),
        (
            "If: sampleRate == 48000\nPreamp: -3 dB\nEndIf:",
            Unsupported,
            "line 1: If: makes settings depend",
        ),
        ("Preamp: `x` dB", Unsupported, "line 1: the expression in backticks"),
        (
            "Filter: ON IIR Order 2 Coefficients 1 0 0 1 0 0",
            Unsupported,
            "line 1: IIR coefficients hold at one",
        ),
        (
            "Device: A\nGraphicEQ: 20 1\nDevice: B\nGraphicEQ: 20 2",
            Unsupported,
            "line 4: these settings are for the device \"B\", others for \"A\"",
        ),
        (
            "Filter 1: ON L-T Fc 50 Hz Q 1.2 Fp 30 Qp 0.5",
            Malformed,
            "line 1: the filter type \"L-T\" is not read; possible: PK, LS",
        ),
        ("Filter 1: ON XX Fc 50 Hz", Malformed, "the filter type \"XX\" is not read"),
        ("Filter 1: PK Fc 50 Hz", Malformed, "neither ON nor OFF"),
        ("Filter 1: ON PK Gain 3 dB Q 1", Malformed, "line 1: the filter has no Fc"),
        ("Filter 1: ON PK Fc 100 Hz Q 1", Malformed, "has no Gain"),
        ("Filter 1: ON PK Fc 100 Hz Gain 3 dB", Malformed, "has no width"),
        ("Filter 1: ON PK Fc 100 Hz Gain 3 dB Q 0", Malformed, "Q is 0; possible: above 0"),
        ("Filter 1: ON PK Fc -100 Hz Gain 3 dB Q 1", Malformed, "Fc is -100 Hz; possible: above 0"),
        ("Filter 1: ON PK Fc x Hz Gain 3 dB Q 1", Malformed, "Fc is \"x\"; possible: a number"),
        (
            "Filter 1: ON PK Fc 100 Hz Gain 300 dB Q 1",
            Malformed,
            "Gain is 300 dB; possible: -120 to 120",
        ),
        ("Filter 1: ON LSC 48 dB Fc 100 Hz Gain 20 dB", Malformed, "a slope of 48 dB is too steep"),
        ("Filter 1: ON LS Fc 100 Hz Gain 3 dB BW Oct 1", Malformed, "BW is no width of a shelf"),
        ("Filter 1: ON BP Fc 100 Hz Gain 3 dB Q 1", Ambiguous, "BP with a gain is a band pass"),
        (
            "Filter: ON LP Fc 8.000 Hz",
            Ambiguous,
            "line 1: \"8.000\" may be 8000 or 8; possible: no mark",
        ),
        ("GraphicEQ: 1,200 1; 5,000 -2", Ambiguous, "line 1: \"1,200\" may be 1200 or 1.2"),
        ("Preamp: loud", Malformed, "line 1: Preamp is \"loud\"; possible: a number"),
        ("Preamp: 1e3 dB", Malformed, "Preamp is 1000 dB"),
        ("GraphicEQ: 20 1; 20 2", Malformed, "line 1: 20 Hz has two gains, 1 and 2 dB"),
        ("GraphicEQ: 20 1; 30", Malformed, "line 1: \"30\" is no point"),
        ("GraphicEQ: 20 1; 30 x", Malformed, "line 1: a gain is \"x\""),
        ("GraphicEQ: -20 1", Malformed, "line 1: 1 dB at -20 Hz is out of range"),
    ] {
        let error = read_text(text).expect_err(text);
        assert!(error.to_string().contains(told), "{text}: {error}");
        assert_eq!(error.kind, kind, "{text}: {error}");
    }
    let many = "Filter: ON PK Fc 100 Hz Gain 3 dB Q 1\n".repeat(300);
    assert_eq!(read_text(&many).expect_err("too many").kind, TooLarge);
    let many = "GraphicEQ: 20 1\n".repeat(70);
    assert!(read_text(&many).expect_err("too many").to_string().contains("up to 64"));
}
