//! The options that say which bank.

use clap::Args;
use erbium_dsp::{BankSpec, Kind, Phase, Prototype, Quality, Scale, Sizing};
use std::str::FromStr;

/// Reads a real number within bounds; `possible` says them, with the unit.
pub fn real_within<T: FromStr + PartialOrd + Copy>(
    (low, high): (T, T),
    possible: &str,
) -> impl Fn(&str) -> Result<T, String> + Clone + use<'_, T> {
    within(low, high, "number", possible)
}

/// Reads a whole number within bounds; `possible` says them, with the unit.
pub fn count_within(
    (low, high): (usize, usize),
    possible: &str,
) -> impl Fn(&str) -> Result<usize, String> + Clone + use<'_> {
    within(low, high, "whole number", possible)
}

/// Reads a frequency in hertz of any sound; what a feature can have of it depends on its sample rate.
pub fn frequency() -> impl Fn(&str) -> Result<f64, String> + Clone {
    real_within((0.0, 1e9), "0 to 1000000000 Hz")
}

/// The given is told as it was written, for a number may have hundreds of digits.
fn within<'a, T: FromStr + PartialOrd + Copy>(
    low: T,
    high: T,
    what: &'a str,
    possible: &'a str,
) -> impl Fn(&str) -> Result<T, String> + Clone + use<'a, T> {
    move |text| match text.parse::<T>() {
        Ok(number) if number >= low && number <= high => Ok(number),
        // A whole number of any length is one out of range.
        Err(_) if !text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0) => {
            Err(format!("\"{text}\" is no {what}; possible: {possible}"))
        }
        _ => Err(format!("{text} is out of range; possible: {possible}")),
    }
}

fn kind_help() -> String {
    let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    format!("Family of kernels: {}", names.join(", "))
}

/// The greatest number of bands of any feature.
const BANDS_MAX: usize = 4096;

/// Which bank, but for the sample rate.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Bank")]
pub struct SpecArguments {
    #[arg(long, default_value_t, help = kind_help())]
    kind: Kind,
    /// Scale that spaces and shapes the bands: erb, mel, bark, log (or log10), linear, elelog
    #[arg(long, default_value_t)]
    scale: Scale,
    /// Number of bands. Of a bank, 0 Hz and half the sample rate included: 8 to 64, with --stride to 1024; features
    /// that need no bank: 1 to 4096, those of kernels 2 to 1024
    #[arg(long, default_value_t = BankSpec::default().bands, allow_negative_numbers = true)]
    // Each bank and feature has limits of its own, and says them.
    #[arg(value_parser = count_within(
        (1, BANDS_MAX),
        "8 to 64, with --stride to 1024; of features without a bank 1 to 4096",
    ))]
    bands: usize,
    /// Latency in milliseconds, 1 to 100: what the bank is designed for [default: 21]
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    #[arg(value_parser = real_within(BankSpec::LATENCY_MS, "1 to 100 ms"))]
    #[arg(conflicts_with_all = ["kernel_size", "stride", "supp_mult", "fc_max"])]
    latency_ms: Option<f64>,
    /// Work spent on transparency: eco, standard, high
    #[arg(long, default_value_t)]
    quality: Quality,
    /// Window of the kernels: hann (as published), hann2 (Hann squared)
    #[arg(long, default_value_t)]
    prototype: Prototype,
    /// Published ISAC settings: longest kernel in samples [default: no limit, the scale's own at 0 Hz or one second]
    #[arg(long, value_name = "SAMPLES", requires = "stride", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((8, 65_536), "8 to 65536 samples"))]
    kernel_size: Option<usize>,
    /// Published ISAC settings instead of a latency: samples between coefficients, the same for every band
    #[arg(long, value_name = "SAMPLES", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((1, 65_536), "1 sample to --kernel-size"))]
    stride: Option<usize>,
    /// Published ISAC settings: factor on every support [default: 1]
    #[arg(long, value_name = "FACTOR", requires = "stride", allow_negative_numbers = true)]
    #[arg(value_parser = real_within((0.05, 4.0), "0.05 to 4"))]
    supp_mult: Option<f64>,
    /// Published ISAC settings: frequency in Hz above which the scale is linear [default: none]
    #[arg(long, value_name = "HZ", requires = "stride", allow_negative_numbers = true)]
    #[arg(value_parser = real_within((1.0, BankSpec::SAMPLE_RATE_HZ.1 / 2.0), "1 Hz to half the sample rate"))]
    fc_max: Option<f64>,
}

impl SpecArguments {
    /// The spec at a sample rate in hertz.
    pub fn spec(&self, sample_rate_hz: f64) -> BankSpec {
        let sizing = match (self.kernel_size, self.stride, self.latency_ms) {
            (kernel_size, Some(stride), _) => Sizing::Published {
                kernel_size,
                stride,
                supp_mult: self.supp_mult.unwrap_or(1.0),
                fc_max_hz: self.fc_max,
            },
            (_, None, Some(ms)) => Sizing::Latency { ms },
            _ => BankSpec::default().sizing,
        };
        BankSpec {
            kind: self.kind,
            scale: self.scale,
            bands: self.bands,
            sizing,
            phase: Phase::OfBank,
            prototype: self.prototype,
            quality: self.quality,
            sample_rate_hz,
        }
    }
}
