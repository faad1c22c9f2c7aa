//! A bank laid out for streaming: single precision, padded to whole vectors, scheduled.

use super::cascade::Poles;
use super::vector::LANES;
use crate::bank::Bank;
use crate::cast::single;
use crate::kernel::Kernel;

/// One band's kernels.
pub(super) struct BandPlan {
    /// Analysis taps in the order of the past, oldest first; none where filters are recursive.
    pub analysis: Taps,
    /// How many samples before now the newest sample heard lies.
    pub age: usize,
    /// Synthesis taps in the order of the future, soonest first.
    pub synthesis: Taps,
    /// How many samples after now the first tap sounds.
    pub delay: usize,
    /// From the amplitude of a coefficient to that of the sinusoid behind it.
    pub level: f32,
}

/// Complex taps as two lists.
pub(super) struct Taps {
    pub re: Vec<f32>,
    pub im: Vec<f32>,
}

impl Taps {
    fn new(taps: impl ExactSizeIterator<Item = num_complex::Complex<f64>>, leading: bool) -> Self {
        let padding = taps.len().next_multiple_of(LANES) - taps.len();
        let mut re = vec![0.0; if leading { padding } else { 0 }];
        let mut im = re.clone();
        for tap in taps {
            re.push(single(tap.re));
            im.push(single(tap.im));
        }
        let whole = re.len().next_multiple_of(LANES);
        re.resize(whole, 0.0);
        im.resize(whole, 0.0);
        Self { re, im }
    }
}

/// A bank as the engine reads it.
pub(super) struct Plan {
    pub bands: Vec<BandPlan>,
    /// The filters of a recursive bank.
    pub poles: Option<Poles>,
    /// For every sample of the period the bands that compute then.
    pub schedule: Vec<Vec<u16>>,
    /// Samples of the past that any kernel hears.
    pub past: usize,
    /// Samples of the future that any dual sounds in.
    pub future: usize,
}

impl Plan {
    pub fn new(bank: &Bank) -> Self {
        let poles = (!bank.poles().is_empty()).then(|| Poles::new(bank.poles()));
        let edge = |k: usize| k == 0 || k == bank.bands() - 1;
        let recursive = poles.is_some();
        let bands: Vec<BandPlan> = bank
            .analysis_kernels()
            .iter()
            .zip(bank.dual_kernels())
            .enumerate()
            .map(|(k, (kernel, dual))| band((!recursive).then_some(kernel), dual, edge(k)))
            .collect();
        let due = |n: usize, k: usize| n % bank.strides()[k] == bank.phases()[k];
        let schedule = (0..bank.period())
            .map(|n| {
                (0..bank.bands()).filter(|&k| due(n, k)).filter_map(|k| k.try_into().ok()).collect()
            })
            .collect();
        let past = bands.iter().map(|band| band.age + band.analysis.re.len()).max().unwrap_or(1);
        let future =
            bands.iter().map(|band| band.delay + band.synthesis.re.len()).max().unwrap_or(1);
        Self { bands, poles, schedule, past, future }
    }
}

/// A band with this kernel, or with a recursive filter of unit gain at its centre frequency.
fn band(kernel: Option<&Kernel>, dual: &Kernel, edge: bool) -> BandPlan {
    let taps = kernel.map_or(&[][..], |kernel| &kernel.taps);
    BandPlan {
        analysis: Taps::new(taps.iter().rev().copied(), true),
        age: kernel.map_or(0, |kernel| kernel.offset),
        synthesis: Taps::new(dual.taps.iter().copied(), false),
        delay: dual.offset,
        // A sinusoid has half its amplitude at its positive frequency, but at 0 Hz and Nyquist.
        level: match (edge, kernel) {
            (false, _) => 2.0,
            (true, Some(_)) => std::f32::consts::SQRT_2,
            (true, None) => 1.0,
        },
    }
}
