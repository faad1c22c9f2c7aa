//! Kernels at one stride.

use super::{Coefficients, Stream, circle};
use crate::Kernel;
use crate::bank::{
    AnalysisSide, BankSpec, DesignError, FrameBounds, Kind, Phase, Prototype, Quality, Sizing,
    UserKernels, analysis_side, frame_bounds,
};
use crate::cast::real;
use crate::feature::OptionError;
use crate::scale::Scale;
use num_complex::Complex;
use rustfft::FftPlanner;

/// Analysis kernels h_k at a stride d: c_k\[j\] = Σ_l h_k\[l\] x\[j d + lead − l\], with the lead half
/// the longest kernel, so that frame j is centred on sample j d.
#[derive(Clone, Debug)]
pub struct Encoder {
    kernels: Vec<Kernel>,
    centres_hz: Vec<f64>,
    stride: usize,
    longest: usize,
}

impl Encoder {
    /// The most taps of all given kernels together: 1024 kernels of 4096, or 64 of 65536.
    pub const TAPS_MAX: usize = 1 << 22;

    /// The spec of a published ISAC bank on the mel scale, with kernels of at most `kernel_size` samples; its
    /// other fields may be changed.
    #[must_use]
    pub fn spec(sample_rate_hz: f64, bands: usize, kernel_size: usize, stride: usize) -> BankSpec {
        Self::published(sample_rate_hz, bands, Some(kernel_size), stride)
    }

    /// The spec of a published ISAC bank on the mel scale without a limit on its kernels (`kernel_size=None` in
    /// the original): the longest is that of the scale at 0 Hz, but no longer than a second.
    ///
    /// ```
    /// use erbium_dsp::feature::isac::Encoder;
    ///
    /// let encoder = Encoder::design(&Encoder::spec_without_limit(16_000.0, 40, 16))?;
    /// assert_eq!(encoder.longest(), 400); // 17.5 · 16000/700
    /// # Ok::<(), erbium_dsp::DesignError>(())
    /// ```
    #[must_use]
    pub fn spec_without_limit(sample_rate_hz: f64, bands: usize, stride: usize) -> BankSpec {
        Self::published(sample_rate_hz, bands, None, stride)
    }

    fn published(
        sample_rate_hz: f64,
        bands: usize,
        kernel_size: Option<usize>,
        stride: usize,
    ) -> BankSpec {
        BankSpec {
            kind: Kind::Isac,
            scale: Scale::Mel,
            bands,
            sizing: Sizing::Published { kernel_size, stride, supp_mult: 1.0, fc_max_hz: None },
            phase: Phase::OfBank,
            prototype: Prototype::Hann,
            quality: Quality::Standard,
            sample_rate_hz,
        }
    }

    /// The encoder of a bank, of which no dual is learned, so that many bands take no longer than a few, and
    /// [2 bands](BankSpec::ANALYSIS_BANDS) are enough: 0 Hz and half the sample rate.
    /// The stride is that of the published sizing, or the finest of the bank for a latency; kernels
    /// carry a factor √stride as published.
    ///
    /// # Errors
    /// [`DesignError::OutOfRange`] names a setting out of range.
    pub fn design(spec: &BankSpec) -> Result<Self, DesignError> {
        let AnalysisSide { mut kernels, centres_hz, strides } = analysis_side(spec)?;
        let stride = strides.into_iter().min().unwrap_or(1);
        let level = real(stride).sqrt();
        for kernel in &mut kernels {
            kernel.taps.iter_mut().for_each(|tap| *tap *= level);
        }
        let longest = longest(&kernels);
        Ok(Self { kernels, centres_hz, stride, longest })
    }

    /// The encoder of given kernels, for example trained ones. Centre frequencies are where their
    /// spectra peak.
    ///
    /// # Errors
    /// [`OptionError`] when there are no kernels or more than [`BankSpec::ANALYSIS_BANDS`] has, one is empty, longer
    /// than [`UserKernels::LONGEST`] or has taps that are no finite numbers, all together have more than
    /// [`Self::TAPS_MAX`], with a stride of 0 or above [`UserKernels::LONGEST`], or a sample rate that is not above 0.
    pub fn from_kernels(
        kernels: Vec<Kernel>,
        stride: usize,
        sample_rate_hz: f64,
    ) -> Result<Self, OptionError> {
        let most = BankSpec::ANALYSIS_BANDS.1;
        let met = (1..=most).contains(&kernels.len());
        OptionError::unless(met, "kernel count", kernels.len(), format!("1 to {most}"))?;
        let most = UserKernels::LONGEST;
        let met = (1..=most).contains(&stride);
        OptionError::unless(met, "stride", stride, format!("1 to {most} samples"))?;
        let longest = longest(&kernels);
        OptionError::unless(
            longest <= most,
            "kernel length",
            longest,
            format!("1 to {most} taps"),
        )?;
        let taps: usize = kernels.iter().map(|kernel| kernel.taps.len()).sum();
        let most = Self::TAPS_MAX;
        OptionError::unless(
            taps <= most,
            "sum of all kernel lengths",
            taps,
            format!("1 to {most} taps"),
        )?;
        let positive = sample_rate_hz > 0.0 && sample_rate_hz.is_finite();
        OptionError::unless(positive, "sample rate", sample_rate_hz, "more than 0 Hz")?;
        let finite = |kernel: &Kernel| kernel.taps.iter().all(|tap| tap.is_finite());
        let odd = kernels.iter().position(|kernel| !finite(kernel));
        let given = odd.unwrap_or(0);
        OptionError::unless(odd.is_none(), "infinite or undefined kernel", given, "finite taps")?;
        let empty = kernels.iter().position(|kernel| kernel.taps.is_empty());
        OptionError::unless(empty.is_none(), "empty kernel", empty.unwrap_or(0), "1 tap or more")?;
        let size = (8 * longest).next_power_of_two();
        let fft = FftPlanner::new().plan_fft_forward(size);
        let peak = |kernel: &Kernel| {
            let spectrum = kernel.spectrum(&*fft);
            let power = |&bin: &usize| spectrum[bin].norm_sqr();
            let best = (0..size).max_by(|a, b| power(a).total_cmp(&power(b))).unwrap_or(0);
            sample_rate_hz * real(best.min(size - best)) / real(size)
        };
        let centres_hz = kernels.iter().map(peak).collect();
        Ok(Self { kernels, centres_hz, stride, longest })
    }

    /// The same bands with other kernels.
    pub(super) fn with_kernels(&self, kernels: Vec<Kernel>) -> Self {
        let longest = longest(&kernels);
        Self { kernels, longest, ..self.clone() }
    }

    /// The kernels.
    #[must_use]
    pub fn kernels(&self) -> &[Kernel] {
        &self.kernels
    }

    /// Centre frequencies in hertz.
    #[must_use]
    pub fn centres_hz(&self) -> &[f64] {
        &self.centres_hz
    }

    /// The number of bands.
    #[must_use]
    pub fn bands(&self) -> usize {
        self.kernels.len()
    }

    /// Samples from frame to frame.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// The length of the longest kernel in samples.
    #[must_use]
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Samples by which a frame looks ahead.
    #[must_use]
    pub const fn lead(&self) -> usize {
        self.longest / 2
    }

    /// The coefficients of a sound that begins again where it ends, filled up with silence to a
    /// multiple of the stride: bands × ⌈samples / stride⌉. Here and below, samples that are no number, or
    /// [too loud](crate::feature::finite_sample), are silence.
    #[must_use]
    pub fn circular(&self, sound: &[f64]) -> Coefficients {
        circle::analyse(self, sound)
    }

    /// The adjoint of [`Self::circular`]: Σ_k Σ_j conj(h_k\[j d + lead − n\]) c_k\[j\], frames × stride
    /// complex samples. With kernels of a tight frame its real part is the sound, but for a factor.
    ///
    /// # Panics
    /// When the coefficients have not as many bands as the encoder.
    #[must_use]
    pub fn adjoint(&self, coefficients: &Coefficients) -> Vec<Complex<f64>> {
        circle::synthesise(self, coefficients)
    }

    /// The coefficients of a sound between silences, frame after frame as it comes.
    #[must_use]
    pub fn stream(&self) -> Stream {
        Stream::new(self)
    }

    /// The coefficients of a sound between silences, all at once: bands × ⌈samples / stride⌉.
    #[must_use]
    pub fn linear(&self, sound: &[f64]) -> Coefficients {
        let frames = sound.len().div_ceil(self.stride);
        let mut values = vec![Complex::new(0.0, 0.0); self.bands() * frames];
        let mut stream = self.stream();
        let mut take = |frame: usize, column: &[Complex<f64>]| {
            for (band, value) in column.iter().enumerate() {
                values[band * frames + frame] = *value;
            }
        };
        stream.push(sound, &mut take);
        stream.finish(&mut take);
        Coefficients::from_values(self.bands(), values)
    }

    /// Σ_k |H_k|² over a real sound's frequencies: `points` of them from 0 to half the sample rate.
    #[must_use]
    pub fn power_spectral_density(&self, points: usize) -> Vec<f64> {
        let last = points.saturating_sub(1).max(1);
        (0..points)
            .map(|point| {
                let cycles = 0.5 * real(point) / real(last);
                let side = |cycles| self.kernels.iter().map(move |k| k.response(cycles).norm_sqr());
                0.5 * (side(cycles).sum::<f64>() + side(-cycles).sum::<f64>())
            })
            .collect()
    }

    /// The frame bounds, A x·x ≤ Σ |c|² ≤ B x·x, by the exact polyphase method over twice as many
    /// frequencies as the longest kernel has taps; `None` where that would take minutes or gigabytes, at strides
    /// of several hundred samples.
    #[must_use]
    pub fn frame_bounds(&self) -> Option<FrameBounds> {
        let strides = vec![self.stride; self.bands()];
        // There a coefficient counts for the samples of its stride.
        let FrameBounds { lower, upper } =
            frame_bounds(&self.kernels, &strides, self.stride, 2 * self.longest.max(self.stride))?;
        Some(FrameBounds { lower: lower / real(self.stride), upper: upper / real(self.stride) })
    }
}

fn longest(kernels: &[Kernel]) -> usize {
    kernels.iter().map(Kernel::length).max().unwrap_or(1)
}

/// The longest learned kernel in taps: many times those of the original.
pub const LEARNED_TAPS_MAX: usize = 1024;

/// Each kernel followed by a learned one (its channel's, of 23 taps in the original): the kernels of
/// a hybrid bank.
///
/// # Errors
/// [`OptionError`] when there is not one learned kernel per channel, or one is empty or longer than
/// [`LEARNED_TAPS_MAX`].
pub fn hybrid(
    kernels: &[Kernel],
    learned: &[Vec<Complex<f64>>],
) -> Result<Vec<Kernel>, OptionError> {
    let met = kernels.len() == learned.len();
    OptionError::unless(met, "learned kernel count", learned.len(), format!("{}", kernels.len()))?;
    let empty = learned.iter().position(Vec::is_empty);
    OptionError::unless(
        empty.is_none(),
        "empty learned kernel",
        empty.unwrap_or(0),
        "1 tap or more",
    )?;
    let longest = learned.iter().map(Vec::len).max().unwrap_or(0);
    let met = longest <= LEARNED_TAPS_MAX;
    let possible = format!("1 to {LEARNED_TAPS_MAX} taps");
    OptionError::unless(met, "learned kernel length", longest, possible)?;
    let follow = |(kernel, learned): (&Kernel, &Vec<Complex<f64>>)| {
        let mut taps = vec![Complex::new(0.0, 0.0); kernel.taps.len() + learned.len() - 1];
        for (n, tap) in kernel.taps.iter().enumerate() {
            for (m, other) in learned.iter().enumerate() {
                taps[n + m] += tap * other;
            }
        }
        Kernel { offset: kernel.offset, taps }
    };
    Ok(kernels.iter().zip(learned).map(follow).collect())
}
