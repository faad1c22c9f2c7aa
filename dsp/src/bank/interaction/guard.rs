//! The last step of solving: no gains that let the response fall to a null between the centres.

use super::banded_rows::{F64x8, LANES, Lanes};
use super::tolerance::at;
use super::{Interaction, PADDING, POINTS};
use faer::Mat;
use pulp::Simd;

/// Between centres the response may fall this far below the lower of the two targets: −12 dB.
/// Without a limit the response of ISAC banks changes its sign, at −6 dB bands that are off come down too little
/// (`tests/bank/fidelity.rs`).
const DIP_LIMIT: f64 = 0.25;

/// No floor is above this part of the response to gains that are the targets themselves: those always meet it, so
/// that blending towards them ends. Any part below 1 will do; 0.5 changes none of the figures of
/// `tests/bank/fidelity.rs`.
const TARGET_RESPONSE_PART: f64 = 0.9;

/// Bands are blended in full where their response is above this amplitude, in proportion where it is below. Not
/// critical, for what that leaves over is blended alike in all bands: 0.005 changes none of the same figures, 0.1
/// leaves 2 dB more of bands that are off.
const FULL_BLEND_RESPONSE: f64 = 0.02;

/// How near the response may come to its floor, in amplitude.
pub(super) struct FloorMargins {
    /// Below the floor by more than this a constraint is added.
    pub margin: f64,
    /// The goal of that constraint, above the floor.
    pub above: f64,
    /// Below the floor by more than this it may never be.
    pub slack: f64,
}

impl FloorMargins {
    /// A real response changes its sign where it falls below 0, so its floor is firm: within one to four
    /// times [`ACCURACY`](super::ACCURACY). A complex one passes beside 0, so its margins may be wide; twice
    /// as wide changes none of the same figures.
    pub const fn of(interaction: &Interaction) -> Self {
        if interaction.quadrature.is_empty() {
            Self { margin: 2e-4, above: 3e-4, slack: 1e-3 }
        } else {
            Self { margin: 0.05, above: 0.0, slack: 0.1 }
        }
    }
}

/// How many bands to either side of an interval between two centres are bounded one by one; bounds are safe with
/// any number, only tighter with more.
const NEIGHBOURS: usize = 4;

/// Steps of a running minimum and maximum: after each the window is 2, 4, 8 and 10 bands.
const WINDOW_STEPS: [usize; 4] = [1, 2, 4, 2];
const _: () = assert!(2 * NEIGHBOURS + 2 == 10 && PADDING >= 2 * NEIGHBOURS + 2);

/// More than the rounding error of a bound.
const ROUNDING: f64 = 1e-6;

/// Lower bounds on the response in the intervals from each centre to the next, cheaper than the response. It is
/// a mean of the gains around, but for these, at their largest:
#[derive(Default)]
pub(super) struct Intervals {
    /// The sums of the weights below 0 around.
    negative: Vec<f64>,
    /// The sums of the weights' magnitudes elsewhere.
    elsewhere: Vec<f64>,
}

impl Intervals {
    /// Of responses at [`POINTS`] frequencies each.
    pub fn of(grid: &Mat<f64>) -> Self {
        let bands = grid.ncols();
        let of = |i: usize| {
            let around = i.saturating_sub(NEIGHBOURS)..(i + NEIGHBOURS + 2).min(bands);
            let points = i * POINTS..((i + 1) * POINTS).min(grid.nrows());
            let most = |weight: &dyn Fn(usize, f64) -> f64| {
                let sum = |point| (0..bands).map(|k| weight(k, grid[(point, k)])).sum::<f64>();
                points.clone().map(sum).fold(0.0, f64::max)
            };
            let negative =
                most(&|k, weight| if around.contains(&k) { (-weight).max(0.0) } else { 0.0 });
            let elsewhere = most(&|k, weight| if around.contains(&k) { 0.0 } else { weight.abs() });
            (negative, elsewhere)
        };
        let (negative, elsewhere) = (0..bands).map(of).unzip();
        Self { negative, elsewhere }
    }

    /// A lower bound on the response throughout each interval. `all` are the lowest and the highest change.
    #[inline(always)]
    pub fn bounds<const N: usize>(&self, changes: &[f64; N], all: [f64; 2]) -> [f64; N] {
        let bands = self.negative.len();
        // The changes from NEIGHBOURS bands below on, those at the ends going on beyond.
        let mut low = [changes[bands - 1]; N];
        low[..NEIGHBOURS].fill(changes[0]);
        low[NEIGHBOURS..NEIGHBOURS + bands].copy_from_slice(&changes[..bands]);
        let mut high = low;
        for step in WINDOW_STEPS {
            for i in 0..N - PADDING + LANES {
                (low[i], high[i]) = (lower(low[i], low[i + step]), higher(high[i], high[i + step]));
            }
        }
        let mut bounds = [0.0; N];
        for i in 0..bands {
            let far = higher(all[1] - low[i], low[i] - all[0]);
            let below = self.negative[i] * (high[i] - low[i]) + self.elsewhere[i] * far;
            bounds[i] = 1.0 + low[i] - below - ROUNDING;
        }
        bounds
    }
}

/// Unlike the standard library's, for numbers alone.
#[inline(always)]
const fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
pub(super) const fn higher(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The lowest and the highest.
#[inline(always)]
pub(super) fn extremes(values: &[f64]) -> [f64; 2] {
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let (x8, rest) = values.as_chunks::<LANES>();
    for lanes in x8 {
        for lane in 0..LANES {
            low[lane] = lower(low[lane], lanes[lane]);
            high[lane] = higher(high[lane], lanes[lane]);
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        low[lane] = lower(low[lane], *value);
        high[lane] = higher(high[lane], *value);
    }
    let mut extremes = [low[0], high[0]];
    for lane in 1..LANES {
        extremes = [lower(extremes[0], low[lane]), higher(extremes[1], high[lane])];
    }
    extremes
}

/// No floor in an interval is above this.
pub(super) fn ceiling_of_floors(targets: &[f32], interval: usize) -> f64 {
    DIP_LIMIT * at(targets, interval).min(at(targets, (interval + 1).min(targets.len() - 1)))
}

/// The lowest amplitude allowed at a point of an interval, where gains that are the targets themselves have the
/// response `own`.
pub(super) fn floor(targets: &[f32], interval: usize, point: usize, own: f64) -> f64 {
    // At a centre, both neighbours count: a peak that is not reached is no null.
    let first = if point == 0 { interval.saturating_sub(1) } else { interval };
    let last = (interval + 1).min(targets.len() - 1);
    let mut lowest = f32::INFINITY;
    for target in &targets[first..=last] {
        lowest = lowest.min(*target);
    }
    (DIP_LIMIT * f64::from(lowest)).min(TARGET_RESPONSE_PART * own)
}

impl Interaction {
    /// The points of an interval: from a centre up to the next, or the last centre.
    pub(super) const fn points(&self, interval: usize) -> usize {
        if interval + 1 < self.bands { POINTS } else { 1 }
    }

    /// The responses at the points of an interval.
    #[inline(always)]
    pub(super) fn interval_responses<S: Simd, const V: usize>(
        &self,
        x8: F64x8<S, V>,
        interval: usize,
        changes: &[f64],
    ) -> Lanes {
        let change = self.grid.rows8(interval).times(x8, changes);
        let mut responses = [0.0; LANES];
        x8.store(x8.sum(change, x8.splat(1.0)), &mut responses);
        responses
    }

    /// Blends changes towards the targets, where the response would fall to a null: a response is a mean of the gains
    /// around it, so that gains that are the targets leave none.
    #[inline(always)]
    pub(super) fn guard<S: Simd, const V: usize, const N: usize>(
        &self,
        x8: F64x8<S, V>,
        targets: &[f32],
        target_changes: &[f64; N],
        changes: &mut [f64; N],
    ) {
        let slack = FloorMargins::of(self).slack;
        let all = extremes(&changes[..self.bands]);
        let mut any = false;
        let bounds = self.intervals.bounds(changes, all);
        for i in 0..self.bands {
            // Bounds hold for changes before any blending.
            if any || bounds[i] <= ceiling_of_floors(targets, i) - slack {
                any |= self.blend_interval(x8, targets, target_changes, changes, i);
            }
        }
        if !any {
            return;
        }
        // Small responses of many bands may still be too much together.
        let mut part = 0.0_f64;
        for i in 0..self.bands {
            let responses = self.interval_responses(x8, i, changes);
            let own = self.interval_responses(x8, i, target_changes);
            for point in 0..self.points(i) {
                part =
                    part.max(self.blend_needed(targets, [i, point], responses[point], own[point]));
            }
        }
        for k in 0..self.bands {
            changes[k] += part * (target_changes[k] - changes[k]);
        }
    }

    /// Blends the bands that contribute to an interval, point by point. Returns whether it had to.
    #[inline(always)]
    fn blend_interval<S: Simd, const V: usize, const N: usize>(
        &self,
        x8: F64x8<S, V>,
        targets: &[f32],
        target_changes: &[f64; N],
        changes: &mut [f64; N],
        i: usize,
    ) -> bool {
        let mut any = false;
        let mut responses = self.interval_responses(x8, i, changes);
        let lowest = extremes(&responses[..self.points(i)])[0];
        if lowest >= ceiling_of_floors(targets, i) - FloorMargins::of(self).slack {
            return false;
        }
        let own = self.interval_responses(x8, i, target_changes);
        for point in 0..self.points(i) {
            let part = self.blend_needed(targets, [i, point], responses[point], own[point]);
            if part > 0.0 {
                any = true;
                let rows8 = self.grid.rows8(i);
                for (responses, k) in rows8.columns.iter().zip(rows8.first..) {
                    let blend = part * (responses.0[point].abs() / FULL_BLEND_RESPONSE).min(1.0);
                    changes[k] += blend * (target_changes[k] - changes[k]);
                }
                responses = self.interval_responses(x8, i, changes);
            }
        }
        any
    }

    /// The blend towards the targets, 0 to 1, at which the response at a point of an interval reaches its floor.
    fn blend_needed(&self, targets: &[f32], at: [usize; 2], response: f64, own: f64) -> f64 {
        let [interval, point] = at;
        let floor = floor(targets, interval, point, own) - FloorMargins::of(self).slack;
        if response < floor { ((floor - response) / (own - response)).clamp(0.0, 1.0) } else { 0.0 }
    }
}
