//! What the tests of faults share.

use anyhow::{Result, ensure};
use erbium_tests::plugin::Plugin;
use erbium_tests::signal;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::{Duration, Instant};

/// Far longer than any bank takes to design, even in a debug build on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A small bank, which a debug build designs quickly.
pub const SMALL: [(&str, &str); 3] = [("bands", "8"), ("latency", "8 ms"), ("quality", "Eco")];
/// Its latency.
pub const SMALL_MS: f64 = 8.0;

/// [`SMALL`], and more.
pub fn small<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    SMALL.iter().copied().chain(more.iter().copied()).collect()
}

/// Gains that move every band of [`SMALL`], in dB.
pub const HILLS_DB: [f64; 8] = [6.0, -9.0, 3.0, 12.0, -4.0, 0.5, -3.0, 8.0];

/// An active instance of [`SMALL`] with [`HILLS_DB`].
pub fn hills<P: Plugin>(library: &P::Library, setup: erbium_tests::plugin::Setup) -> Result<P> {
    let mut plugin = P::new(library, setup)?;
    plugin.set(&SMALL)?;
    plugin.set_gains_db(&HILLS_DB)?;
    plugin.activate()?;
    Ok(plugin)
}

/// Noise of its own on each channel.
pub fn noise(channels: usize, samples: usize) -> Vec<Vec<f32>> {
    (1..).take(channels).map(|seed| signal::noise(samples, seed)).collect()
}

/// Silence.
pub fn silence(channels: usize, samples: usize) -> Vec<Vec<f32>> {
    vec![vec![0.0; samples]; channels]
}

/// Fails where two sounds differ in a bit.
pub fn same(got: &[Vec<f32>], expected: &[Vec<f32>], what: &str) -> Result<()> {
    ensure!(got.len() == expected.len(), "{what}: {} channels", got.len());
    for (channel, (got, expected)) in got.iter().zip(expected).enumerate() {
        if let Some(n) = signal::first_difference(got, expected) {
            let (got, expected) = (got.get(n), expected.get(n));
            anyhow::bail!("{what}: channel {channel}, sample {n}: {got:?} for {expected:?}");
        }
    }
    Ok(())
}

/// Fails where a sound is not another one, so many samples later.
pub fn delayed(got: &[Vec<f32>], input: &[Vec<f32>], samples: usize, what: &str) -> Result<()> {
    let expected: Vec<_> = input.iter().map(|x| signal::delayed(x, samples)).collect();
    same(got, &expected, what)
}

/// Fails where two sounds are the same: what shall be heard would not be.
pub fn heard(got: &[Vec<f32>], input: &[Vec<f32>], samples: usize, what: &str) -> Result<()> {
    let apart_db = signal::difference_db(&got[0], &signal::delayed(&input[0], samples));
    ensure!(apart_db > -30.0, "{what}: {apart_db:.1} dB are heard of the gains");
    Ok(())
}

/// The largest second difference: what a click raises.
pub fn roughness(signal: &[f32]) -> f32 {
    signal.windows(3).fold(0.0, |most, x| most.max((x[0] - 2.0 * x[1] + x[2]).abs()))
}

/// Random numbers, the same in every run.
pub fn random(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Sizes of blocks as no host has them: none, one and primes, each between others at random; and the
/// longest there is.
pub fn sizes(seed: u64, most: usize) -> Vec<usize> {
    let mut random = random(seed);
    let mut sizes = Vec::new();
    for fixed in [1, 0, 2, 509, 3, 7, 1_021, 1, 31, 127, 0, 61, 1] {
        sizes.push(random.random_range(0..=1_500));
        sizes.push(fixed);
    }
    sizes.insert(random.random_range(0..sizes.len()), most);
    sizes
}

/// Does something until it says that it is done.
pub fn until(what: &str, mut step: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !step()? {
        ensure!(Instant::now() < deadline, "{what}: not after {PATIENCE:?}");
    }
    Ok(())
}
