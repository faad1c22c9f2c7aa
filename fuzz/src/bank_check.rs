//! What every designed bank promises.

use erbium_dsp::Bank;
use erbium_dsp::stream::Engine;
use std::sync::Arc;

/// Samples of noise that are played.
const SAMPLES: usize = 1024;

/// Noise between −1 and 1.
pub fn noise(samples: usize, seed: u32) -> impl Iterator<Item = f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // 24 bits are exact.
        #[expect(clippy::cast_precision_loss)]
        let sample = (state >> 8) as f32 / 8_388_608.0 - 1.0;
        sample
    })
    .take(samples)
}

/// Checks a bank of `bands` bands: all of it is finite, flat is exact, gains are solved.
pub fn check(bank: &Arc<Bank>, bands: usize) {
    let lists = [bank.centres_hz().len(), bank.bandwidths_hz().len(), bank.dual_kernels().len()];
    assert_eq!((bank.bands(), lists), (bands, [bands; 3]));
    assert!(bank.centres_hz().is_sorted(), "{:?}", bank.centres_hz());
    let widths = bank.bandwidths_hz();
    assert!(widths.iter().all(|hz| hz.is_finite() && *hz > 0.0), "{widths:?}");
    for kernel in bank.analysis_kernels().iter().chain(bank.dual_kernels()) {
        assert!(kernel.taps.iter().all(|tap| tap.re.is_finite() && tap.im.is_finite()));
    }
    let report = bank.report();
    let figures = [report.flat_noise_db, report.flat_sine_db, report.worst_alias_db()];
    // Of an exact bank they are −∞.
    assert!(figures.iter().all(|db| *db < 300.0), "{figures:?}");
    check_gains(bank);
    check_sound(bank);
}

fn check_gains(bank: &Bank) {
    let mut gains = vec![0.0; bank.bands()];
    bank.solve_gains(&vec![1.0; bank.bands()], &mut gains);
    assert!(gains.iter().all(|gain| *gain == 1.0), "flat targets: {gains:?}");
    let targets: Vec<f32> = noise(bank.bands(), 1).map(|target| 8.0 * target.max(0.0)).collect();
    bank.solve_gains(&targets, &mut gains);
    assert!(gains.iter().all(|gain| gain.is_finite()), "{targets:?}: {gains:?}");
}

fn check_sound(bank: &Arc<Bank>) {
    let mut engine = Engine::new(bank.clone(), 1);
    let latency = engine.latency_samples();
    let input: Vec<f32> = noise(SAMPLES, 2).collect();
    let mut output = input.clone();
    engine.process(&mut [&mut output]);
    let delayed = std::iter::repeat_n(0.0, latency).chain(input);
    for (k, (sample, expected)) in output.iter().zip(delayed).enumerate() {
        assert_eq!(sample.to_bits(), expected.to_bits(), "flat at sample {k}");
    }
}
