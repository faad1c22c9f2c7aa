//! The running engine responds as the bank reports and as drawn.

use super::{BANKS, Player, db, equalised, players, power, random_gains, sinusoid};
use erbium_dsp::stream::{AtRest, Vectors};
use erbium_dsp::{Bank, BankSpec, Kind, Scale, Sizing};

/// Alias of a sinusoid through the running engine: what is left after the best fit of the
/// sinusoid itself, against the peak gain.
fn measured_alias_db(player: Player, gains: &[f32], hz: f64, peak: f64) -> f64 {
    let radians = std::f64::consts::TAU * hz / 48_000.0;
    let input = sinusoid(hz, 40_000);
    let output = &equalised(player, gains, &input)[7_232..];
    // Least squares on sine and cosine.
    let basis = |n: usize| {
        let n = f64::from(u32::try_from(n).expect("short"));
        ((radians * n).sin(), (radians * n).cos())
    };
    let (mut ss, mut cc, mut sc, mut ys, mut yc) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (n, &y) in output.iter().enumerate() {
        let (s, c) = basis(n);
        ss += s * s;
        cc += c * c;
        sc += s * c;
        ys += s * f64::from(y);
        yc += c * f64::from(y);
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / determinant, (yc * ss - ys * sc) / determinant);
    let left: f64 = output
        .iter()
        .enumerate()
        .map(|(n, &y)| {
            let (s, c) = basis(n);
            (f64::from(y) - a * s - b * c).powi(2)
        })
        .sum();
    db(left / (0.5 * peak * peak * f64::from(u32::try_from(output.len()).expect("short"))))
}

#[test]
fn alias_of_the_running_engine_is_as_reported() {
    for bank in BANKS.iter() {
        // Other vector instructions are as near to the definition (tests/offline.rs).
        let player = Player::new(bank, Vectors::new(), AtRest::Streamed);
        let held = Player::new(bank, Vectors::new(), AtRest::Held);
        let zigzag: Vec<f32> =
            (0..40).map(|k| 10.0_f32.powf(if k % 2 == 1 { 0.6 } else { -0.6 })).collect();
        let mut notch = vec![1.0; 40];
        notch[20] = 0.01;
        let mut solo = vec![0.0; 40];
        solo[20] = 1.0;
        let report = bank.report();
        let cases = [
            (zigzag, report.alias_zigzag_db),
            (notch, report.alias_notch_db),
            (solo, report.alias_solo_db),
            (random_gains(40, 7), report.alias_random_db.max(-106.0)),
        ];
        let mut frequencies: Vec<f64> = (0..25).map(|n| 55.0 + 331.7 * f64::from(n)).collect();
        frequencies.extend(&bank.centres_hz()[1..39]);
        for (gains, reported_db) in cases {
            let grid: Vec<f64> = (0..2400).map(|n| 10.0 * f64::from(n)).collect();
            let mut response = vec![0.0; grid.len()];
            bank.responses(&grid).total(&gains, &mut response);
            let peak = f64::from(response.iter().copied().fold(0.0, f32::max));
            let worst = |player, against| {
                let alias_db = |&hz| measured_alias_db(player, &gains, hz, against);
                frequencies.iter().map(alias_db).fold(f64::NEG_INFINITY, f64::max)
            };
            // Rounding is that of what is added and what is taken away.
            let rounding = worst(held, peak.max(1.0));
            let worst = worst(player, peak);
            println!("worst measured alias {worst:.1} dB, reported {reported_db:.1} dB");
            println!("of the same as one filter {rounding:.1} dB");
            assert!(rounding <= -130.0, "{rounding}");
            assert!(worst <= -100.0, "{worst}");
            assert!(worst <= reported_db + 1.0, "{worst} against {reported_db}");
            // Single precision and a finite set of sinusoids may only make it look better.
            assert!(worst >= reported_db - 25.0, "{worst} against {reported_db}");
        }
    }
}

#[test]
fn responses_agree_with_the_running_engine() {
    for player in players() {
        let bank = player.bank;
        let gains = random_gains(40, 8);
        for hz in [50.0, 440.0, 3333.0, 12_000.0] {
            let mut wanted = [0.0];
            bank.responses(&[hz]).total(&gains, &mut wanted);
            let input = sinusoid(hz, 52_096);
            let output = equalised(player, &gains, &input);
            let reached = (power(&output[4096..]) / power(&input[4096..])).sqrt();
            assert!(
                (reached / f64::from(wanted[0]) - 1.0).abs() < 1e-3,
                "{hz} Hz: {reached} {wanted:?}"
            );
        }
    }
}

#[test]
fn drawn_gains_are_reached_at_the_centres() {
    for (kind, scale, bands, ms) in [
        (Kind::Gammatone, Scale::Erb, 40, 8.0),
        (Kind::Isac, Scale::Erb, 40, 21.0),
        (Kind::Isac, Scale::Mel, 24, 8.0),
        (Kind::Isac, Scale::Bark, 64, 4.0),
        (Kind::Isac, Scale::Log, 16, 43.0),
    ] {
        let sizing = Sizing::Latency { ms };
        let spec = BankSpec { kind, scale, bands, sizing, ..BankSpec::default() };
        let bank = Bank::design(&spec).expect("designs");
        let wanted_db: Vec<f32> = (0..bands)
            .map(|k| {
                let x = f32::from(u16::try_from(k).expect("few"))
                    / f32::from(u16::try_from(bands).expect("few"));
                // Level at 0 Hz, where no real filter can slope.
                12.0 * (std::f32::consts::TAU * 1.5 * x).cos()
            })
            .collect();
        let targets: Vec<f32> = wanted_db.iter().map(|db| 10.0_f32.powf(db / 20.0)).collect();
        let mut gains = vec![0.0; bands];
        bank.solve_gains(&targets, &mut gains);
        let mut reached = vec![0.0; bands];
        bank.responses(bank.centres_hz()).total(&gains, &mut reached);
        for k in 0..bands {
            let error_db = 20.0 * reached[k].log10() - wanted_db[k];
            assert!(error_db.abs() < 0.1, "{scale} {bands} {ms} ms: band {k} off by {error_db} dB");
        }
    }
}

#[test]
fn steep_curves_leave_no_nulls_between_the_centres() {
    for (kind, scale, bands, ms) in [
        (Kind::Isac, Scale::Erb, 40, 21.0),
        (Kind::Isac, Scale::Mel, 64, 4.0),
        (Kind::Gammatone, Scale::Erb, 40, 8.0),
    ] {
        let sizing = Sizing::Latency { ms };
        let bank = Bank::design(&BankSpec { kind, scale, bands, sizing, ..BankSpec::default() })
            .expect("designs");
        let grid: Vec<f64> = (0..4000).map(|n| 6.0 * f64::from(n)).collect();
        let responses = bank.responses(&grid);
        for target_db in [12.0_f32, 24.0] {
            let mut targets = vec![1.0; bands];
            targets[bands / 2] = 10.0_f32.powf(target_db / 20.0);
            let mut gains = vec![0.0; bands];
            bank.solve_gains(&targets, &mut gains);
            let mut response = vec![0.0; grid.len()];
            responses.total(&gains, &mut response);
            let least_db = 20.0 * response.iter().copied().fold(f32::INFINITY, f32::min).log10();
            let most_db = 20.0 * response.iter().copied().fold(0.0, f32::max).log10();
            println!("{kind} {scale} {bands}: asked {target_db}, {least_db:.2} to {most_db:.2} dB");
            assert!(
                least_db > -6.1,
                "{kind} {scale} {bands}: {target_db} dB dips to {least_db} dB"
            );
            assert!(most_db > target_db - 6.0, "{kind} {scale} {bands}: only {most_db} dB");
        }
    }
}
