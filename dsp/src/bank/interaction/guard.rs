//! The last word on solved gains: nothing falls to a null between the centres.

use super::banded_rows::{F64x8, LANES, Lanes};
use super::tolerance::at;
use super::{Interaction, POINTS, ROOM};
use faer::Mat;
use pulp::Simd;

/// Between centres the response may fall this far below the lower of the two targets: −12 dB.
const NULL: f64 = 0.25;

/// What the gains that are the targets themselves do bounds what can be asked.
const OWN: f64 = 0.9;

/// A band takes part in full where it is heard at more than this amplitude.
const HEARD: f64 = 0.02;

/// How near the response may come to its floor, in amplitude.
pub(super) struct FloorMargins {
    /// Below the floor by more than this it is to be held up.
    pub margin: f64,
    /// Where it is held up, it is so much above the floor.
    pub above: f64,
    /// Below the floor by more than this it may never be.
    pub slack: f64,
}

impl FloorMargins {
    /// A real response changes its sign where it falls below 0, so its floor is firm. A complex one
    /// goes round.
    pub const fn of(interaction: &Interaction) -> Self {
        if interaction.quadrature.is_empty() {
            Self { margin: 2e-4, above: 3e-4, slack: 1e-3 }
        } else {
            Self { margin: 0.05, above: 0.0, slack: 0.1 }
        }
    }
}

/// How many bands to either side of an interval between two centres are looked at one by one.
const AROUND: usize = 4;

/// From how many bands on to take the lowest of two, until it is that of all around: 2, 4, 8 and 10.
const STEPS: [usize; 4] = [1, 2, 4, 2];
const _: () = assert!(2 * AROUND + 2 == 10 && ROOM >= 2 * AROUND + 2);

/// More than rounding can be wrong by.
const ROUNDING: f64 = 1e-6;

/// What the intervals, from each centre to the next, hear of the bands, as far as it takes to see that
/// nothing can be wrong there. A response is a mean of the gains around, but for these, at their largest:
#[derive(Default)]
pub(super) struct Intervals {
    /// The sums of the weights below 0 around.
    negative: Vec<f64>,
    /// The sums of all weights' sizes elsewhere.
    elsewhere: Vec<f64>,
}

impl Intervals {
    /// Of responses at [`POINTS`] frequencies each.
    pub fn of(grid: &Mat<f64>) -> Self {
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
            (negative, elsewhere)
        };
        let (negative, elsewhere) = (0..bands).map(of).unzip();
        Self { negative, elsewhere }
    }

    /// What the response is above throughout each interval. `all` are the lowest and the highest change.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn bounds<const N: usize>(&self, changes: &[f64; N], all: [f64; 2]) -> [f64; N] {
        let bands = self.negative.len();
        // The changes from AROUND bands below on, those at the ends going on beyond.
        let mut low = [changes[bands - 1]; N];
        low[..AROUND].fill(changes[0]);
        low[AROUND..AROUND + bands].copy_from_slice(&changes[..bands]);
        let mut high = low;
        for step in STEPS {
            for i in 0..N - ROOM + LANES {
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
#[inline(always)] // Compiled with the caller's vector instructions.
const fn lower(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)] // Compiled with the caller's vector instructions.
pub(super) const fn higher(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The lowest and the highest.
#[inline(always)] // Compiled with the caller's vector instructions.
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
    NULL * at(targets, interval).min(at(targets, (interval + 1).min(targets.len() - 1)))
}

/// The lowest amplitude that is in order at a point of an interval, where the targets themselves come
/// to `own`.
pub(super) fn floor(targets: &[f32], interval: usize, point: usize, own: f64) -> f64 {
    // At a centre, both neighbours count: a peak that is not reached is no null.
    let first = if point == 0 { interval.saturating_sub(1) } else { interval };
    let last = (interval + 1).min(targets.len() - 1);
    let mut lowest = f32::INFINITY;
    for target in &targets[first..=last] {
        lowest = lowest.min(*target);
    }
    (NULL * f64::from(lowest)).min(OWN * own)
}

impl Interaction {
    /// The points of an interval: from a centre up to the next, or the last centre.
    pub(super) const fn points(&self, interval: usize) -> usize {
        if interval + 1 < self.bands { POINTS } else { 1 }
    }

    /// The responses at the points of an interval.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub(super) fn between<S: Simd, const V: usize>(
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

    /// Takes changes back towards those wanted, where the response would fall to a null: a response is
    /// a mean of the gains around it, so that the targets themselves leave none.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub(super) fn guard<S: Simd, const V: usize, const N: usize>(
        &self,
        x8: F64x8<S, V>,
        targets: &[f32],
        wanted: &[f64; N],
        changes: &mut [f64; N],
    ) {
        let slack = FloorMargins::of(self).slack;
        let all = extremes(&changes[..self.bands]);
        let mut any = false;
        let bounds = self.intervals.bounds(changes, all);
        for i in 0..self.bands {
            // Bounds are those of changes that have not been taken back.
            if any || bounds[i] <= ceiling_of_floors(targets, i) - slack {
                any |= self.take_back(x8, targets, wanted, changes, i);
            }
        }
        if !any {
            return;
        }
        // Bands that are hardly heard there might still be too much together.
        let mut part = 0.0_f64;
        for i in 0..self.bands {
            let responses = self.between(x8, i, changes);
            let own = self.between(x8, i, wanted);
            for point in 0..self.points(i) {
                part = part.max(self.too_far(targets, [i, point], responses[point], own[point]));
            }
        }
        for k in 0..self.bands {
            changes[k] += part * (wanted[k] - changes[k]);
        }
    }

    /// Takes back what is heard in an interval, point by point. Returns whether it had to.
    #[inline(always)] // Compiled with the caller's vector instructions.
    fn take_back<S: Simd, const V: usize, const N: usize>(
        &self,
        x8: F64x8<S, V>,
        targets: &[f32],
        wanted: &[f64; N],
        changes: &mut [f64; N],
        i: usize,
    ) -> bool {
        let mut any = false;
        let mut responses = self.between(x8, i, changes);
        let lowest = extremes(&responses[..self.points(i)])[0];
        if lowest >= ceiling_of_floors(targets, i) - FloorMargins::of(self).slack {
            return false;
        }
        let own = self.between(x8, i, wanted);
        for point in 0..self.points(i) {
            let part = self.too_far(targets, [i, point], responses[point], own[point]);
            if part > 0.0 {
                any = true;
                let rows8 = self.grid.rows8(i);
                for (heard, k) in rows8.columns.iter().zip(rows8.first..) {
                    let back = part * (heard.0[point].abs() / HEARD).min(1.0);
                    changes[k] += back * (wanted[k] - changes[k]);
                }
                responses = self.between(x8, i, changes);
            }
        }
        any
    }

    /// The part of the way back to the targets after which the response at a point of an interval is in
    /// order.
    fn too_far(&self, targets: &[f32], at: [usize; 2], response: f64, own: f64) -> f64 {
        let [interval, point] = at;
        let floor = floor(targets, interval, point, own) - FloorMargins::of(self).slack;
        if response < floor { ((floor - response) / (own - response)).clamp(0.0, 1.0) } else { 0.0 }
    }
}
