//! The learned and the exact dual of kernels given by hand.

use erbium_dsp::dual::{self, Band, DualError, DualOptions};
use erbium_dsp::{Bank, BankSpec, DesignError, Kernel, Prototype, Scale, Sizing};
use num_complex::Complex;

const NEVER: &dyn Fn() -> bool = &|| false;

/// A published bank, whose supports mirror its kernels.
fn published(kernel_size: usize, stride: usize) -> Bank {
    let sizing = Sizing::Published {
        kernel_size: Some(kernel_size),
        stride,
        supp_mult: 1.0,
        fc_max_hz: None,
    };
    let prototype = Prototype::Hann;
    let spec = BankSpec { sizing, prototype, sample_rate_hz: 16_000.0, ..BankSpec::default() };
    Bank::design(&spec).expect("designs")
}

fn bands(bank: &Bank) -> Vec<Band<'_>> {
    let band = |(kernel, &stride): (&'_ Kernel, &usize)| {
        let end = bank.latency_samples() + 1 - kernel.offset;
        (stride, end - kernel.taps.len()..end)
    };
    bank.analysis_kernels()
        .iter()
        .zip(bank.strides())
        .map(|pair| {
            let (stride, support) = band(pair);
            Band { kernel: pair.0, stride, support, real: false, passband_cycles: None }
        })
        .collect()
}

/// y[n] = Re Σ_k Σ_j f_k[n − t] Σ_l h_k[l] x[t − l], t = j d_k + p_k, in the plainest way.
fn played(bands: &[Band], dual: &dual::Dual, sound: &[f64]) -> Vec<f64> {
    let mut output = vec![0.0; sound.len()];
    for ((band, dual), &phase) in bands.iter().zip(&dual.kernels).zip(&dual.phases) {
        for time in (phase..sound.len()).step_by(band.stride) {
            let heard = |(l, tap): (usize, &Complex<f64>)| {
                time.checked_sub(band.kernel.offset + l).map(|at| tap * sound[at])
            };
            let coefficient: Complex<f64> =
                band.kernel.taps.iter().enumerate().filter_map(heard).sum();
            for (n, tap) in dual.taps.iter().enumerate() {
                if let Some(sample) = output.get_mut(time + dual.offset + n) {
                    *sample += (tap * coefficient).re;
                }
            }
        }
    }
    output
}

/// The error of the whole for noise, in dB.
fn error_db(bands: &[Band], dual: &dual::Dual) -> f64 {
    let mut state = 1_u32;
    let sound: Vec<f64> = (0..6000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state) / f64::from(u32::MAX) - 0.5
        })
        .collect();
    let output = played(bands, dual, &sound);
    let latency = dual.report.latency_samples;
    let (mut error, mut power) = (0.0, 0.0);
    for n in 2000..6000 {
        error += (output[n] - sound[n - latency]).powi(2);
        power += sound[n - latency].powi(2);
    }
    10.0 * f64::log10(error / power)
}

#[test]
fn an_exact_dual_is_exact_and_says_where_there_is_none() {
    for (kernel_size, stride) in [(64, 2), (128, 8), (256, 12)] {
        let bank = published(kernel_size, stride);
        let bands = bands(&bank);
        let dual = dual::solve_exact_dual(&bands, bank.latency_samples(), NEVER).expect("feasible");
        let played_db = error_db(&bands, &dual);
        println!(
            "{kernel_size} / {stride}: {:.1} dB, played {played_db:.1} dB",
            dual.report.flat_sine_db
        );
        assert!(dual.report.flat_sine_db <= -140.0 && played_db <= -140.0, "{played_db}");
    }
    let bank = published(64, 40);
    let refused = dual::solve_exact_dual(&bands(&bank), bank.latency_samples(), NEVER);
    assert!(matches!(refused, Err(DualError::Inexact { .. })), "{refused:?}");
}

#[test]
fn kernels_that_nobody_designed_get_a_dual_as_good_as_its_report() {
    let bank = Bank::design(&BankSpec { bands: 24, ..BankSpec::default() }).expect("designs");
    let mut kernels = bank.analysis_kernels().to_vec();
    for (k, kernel) in kernels.iter_mut().enumerate() {
        // As if trained: every tap a little off, no symmetry left.
        let step = 12.0 / f64::from(u32::try_from(kernel.taps.len()).expect("short"));
        for (n, tap) in kernel.taps.iter_mut().enumerate() {
            let turn = step * f64::from(u32::try_from(n + 7 * k).expect("short"));
            *tap *= Complex::new(1.0 + 0.02 * turn.sin(), 0.02 * (0.7 * turn).cos());
        }
    }
    let mut bands = bands(&bank);
    for (band, kernel) in bands.iter_mut().zip(&kernels) {
        band.kernel = kernel;
    }
    let dual = dual::solve_dual(&bands, bank.latency_samples(), &DualOptions::default(), NEVER)
        .expect("a frame");
    let played_db = error_db(&bands, &dual);
    println!("reported {:.1} dB, played {played_db:.1} dB", dual.report.flat_noise_db);
    assert!(dual.report.flat_noise_db < -70.0);
    assert!((played_db - dual.report.flat_noise_db).abs() < 1.0);
}

#[test]
fn what_cannot_be_undone_is_told() {
    let bank = published(64, 2);
    let mut bands = bands(&bank);
    let latency = bank.latency_samples();
    bands[3].stride = 3;
    let uneven = dual::solve_exact_dual(&bands, latency, NEVER);
    assert_eq!(uneven, Err(DualError::Uneven { strides: (2, 3) }));
    bands[3].stride = 0;
    let empty = dual::solve_dual(&bands, latency, &DualOptions::default(), NEVER);
    assert_eq!(empty, Err(DualError::Empty { band: 3 }));
    bands[3].stride = 65_537;
    let strides = dual::solve_dual(&bands, latency, &DualOptions::default(), NEVER);
    assert!(matches!(strides, Err(DualError::Strides { .. })));
    // No product of strides may overflow.
    for stride in [usize::MAX, usize::MAX - 1, 1 << 63] {
        bands[3].stride = stride;
        let strides = dual::solve_dual(&bands, latency, &DualOptions::default(), NEVER);
        assert_eq!(strides, Err(DualError::Strides { limit: 65_536 }));
    }
    bands[3].stride = 2;
    let late = dual::solve_exact_dual(&bands, 1000, NEVER);
    assert!(matches!(late, Err(DualError::Latency { .. })), "{late:?}");
    let cancelled = dual::solve_dual(&bands, latency, &DualOptions::default(), &|| true);
    assert_eq!(cancelled, Err(DualError::Cancelled));
    assert_eq!(
        dual::solve_dual(&[], 0, &DualOptions::default(), NEVER),
        Err(DualError::Empty { band: 0 })
    );
}

/// Designs again and again, cancelled ever later. Returns how often the whole design asks.
fn cancel_everywhere(spec: &BankSpec) -> usize {
    let asked = std::cell::Cell::new(0_usize);
    let count = || {
        asked.set(asked.get() + 1);
        false
    };
    let whole = Bank::design_unless(spec, &count).err();
    assert_ne!(whole, Some(DesignError::Cancelled));
    let all = asked.get();
    for after in (0..all).step_by(all / 12) {
        asked.set(0);
        let cancelled = || {
            asked.set(asked.get() + 1);
            asked.get() > after
        };
        let ended = Bank::design_unless(spec, &cancelled).err();
        assert_eq!(ended, Some(DesignError::Cancelled), "after {after}");
        assert!(asked.get() <= after + 3, "asked on {} times", asked.get() - after);
    }
    all
}

#[test]
fn a_design_ends_whenever_it_is_cancelled() {
    let spec = BankSpec { bands: 24, ..BankSpec::default() };
    // For each band while its basis, its rows, its equations and its phase are found, and for each
    // image of the report.
    let all = cancel_everywhere(&spec);
    assert!(all > 6 * spec.bands, "asked {all} times");
}

#[test]
fn a_design_that_takes_several_tries_ends_when_it_is_cancelled() {
    // Opaque by the rules of its quality alone.
    let spec = BankSpec {
        scale: Scale::Bark,
        bands: 8,
        sample_rate_hz: 192_000.0,
        sizing: Sizing::Latency { ms: 4.0 },
        ..BankSpec::default()
    };
    cancel_everywhere(&spec);
}
