//! How far a bank is from a tight frame, as a regulariser.

use crate::isac::Isac;
use candle_core::{DType, Device, Result, Tensor};
use std::f64::consts::TAU;

/// The untightness of an encoder's kernels at its stride, a scalar: the mean over frequency of
/// ‖S/μ − 1‖²/d, S the frame operator between the d images of a frequency, μ the kernels' power, through
/// which no gradient flows. 0 exactly where κ = 1; the same number as
/// [`tightness`](erbium_dsp::feature::isac::tightness) gives.
///
/// # Errors
/// When the parameters cannot be read.
pub fn untightness(isac: &Isac) -> Result<Tensor> {
    let [(_, re), (_, im)] = isac.parameters();
    let (re, im) = (re.squeeze(1)?, im.squeeze(1)?);
    let (bands, taps) = re.dims2()?;
    let stride = isac.stride();
    let points = (2 * taps).div_ceil(stride);
    let size = points * stride;
    let (cosines, sines) = waves(taps, size)?;
    let spectrum_re = (re.matmul(&cosines)? + im.matmul(&sines)?)?;
    let spectrum_im = (im.matmul(&cosines)? - re.matmul(&sines)?)?;
    let power = (re.detach().sqr()? + im.detach().sqr()?)?.sum_all()?.to_scalar::<f64>()?;
    // points × bands × images
    let images = |spectrum: &Tensor| {
        spectrum.reshape((bands, stride, points))?.permute((2, 0, 1))?.contiguous()
    };
    let mirror: Vec<u32> =
        (0..size).map(|bin| u32::try_from((size - bin) % size).unwrap_or(0)).collect();
    let mirror = Tensor::from_vec(mirror, size, &Device::Cpu)?;
    let (own_re, own_im) = products(&images(&spectrum_re)?, &images(&spectrum_im)?)?;
    let (mirror_re, mirror_im) = products(
        &images(&spectrum_re.index_select(&mirror, 1)?)?,
        &images(&spectrum_im.index_select(&mirror, 1)?)?,
    )?;
    let level = 0.5 / power;
    // The mirror image counts with the conjugate.
    let operator_re = ((own_re + mirror_re)? * level)?;
    let operator_im = ((own_im - mirror_im)? * level)?;
    let unity = Tensor::eye(stride, DType::F64, &Device::Cpu)?;
    let off = operator_re.broadcast_sub(&unity)?.sqr()?.sum_all()?;
    let off = (off + operator_im.sqr()?.sum_all()?)?;
    off / f64::from(u32::try_from(size).unwrap_or(u32::MAX))
}

/// Σ over bands of conj(a\[row\]) a\[column\]: points × images × images.
fn products(re: &Tensor, im: &Tensor) -> Result<(Tensor, Tensor)> {
    let (re_t, im_t) = (re.transpose(1, 2)?.contiguous()?, im.transpose(1, 2)?.contiguous()?);
    let real = (re_t.matmul(re)? + im_t.matmul(im)?)?;
    let imaginary = (re_t.matmul(im)? - im_t.matmul(re)?)?;
    Ok((real, imaginary))
}

/// cos and sin of 2π n bin/size, taps × size.
fn waves(taps: usize, size: usize) -> Result<(Tensor, Tensor)> {
    let angles: Vec<f64> = (0..taps)
        .flat_map(|n| (0..size).map(move |bin| (n * bin) % size))
        .map(|turns| {
            let [turns, size] =
                [turns, size].map(|n| f64::from(u32::try_from(n).unwrap_or(u32::MAX)));
            TAU * turns / size
        })
        .collect();
    let angles = Tensor::from_vec(angles, (taps, size), &Device::Cpu)?;
    Ok((angles.cos()?, angles.sin()?))
}
