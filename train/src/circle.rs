//! Convolution around a circle.

use candle_core::{Result, Tensor, bail};

/// Σ_l w\[o, c, l\] x\[b, c, n·stride + lead − l\] around a circle, for x of batch × channels × samples
/// and w of outputs × channels × taps: batch × outputs × samples/stride.
pub fn convolve(sound: &Tensor, weights: &Tensor, lead: usize, stride: usize) -> Result<Tensor> {
    let (samples, taps) = (sound.dim(2)?, weights.dim(2)?);
    if samples < taps || !samples.is_multiple_of(stride) {
        bail!(
            "{samples} samples are not possible; possible: a multiple of the stride, {stride}, of \
             at least {taps} taps"
        );
    }
    // The past of the first output lies at the end, and what follows the last at the beginning.
    let past = taps - 1 - lead;
    let around = Tensor::cat(
        &[&sound.narrow(2, samples - past, past)?, sound, &sound.narrow(2, 0, lead)?],
        2,
    )?;
    around.conv1d(&weights.flip(&[2])?.contiguous()?, 0, stride, 1, 1)
}
