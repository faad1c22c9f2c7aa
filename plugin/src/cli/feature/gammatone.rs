//! Bands of the all-pole gammatone module, and their options.

use super::kind::Feature;
use crate::cli::spec::{count_within, frequency};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use erbium_dsp::feature::OptionError;
use erbium_dsp::feature::gammatone::{Centres, Common, Gammatone, GammatoneOptions};

/// The lower edge of the lowest band unless told otherwise, in hertz.
const LOW_HZ: f64 = 80.0;

/// What is aligned before bands are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Alignment {
    /// The peaks of the envelopes
    Envelope,
    /// The peaks of the envelopes and of the carriers in them
    Both,
}

/// Options of the gammatone features alone.
#[derive(Args, Clone)]
#[command(next_help_heading = "Gammatone")]
pub struct GammatoneArguments {
    /// Centre frequencies in hertz, separated by commas, instead of --bands between --low and --high
    #[arg(long, value_name = "HZ,HZ,...", value_delimiter = ',', allow_hyphen_values = true)]
    #[arg(value_parser = frequency())]
    #[arg(conflicts_with_all = ["low", "high", "bands", "between_centres"])]
    centres_hz: Vec<f64>,
    /// --low and --high are the outer centre frequencies, rather than the outer edges
    #[arg(long)]
    between_centres: bool,
    /// Delay bands so that these peak together [default: not aligned]
    #[arg(long, value_enum)]
    align: Option<Alignment>,
    /// The delay at which they peak, in samples [default: that of the slowest band]
    #[arg(long, value_name = "SAMPLES", requires = "align", allow_negative_numbers = true)]
    #[arg(value_parser = count_within((0, 10_000_000), "0 to 10000000 samples"))]
    delay_samples: Option<usize>,
    /// Leave out the normalisation of the gain at the centre frequencies to 1
    #[arg(long)]
    unnormalised: bool,
}

impl GammatoneArguments {
    /// Refuses options that the feature does not have.
    pub fn check(&self, feature: Feature) -> Result<()> {
        let given = [
            ("--centres-hz", !self.centres_hz.is_empty()),
            ("--between-centres", self.between_centres),
            ("--align", self.align.is_some()),
            ("--delay-samples", self.delay_samples.is_some()),
            ("--unnormalised", self.unnormalised),
        ];
        match given.into_iter().find(|(_, given)| *given) {
            Some((option, _)) if !feature.is_gammatone() => bail!(
                "{option} is no option of --feature {}; possible with: gammatone, gammatone-bands",
                feature.name()
            ),
            _ => Ok(()),
        }
    }

    /// The bank at a sample rate in hertz, of so many bands in this range in hertz.
    ///
    /// # Errors
    /// [`OptionError`] names the option that cannot be met.
    pub fn bank(
        &self,
        (low_hz, high_hz): (Option<f64>, Option<f64>),
        bands: usize,
        sample_rate_hz: f64,
    ) -> Result<Gammatone, OptionError> {
        let low_hz = low_hz.unwrap_or(LOW_HZ);
        let high_hz = high_hz.unwrap_or(sample_rate_hz / 2.0);
        let centres = if !self.centres_hz.is_empty() {
            Centres::List(self.centres_hz.clone())
        } else if self.between_centres {
            Centres::Between { low_hz, high_hz, bands }
        } else {
            Centres::Edges { low_hz, high_hz, bands }
        };
        let common = self.delay_samples.map_or(Common::Longest, Common::Samples);
        Gammatone::new(&GammatoneOptions {
            normalised: !self.unnormalised,
            envelope: self.align.map(|_| common),
            fine_structure: self.align == Some(Alignment::Both),
            ..GammatoneOptions::new(centres, sample_rate_hz)
        })
    }
}
