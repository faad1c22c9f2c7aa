//! The inner loops for one coefficient at a time.

use pulp::Simd;

/// Σ x\[n\] taps\[n\] for slices of equal length, a multiple of [`LANES`].
#[inline(always)]
pub(crate) fn dot<S: Simd>(simd: S, x: &[f32], taps: &[f32]) -> f32 {
    let mut sums = [simd.splat_f32s(0.0); 2];
    let (x, x_last) = pairs::<S>(x);
    let (taps, taps_last) = pairs::<S>(taps);
    for (x, taps) in x.iter().zip(taps) {
        for way in 0..2 {
            sums[way] = simd.mul_add_e_f32s(x[way], taps[way], sums[way]);
        }
    }
    for (x, taps) in x_last.iter().zip(taps_last) {
        sums[0] = simd.mul_add_e_f32s(*x, *taps, sums[0]);
    }
    simd.reduce_sum_f32s(simd.add_f32s(sums[0], sums[1]))
}

/// A kernel's correlation with several channels: for each Σ x\[n\] (re\[n\] + i im\[n\]). The taps' length is a
/// multiple of [`LANES`], the samples' no less.
#[inline(always)]
pub(crate) fn correlate<S: Simd, const C: usize>(
    simd: S,
    x: [&[f32]; C],
    (re, im): (&[f32], &[f32]),
) -> [[f32; 2]; C] {
    // Two sums of each part, or every addition would wait for the one before.
    let mut sums = [[[simd.splat_f32s(0.0); 2]; 2]; C];
    let taps = re.len();
    let (re, re_last) = pairs::<S>(re);
    let (im, im_last) = pairs::<S>(&im[..taps]);
    let mut samples = [pairs::<S>(&[]); C];
    for c in 0..C {
        samples[c] = pairs::<S>(&x[c][..taps]);
    }
    for (n, (re, im)) in re.iter().zip(im).enumerate() {
        for c in 0..C {
            let x = samples[c].0[n];
            for way in 0..2 {
                let [re_sum, im_sum] = &mut sums[c][way];
                *re_sum = simd.mul_add_e_f32s(x[way], re[way], *re_sum);
                *im_sum = simd.mul_add_e_f32s(x[way], im[way], *im_sum);
            }
        }
    }
    for (n, (re, im)) in re_last.iter().zip(im_last).enumerate() {
        for c in 0..C {
            let x = samples[c].1[n];
            let [re_sum, im_sum] = &mut sums[c][0];
            *re_sum = simd.mul_add_e_f32s(x, *re, *re_sum);
            *im_sum = simd.mul_add_e_f32s(x, *im, *im_sum);
        }
    }
    let mut found = [[0.0; 2]; C];
    for c in 0..C {
        found[c] = reduce(simd, sums[c]);
    }
    found
}

/// A Hermitian kernel's correlation with several channels, from its middle outwards: for each channel
/// Σ (older + newer)\[n\] re\[n\] + i Σ (older − newer)\[n\] im\[n\], half the multiplications of
/// [`correlate`]. The taps' length is a multiple of [`LANES`], the samples' no less.
#[inline(always)]
pub(crate) fn correlate_folded<S: Simd, const C: usize>(
    simd: S,
    older: [&[f32]; C],
    newer: [&[f32]; C],
    (re, im): (&[f32], &[f32]),
) -> [[f32; 2]; C] {
    let mut sums = [[[simd.splat_f32s(0.0); 2]; 2]; C];
    let taps = re.len();
    let (re, re_last) = pairs::<S>(re);
    let (im, im_last) = pairs::<S>(&im[..taps]);
    let mut samples = [[pairs::<S>(&[]); 2]; C];
    for c in 0..C {
        samples[c] = [pairs::<S>(&older[c][..taps]), pairs::<S>(&newer[c][..taps])];
    }
    for (n, (re, im)) in re.iter().zip(im).enumerate() {
        for c in 0..C {
            let (older, newer) = (samples[c][0].0[n], samples[c][1].0[n]);
            for way in 0..2 {
                let [re_sum, im_sum] = &mut sums[c][way];
                let (even, odd) =
                    (simd.add_f32s(older[way], newer[way]), simd.sub_f32s(older[way], newer[way]));
                *re_sum = simd.mul_add_e_f32s(even, re[way], *re_sum);
                *im_sum = simd.mul_add_e_f32s(odd, im[way], *im_sum);
            }
        }
    }
    for (n, (re, im)) in re_last.iter().zip(im_last).enumerate() {
        for c in 0..C {
            let (older, newer) = (samples[c][0].1[n], samples[c][1].1[n]);
            let [re_sum, im_sum] = &mut sums[c][0];
            *re_sum = simd.mul_add_e_f32s(simd.add_f32s(older, newer), *re, *re_sum);
            *im_sum = simd.mul_add_e_f32s(simd.sub_f32s(older, newer), *im, *im_sum);
        }
    }
    let mut found = [[0.0; 2]; C];
    for c in 0..C {
        found[c] = reduce(simd, sums[c]);
    }
    found
}

/// The sums of both parts over both ways and all lanes.
#[inline(always)]
fn reduce<S: Simd>(simd: S, [even, odd]: [[S::f32s; 2]; 2]) -> [f32; 2] {
    let re = simd.reduce_sum_f32s(simd.add_f32s(even[0], odd[0]));
    [re, simd.reduce_sum_f32s(simd.add_f32s(even[1], odd[1]))]
}

/// A slice as pairs of vectors, and the vector left over where there is one.
#[inline(always)]
fn pairs<S: Simd>(slice: &[f32]) -> (&[[S::f32s; 2]], &[S::f32s]) {
    S::as_simd_f32s(slice).0.as_chunks()
}

/// Adds a coefficient of each channel, as real and imaginary part, to its output:
/// `output`\[n\] += a re\[n\] − b im\[n\], of real taps, without `im`, only a re\[n\]. The taps' length is a
/// multiple of [`LANES`], the outputs' no less.
#[inline(always)]
pub(crate) fn add_real<S: Simd, const C: usize>(
    simd: S,
    coefficients: [[f32; 2]; C],
    (re, im): (&[f32], &[f32]),
    outputs: [&mut [f32]; C],
) {
    let re = S::as_simd_f32s(re).0;
    let parts = splat(simd, coefficients);
    let outputs = outputs.map(|output| &mut S::as_mut_simd_f32s(output).0[..re.len()]);
    if im.is_empty() {
        for v in 0..re.len() {
            for c in 0..C {
                outputs[c][v] = simd.mul_add_e_f32s(re[v], parts[c][0], outputs[c][v]);
            }
        }
        return;
    }
    let im = &S::as_simd_f32s(im).0[..re.len()];
    for v in 0..re.len() {
        for c in 0..C {
            let sum = simd.mul_add_e_f32s(re[v], parts[c][0], outputs[c][v]);
            outputs[c][v] = simd.negate_mul_add_e_f32s(im[v], parts[c][1], sum);
        }
    }
}

/// [`add_real`] of a Hermitian kernel from its middle outwards, half the multiplications: of each
/// channel's outputs the first runs on in time, the second back, where a re\[n\] + b im\[n\] is added.
#[inline(always)]
pub(crate) fn add_real_folded<S: Simd, const C: usize>(
    simd: S,
    coefficients: [[f32; 2]; C],
    (re, im): (&[f32], &[f32]),
    outputs: [(&mut [f32], &mut [f32]); C],
) {
    let re = S::as_simd_f32s(re).0;
    let im = &S::as_simd_f32s(im).0[..re.len()];
    let parts = splat(simd, coefficients);
    let vectors = |output| &mut S::as_mut_simd_f32s(output).0[..re.len()];
    let mut outputs = outputs.map(|(later, sooner)| (vectors(later), vectors(sooner)));
    for v in 0..re.len() {
        for c in 0..C {
            let (later, sooner) = &mut outputs[c];
            let (a, b) = (simd.mul_f32s(re[v], parts[c][0]), simd.mul_f32s(im[v], parts[c][1]));
            later[v] = simd.add_f32s(later[v], simd.sub_f32s(a, b));
            sooner[v] = simd.add_f32s(sooner[v], simd.add_f32s(a, b));
        }
    }
}

#[inline(always)]
fn splat<S: Simd, const C: usize>(simd: S, coefficients: [[f32; 2]; C]) -> [[S::f32s; 2]; C] {
    let mut parts = [[simd.splat_f32s(0.0); 2]; C];
    for c in 0..C {
        for part in 0..2 {
            parts[c][part] = simd.splat_f32s(coefficients[c][part]);
        }
    }
    parts
}
