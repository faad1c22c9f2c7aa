//! Filterbank matrices against the numbers of the tools that they replace (`tests/data/features`).

use erbium_dsp::feature::voicebox::{self, Bins, Call, Quantity};
use erbium_dsp::feature::{Filterbank, csound, log_bands, mel};
use erbium_dsp::scale::ScaleFormula;
use erbium_npy::{Limits, Npz};
use std::path::PathBuf;

fn data(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/features")).join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(data(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

/// A call of the original and what it printed.
struct Case {
    title: String,
    bands: Option<f64>,
    bins: Vec<f64>,
    sample_rate_hz: f64,
    low: Option<f64>,
    high: Option<f64>,
    letters: String,
    /// First and last column, counted from 1.
    trimmed: (usize, usize),
    centres: Vec<f64>,
    dense: Vec<f64>,
    columns: usize,
}

impl Case {
    fn all(name: &str) -> Vec<Self> {
        let mut cases: Vec<Self> = Vec::new();
        for line in text(name).lines() {
            if line.starts_with("CASE") {
                cases.push(Self::start(line));
                continue;
            }
            let case = cases.last_mut().expect("a case first");
            if let Some(centres) = line.strip_prefix("cf") {
                case.centres = numbers(centres);
            } else if let [row, column, value] = line.split_whitespace().collect::<Vec<_>>()[..] {
                let [row, column]: [usize; 2] = [row, column].map(|n| n.parse().expect("index"));
                case.dense[row * case.columns + column] = value.parse().expect("a value");
            }
        }
        cases
    }

    fn start(line: &str) -> Self {
        let lists: Vec<_> =
            line.split('[').skip(1).map(|list| numbers(list.split(']').next().unwrap())).collect();
        let word = |key: &str| {
            line.split_whitespace().find_map(|word| word.strip_prefix(key)).unwrap_or("").to_owned()
        };
        let count = |key: &str| word(key).parse::<usize>().expect(key);
        let one = |k: usize| lists.get(k).and_then(|list| list.first()).copied();
        Self {
            title: line.to_owned(),
            bands: one(0),
            bins: lists[1].clone(),
            sample_rate_hz: lists[2][0],
            low: one(3),
            high: one(4),
            letters: word("w="),
            trimmed: (count("il="), count("ih=")),
            centres: Vec::new(),
            dense: vec![0.0; count("rows=") * count("cols=")],
            columns: count("cols="),
        }
    }

    fn call(&self) -> Call {
        Call::parse(self.bands, &self.bins, self.sample_rate_hz, self.low, self.high, &self.letters)
            .unwrap_or_else(|error| panic!("{}: {error}", self.title))
    }

    fn compute(&self) -> (Call, Filterbank) {
        let call = self.call();
        let bank = voicebox::filterbank(&call.options)
            .unwrap_or_else(|error| panic!("{}: {error}", self.title));
        (call, bank)
    }

    fn check(&self) {
        let title = &self.title;
        let (call, bank) = self.compute();
        assert_eq!(bank.matrix.columns(), self.columns, "{title}");
        let ours = bank.matrix.to_dense();
        assert_eq!(ours.len(), self.dense.len(), "{title}");
        let worst = largest_difference(&ours, &self.dense);
        assert!(worst < 1e-11, "{title}: {worst}");
        assert_eq!(bank.centres_hz.len(), self.centres.len(), "{title}");
        for (hz, theirs) in bank.centres_hz.iter().zip(&self.centres) {
            let scale = call.options.scale;
            let ours = if call.centres_on_scale { scale.units_from_hz(*hz) } else { *hz };
            assert!((ours - theirs).abs() <= 1e-11 * theirs.abs().max(1.0), "{title}: {ours}");
        }
    }
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    // A NaN must not pass for agreement.
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(
        0.0,
        |worst, each| {
            if each <= worst { worst } else { each }
        },
    )
}

#[test]
fn voicebox_matrices_agree_on_every_named_case() {
    let cases = Case::all("voicebox_named.txt");
    assert_eq!(cases.len(), 19);
    for case in cases {
        case.check();
        let occupied = case.compute().1.matrix.occupied();
        assert_eq!((occupied.start + 1, occupied.end), case.trimmed, "{}", case.title);
    }
}

#[test]
fn voicebox_matrices_agree_on_every_random_case() {
    let cases = Case::all("voicebox_random.txt");
    assert_eq!(cases.len(), 79);
    cases.iter().for_each(Case::check);
}

#[test]
fn voicebox_matrices_agree_where_edges_or_centres_are_at_or_below_0() {
    let cases = Case::all("voicebox_edges.txt");
    assert_eq!(cases.len(), 58);
    cases.iter().for_each(Case::check);
    // What MATLAB prints.
    let row = |call: Call| voicebox::filterbank(&call.options).expect("valid").matrix.to_dense();
    let call = Call::parse(Some(18.0), &[63.0], 48_000.0, Some(0.0), Some(12_388.0), "bcyU");
    assert!((row(call.expect("valid"))[0] - 0.002_466_87).abs() < 5e-9);
    let call = Call::parse(Some(27.0), &[100.0], 16_000.0, Some(0.0), Some(3598.0), "bcUsS");
    let first = row(call.expect("valid"));
    assert!((first[0] - 0.005_385_92).abs() < 5e-9 && (first[1] - 0.000_432_04).abs() < 5e-9);
}

#[test]
fn voicebox_scales_and_inverses_agree() {
    let table = text("voicebox_scales.csv");
    let mut lines = table.lines();
    let names: Vec<_> = lines.next().expect("names").split(',').collect();
    let mut rows = 0;
    for line in lines {
        let values = numbers(&line.replace(',', " "));
        let hz = values[0];
        let agree = |name: &str, ours: f64| {
            let theirs = values[names.iter().position(|&other| other == name).expect(name)];
            assert!((ours - theirs).abs() <= 1e-11 * theirs.abs().max(1.0), "{name} {hz}: {ours}");
        };
        agree("mel", ScaleFormula::MelFant.units_from_hz(hz));
        agree("dmel", 1.0 / ScaleFormula::MelFant.units_per_hz(hz));
        agree("erb", ScaleFormula::ErbMoore.units_from_hz(hz));
        agree("erbbw", ScaleFormula::ErbMoore.bandwidth_hz(hz).expect("has one"));
        agree("bark", ScaleFormula::BarkSmooth.units_from_hz(hz));
        agree("bark_z", ScaleFormula::BarkZwicker.units_from_hz(hz));
        agree("bark_s", ScaleFormula::BarkSchroeder.units_from_hz(hz));
        // Where the scale does not bend; elsewhere the original's slope is not the scale's.
        if (3.0..19.4).contains(&ScaleFormula::BarkSmooth.units_from_hz(hz)) {
            agree("barkcb", 1.0 / ScaleFormula::BarkSmooth.units_per_hz(hz));
        }
        // At 0 Hz the original gives 0 for these, which the scale jumps over.
        if hz != 0.0 {
            agree("bark_LH", ScaleFormula::BarkTraunmuller.units_from_hz(hz));
            agree("bark_lh", ScaleFormula::BarkTraunmullerCorrected.units_from_hz(hz));
        }
        rows += 1;
    }
    assert_eq!(rows, 28);
    let mut rows = 0;
    for line in text("voicebox_scales_inv.csv").lines().skip(1) {
        let (name, values) = line.split_once(',').expect("a name first");
        let values = numbers(&values.replace(',', " "));
        let variant = match name {
            "mel" => ScaleFormula::MelFant,
            "erb" => ScaleFormula::ErbMoore,
            "bark" => ScaleFormula::BarkSmooth,
            other => panic!("{other}"),
        };
        let hz = variant.hz_from_units(values[0]);
        let agree = hz == values[1] || (hz - values[1]).abs() < 1e-9 * values[1].max(1.0);
        assert!(agree, "{line}: {hz}");
        rows += 1;
    }
    assert_eq!(rows, 36);
}

#[test]
fn power_is_preserved_wherever_bands_reach() {
    for letters in ["my", "ey", "by", "y", "ecy", "bcy", "mcy"] {
        // From 10 Hz on, with a first bin at 0 Hz, on it and beyond.
        for first_hz in [0.0, 5.0, 15.0, 20.0, 70.0] {
            let bins = [200.0, 20.0, first_hz];
            let call = Call::parse(Some(12.0), &bins, 8000.0, Some(10.0), Some(3900.0), letters)
                .expect("valid");
            let matrix = voicebox::filterbank(&call.options).expect("valid").matrix;
            let mut sums = vec![0.0; matrix.columns()];
            matrix.apply_transposed(&vec![1.0; matrix.rows()], &mut sums);
            for (bin, sum) in sums.iter().enumerate().skip(usize::from(first_hz > 0.0)) {
                assert!((sum - 1.0).abs() < 1e-12, "{letters} {first_hz} bin {bin}: {sum}");
            }
        }
    }
}

#[test]
fn densities_are_means_and_empty_bands_stay_empty() {
    let options = voicebox::VoiceboxOptions {
        bands: voicebox::Bands::Count(30),
        high: Some(30_000.0),
        quantity: Quantity::Density,
        ..voicebox::VoiceboxOptions::new(Bins::of_fft(256, 16_000.0), 16_000.0)
    };
    let matrix = voicebox::filterbank(&options).expect("valid").matrix;
    let mut sums = vec![0.0; 30];
    matrix.apply(&vec![1.0; matrix.columns()], &mut sums);
    for (row, sum) in sums.iter().enumerate() {
        let expected = if matrix.row(row).next().is_some() { 1.0 } else { 0.0 };
        assert!((sum - expected).abs() < 1e-12, "{row}: {sum}");
    }
    assert_eq!(sums[29], 0.0, "the last band lies above every bin");
}

#[test]
fn limits_on_the_scale_are_those_in_hertz() {
    let hertz = Call::parse(Some(9.0), &[256.0], 8000.0, Some(300.0), Some(3000.0), "m").unwrap();
    let units = [300.0, 3000.0].map(|hz| ScaleFormula::MelFant.units_from_hz(hz));
    let scale =
        Call::parse(Some(9.0), &[256.0], 8000.0, Some(units[0]), Some(units[1]), "mh").unwrap();
    let [hertz, scale] =
        [hertz, scale].map(|call| voicebox::filterbank(&call.options).unwrap().matrix.to_dense());
    assert!(largest_difference(&hertz, &scale) < 1e-12);
    // Defaults are in hertz whatever the limits are in.
    let call = Call::parse(Some(9.0), &[256.0], 8000.0, None, None, "lh").unwrap();
    let centres = voicebox::filterbank(&call.options).unwrap().centres_hz;
    assert!(centres[0] > 30.0 && centres[8] < 4000.0, "{centres:?}");
}

#[test]
fn options_that_cannot_be_met_are_named() {
    let refuse = |bands, bins: &[f64], low, high, letters: &str, words: &[&str]| {
        let error = Call::parse(bands, bins, 8000.0, low, high, letters)
            .and_then(|call| voicebox::filterbank(&call.options))
            .expect_err(letters);
        let sentence = error.to_string();
        for word in words {
            assert!(sentence.contains(word), "{sentence} lacks {word}");
        }
    };
    refuse(Some(9.0), &[256.0], None, None, "mq", &["'q'", "\"mq\"", "Bark"]);
    refuse(Some(9.0), &[256.0], Some(0.0), None, "l", &["low limit", "0", "more than 0 Hz"]);
    refuse(Some(9.0), &[256.0], Some(-5.0), None, "l", &["low limit", "-5"]);
    refuse(Some(9.0), &[256.0], Some(900.0), Some(800.0), "m", &["high limit", "800", "900"]);
    refuse(Some(9.5), &[256.0], None, None, "m", &["band count", "9.5", "whole"]);
    refuse(Some(0.5), &[256.0], None, None, "mp", &["band count", "0.5"]);
    refuse(Some(0.0), &[256.0], None, None, "m", &["band spacing", "0"]);
    refuse(Some(9.0), &[256.0], None, None, "mP", &["band spacing", "9000"]);
    refuse(Some(1.0), &[256.0], None, None, "mc", &["band count", "1", "2 to 65536"]);
    refuse(Some(9.0), &[0.0], None, None, "m", &["FFT length", "0"]);
    refuse(Some(9.0), &[], None, None, "m", &["list of bins"]);
    refuse(Some(9.0), &[10.0, 0.0], None, None, "m", &["bin step", "0"]);
    refuse(Some(9.0), &[10.0, 1.0, -2.0], None, None, "m", &["first bin", "-2"]);
    refuse(Some(9.0), &[256.0], Some(f64::NAN), None, "m", &["low limit", "NaN"]);
}

#[test]
fn mel_and_log_matrices_agree_with_librosa_and_kapre() {
    let mut arrays = Npz::open(&data("mel_log_matrices.npz"), Limits::default()).expect("npz");
    let mut array = |name: &str| -> Vec<f64> {
        arrays.array(name).expect("readable").expect(name).values().expect("float64")
    };
    let htk = mel::MelOptions {
        scale: ScaleFormula::MelHtk,
        norm: mel::Norm::None,
        ..mel::MelOptions::new(16_000.0, 512, 40)
    };
    let wide = mel::MelOptions {
        low_hz: 20.0,
        high_hz: Some(20_000.0),
        ..mel::MelOptions::new(48_000.0, 2048, 80)
    };
    let cases =
        [("mel0", mel::MelOptions::new(22_050.0, 2048, 128)), ("mel2", htk), ("mel3", wide)];
    for (name, options) in cases {
        let bank = mel::filterbank(&options).expect("valid");
        assert!(largest_difference(&bank.matrix.to_dense(), &array(name)) < 1e-13, "{name}");
        let centres = array(&format!("{name}_cf"));
        assert!(largest_difference(&bank.centres_hz, &centres) < 1e-10, "{name}");
        let summing = mel::MelOptions { norm: mel::Norm::L1, ..options };
        let matrix = mel::filterbank(&summing).expect("valid").matrix;
        for row in 0..matrix.rows() {
            let sum: f64 = matrix.row(row).map(|(_, value)| value).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{name} {row}: {sum}");
        }
    }
    let bank =
        log_bands::filterbank(&log_bands::LogBandOptions::new(48_000.0, 2048, 84)).expect("valid");
    let log = array("log_48000_1025_84");
    assert!(largest_difference(&bank.matrix.to_dense(), &log) < 1e-12);
}

/// Where a bin lies at the very reach of a band, its weight is no normal number.
#[test]
fn log_bands_sum_to_1_or_are_empty() {
    let mut barely = 0;
    for sample_rate_hz in [8000.0, 16_000.0, 22_050.0, 44_100.0, 48_000.0, 96_000.0] {
        for fft in [256, 512, 1024, 2048, 4096] {
            for low_hz in [20.0, 27.5, log_bands::C1_HZ, 55.0, 65.4] {
                let options = log_bands::LogBandOptions {
                    low_hz,
                    ..log_bands::LogBandOptions::new(sample_rate_hz, fft, 84)
                };
                let Ok(bank) = log_bands::filterbank(&options) else { continue };
                for row in 0..bank.matrix.rows() {
                    let values = || bank.matrix.row(row).map(|(_, value)| value);
                    let sum: f64 = values().sum();
                    let is_empty = values().count() == 0;
                    assert!(is_empty || (sum - 1.0).abs() < 1e-9, "{options:?}, {row}: {sum}");
                    // A band far from every bin and yet not empty is a single bin.
                    barely += usize::from(values().count() == 1);
                }
                assert_eq!(bank.empty_bands().len() + occupied(&bank), 84);
            }
        }
    }
    assert!(barely > 100, "{barely}");
}

fn occupied(bank: &Filterbank) -> usize {
    (0..bank.matrix.rows()).filter(|row| bank.matrix.row(*row).next().is_some()).count()
}

#[test]
fn mel_and_log_options_that_cannot_be_met_are_named() {
    let mel =
        |options: mel::MelOptions| mel::filterbank(&options).expect_err("invalid").to_string();
    let options = mel::MelOptions::new(16_000.0, 512, 40);
    assert!(mel(mel::MelOptions { low_hz: -1.0, ..options }).contains("low limit -1"));
    assert!(mel(mel::MelOptions { high_hz: Some(0.0), ..options }).contains("high limit 0"));
    assert!(mel(mel::MelOptions { bands: 0, ..options }).contains("band count 0"));
    assert!(mel(mel::MelOptions { fft: 1, ..options }).contains("FFT length 1"));
    assert!(mel(mel::MelOptions { sample_rate_hz: 0.0, ..options }).contains("sample rate 0"));
    let log = |options: log_bands::LogBandOptions| {
        log_bands::filterbank(&options).expect_err("invalid").to_string()
    };
    let options = log_bands::LogBandOptions::new(16_000.0, 512, 84);
    assert!(log(log_bands::LogBandOptions { low_hz: 0.0, ..options }).contains("low limit 0"));
    assert!(
        log(log_bands::LogBandOptions { bands_per_octave: 0, ..options }).contains("per octave 0")
    );
    // log2(8000 / 32.7) is 7.93 octaves: 95 steps.
    let sentence = log(log_bands::LogBandOptions { bands: 97, ..options });
    assert!(sentence.contains("band count 97") && sentence.contains("up to 96"), "{sentence}");
    log_bands::filterbank(&log_bands::LogBandOptions { bands: 96, ..options }).expect("fits");
}

#[test]
fn csound_bands_agree() {
    let spectrum: Vec<f64> = (0..1025_u32)
        .map(|k| 1.0 / (1.0 + f64::from(k) * 0.01) + if k % 37 == 5 { 3.0 } else { 0.0 })
        .collect();
    let text = text("csound_mfb.txt");
    let cases: Vec<_> = text.split("CASE ").skip(1).collect();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let (title, values) = case.split_once('\n').expect("values");
        let word = |key: &str| -> f64 {
            let word = title.split_whitespace().find_map(|word| word.strip_prefix(key));
            word.expect(key).parse().expect(key)
        };
        let theirs = numbers(values);
        let options = csound::CsoundOptions {
            bins: spectrum.len(),
            bands: theirs.len(),
            low_hz: word("low="),
            high_hz: word("up="),
            sample_rate_hz: 44_100.0,
        };
        let bank = csound::filterbank(&options).expect("valid");
        let mut ours = vec![0.0; theirs.len()];
        bank.matrix.apply(&spectrum, &mut ours);
        // They are printed to twelve digits.
        assert!(largest_difference(&ours, &theirs) < 1e-11, "{title}");
    }
}

#[test]
fn csound_bands_of_no_width_are_0_and_edges_are_clamped() {
    let options = csound::CsoundOptions {
        bins: 33,
        bands: 30,
        low_hz: 0.0,
        high_hz: 40_000.0,
        sample_rate_hz: 44_100.0,
    };
    let bank = csound::filterbank(&options).expect("valid");
    let mut bands = vec![f64::NAN; 30];
    bank.matrix.apply(&[1.0; 33], &mut bands);
    assert!(bands.iter().all(|band| band.is_finite()));
    assert_eq!((bands[0], bands[29]), (0.0, 0.0));
    for (options, words) in [
        (
            csound::CsoundOptions { bands: 33, ..options },
            "band count 33 is not possible; possible: 1 to 32",
        ),
        (csound::CsoundOptions { low_hz: -1.0, ..options }, "low limit -1"),
        (csound::CsoundOptions { high_hz: 0.0, ..options }, "high limit 0"),
        (csound::CsoundOptions { bins: 1, ..options }, "bin count 1"),
    ] {
        let sentence = csound::filterbank(&options).expect_err("invalid").to_string();
        assert!(sentence.contains(words), "{sentence}");
    }
}
