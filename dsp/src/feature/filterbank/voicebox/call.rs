//! The arguments of the original, option string included.

use super::{Bands, Bins, Limits, Quantity, Unit, VoiceboxOptions};
use crate::cast::{count, real};
use crate::feature::OptionError;
use crate::feature::limits::BINS_MAX;
use crate::scale::ScaleFormula;

/// A picture that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plot {
    /// `g`: the bands against linear frequency.
    Curves,
    /// `G`: the matrix.
    Image,
}

/// What a call of the original asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    /// What decides the matrix.
    pub options: VoiceboxOptions,
    /// `H`: the centres shall be given in scale units.
    pub centres_on_scale: bool,
    /// `g` or `G`: a picture shall be drawn.
    pub plot: Option<Plot>,
}

/// What each letter means, for the error that lists them.
const LETTERS: &str = "f (linear), l (log10), e (ERB), b (Bark), m (mel), c (limits are centres), \
    h (limits on the scale), H (centres on the scale), y (extend both ends; after Y the high one), \
    Y (extend the low end), p (a count of bands), P (a spacing of bands), s (one-sided input), \
    S (one-sided output), u (power per hertz in and out), U (power per hertz out), g and G (plot)";

impl Call {
    /// Reads the arguments in the order of the original.
    ///
    /// - `bands`: a count, or below 1 (or with `P`) a spacing in thousands of scale units; `None` for
    ///   the automatic count.
    /// - `bins`: the FFT length, or count, step in hertz and first bin in hertz (0 if left out).
    /// - `low`, `high`: limits in hertz, or with `h` on the scale.
    /// - `letters`: the options. Of several scales the last one counts; `f` names the default and
    ///   overrides none.
    ///
    /// # Errors
    /// [`OptionError`] names the argument or the letter.
    pub fn parse(
        bands: Option<f64>,
        bins: &[f64],
        sample_rate_hz: f64,
        low: Option<f64>,
        high: Option<f64>,
        letters: &str,
    ) -> Result<Self, OptionError> {
        let has = |letter| letters.contains(letter);
        let mut scale = ScaleFormula::Linear;
        for letter in letters.chars() {
            match letter {
                'l' => scale = ScaleFormula::Log10,
                'e' => scale = ScaleFormula::ErbMoore,
                'b' => scale = ScaleFormula::BarkSmooth,
                'm' => scale = ScaleFormula::MelFant,
                'f' | 'c' | 'h' | 'H' | 'y' | 'Y' | 'p' | 'P' | 's' | 'S' | 'u' | 'U' | 'g'
                | 'G' => {}
                other => {
                    let given = format!("'{other}' in \"{letters}\"");
                    return Err(OptionError::new("option", given, LETTERS));
                }
            }
        }
        let mut options = VoiceboxOptions::new(parse_bins(bins, sample_rate_hz)?, sample_rate_hz);
        options.scale = scale;
        options.bands = match bands {
            None => Bands::Auto,
            Some(given) if has('P') || (given < 1.0 && !has('p')) => Bands::Spacing(1000.0 * given),
            Some(given) => Bands::Count(whole("band count", given)?),
        };
        (options.low, options.high) = (low, high);
        options.unit = if has('h') { Unit::Scale } else { Unit::Hertz };
        options.limits = if has('c') { Limits::Centres } else { Limits::Edges };
        options.extend_low = has('y') != has('Y');
        options.extend_high = has('y');
        options.quantity = match (has('u'), has('U')) {
            (true, _) => Quantity::Density,
            (false, true) => Quantity::PowerToDensity,
            (false, false) => Quantity::Power,
        };
        options.one_sided_input = has('s');
        options.one_sided_output = has('S');
        let plot = if has('G') { Some(Plot::Image) } else { has('g').then_some(Plot::Curves) };
        Ok(Self { options, centres_on_scale: has('H'), plot })
    }
}

fn parse_bins(bins: &[f64], sample_rate_hz: f64) -> Result<Bins, OptionError> {
    match *bins {
        [length] => Ok(Bins::of_fft(whole("FFT length", length)?, sample_rate_hz)),
        [bins, step_hz] => Ok(Bins { count: whole("bin count", bins)?, step_hz, first_hz: 0.0 }),
        [bins, step_hz, first_hz] => {
            Ok(Bins { count: whole("bin count", bins)?, step_hz, first_hz })
        }
        _ => Err(OptionError::new(
            "list of bins",
            format!("{bins:?}"),
            "the FFT length, or count, step in Hz and first bin in Hz",
        )),
    }
}

/// A count of at least 1.
fn whole(option: &'static str, given: f64) -> Result<usize, OptionError> {
    let whole = count(given.min(1e15));
    let met = (1..=BINS_MAX).contains(&whole) && (real(whole) - given).abs() < f64::EPSILON;
    OptionError::unless(met, option, given, format!("a whole number, 1 to {BINS_MAX}"))?;
    Ok(whole)
}
