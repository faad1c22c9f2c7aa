//! What is played to measure.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The sample rate of all measurements in hertz.
pub const RATE_HZ: f64 = 48_000.0;

/// Samples to play before time is taken: more than the longest memory of the defaults.
pub const WARMING: usize = 4096;

/// White noise, −9 dB of full scale.
pub fn noise(samples: usize) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(1);
    (0..samples).map(|_| random.random_range(-0.6..0.6)).collect()
}
