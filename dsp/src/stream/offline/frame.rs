//! A frame of the signal on its way through the bands' spectra.

use super::spectra::{BandSpectra, BinFactors, Spectra};
use crate::cast::single;
use crate::stream::simd::{LANES, Parts, PartsMut, add_products};
use crate::vectors::Vectors;
use num_complex::Complex;
use pulp::{Simd, WithSimd};

/// Buffers for a frame of as many channels as share the reading of spectra.
pub(crate) struct Frame {
    vectors: Vectors,
    samples: Vec<f64>,
    /// The spectrum of those, at positive frequencies.
    bins: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
    channels: [Lists; Frame::CHANNELS],
}

/// A channel's spectra; those of both signs of frequency from minus Nyquist on.
struct Lists {
    /// That of the input.
    input: Numbers,
    /// The sum of the bands' outputs, to be added to its mirror image.
    output: Numbers,
    /// That of a band's coefficients.
    coefficients: Numbers,
}

/// Complex numbers as two lists, with padding for factors of whole vectors.
struct Numbers([Vec<f32>; 2]);

impl Numbers {
    fn new(many: usize) -> Self {
        Self([(); 2].map(|()| vec![0.0; many + LANES]))
    }

    fn clear(&mut self, many: usize) {
        self.0.iter_mut().for_each(|part| part[..many].fill(0.0));
    }

    #[inline(always)]
    fn at(&self, start: usize) -> Parts<'_> {
        [&self.0[0][start..], &self.0[1][start..]]
    }

    #[inline(always)]
    fn at_mut(&mut self, start: usize) -> PartsMut<'_> {
        let [re, im] = &mut self.0;
        [&mut re[start..], &mut im[start..]]
    }

    /// The spectrum of both signs of frequency, from minus Nyquist on, of what is real and has these bins
    /// from 0 Hz to Nyquist.
    fn mirror(&mut self, bins: &[Complex<f64>]) {
        let [(re_below, re), (im_below, im)] =
            self.0.each_mut().map(|part| part.split_at_mut(bins.len() - 1));
        let above = re.iter_mut().zip(im).zip(&bins[..bins.len() - 1]);
        let below = re_below.iter_mut().zip(im_below).rev().zip(&bins[1..]);
        for ((re, im), bin) in above {
            (*re, *im) = (single(bin.re), single(bin.im));
        }
        for ((re, im), bin) in below {
            (*re, *im) = (single(bin.re), -single(bin.im));
        }
    }

    /// Such a spectrum and its mirror image together: what is real, as bins from 0 Hz to Nyquist.
    fn add_mirror_image(&self, bins: &mut [Complex<f64>]) {
        let [(re_below, re), (im_below, im)] =
            self.0.each_ref().map(|part| part.split_at(bins.len() - 1));
        let above = re[1..].iter().zip(&im[1..]);
        let below = re_below.iter().zip(im_below).rev();
        let (last, between) = (bins.len() - 1, 1..bins.len() - 1);
        for ((bin, (re, im)), (re_below, im_below)) in
            bins[between].iter_mut().zip(above).zip(below)
        {
            bin.re = f64::from(re + re_below);
            bin.im = f64::from(im - im_below);
        }
        // Both are their own mirror images.
        bins[0] = Complex::from(f64::from(2.0 * re[0]));
        bins[last] = Complex::from(f64::from(2.0 * re_below[0]));
    }

    /// Multiplies the spectrum of a band's coefficients; where they are real, of which there was only the
    /// lower half, completes it.
    #[inline(always)]
    fn scale(&mut self, band: &BandSpectra, factor: f32) {
        let many = band.coefficients;
        let [re, im] = &mut self.0;
        let half = if band.real { many / 2 + 1 } else { many };
        for part in [&mut *re, &mut *im] {
            let (given, mirrored) = part[..many].split_at_mut(half);
            given.iter_mut().for_each(|part| *part *= factor);
            mirrored.copy_from_slice(&given[1..=many - half]);
            mirrored.reverse();
        }
        im[half..many].iter_mut().for_each(|im| *im = -*im);
        // What padded factors have added.
        for part in [re, im] {
            part[many..many + LANES].fill(0.0);
        }
    }
}

impl Frame {
    /// Channels processed together.
    pub const CHANNELS: usize = 2;

    pub fn new(spectra: &Spectra, vectors: Vectors) -> Self {
        let size = spectra.frame_samples;
        let most = spectra.bands.iter().map(|band| band.coefficients).max().unwrap_or(0);
        let scratch = spectra.forward.get_scratch_len().max(spectra.inverse.get_scratch_len());
        let lists = || Lists {
            input: Numbers::new(size),
            output: Numbers::new(size),
            coefficients: Numbers::new(most),
        };
        Self {
            vectors,
            samples: vec![0.0; size],
            bins: vec![Complex::ZERO; size / 2 + 1],
            scratch: vec![Complex::ZERO; scratch],
            channels: [(); Self::CHANNELS].map(|()| lists()),
        }
    }

    /// Takes the latest samples of channel `c`, for the start of the frame.
    pub fn push_input(&mut self, spectra: &Spectra, c: usize, recent: &[f32]) {
        let (start, padding) = self.samples.split_at_mut(recent.len());
        for (sample, recent) in start.iter_mut().zip(recent) {
            *sample = f64::from(*recent);
        }
        padding.fill(0.0);
        let Self { samples, bins, scratch, .. } = self;
        let done = spectra.forward.process_with_scratch(samples, bins, scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        self.channels[c].input.mirror(bins);
    }

    /// Scales the bands of the first `channels` channels, of which those at unity add nothing.
    pub fn equalise(&mut self, spectra: &Spectra, gains: &[f32], channels: usize) {
        let [first, second] = &mut self.channels;
        if channels == 2 {
            self.vectors.dispatch(Equalise { spectra, gains, channels: [first, second] });
        } else {
            self.vectors.dispatch(Equalise { spectra, gains, channels: [first] });
        }
    }

    /// Channel `c`'s output over the frame.
    pub fn output(&mut self, spectra: &Spectra, c: usize) -> &[f64] {
        let Self { samples, bins, scratch, .. } = self;
        self.channels[c].output.add_mirror_image(bins);
        let done = spectra.inverse.process_with_scratch(bins, samples, scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        samples
    }
}

/// All bands' work on a frame, for whatever vectors there are.
struct Equalise<'a, const C: usize> {
    spectra: &'a Spectra,
    gains: &'a [f32],
    channels: [&'a mut Lists; C],
}

impl<const C: usize> WithSimd for Equalise<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for channel in &mut self.channels {
            channel.output.clear(self.spectra.frame_samples + LANES);
        }
        for (band, gain) in self.spectra.bands.iter().zip(self.gains) {
            if *gain == 1.0 {
                continue;
            }
            for channel in &mut self.channels {
                channel.coefficients.clear(band.coefficients + LANES);
            }
            for factors in &band.analysis {
                let channels = self.channels.each_mut();
                let lists = channels.map(|lists| (&lists.input, &mut lists.coefficients));
                factors.multiply(simd, lists);
            }
            for channel in &mut self.channels {
                channel.coefficients.scale(band, gain - 1.0);
            }
            for factors in &band.synthesis {
                let channels = self.channels.each_mut();
                let lists = channels.map(|lists| (&lists.coefficients, &mut lists.output));
                factors.multiply(simd, lists);
            }
        }
    }
}

impl BinFactors {
    /// Adds to each channel's numbers the products with others.
    #[inline(always)]
    fn multiply<S: Simd, const C: usize>(&self, simd: S, channels: [(&Numbers, &mut Numbers); C]) {
        let mut from: [Parts; C] = [[&[]; 2]; C];
        let mut to = [(); C].map(|()| <PartsMut>::default());
        for ((from, to), (numbers, sums)) in from.iter_mut().zip(&mut to).zip(channels) {
            (*from, *to) = (numbers.at(self.from), sums.at_mut(self.to));
        }
        add_products(simd, [&self.re, &self.im], from, to);
    }
}
