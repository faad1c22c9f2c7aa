//! Small files as users' programs make them, each of which a reader got wrong once.

mod support;

use erbium_curve::{Options, read, read_filter};
use support::{case, left_right, notes, points};

#[test]
fn of_a_table_of_results_the_equalization_is_the_curve() {
    let curves = case("results_table.csv");
    let common = curves.channels.one(None).expect("one curve");
    let expected = [(20.0, 5.5), (100.0, 2.25), (1000.0, 0.0), (3000.0, -3.75), (10_000.0, 1.5)];
    assert_eq!(points(&common), expected);
    assert!(notes(&curves).contains("\"equalization\"; \"raw\""), "{}", notes(&curves));
}

#[test]
fn thousands_are_thousands() {
    let common = case("thousands.txt").channels.one(None).expect("one curve");
    let expected = [(40.0, 1.5), (300.0, 0.0), (1200.0, -2.5), (5000.0, -1.0), (12_000.0, 3.0)];
    assert_eq!((points(&common), common.preamp_db), (expected.to_vec(), Some(-5.0)));
    let common = case("thousands_quoted.csv").channels.one(None).expect("one curve");
    assert_eq!(points(&common), [(40.0, 1.5), (300.0, 0.0), (1200.0, -2.5), (12_000.0, 3.0)]);
}

#[test]
fn decimal_commas_in_quotation_marks_are_decimals() {
    let common = case("decimal_commas_quoted.csv").channels.one(None).expect("one curve");
    assert_eq!(points(&common), [(31.5, -2.5), (1000.0, 4.75)]);
}

#[test]
fn two_channels_are_two_curves() {
    let curves = case("two_channels.txt");
    let (left, right) = left_right(&curves);
    assert_eq!(points(left), [(30.0, 0.0), (200.0, 5.0), (2000.0, 0.0)]);
    assert_eq!(points(right), [(40.0, -4.0), (250.0, -4.0), (2500.0, -4.0)]);
    assert_eq!((left.preamp_db, right.preamp_db), (Some(-2.0), Some(-7.0)));
    assert!(curves.channels.one(None).expect_err("two").to_string().contains("left"));
}

#[test]
fn words_after_a_table_are_passed_over_with_a_note() {
    let curves = case("footer.txt");
    let common = curves.channels.one(None).expect("one curve");
    assert_eq!(points(&common), [(30.0, 5.5), (1000.0, -2.5), (18_000.0, 4.0)]);
    assert!(notes(&curves).contains("line 5: from \"overall level"), "{}", notes(&curves));
}

#[test]
fn filters_that_are_off_or_none_change_nothing() {
    let common = case("inert_filters.txt").channels.one(None).expect("one curve");
    assert_eq!(points(&common), [(25.0, 2.0), (1500.0, 0.0)]);
}

#[test]
fn filters_come_to_the_sum_of_their_responses_at_the_rate() {
    let words = [
        "LSC Fc 105 Hz Gain 5.5 dB Q 0.70",
        "PK Fc 1850 Hz Gain -3.4 dB Q 1.41",
        "PK Fc 4200 Hz Gain 2.1 dB Q 4.00",
        "HSC Fc 10000 Hz Gain -2.0 dB Q 0.70",
    ];
    let filters = words.map(|words| read_filter(words).expect("reads").expect("a filter"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/parametric.txt");
    let bytes = std::fs::read(file).expect("readable");
    for rate_hz in [44_100.0, 48_000.0, 96_000.0] {
        let curves = read(&bytes, &Options::at(rate_hz)).expect("reads");
        let common = curves.channels.one(None).expect("one curve");
        assert_eq!((common.preamp_db, notes(&curves).as_str()), (Some(-6.2), ""));
        for k in 0..1000 {
            let hz = 5.0 * (rate_hz / 10.0).powf(f64::from(k) / 1000.0);
            let sum_db: f64 = filters.iter().map(|f| f.response(rate_hz).db(hz)).sum();
            let db = common.curve.at_db(hz);
            assert!((db - sum_db).abs() < 0.05, "{db} for {sum_db} dB at {hz} Hz");
        }
    }
}

#[test]
fn a_file_is_the_same_in_every_encoding() {
    let texts = [
        "Hz;dB links;dB rechts\n31,5;−2,5;1\n1000;4,75;2\n",
        "Filter: ON PK Fc 1000 Hz Gain 3 dB Q 1\n",
    ];
    for text in texts {
        let options = Options::at(48_000.0);
        let plain = read(text.as_bytes(), &options).expect("reads");
        let utf_16: Vec<u8> =
            [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&utf_16, &options).as_ref(), Ok(&plain));
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(read(&marked, &options).as_ref(), Ok(&plain));
        for line_end in ["\r\n", "\r"] {
            assert_eq!(
                read(text.replace('\n', line_end).as_bytes(), &options).as_ref(),
                Ok(&plain)
            );
        }
    }
    let latin_1 = b"# Geh\xF6r, 20 \xB0C\nFr\xE9quence;Gain\n20;1,5\n1000;2,5\n";
    let curves = read(latin_1, &Options::at(48_000.0)).expect("reads");
    let common = curves.channels.one(None).expect("one curve");
    assert_eq!(points(&common), [(20.0, 1.5), (1000.0, 2.5)]);
    assert_eq!(points(&support::common("20 1,5\n1000 2,5")), points(&common));
}
