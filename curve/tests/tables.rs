//! Tables of every country and program.

mod support;

use erbium_curve::{BOOST_MAX_DB, ErrorKind, Options, Purpose, read};
use support::{common, left_right, notes, points, points_of, read_text};

const POINTS: [(f64, f64); 3] = [(20.0, -1.5), (100.5, 0.0), (1000.0, 6.25)];

#[test]
fn every_way_to_write_the_same_curve_is_read() {
    for text in [
        "20 -1.5\n100.5 0\n1000 6.25\n",
        "20,-1.5\n100.5,0\n1000,6.25",
        "20, -1.5\r\n100.5, 0\r\n1000, 6.25\r\n",
        "20 -1.5\r100.5 0\r1000 6.25",
        "20;-1,5\n100,5;0\n1000;6,25",
        "20 -1,5\n100,5 0\n1000 6,25",
        "20\t-1,5\n100,5\t0\n1000\t6,25",
        "20;-1,5;\n100,5;0;\n1.000;6,25;",
        "20;-1,5\n100,5;0\n1 000;6,25",
        "20;-1,5\n100,5;0\n1\u{a0}000;6,25",
        "20;-1.5\n100.5;0\n1'000;6.25",
        "1000 6.25\n20 −1.5\n100.5 0\n20 -1.5",
        "1000 6.25\n100.5 0\n20 -1.5",
        "\u{feff}frequency,raw\n20,-1.5\n100.5,0\n1000,6.25",
        "\"Hz\";\"dB\"\n\"20\";\"-1.5\"\n\"100.5\";\"0\"\n\"1000\";\"6.25\"",
        "Hz,dB\n20,\"-1,5\"\n\"100,5\",0\n\"1.000\",\"6,25\"",
        "20 Hz -1.5 dB\n100.5 Hz, 0 dB\n1000 Hz 6.25 dB",
        "20Hz,-1.5dB\n100.5Hz,0dB\n1kHz,6.25dB",
        "Frequency (kHz);Gain\n0,02;-1,5\n0,1005;0\n1;6,25",
        "Frequency (kHz);Gain\n0.02 kHz;-1.5\n100.5 Hz;0\n1 kHz;6.25",
        "Fréquence\tGain\n20\t-1,5\n100,5\t0\n1000\t6,25",
        "* Measurement data by REW\n* Freq(Hz) SPL(dB) Phase(degrees)\n20.0 -1.5 -12.3\n\
         100.500 0.000 4.1\n1000.0 6.25 0.0",
        "* Start Frequency: 10.1 Hz\n*\n* Freq(Hz), SPL(dB), Phase(degrees)\n20.0, -1.5, -12.3\n\
         100.500, 0.000, 4.1\n1000.0, 6.25, 0.0",
        "error,frequency,gain\n0,20,-1.5\n3,100.5,0\n1,1000,6.25",
        "# made by hand\n// twice\n\n2e1 -1.5\n100.5 0\n1e3 6.25",
        "My room\n20 -1.5 bass\n100.5 0\n1000 6.25",
        "20 -1.5 170\n100.5 0 90\n1000 6.25 -20",
        "19 ? 0\n20 -1.5 0\n100.5 0 0\n1000 6.25 0\n2000 ? 0",
        "Frequency\tdB\tUnweighted\n20\t-1.5\n100.5\t0\n1000\t6.25\npeak\t20.5Hz\n",
    ] {
        let common = common(text);
        assert_eq!((points(&common), common.preamp_db), (POINTS.to_vec(), None), "{text}");
    }
}

#[test]
fn a_number_has_one_sign_at_most() {
    for text in ["20 --5\n100 0\n1000 1", "20 −−5\n100 0\n1000 1", "20 +-5\n100 0\n1000 1"] {
        let error = read(text.as_bytes(), &Options::at(48_000.0)).expect_err(text);
        assert_eq!(error.kind, ErrorKind::Malformed, "{text}: {error}");
    }
}

#[test]
fn thousands_are_thousands_or_a_question() {
    let text = "Freq;Gain\n40;1\n300;0\n1,200;-2\n12,000;3";
    assert_eq!(points_of(text), [(40.0, 1.0), (300.0, 0.0), (1200.0, -2.0), (12_000.0, 3.0)]);
    for text in ["1,200 -2\n5,000 3", "1.200;2\n20.000;3"] {
        let error = read_text(text).expect_err(text);
        assert_eq!(error.kind, ErrorKind::Ambiguous, "{error}");
        assert!(error.to_string().contains("may be 1200 or 1.2; possible"), "{error}");
    }
    for text in ["40,1.5\n300,0\n1,200,-2.5", "40 1,5\n300 0\n1 200 -2,5"] {
        let error = read_text(text).expect_err(text).to_string();
        assert!(error.contains("line 3: 3 numbers stand here and 2 on line 1"), "{error}");
    }
}

#[test]
fn the_gains_are_those_of_the_column_that_says_so() {
    for (heading, column) in [
        ("frequency,raw,error,smoothed,equalization,target", 4),
        ("frequency,raw,smoothed,target", 1),
        ("Hz,SPL (dB),Phase (deg)", 1),
        ("Hz,Phase,dB", 2),
        ("gain,freq", 0),
        ("frequency,target", 1),
        ("Frequency,Before,After,Correction", 3),
        ("f,dB SPL,THD,Q", 1),
    ] {
        let row = |hz: u32| {
            let is_hz = |name: &str| {
                ["frequency", "hz", "freq", "f"].contains(&name.to_lowercase().as_str())
            };
            let fields = heading.split(',').enumerate();
            let value = |(k, name): (usize, &str)| {
                if is_hz(name) { hz.to_string() } else { format!("{k}.5") }
            };
            fields.map(value).collect::<Vec<_>>().join(",")
        };
        let text = format!("{heading}\n{}\n{}\n", row(20), row(40));
        let db = f64::from(column) + 0.5;
        assert_eq!(points_of(&text), [(20.0, db), (40.0, db)], "{text}");
    }
    for text in [
        "Frequency,Before,After\n20,1,2\n40,1,2",
        "20 1 2\n40 1 2",
        "20 1 170 0.9 2\n40 1 2 3 4",
        "Hz,Left,Gain\n20,1,2",
    ] {
        match read_text(text) {
            Err(error) if error.kind == ErrorKind::AsksColumn => {
                assert!(error.to_string().contains("possible"), "{error}");
            }
            Ok(curves) => assert!(notes(&curves).contains("passed over"), "{text}"),
            Err(error) => panic!("{text}: {error}"),
        }
    }
    assert_eq!(read_text("20 1 2\n40 1 2").expect_err("asks").kind, ErrorKind::AsksColumn);
    assert_eq!(read_text("Hz,Before,After\n20,1,2").expect_err("asks").kind, ErrorKind::AsksColumn);
}

#[test]
fn two_columns_of_gains_are_two_channels() {
    for text in [
        "Hz,Left,Right\n20,1,2\n40,3,4",
        "Frequency;L;R\n20;1;2\n40;3;4",
        "* Freq(Hz)\tleft gain (dB)\tright gain (dB)\n20\t1\t2\n40\t3\t4",
        "Frequenz Links Rechts\n20 1 2\n40 3 4",
    ] {
        let curves = read_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let (left, right) = left_right(&curves);
        assert_eq!(points(left), [(20.0, 1.0), (40.0, 3.0)], "{text}");
        assert_eq!(points(right), [(20.0, 2.0), (40.0, 4.0)], "{text}");
    }
    assert_eq!(points_of("Hz,Left,Right\n20,1,1\n40,3,3"), [(20.0, 1.0), (40.0, 3.0)]);
    let stacked = "Hz dB\n30 0\n200 5\n2000 0\n40 -4\n250 -4\n2500 -4";
    let error = read_text(stacked).expect_err("two tables").to_string();
    assert!(error.contains("line 5: the frequencies begin again at 40 Hz"), "{error}");
    let stacked = "30 0\n200 5\n2000 0\nRight\n40 -4\n250 -4\n2500 -4";
    let error = read_text(stacked).expect_err("two tables").to_string();
    assert!(error.contains("line 4: \"Right\" stands in the middle of a table"), "{error}");
}

#[test]
fn levels_are_a_question_until_their_purpose_is_given() {
    let text = "* Measurement data measured by REW V5.20\n* Freq(Hz) SPL(dB) Phase(degrees)\n\
                20 62 10\n200 80 0\n2000 80 0\n20000 86 0\n";
    let error = read_text(text).expect_err("a question");
    assert_eq!((error.kind, error.line), (ErrorKind::AsksPurpose, Some(3)));
    assert!(
        error.to_string().contains("62 dB at 20 Hz and what follows are sound pressure"),
        "{error}"
    );
    let with = |purpose: &str| {
        let purpose = Some(purpose.parse::<Purpose>().expect("a purpose"));
        let options = Options { purpose, ..Options::at(48_000.0) };
        read(text.as_bytes(), &options).expect("reads")
    };
    let target = with("target");
    let expected = [(20.0, -18.0), (200.0, 0.0), (2000.0, 0.0), (20_000.0, 6.0)];
    for (point, expected) in points(&target.channels.one(None).expect("one")).iter().zip(expected) {
        assert!(point.0 == expected.0 && (point.1 - expected.1).abs() < 1e-9, "{point:?}");
    }
    assert!(notes(&target).contains("relative to 80.0 dB"), "{}", notes(&target));
    let correct = with("correct");
    let expected = [(20.0, BOOST_MAX_DB), (200.0, 0.0), (2000.0, 0.0), (20_000.0, -6.0)];
    for (point, expected) in points(&correct.channels.one(None).expect("one")).iter().zip(expected)
    {
        assert!(point.0 == expected.0 && (point.1 - expected.1).abs() < 1e-9, "{point:?}");
    }
    assert!(
        notes(&correct).contains("1 of 4 points are raised by 6 dB only"),
        "{}",
        notes(&correct)
    );
    for text in ["20 90", "20 -45\n100 -38\n1000 -30"] {
        assert_eq!(read_text(text).expect_err(text).kind, ErrorKind::AsksPurpose, "{text}");
    }
    assert_eq!(points_of("20 -60\n1000 3\n20000 -60").len(), 3, "gains that are off at both ends");
    let settings = Options { purpose: Some(Purpose::Correct), ..Options::at(48_000.0) };
    let curves = read(b"GraphicEQ: 20 3", &settings).expect("reads");
    assert!(notes(&curves).contains("no measurement"), "{}", notes(&curves));
    assert_eq!(curves.channels.one(None).expect("one").curve.at_db(20.0), 3.0);
    assert!("flat".parse::<Purpose>().expect_err("none").contains("possible: target, correct"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, told) in [
        ("", "there is no curve in it; possible: a line \"Hz dB\""),
        ("PNG\nimage of a curve\n", "line 1: \"PNG\" is no curve, nor is what follows"),
        ("20 1\n40", "line 2: \"40\" is no point"),
        ("20 1\n40 x", "line 2: \"40 x\" is no point"),
        ("20 x", "line 1: \"20 x\" is no point"),
        ("-5 1", "line 1: 1 dB at -5 Hz is out of range; possible"),
        ("20 2000\n40 1", "2000 dB at 20 Hz is out of range"),
        ("20 nan", "there is no curve in it, for no line has a value"),
        ("20 1\n20 2", "20 Hz has two gains, 1 and 2 dB; possible: one each"),
        ("Hz,dB\n20,5,-1,5\n31,5,-2,5", "line 1: 2 headings stand over 4 columns"),
    ] {
        let error = read_text(text).expect_err(text).to_string();
        assert!(error.contains(told), "{text}: {error}");
        assert!(error.contains("possible"), "{text}: {error}");
    }
    for long in ["x".repeat(1 << 20), "1".repeat(1 << 20), "1 ".repeat(1 << 19)] {
        let error = read_text(&long).expect_err("no curve").to_string();
        assert!(error.len() < 400, "{error}");
    }
    let error = read(&vec![b' '; erbium_curve::BYTES_MAX + 1], &Options::at(48_000.0));
    assert_eq!(error.expect_err("too large").kind, ErrorKind::TooLarge);
    let error = read(&[0xFF, 0xFE, 0x00], &Options::at(48_000.0)).expect_err("no text");
    assert!(error.to_string().contains("possible"), "{error}");
}
