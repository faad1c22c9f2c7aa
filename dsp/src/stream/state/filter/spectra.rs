//! Spectra of blocks, laid out for products.

use crate::stream::simd::{Aligned, Parts, PartsMut, aligned};
use num_complex::Complex32;

/// Spectra of real signals: real and imaginary parts in lists of their own. At 0 Hz and at the Nyquist frequency
/// there is no imaginary part: the real part of the latter is in its place at the former.
pub(crate) struct BlockSpectra {
    re: Aligned<f32>,
    im: Aligned<f32>,
    /// Of one spectrum, the Nyquist frequency aside.
    bins: usize,
}

impl BlockSpectra {
    pub fn new(many: usize, bins: usize) -> Self {
        let zeros = || aligned(&vec![0.0; many * bins]);
        Self { re: zeros(), im: zeros(), bins }
    }

    #[inline(always)]
    pub fn at(&self, nth: usize) -> Parts<'_> {
        let place = nth * self.bins..(nth + 1) * self.bins;
        [&self.re[place.clone()], &self.im[place]]
    }

    #[inline(always)]
    pub fn at_mut(&mut self, nth: usize) -> PartsMut<'_> {
        let place = nth * self.bins..(nth + 1) * self.bins;
        [&mut self.re[place.clone()], &mut self.im[place]]
    }

    /// Takes the spectrum from 0 Hz to the Nyquist frequency, scaled.
    #[inline(always)]
    pub fn set(&mut self, nth: usize, spectrum: &[Complex32], scale: f32) {
        let [re, im] = self.at_mut(nth);
        for ((re, im), bin) in re.iter_mut().zip(&mut *im).zip(spectrum) {
            (*re, *im) = (scale * bin.re, scale * bin.im);
        }
        im[0] = scale * spectrum[spectrum.len() - 1].re;
    }

    /// The spectrum from 0 Hz to the Nyquist frequency.
    #[inline(always)]
    pub fn get(&self, nth: usize, spectrum: &mut [Complex32]) {
        let [re, im] = self.at(nth);
        for ((re, im), bin) in re.iter().zip(im).zip(&mut *spectrum) {
            *bin = Complex32::new(*re, *im);
        }
        spectrum[0].im = 0.0;
        spectrum[self.bins] = Complex32::new(im[0], 0.0);
    }

    pub fn clear(&mut self) {
        self.re.fill(0.0);
        self.im.fill(0.0);
    }
}
