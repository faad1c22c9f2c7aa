//! Few bands on compressed scales at high rates, where the rules of a quality alone leave gaps: every one
//! is designed all the same, and keeps what its quality promises.

use erbium_dsp::{Bank, BankSpec, DesignError, Kind, Quality, Scale, Sizing};

/// Kind, scale, bands, latency in milliseconds, sample rate and quality.
type Case = (Kind, Scale, usize, f64, f64, Quality);

/// The kinds of banks that take more than one try: a gap below Nyquist, skirts that reach over all bands
/// below, and strides a little too long.
const CASES: [Case; 16] = [
    (Kind::Isac, Scale::Bark, 8, 21.0, 96_000.0, Quality::Standard),
    (Kind::Isac, Scale::Bark, 8, 8.0, 192_000.0, Quality::Eco),
    (Kind::Isac, Scale::Bark, 8, 8.0, 192_000.0, Quality::Standard),
    (Kind::Isac, Scale::Bark, 8, 8.0, 192_000.0, Quality::High),
    (Kind::Isac, Scale::Bark, 8, 2.0, 768_000.0, Quality::Standard),
    (Kind::Isac, Scale::Bark, 9, 4.0, 176_400.0, Quality::High),
    (Kind::Isac, Scale::Bark, 10, 8.0, 192_000.0, Quality::Standard),
    (Kind::Isac, Scale::Bark, 12, 8.0, 192_000.0, Quality::High),
    (Kind::Isac, Scale::Log, 8, 16.0, 176_400.0, Quality::Eco),
    (Kind::Isac, Scale::Log, 8, 43.0, 88_200.0, Quality::Eco),
    (Kind::Gammatone, Scale::Bark, 9, 8.0, 96_000.0, Quality::Eco),
    (Kind::Gammatone, Scale::Bark, 8, 2.0, 768_000.0, Quality::Standard),
    (Kind::Gammatone, Scale::Erb, 8, 8.0, 96_000.0, Quality::Eco),
    (Kind::Gammatone, Scale::Log, 8, 11.0, 88_200.0, Quality::Eco),
    (Kind::Gammatone, Scale::Log, 8, 16.0, 176_400.0, Quality::Standard),
    (Kind::Gammatone, Scale::Log, 11, 21.0, 88_200.0, Quality::Eco),
];

fn spec((kind, scale, bands, ms, sample_rate_hz, quality): Case) -> BankSpec {
    let sizing = Sizing::Latency { ms };
    BankSpec { kind, scale, bands, sizing, sample_rate_hz, quality, ..BankSpec::default() }
}

#[test]
fn no_bank_of_few_bands_is_refused() {
    for case in CASES {
        let bank = Bank::design(&spec(case)).unwrap_or_else(|error| panic!("{case:?}: {error}"));
        let report = bank.report();
        println!("{case:?}: {report:?}");
        let (flat_db, alias_db) =
            if case.5 == Quality::Eco { (-80.0, -75.0) } else { (-90.0, -85.0) };
        assert!(report.flat_sine_db <= flat_db, "{case:?}: flat {}", report.flat_sine_db);
        assert!(report.worst_alias_db() <= alias_db, "{case:?}: {}", report.worst_alias_db());
        assert!(report.peak_magnitude_sum <= 1.5, "{case:?}: {}", report.peak_magnitude_sum);
        assert_eq!((bank.spec(), bank.requested()), (&spec(case), &spec(case)));
        assert_eq!(Some(bank.latency_samples()), bank.spec().latency_samples());
        if case.0 == Kind::Isac {
            // Every band moves its own centre.
            assert!(report.min_band_share > 0.15, "{case:?}: {}", report.min_band_share);
            assert!(bank.analysis_kernels().iter().all(erbium_dsp::Kernel::is_symmetric));
        }
    }
}

#[test]
fn bands_with_flat_tops_meet_half_way() {
    let bank = Bank::design(&spec(CASES[2])).expect("designs");
    let centres_hz = bank.centres_hz();
    let half_way_hz = 0.5 * (centres_hz[6] + centres_hz[7]);
    let responses = bank.responses(&[centres_hz[6], half_way_hz, centres_hz[7]]);
    let of = |k: usize| -> Vec<f32> { responses.band(k).iter().map(|gain| gain.re).collect() };
    let (lower, upper) = (of(6), of(7));
    println!("{lower:?} {upper:?}");
    assert!(lower[0] > 0.9 && upper[2] > 0.9 && lower[2].abs() < 0.02 && upper[0].abs() < 0.02);
    assert!((lower[1] + upper[1] - 1.0).abs() < 1e-3 && lower[1] > 0.05 && upper[1] > 0.05);
}

#[test]
fn the_nearest_bank_is_the_one_asked_for_where_that_can_be_had() {
    let asked = spec(CASES[0]);
    let bank = Bank::design_nearest(&asked, &|| false).expect("designs");
    assert_eq!((bank.spec(), bank.requested()), (&asked, &asked));
    let few = Bank::design_nearest(&BankSpec { bands: 3, ..asked }, &|| false).err();
    assert!(matches!(few, Some(DesignError::OutOfRange { what: "band count", .. })), "{few:?}");
    let stopped = Bank::design_nearest(&asked, &|| true).err();
    assert_eq!(stopped, Some(DesignError::Cancelled));
}

#[test]
fn odd_rates_are_designed_and_settings_out_of_range_named() {
    for rate_hz in [1234.5678, 8000.0, 11_025.0, 47_999.9] {
        let ms = (8000.0_f64 / rate_hz).max(8.0);
        for kind in Kind::ALL {
            let spec = spec((*kind, Scale::Erb, 16, ms, rate_hz, Quality::Standard));
            let bank = Bank::design(&spec).unwrap_or_else(|error| panic!("{spec:?}: {error}"));
            assert_eq!(bank.centres_hz().last(), Some(&(rate_hz / 2.0)));
        }
    }
    let default = BankSpec::default();
    let ms = |ms| BankSpec { sizing: Sizing::Latency { ms }, ..default };
    let rate = |sample_rate_hz| BankSpec { sample_rate_hz, ..default };
    let cases = [
        (BankSpec { bands: 7, ..default }, "band count 7 is out of range; possible: 8 to 64"),
        (BankSpec { bands: usize::MAX, ..default }, "possible: 8 to 64"),
        (ms(0.5), "latency 0.5 ms is out of range; possible: 1 to 100 ms"),
        (ms(f64::NAN), "latency NaN ms is out of range; possible: 1 to 100 ms"),
        (ms(f64::INFINITY), "latency inf ms is out of range"),
        (rate(999.0), "sample rate 999 Hz is out of range; possible: 1000 to 768000 Hz"),
        (rate(f64::NAN), "sample rate NaN Hz"),
        (rate(-48_000.0), "sample rate -48000 Hz"),
    ];
    for (spec, named) in cases {
        let error = Bank::design(&spec).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(named), "{error}");
    }
}
