//! The engine alone, block by block, for work on its inner loops: `cargo bench -p erbium-dsp`. Time
//! is per sample and channel, and compared with the run before. What users pay, and how it grows, is
//! in the table of `cargo xtask bench`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use erbium_dsp::stream::{AtRest, Engine, EngineOptions};
use erbium_dsp::{Bank, BankSpec, Kind, Sizing};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::hint::black_box;
use std::sync::Arc;

const BLOCK: usize = 512;

fn engine(criterion: &mut Criterion) {
    let sizing = Sizing::Latency { ms: 8.0 };
    let gammatone = BankSpec { kind: Kind::Gammatone, sizing, ..BankSpec::default() };
    let mut random = StdRng::seed_from_u64(1);
    let noise: Vec<f32> = (0..BLOCK).map(|_| random.random_range(-0.6..0.6)).collect();
    for (name, spec) in [("isac_21ms", BankSpec::default()), ("gammatone_8ms", gammatone)] {
        let bank = Arc::new(Bank::design(&spec).expect("the defaults design"));
        let mut group = criterion.benchmark_group(name);
        for (gains, gain) in [("all_bands", 1.7), ("flat", 1.0)] {
            for channels in [1, 2] {
                let options =
                    EngineOptions { at_rest: AtRest::Streamed, ..EngineOptions::default() };
                let mut engine = Engine::with_options(bank.clone(), channels, options);
                engine.set_gains(&vec![gain; bank.bands()]);
                engine.jump_to_gains();
                let input = vec![noise.as_slice(); channels];
                let mut output = vec![vec![0.0; BLOCK]; channels];
                let samples = u64::try_from(BLOCK * channels).expect("fits");
                group.throughput(Throughput::Elements(samples));
                group.bench_function(format!("{gains}/{channels}_channels"), |bencher| {
                    bencher.iter(|| {
                        let mut change: Vec<_> = output.iter_mut().map(Vec::as_mut_slice).collect();
                        engine.process_change(black_box(&input), &mut change);
                    });
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, engine);
criterion_main!(benches);
