//! The bank's response with minimum phase: how long its filter is, and at how many points it is found.

use super::partitions::{Partitions, Weights};
use crate::bank::minimum_phase::MinimumPhase;
use crate::bank::{Bank, ImpulseResponse, ImpulseResponses, MinimumPhaseSizes};
use crate::cast::{count, real, single};
use crate::stream::timing::CONTROL_BLOCK;
use num_complex::Complex32;
use realfft::RealFftPlanner;
use std::f64::consts::TAU;
use std::sync::Arc;

/// The time from one filter to the next, in milliseconds, while gains move. From gains that are asked for until their
/// filter alone is heard it takes an interval to wait for, some of one to build the filter, and two to go over: less than
/// 20 ms.
const INTERVAL_MS: f64 = 14.0 / 3.0;

/// The part of an interval in which the next filter is built.
const BUILD_PART: f64 = 4.0 / 7.0;

/// A tap that is convolved directly stays in registers; long filters gain by long blocks
/// (`cargo xtask bench minimum-phase`).
const WEIGHTS: Weights = Weights { direct: 0.15, worst_block: 0.1 };

/// What of a band's response is left out while gains move, in parts of its peak.
const AUDIBLE: f32 = 1e-4;

/// The filter of the bank's magnitude with minimum phase.
pub(crate) struct MinimumPhasePlan {
    pub partitions: Partitions,
    pub responses: Arc<ImpulseResponses>,
    /// The bands' responses without the latency, at the points of the fast resolution.
    pub spectra: Vec<BandSpectrum>,
    fast: MinimumPhase,
    fine: MinimumPhase,
    /// Taps of the fast filter, of as many as the fine one has.
    pub fast_taps: usize,
    /// Control blocks from one filter to the next.
    pub interval_blocks: usize,
    /// Those in which a filter is built.
    pub build_blocks: usize,
    /// The latency of the bands' impulse responses.
    pub latency_samples: usize,
}

/// How exactly a filter meets the magnitude.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// To about 0.1 dB, but where low bands sound alone by several: while gains move.
    Fast,
    /// To 0.01 dB.
    Fine,
}

/// A band's response where it is above [`AUDIBLE`].
pub(crate) struct BandSpectrum {
    pub first: usize,
    pub bins: Vec<Complex32>,
}

impl MinimumPhasePlan {
    pub fn new(bank: &Bank) -> Option<Self> {
        let MinimumPhaseSizes { taps, fast_points, fine_points } = bank.minimum_phase_sizes();
        let (fast, fine) = (MinimumPhase::new(fast_points), MinimumPhase::new(fine_points));
        let interval = count(bank.spec().sample_rate_hz * INTERVAL_MS / 1000.0);
        let interval_blocks = (interval / CONTROL_BLOCK).max(1);
        Some(Self {
            partitions: Partitions::new(&(0..taps), WEIGHTS)?,
            responses: bank.impulse_responses().clone(),
            spectra: spectra(bank, &fast),
            fast_taps: (fast_points / 4).min(taps),
            build_blocks: count(BUILD_PART * real(interval_blocks)).max(1),
            interval_blocks,
            latency_samples: bank.kernel_latency_samples(),
            fast,
            fine,
        })
    }

    pub const fn at(&self, resolution: Resolution) -> &MinimumPhase {
        match resolution {
            Resolution::Fast => &self.fast,
            Resolution::Fine => &self.fine,
        }
    }

    pub fn taps(&self, resolution: Resolution) -> usize {
        match resolution {
            Resolution::Fast => self.fast_taps,
            Resolution::Fine => self.partitions.taps().end,
        }
    }
}

/// The bands' responses at as many points, the bank's latency removed.
fn spectra(bank: &Bank, at: &MinimumPhase) -> Vec<BandSpectrum> {
    let forward = RealFftPlanner::<f32>::new().plan_fft_forward(at.points);
    let (mut frame, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
    let latency = bank.kernel_latency_samples();
    let advance = |n: usize| {
        // Whole turns are lost in single precision.
        let turns = real(n * latency % at.points) / real(at.points);
        let (sin, cos) = (TAU * turns).sin_cos();
        Complex32::new(single(cos), single(sin))
    };
    let responses = bank.impulse_responses();
    let mut of = |band: &ImpulseResponse| {
        frame.fill(0.0);
        band.add(1.0, &mut frame);
        let done = forward.process(&mut frame, &mut spectrum);
        debug_assert!(done.is_ok(), "{done:?}");
        let peak = spectrum.iter().map(|bin| bin.norm()).fold(0.0, f32::max);
        let is_audible = |bin: &Complex32| bin.norm() > AUDIBLE * peak;
        let first = spectrum.iter().position(is_audible).unwrap_or(0);
        let end = spectrum.iter().rposition(is_audible).map_or(first, |last| last + 1);
        let bins = (first..end).map(|n| spectrum[n] * advance(n)).collect();
        BandSpectrum { first, bins }
    };
    responses.bands.iter().map(&mut of).collect()
}
