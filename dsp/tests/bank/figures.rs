//! What the banks that most people use are held to, at 48 kHz.

use erbium_dsp::{Bank, BankSpec, Kind, Quality, Report, Scale, Sizing};

fn report(kind: Kind, scale: Scale, ms: f64, quality: Quality) -> Report {
    let spec =
        BankSpec { kind, scale, quality, sizing: Sizing::Latency { ms }, ..BankSpec::default() };
    let report = Bank::design(&spec).expect("designs").report().clone();
    println!("{kind} {scale} {ms} ms {quality}: {report:?}");
    report
}

#[test]
fn standard_quality_is_transparent_within_its_work() {
    let cases = [
        (Kind::Gammatone, Scale::Erb, 4.0, -108.0, -100.0, -100.0, 4200.0),
        (Kind::Gammatone, Scale::Erb, 8.0, -108.0, -100.0, -100.0, 4200.0),
        (Kind::Gammatone, Scale::Erb, 21.0, -108.0, -100.0, -100.0, 5200.0),
        (Kind::Isac, Scale::Erb, 11.0, -116.0, -106.0, -103.0, 2800.0),
        (Kind::Isac, Scale::Erb, 21.0, -116.0, -106.0, -103.0, 2800.0),
        (Kind::Isac, Scale::Erb, 43.0, -112.0, -102.0, -100.0, 3600.0),
        (Kind::Isac, Scale::Mel, 21.0, -110.0, -100.0, -98.0, 3600.0),
    ];
    for (kind, scale, ms, noise_db, sine_db, alias_db, macs) in cases {
        let report = report(kind, scale, ms, Quality::Standard);
        assert!(report.flat_noise_db <= noise_db, "{kind} {scale} {ms} ms");
        assert!(report.flat_sine_db <= sine_db, "{kind} {scale} {ms} ms");
        assert!(report.worst_alias_db() <= alias_db, "{kind} {scale} {ms} ms");
        assert!(report.macs_per_sample <= macs, "{kind} {scale} {ms} ms");
        assert!(
            report.peak_magnitude_sum <= 1.2 && report.min_band_share >= 0.25,
            "{kind} {scale} {ms} ms"
        );
    }
}

#[test]
fn eco_gives_up_20_db_at_most_and_high_gains_10_db_on_every_alias() {
    let alias_db = |report: &Report| {
        [
            report.alias_notch_db,
            report.alias_solo_db,
            report.alias_random_db,
            report.alias_zigzag_db,
        ]
    };
    for (kind, ms) in
        [(Kind::Isac, 11.0), (Kind::Isac, 21.0), (Kind::Gammatone, 8.0), (Kind::Gammatone, 21.0)]
    {
        let [eco, standard, high] = [Quality::Eco, Quality::Standard, Quality::High]
            .map(|q| report(kind, Scale::Erb, ms, q));
        assert!(eco.worst_alias_db() <= standard.worst_alias_db() + 20.0, "{kind} {ms} ms");
        assert!(eco.flat_sine_db <= standard.flat_sine_db + 20.0, "{kind} {ms} ms");
        assert!(eco.macs_per_sample < 0.75 * standard.macs_per_sample, "{kind} {ms} ms");
        for (high_db, standard_db) in alias_db(&high).into_iter().zip(alias_db(&standard)) {
            assert!(high_db <= standard_db - 10.0, "{kind} {ms} ms: {high_db} {standard_db}");
        }
    }
}
