//! The numbers of the literature on auditory scales and filters. Each stands here alone, with where it comes
//! from; everything in this crate follows them.
//!
//! Where two papers, or a paper and a program, print one quantity to different digits, both stand here: a bank
//! of the published ISAC design (Haider et al., 2025, [10.48550/arXiv.2505.07709][isac]) agrees with its program
//! only with the digits of that program.
//!
//! [isac]: https://doi.org/10.48550/arXiv.2505.07709

/// Equivalent rectangular bandwidth at 0 Hz in hertz: Glasberg and Moore (1990),
/// [10.1016/0378-5955(90)90170-T](https://doi.org/10.1016/0378-5955(90)90170-T).
pub const ERB_AT_0_HZ: f64 = 24.7;

/// Growth of the relative bandwidth per hertz, 4.37 per kilohertz: ERB = 24.7 (1 + 0.00437 f). Glasberg and Moore
/// (1990), [10.1016/0378-5955(90)90170-T](https://doi.org/10.1016/0378-5955(90)90170-T).
pub const ERB_GROWTH_PER_HZ: f64 = 0.004_37;

/// Hertz of frequency per hertz of bandwidth, ERB = 24.7 + f/9.265: 1/(24.7 · 0.00437) as Slaney (1993, Apple
/// technical report 35) and the ISAC program print it.
pub const EAR_Q: f64 = 9.265;

/// Factor of ln(1 + 0.00437 f) in the integral of 1/ERB, as the ISAC program prints it; by the numbers above it
/// would be 9.2644.
pub const ERB_UNITS_PER_NEPER: f64 = 9.2645;

/// Factor of log10(1 + 0.00437 f) in the ERB number: Glasberg and Moore (1990),
/// [10.1016/0378-5955(90)90170-T](https://doi.org/10.1016/0378-5955(90)90170-T).
pub const ERB_UNITS_PER_DECADE: f64 = 21.4;

/// Coefficients of f², f and 1 of the equivalent rectangular bandwidth of Moore and Glasberg (1983) in hertz,
/// [10.1121/1.389861](https://doi.org/10.1121/1.389861).
pub const MOORE_ERB: [f64; 3] = [6.23e-6, 93.39e-3, 28.52];

/// Order of the gammatone filter that fits the ear's: Patterson et al. (1992),
/// [10.1016/B978-0-08-041847-6.50054-X](https://doi.org/10.1016/B978-0-08-041847-6.50054-X).
pub const GAMMATONE_ORDER: usize = 4;

/// [`GAMMATONE_ORDER`] as an exponent.
#[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
pub(crate) const GAMMATONE_EXPONENT: i32 = GAMMATONE_ORDER as i32;

/// Bandwidth b of a gammatone filter of that order in equivalent rectangular bandwidths: Patterson et al. (1992),
/// [10.1016/B978-0-08-041847-6.50054-X](https://doi.org/10.1016/B978-0-08-041847-6.50054-X).
pub const GAMMATONE_BANDWIDTH_ERB: f64 = 1.019;

/// Frequency in hertz around which the logarithmic mel scales turn from linear to logarithmic: O'Shaughnessy
/// (1987, *Speech Communication: Human and Machine*), after Stevens and Volkmann (1940),
/// [10.2307/1417526](https://doi.org/10.2307/1417526).
pub const MEL_CORNER_HZ: f64 = 700.0;

/// Where Fant's mel equals hertz: 1000 mel at 1 kHz (Stevens and Volkmann, 1940),
/// [10.2307/1417526](https://doi.org/10.2307/1417526).
pub const MEL_REFERENCE_HZ: f64 = 1000.0;

/// ln(1 + 1000/700), Fant's scale at its reference before it is made 1000 mel.
pub(super) const MEL_REFERENCE_NEPERS: f64 = 0.887_303_195_000_903_2;

/// Factor of log10(1 + f/700) in the mel scale of O'Shaughnessy (1987) and of the Hidden Markov Model Toolkit.
pub const MEL_HTK_PER_DECADE: f64 = 2595.0;

/// Factor of ln(1 + f/700) in the mel scale of Csound's opcode `mfb`; 1127 in most of the literature.
pub const MEL_CSOUND_PER_NEPER: f64 = 1125.0;

/// Slaney's Auditory Toolbox (1998, Interval technical report 1998-010): units per hertz of the linear part.
pub const MEL_SLANEY_PER_HZ: f64 = 3.0 / 200.0;

/// Frequency in hertz where Slaney's mel becomes logarithmic.
pub const MEL_SLANEY_CORNER_HZ: f64 = 1000.0;

/// Units of Slaney's mel in which the logarithmic part grows by [`MEL_SLANEY_RATIO`].
pub const MEL_SLANEY_STEPS: f64 = 27.0;

/// Ratio of frequencies over [`MEL_SLANEY_STEPS`] units.
pub const MEL_SLANEY_RATIO: f64 = 6.4;

/// Traunmüller (1990), [10.1121/1.399849](https://doi.org/10.1121/1.399849): Bark = 26.81 f/(1960 + f) − 0.53,
/// with the frequency in hertz; here the first number.
pub const BARK_RANGE: f64 = 26.81;

/// The second number of Traunmüller's formula in hertz.
pub const BARK_CORNER_HZ: f64 = 1960.0;

/// The third number of Traunmüller's formula, what 0 Hz lies below 0 Bark.
pub const BARK_OFFSET: f64 = 0.53;

/// Where Traunmüller's scale ends, 26.81 − 0.53 to its last digit.
pub(super) const BARK_END: f64 = 26.28;

/// Traunmüller's corrections: below the first Bark value by the second, as a share of the distance.
pub const BARK_LOW_CORRECTION: (f64, f64) = (2.0, 0.15);

/// The same above a Bark value.
pub const BARK_HIGH_CORRECTION: (f64, f64) = (20.1, 0.22);

/// Zwicker and Terhardt (1980), [10.1121/1.385079](https://doi.org/10.1121/1.385079): Bark = 13 atan(0.00076 f) +
/// 3.5 atan((f/7500)²); here 13 and 0.00076.
pub const ZWICKER_LOW: (f64, f64) = (13.0, 0.000_76);

/// 3.5 and 7500 Hz of the same.
pub const ZWICKER_HIGH: (f64, f64) = (3.5, 7500.0);

/// Critical bandwidth of Zwicker and Terhardt (1980) in hertz, [10.1121/1.385079](https://doi.org/10.1121/1.385079):
/// 25 + 75 (1 + 1.4 (f/kHz)²)^0.69; here 25 and 75.
pub const CRITICAL_BANDWIDTH_HZ: (f64, f64) = (25.0, 75.0);

/// 1.4 per square kilohertz, in square hertz, and the exponent of the same.
pub const CRITICAL_BANDWIDTH_GROWTH: (f64, f64) = (1.4e-6, 0.69);

/// Schroeder, Atal and Hall (1979), [10.1121/1.383662](https://doi.org/10.1121/1.383662): Bark = 7 asinh(f/650); 7.
pub const SCHROEDER_BARK: f64 = 7.0;

/// 650 Hz of the same.
pub const SCHROEDER_CORNER_HZ: f64 = 650.0;

/// k of the scale of elephants, ln(f/A + k), A = 1/(1 − k), of the ISAC program.
pub const ELELOG_K: f64 = 0.88;

/// 1 − k, to its last digit.
pub(super) const ELELOG_REST: f64 = 0.12;

/// Support of a Hann kernel times its band's equivalent rectangular bandwidth, in samples per sample of the rate,
/// 1.2348: half the mean square of the Hann window's spectrum as the ISAC program measures it, over its factor of
/// the ERB scale.
pub const ISAC_SUPPORT_ERB: f64 = ISAC_HANN_SPREAD / ISAC_FACTOR_ERB;

/// Half the mean square of the real part of a Hann window's spectrum, over 1000 of 10000 samples off centre.
pub const ISAC_HANN_SPREAD: f64 = 0.750_748_275_940_776_5;

/// The ISAC program's factor between its bandwidth and half a noise bandwidth, on the ERB scale.
pub const ISAC_FACTOR_ERB: f64 = 0.608;

/// The same on the mel scale, whose bandwidth there is log10(17/7) (700 + f)/1000 and no hertz.
pub const ISAC_FACTOR_MEL: f64 = 111.33;

/// The same on the log10 scale, whose bandwidth there is f.
pub const ISAC_FACTOR_LOG: f64 = 0.2;

/// Periods of its centre frequency that a kernel of the ISAC program's scale of elephants holds.
pub const ISAC_ELELOG_PERIODS: f64 = 10.0;
