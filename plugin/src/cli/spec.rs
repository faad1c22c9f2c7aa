//! The options that say which bank.

use clap::Args;
use erbium_dsp::{BankSpec, Kind, Prototype, Quality, Scale, Sizing};

/// Which bank, but for the sample rate.
#[derive(Args, Clone, Copy)]
#[command(next_help_heading = "Bank")]
pub struct SpecArguments {
    /// Family of kernels: isac
    #[arg(long, default_value_t)]
    kind: Kind,
    /// Scale that spaces and shapes the bands: erb, mel, bark, log (or log10), linear
    #[arg(long, default_value_t)]
    scale: Scale,
    /// Number of bands, 0 Hz and half the sample rate included: 8 to 64, with --kernel-size to 1024
    #[arg(long, default_value_t = BankSpec::default().bands)]
    bands: usize,
    /// Latency in milliseconds, 1 to 100: what the bank is designed for [default: 21]
    #[arg(long, value_name = "MS")]
    #[arg(conflicts_with_all = ["kernel_size", "stride", "supp_mult", "fc_max"])]
    latency_ms: Option<f64>,
    /// Work spent on transparency: eco, standard, high
    #[arg(long, default_value_t)]
    quality: Quality,
    /// Window of the kernels: hann (as published), hann2 (Hann squared)
    #[arg(long, default_value_t)]
    prototype: Prototype,
    /// Published ISAC settings instead of a latency: longest kernel in samples
    #[arg(long, value_name = "SAMPLES", requires = "stride")]
    kernel_size: Option<usize>,
    /// Published ISAC settings: samples between coefficients, the same for every band
    #[arg(long, value_name = "SAMPLES", requires = "kernel_size")]
    stride: Option<usize>,
    /// Published ISAC settings: factor on every support [default: 1]
    #[arg(long, value_name = "FACTOR", requires = "kernel_size")]
    supp_mult: Option<f64>,
    /// Published ISAC settings: frequency in Hz above which the scale is linear [default: none]
    #[arg(long, value_name = "HZ", requires = "kernel_size")]
    fc_max: Option<f64>,
}

impl SpecArguments {
    /// The spec at a sample rate in hertz.
    pub fn spec(&self, sample_rate_hz: f64) -> BankSpec {
        let sizing = match (self.kernel_size, self.stride, self.latency_ms) {
            (Some(kernel_size), Some(stride), _) => Sizing::Published {
                kernel_size,
                stride,
                supp_mult: self.supp_mult.unwrap_or(1.0),
                fc_max_hz: self.fc_max,
            },
            (_, _, Some(ms)) => Sizing::Latency { ms },
            _ => BankSpec::default().sizing,
        };
        BankSpec {
            kind: self.kind,
            scale: self.scale,
            bands: self.bands,
            sizing,
            prototype: self.prototype,
            quality: self.quality,
            sample_rate_hz,
        }
    }
}
