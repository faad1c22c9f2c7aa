//! What a bank does to sound, measured at its running engine.

use erbium_dsp::Bank;
use erbium_dsp::stream::Engine;
use std::f64::consts::TAU;
use std::sync::Arc;

/// What a bank with these gains makes of a sound, from flat settled gains on.
fn play(bank: &Arc<Bank>, gains: &[f32], sound: &mut [f32]) {
    let mut engine = Engine::new(bank.clone(), 1);
    engine.set_gains(gains);
    engine.jump_to_gains();
    engine.process(&mut [sound]);
}

/// The response to a unit impulse, `samples` long.
pub fn impulse_response(bank: &Arc<Bank>, gains: &[f32], samples: usize) -> Vec<f32> {
    let mut sound = vec![0.0; samples];
    sound[0] = 1.0;
    play(bank, gains, &mut sound);
    sound
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
pub fn sinusoid(bank: &Arc<Bank>, gains: &[f32], hz: f64) -> Heard {
    let radians = TAU * hz / bank.spec().sample_rate_hz;
    let settled = 4 * bank.latency_samples() + 2048;
    let phase = |n: usize| radians * real(n);
    let mut sound: Vec<f32> = (0..settled + HEARD).map(|n| single(phase(n).sin())).collect();
    play(bank, gains, &mut sound);
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
