//! The last word on solved gains: nothing falls to a null between the centres.

use super::tolerance::at;
use super::{Interaction, POINTS};
use faer::Mat;
use pulp::Simd;
use std::ops::Range;

/// Between centres the response may fall this far below the lower of the two targets: −12 dB.
const NULL: f64 = 0.25;

/// What the gains that are the targets themselves do bounds what can be asked.
const OWN: f64 = 0.9;

/// A band takes part in full where it is heard at more than this amplitude.
const HEARD: f64 = 0.02;

/// How near the response may come to its floor, in amplitude.
pub(super) struct Aims {
    /// Below the floor by more than this it is to be held up.
    pub margin: f64,
    /// Where it is held up, it is so much above the floor.
    pub above: f64,
    /// Below the floor by more than this it may never be.
    pub slack: f64,
}

impl Aims {
    /// A real response changes its sign where it falls below 0, so its floor is firm. A complex one
    /// goes round.
    pub fn of(interaction: &Interaction) -> Self {
        if interaction.quadrature.is_empty() {
            Self { margin: 2e-4, above: 3e-4, slack: 1e-3 }
        } else {
            Self { margin: 0.05, above: 0.0, slack: 0.1 }
        }
    }
}

/// How many bands to either side of an interval between two centres are looked at one by one.
const AROUND: usize = 4;

/// More than rounding can be wrong by.
const ROUNDING: f64 = 1e-6;

/// What an interval between two centres hears of the bands, as far as it takes to see that nothing
/// can be wrong there. A response is a mean of the gains around, but for these, at their largest:
pub(super) struct Interval {
    /// The bands around.
    around: Range<usize>,
    /// The sum of the weights below 0 around.
    negative: f64,
    /// The sum of all weights' sizes elsewhere.
    elsewhere: f64,
}

impl Interval {
    /// Of responses at [`POINTS`] frequencies each.
    pub fn all(grid: &Mat<f64>) -> Vec<Self> {
        let bands = grid.ncols();
        let of = |i: usize| {
            let around = i.saturating_sub(AROUND)..(i + AROUND + 2).min(bands);
            let points = i * POINTS..((i + 1) * POINTS).min(grid.nrows());
            let most = |weight: &dyn Fn(usize, f64) -> f64| {
                let sum = |point| (0..bands).map(|k| weight(k, grid[(point, k)])).sum::<f64>();
                points.clone().map(sum).fold(0.0, f64::max)
            };
            let negative =
                most(&|k, weight| if around.contains(&k) { (-weight).max(0.0) } else { 0.0 });
            let elsewhere = most(&|k, weight| if around.contains(&k) { 0.0 } else { weight.abs() });
            Self { around, negative, elsewhere }
        };
        (0..bands).map(of).collect()
    }

    /// Whether the response is above `least` throughout. `all` are the lowest and the highest change.
    pub fn is_above(&self, least: f64, changes: &[f64], all: [f64; 2]) -> bool {
        let [low, high] = extremes(&changes[self.around.clone()]);
        let below =
            self.negative * (high - low) + self.elsewhere * (all[1] - low).max(low - all[0]);
        1.0 + low - below > least + ROUNDING
    }
}

/// The lowest and the highest.
pub(super) fn extremes(values: &[f64]) -> [f64; 2] {
    let mut extremes = [f64::INFINITY, f64::NEG_INFINITY];
    for value in values {
        extremes = [
            if *value < extremes[0] { *value } else { extremes[0] },
            if *value > extremes[1] { *value } else { extremes[1] },
        ];
    }
    extremes
}

/// No response is below its floor that is not below this, at any point from a centre to the next.
pub(super) fn ceiling_of_floors(targets: &[f32], centre: usize) -> f64 {
    NULL * at(targets, centre)
}

impl Interaction {
    /// The lowest amplitude that is in order at a point of the grid.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub(super) fn floor<S: Simd>(
        &self,
        simd: S,
        targets: &[f32],
        wanted: &[f64],
        point: usize,
    ) -> f64 {
        // At a centre, both neighbours count: a peak that is not reached is no null.
        let (first, last) = (point.saturating_sub(1) / POINTS, point / POINTS + 1);
        let mut lowest = f32::INFINITY;
        for target in &targets[first..=last.min(targets.len() - 1)] {
            lowest = lowest.min(*target);
        }
        let own = 1.0 + self.grid.row(point).dot(simd, wanted);
        (NULL * f64::from(lowest)).min(OWN * own)
    }

    /// The points from a centre up to the next.
    pub(super) fn points(&self, interval: usize) -> Range<usize> {
        interval * POINTS..((interval + 1) * POINTS).min(self.grid.len())
    }

    /// Takes changes back towards those wanted, where the response would fall to a null: a response is
    /// a mean of the gains around it, so that the targets themselves leave none.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub(super) fn guard<S: Simd>(
        &self,
        simd: S,
        targets: &[f32],
        wanted: &[f64],
        changes: &mut [f64],
    ) {
        let slack = Aims::of(self).slack;
        // Changes move towards those wanted, never out of these.
        let [lows, highs] = {
            let (own, sought) = (extremes(&changes[..self.bands]), extremes(&wanted[..self.bands]));
            [[own[0], sought[0]], [own[1], sought[1]]]
        };
        let all = [lows[0].min(lows[1]), highs[0].max(highs[1])];
        let mut any = false;
        for (i, interval) in self.intervals.iter().enumerate() {
            if interval.is_above(ceiling_of_floors(targets, i), changes, all) {
                continue;
            }
            for point in self.points(i) {
                let part = self.too_far(simd, targets, wanted, changes, point, slack);
                if part > 0.0 {
                    any = true;
                    let row = self.grid.row(point);
                    for (heard, k) in row.values.iter().zip(row.first..) {
                        let back = part * (heard.abs() / HEARD).min(1.0);
                        changes[k] += back * (wanted[k] - changes[k]);
                    }
                }
            }
        }
        if !any {
            return;
        }
        // Bands that are hardly heard there might still be too much together.
        let mut part = 0.0_f64;
        for point in 0..self.grid.len() {
            part = part.max(self.too_far(simd, targets, wanted, changes, point, slack));
        }
        for k in 0..self.bands {
            changes[k] += part * (wanted[k] - changes[k]);
        }
    }

    /// The part of the way back to the targets after which the response at a point is in order.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn too_far<S: Simd>(
        &self,
        simd: S,
        targets: &[f32],
        wanted: &[f64],
        changes: &[f64],
        point: usize,
        slack: f64,
    ) -> f64 {
        let row = self.grid.row(point);
        let response = 1.0 + row.dot(simd, changes);
        if response >= ceiling_of_floors(targets, point / POINTS) {
            return 0.0;
        }
        let floor = self.floor(simd, targets, wanted, point) - slack;
        let own = 1.0 + row.dot(simd, wanted);
        if response < floor { ((floor - response) / (own - response)).clamp(0.0, 1.0) } else { 0.0 }
    }
}
