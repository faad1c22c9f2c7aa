//! Prints how fast features are: `cargo run --release -p erbium-dsp --example feature_speed`.

use erbium_dsp::feature::gammatone::{Centres, Gammatone, Options};
use erbium_dsp::feature::levels::Levels;
use erbium_dsp::feature::voicebox::{self, Bands, Bins};
use erbium_dsp::feature::{csound, log_bands, mel};
use erbium_dsp::scale::Variant;
use erbium_dsp::{Bank, BankSpec};
use std::hint::black_box;
use std::time::Instant;

/// The shortest of many runs in milliseconds.
fn ms<T>(mut run: impl FnMut() -> T) -> f64 {
    let once = |run: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64() * 1000.0
    };
    (0..50).map(|_| once(&mut run)).fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("Matrices of 128 bands x 2048 bins at 48 kHz:");
    for scale in [Variant::MelFant, Variant::ErbMoore, Variant::BarkSmooth, Variant::Linear] {
        let bins = Bins { count: 2048, step_hz: 24_000.0 / 2047.0, first_hz: 0.0 };
        let options = voicebox::Options {
            bands: Bands::Count(128),
            scale,
            extend_low: true,
            extend_high: true,
            ..voicebox::Options::new(bins, 48_000.0)
        };
        println!(
            "  voicebox {:<12} {:8.3} ms",
            scale.name(),
            ms(|| voicebox::filterbank(&options))
        );
    }
    let options = mel::Options::new(48_000.0, 4094, 128);
    println!("  librosa mel           {:8.3} ms", ms(|| mel::filterbank(&options)));
    let options =
        log_bands::Options { low_hz: 20.0, ..log_bands::Options::new(48_000.0, 4094, 120) };
    println!("  kapre log, 120 bands  {:8.3} ms", ms(|| log_bands::filterbank(&options)));
    let options = csound::Options {
        bins: 2048,
        bands: 128,
        low_hz: 0.0,
        high_hz: 24_000.0,
        sample_rate_hz: 48_000.0,
    };
    println!("  csound mfb            {:8.3} ms", ms(|| csound::filterbank(&options)));

    let centres = Centres::Edges { low_hz: 80.0, high_hz: 5000.0, bands: 16 };
    let bank = Gammatone::new(&Options::new(centres, 16_000.0))?;
    let sound: Vec<f64> = (0..16_000_u32).map(|n| (f64::from(n * n) * 1e-4).sin()).collect();
    println!("All-pole gammatone, 16 bands x 16000 samples:");
    println!("  apply                 {:8.3} ms", ms(|| bank.apply(&sound)));

    let bank = Bank::design(&BankSpec::default())?;
    let sound: Vec<f32> = (0..48_000_u16).map(|n| (f32::from(n).powi(2) * 1e-5).sin()).collect();
    println!("Levels of the default bank, 40 bands, one second of stereo at 48 kHz:");
    let listen = || {
        let mut levels = Levels::new(&bank, 2).expect("an ISAC bank");
        let mut column = vec![0.0; bank.bands()];
        for piece in sound.chunks(480) {
            levels.hear(&[piece, piece]);
            levels.take(&mut column);
        }
        column
    };
    println!("  levels                {:8.3} ms", ms(listen));
    Ok(())
}
