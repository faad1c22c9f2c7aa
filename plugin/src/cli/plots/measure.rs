//! What a bank does to sound, measured at its running engine.

use erbium_dsp::Bank;
use erbium_dsp::stream::{AtRest, Engine, EngineOptions};
use std::f64::consts::TAU;
use std::sync::Arc;

/// What a bank with these gains makes of a sound.
fn play(bank: &Arc<Bank>, gains: &[f32], at_rest: AtRest, sound: &mut [f32]) {
    let options = EngineOptions { at_rest, ..EngineOptions::default() };
    let mut engine = Engine::with_options(bank.clone(), 1, options);
    engine.set_gains(gains);
    engine.jump_to_gains();
    engine.process(&mut [sound]);
}

/// Samples of a sinusoid that are looked at.
const HEARD: usize = 8192;

/// What comes out for a full-scale sinusoid, as amplitudes.
pub struct Heard {
    /// All of it.
    pub total: f64,
    /// What is left of it after the best fit of a sinusoid of the same frequency.
    pub alias: f64,
}

/// What a bank with these gains makes of a full-scale sinusoid at `hz`.
pub fn sinusoid(bank: &Arc<Bank>, gains: &[f32], at_rest: AtRest, hz: f64) -> Heard {
    let radians = TAU * hz / bank.spec().sample_rate_hz;
    let settled = bank.collapse(gains).len() + 2048;
    let phase = |n: usize| radians * real(n);
    let mut sound: Vec<f32> = (0..settled + HEARD).map(|n| single(phase(n).sin())).collect();
    play(bank, gains, at_rest, &mut sound);
    let heard = || {
        let late = sound.iter().enumerate().skip(settled);
        late.map(|(n, sample)| (phase(n).sin_cos(), f64::from(*sample)))
    };
    // Least squares on sine and cosine.
    let (mut ss, mut cc, mut sc, mut ys, mut yc, mut yy) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for ((s, c), y) in heard() {
        ss += s * s;
        cc += c * c;
        sc += s * c;
        ys += s * y;
        yc += c * y;
        yy += y * y;
    }
    let determinant = ss * cc - sc * sc;
    let (a, b) = ((ys * cc - yc * sc) / determinant, (yc * ss - ys * sc) / determinant);
    let left: f64 = heard().map(|((s, c), y)| (y - a * s - b * c).powi(2)).sum();
    let amplitude = |power: f64| (2.0 * power / real(HEARD)).sqrt();
    Heard { total: amplitude(yy), alias: amplitude(left) }
}

/// A count as a real number, exact below 2⁵³.
#[expect(clippy::cast_precision_loss)]
pub const fn real(count: usize) -> f64 {
    count as f64
}

/// A sample in the precision audio streams in.
#[expect(clippy::cast_possible_truncation)]
pub const fn single(value: f64) -> f32 {
    value as f32
}
