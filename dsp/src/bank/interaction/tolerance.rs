//! How exactly a steep curve is to be met, centre by centre.

use super::MOST;

/// Amplitudes below −66 dB are as good as off.
pub(super) const OFF: f64 = 5e-4;

/// From one centre to the next a smooth curve changes by no more than this factor: 6 dB.
const STEEPEST: f64 = 2.0;

/// What a neighbour far above lends to a centre, in its excess.
const BESIDE_PEAK: f64 = 1.0;

/// What neighbours far below lend to a centre, in targets, one and two centres away.
const BESIDE_VALLEY: [f64; 2] = [0.4, 0.1];

/// The part that is left where a curve falls, or rises, to both sides: the point of a peak or valley.
const POINT: f64 = 0.02;

/// Sides that differ by no more than this factor make a point.
const ALIKE: f64 = 3.0;

/// How far the response may be from its target at each centre, in amplitude, where a curve is steep.
///
/// Beside a peak no band can be as low as drawn, and beside a valley none as high; there the
/// response is let go. The points of peaks and valleys, and whatever is more than two centres from
/// a steep place, are to be met: 0 stands for as exactly as can be.
pub(super) struct Tolerances {
    of: [f64; MOST],
    bands: usize,
}

impl Tolerances {
    /// Those of linear amplitudes wanted at no more than [`MOST`] centres.
    pub fn of(targets: &[f32]) -> Self {
        let mut tolerances = Self { of: [0.0; MOST], bands: targets.len() };
        for (i, tolerance) in tolerances.of.iter_mut().enumerate().take(targets.len()) {
            *tolerance =
                [1, 2].map(|away| beside(targets, i, away)).into_iter().fold(0.0, f64::max);
        }
        tolerances
    }

    /// Whether there is nothing steep.
    pub fn is_smooth(&self) -> bool {
        self.all().iter().all(|tolerance| *tolerance == 0.0)
    }

    /// One per centre.
    pub fn all(&self) -> &[f64] {
        &self.of[..self.bands]
    }
}

/// The tolerance at centre `i` for its neighbours so many centres away.
fn beside(targets: &[f32], i: usize, away: usize) -> f64 {
    let steepest = STEEPEST.powi(if away == 1 { 1 } else { 2 });
    let target = at(targets, i);
    let [left, right] = neighbours(targets, i, away).map(|neighbour| neighbour / target);
    // Two centres from a peak the response is no longer free, but may double.
    let most = if away == 1 { f64::INFINITY } else { 1.0 };
    let excess = |ratio: f64| (ratio / steepest - 1.0).clamp(0.0, most);
    let lack = |ratio: f64| (1.0 - ratio * steepest).max(0.0);
    let peak = BESIDE_PEAK * slope(excess(left), excess(right));
    let valley = BESIDE_VALLEY[away - 1] * slope(lack(left), lack(right));
    target * peak.max(valley)
}

/// What counts of the two sides of a centre.
fn slope(left: f64, right: f64) -> f64 {
    (left.max(right) - ALIKE * left.min(right)).max(0.0) + POINT * left.min(right)
}

/// The targets so many centres to either side. The curve is mirrored at its ends, as spectra are; a
/// centre that would be its own neighbour has the other one twice.
pub(super) fn neighbours(targets: &[f32], i: usize, away: usize) -> [f64; 2] {
    let last = targets.len() - 1;
    let below = i.abs_diff(away);
    let above = last.abs_diff((last - i).abs_diff(away));
    let [below, above] =
        [if below == i { above } else { below }, if above == i { below } else { above }];
    [at(targets, below), at(targets, above)]
}

/// A target as one that a gain can be compared with.
pub(super) fn at(targets: &[f32], i: usize) -> f64 {
    f64::from(targets[i]).max(OFF)
}
