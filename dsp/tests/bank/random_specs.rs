//! What every bank promises, whatever its spec: tried on random ones.

use erbium_dsp::stream::Engine;
use erbium_dsp::{Bank, BankSpec, Kind, Phase, Prototype, Quality, Scale, Sizing};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use std::sync::Arc;

const SEED: u64 = 20_261_121;
const SPECS: usize = 60;

fn random_spec(random: &mut StdRng) -> BankSpec {
    let rates_hz = [8_000.0, 16_000.0, 22_050.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0];
    let choose = |random: &mut StdRng, many: usize| random.random_range(0..many);
    BankSpec {
        kind: Kind::ALL[choose(random, Kind::ALL.len())],
        scale: Scale::ALL[choose(random, Scale::ALL.len())],
        bands: random.random_range(BankSpec::BANDS.0..=BankSpec::BANDS.1),
        sizing: Sizing::Latency {
            ms: *[2.0, 4.0, 8.0, 11.0, 16.0, 21.0, 43.0].choose(random).expect("some"),
        },
        phase: Phase::OfBank,
        prototype: Prototype::Hann2,
        quality: Quality::ALL[choose(random, Quality::ALL.len())],
        sample_rate_hz: *rates_hz.choose(random).expect("some"),
    }
}

/// Every number of a bank, to the bit.
fn bits(bank: &Bank) -> Vec<u64> {
    let kernels = bank.analysis_kernels().iter().chain(bank.dual_kernels());
    let taps = kernels.flat_map(|kernel| kernel.taps.iter().flat_map(|tap| [tap.re, tap.im]));
    let report = bank.report();
    let figures = [report.flat_noise_db, report.flat_sine_db, report.worst_alias_db()];
    taps.chain(figures).chain(bank.centres_hz().iter().copied()).map(f64::to_bits).collect()
}

fn assert_flat_is_exact(bank: &Arc<Bank>, random: &mut StdRng) {
    let input: Vec<f32> = (0..6000).map(|_| random.random_range(-1.0..1.0)).collect();
    let mut engine = Engine::new(bank.clone(), 1);
    let mut output = input.clone();
    engine.process(&mut [&mut output]);
    let latency = engine.latency_samples();
    assert_eq!(Some(latency), bank.spec().latency_samples());
    let same = output[latency..].iter().zip(&input).all(|(a, b)| a.to_bits() == b.to_bits());
    assert!(same && output[..latency].iter().all(|sample| *sample == 0.0));
}

fn assert_solves(bank: &Bank, random: &mut StdRng) {
    let mut gains = vec![0.0; bank.bands()];
    bank.solve_gains(&vec![1.0; bank.bands()], &mut gains);
    assert!(gains.iter().all(|gain| *gain == 1.0), "flat targets: {gains:?}");
    let targets: Vec<f32> = (0..bank.bands())
        .map(|_| if random.random_bool(0.2) { 0.0 } else { random.random_range(0.06_f32..16.0) })
        .collect();
    bank.solve_gains(&targets, &mut gains);
    assert!(gains.iter().all(|gain| gain.is_finite()), "{targets:?}: {gains:?}");
}

#[test]
fn random_banks_keep_every_promise() {
    println!("seed {SEED}");
    let mut random = StdRng::seed_from_u64(SEED);
    let mut designed = 0;
    let mut misses = Vec::new();
    for _ in 0..SPECS {
        let spec = random_spec(&mut random);
        let bank =
            Arc::new(Bank::design(&spec).unwrap_or_else(|error| panic!("{spec:?}: {error}")));
        designed += 1;
        let report = bank.report();
        println!(
            "{} {} {} bands {:?} {} {} Hz: flat {:.1} / {:.1} dB, alias {:.1} dB, Σ|V| {:.3}",
            spec.kind,
            spec.scale,
            spec.bands,
            spec.sizing,
            spec.quality,
            spec.sample_rate_hz,
            report.flat_noise_db,
            report.flat_sine_db,
            report.worst_alias_db(),
            report.peak_magnitude_sum
        );
        // Eco may give up 20 dB; of what every bank promises it gives up 10.
        let (flat_db, alias_db) =
            if spec.quality == Quality::Eco { (-80.0, -75.0) } else { (-90.0, -85.0) };
        let figures = [
            ("reconstruction error of a sinusoid", report.flat_sine_db, flat_db),
            ("alias", report.worst_alias_db(), alias_db),
            ("cancellation", report.peak_magnitude_sum, 1.5),
        ];
        for (what, found, most) in figures.into_iter().filter(|(_, found, most)| found > most) {
            misses.push(format!("{spec:?}: {what} {found:.2}, promised {most}"));
        }
        assert!(bank.centres_hz().windows(2).all(|pair| pair[0] < pair[1]), "{spec:?}");
        assert_eq!(bank.centres_hz()[0], 0.0);
        assert_eq!(bank.centres_hz().last(), Some(&(spec.sample_rate_hz / 2.0)));
        assert_flat_is_exact(&bank, &mut random);
        assert_solves(&bank, &mut random);
        if designed % 4 == 1 {
            let again = Bank::design(&spec).expect("designs again");
            assert!(bits(&bank) == bits(&again), "{spec:?} is not the same twice");
        }
    }
    assert!(misses.is_empty(), "{misses:#?}");
}
