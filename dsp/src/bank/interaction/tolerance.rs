//! How exactly a steep curve is to be met, centre by centre.
//!
//! What the factors below must meet is said in [`steep`](super::steep), what each does to that with it.

use super::banded_rows::LANES;
use super::normal::Unknowns;
use super::{BANDS_MAX, WIDTH};

/// Targets below −66 dB are taken as this: below −60 dB, to which bands that are off must come down.
pub(super) const OFF: f64 = 5e-4;

/// From one centre to the next a smooth curve changes by no more than this factor: 6 dB, twice the 3 dB up to
/// which smooth curves are held to 0.1 dB (`tests/bank/fidelity.rs`). At 3.5 dB drawn gains are missed
/// (`tests/engine/responses.rs`), at 9.5 dB a lone band is 0.6 dB off, not 0.4.
const SMOOTH_STEP_MAX: f64 = 2.0;

/// The tolerance beside a peak, in the neighbour's excess over the smooth step. With half bands beyond two move by
/// 0.10 dB, with twice as much a lone band is 0.9 dB off.
const BESIDE_PEAK: f64 = 1.0;

/// The tolerance beside a valley, in the lack below the smooth step, one and two centres away. With 0.8 beside
/// it a lone band is 9.9 dB off, with 0.2 0.5 dB; with 0.05 two centres away bands that are off come down too
/// little.
const BESIDE_VALLEY: [f64; 2] = [0.4, 0.1];

/// The part of the tolerance that is left at the point of a peak or valley, where a curve falls, or rises, to
/// both sides. With 0.1 a lone band is 2.2 dB off, with 0.005 bands beyond two move by 0.12 dB.
const POINT: f64 = 0.02;

/// Sides that differ by no more than this factor make a point. 2 and 6 change none of those figures.
const ALIKE: f64 = 3.0;

/// Neighbours to either side that count.
const NEIGHBOURS: usize = 3;

/// How far the response may be from its target at each centre, in amplitude, where a curve is steep.
///
/// Beside a peak no band can be as low as drawn, and beside a valley none as high; there the
/// response is free. The points of peaks and valleys, and whatever is more than two centres from
/// a steep place, are to be met: 0 stands for as exactly as can be.
pub(super) struct Tolerances {
    of: Unknowns,
    /// Targets as ones that gains can be compared with.
    targets: Unknowns,
    /// Those one to [`NEIGHBOURS`] centres below and above.
    neighbours: [[Unknowns; 2]; NEIGHBOURS],
}

impl Tolerances {
    /// Those of linear target amplitudes at no more than [`BANDS_MAX`] centres.
    #[inline(always)]
    pub fn of(linear: &[f32]) -> Self {
        let bands = linear.len();
        let mut targets = [1.0; WIDTH];
        for (target, linear) in targets.iter_mut().zip(linear) {
            *target = f64::from(*linear).max(OFF);
        }
        let mut neighbours = [[[1.0; WIDTH]; 2]; NEIGHBOURS];
        for away in 1..=NEIGHBOURS {
            let [below, above] = &mut neighbours[away - 1];
            let inside = bands.saturating_sub(2 * away);
            below[away..away + inside].copy_from_slice(&targets[..inside]);
            above[away..away + inside].copy_from_slice(&targets[2 * away..2 * away + inside]);
            for i in (0..away.min(bands)).chain((away + inside).min(bands)..bands) {
                [below[i], above[i]] = mirrored(i, away, bands - 1).map(|i| targets[i]);
            }
        }
        let mut of = [0.0; WIDTH];
        let [[below, above], [far_below, far_above], ..] = &neighbours;
        for i in 0..BANDS_MAX {
            let near = beside::<1>(targets[i], below[i], above[i]);
            of[i] = near.max(beside::<2>(targets[i], far_below[i], far_above[i]));
        }
        Self { of, targets, neighbours }
    }

    /// Whether there is nothing steep.
    #[inline(always)]
    pub fn is_smooth(&self) -> bool {
        let mut sum = 0.0;
        for tolerances in self.of.as_chunks::<LANES>().0 {
            for tolerance in tolerances {
                sum += tolerance;
            }
        }
        sum == 0.0
    }

    /// One per centre, 0 after the last.
    pub const fn all(&self) -> &Unknowns {
        &self.of
    }

    /// Targets as ones that gains can be compared with, 1 after the last.
    pub const fn targets(&self) -> &Unknowns {
        &self.targets
    }

    /// The highest target up to [`NEIGHBOURS`] centres around each.
    #[inline(always)]
    pub fn highest_around(&self) -> Unknowns {
        let mut highest = self.targets;
        for [below, above] in &self.neighbours {
            for i in 0..BANDS_MAX {
                highest[i] = highest[i].max(below[i]).max(above[i]);
            }
        }
        highest
    }
}

/// The tolerance at a centre for its neighbours so many centres away.
#[inline(always)]
fn beside<const AWAY: usize>(target: f64, left: f64, right: f64) -> f64 {
    // Two centres from a peak the response is no longer free, but may double.
    let (steepest, most) = if AWAY == 1 {
        (SMOOTH_STEP_MAX, f64::INFINITY)
    } else {
        (SMOOTH_STEP_MAX * SMOOTH_STEP_MAX, target)
    };
    let (above, below) = (1.0 / steepest, steepest);
    let excess =
        [(left * above - target).max(0.0).min(most), (right * above - target).max(0.0).min(most)];
    let lack = [(target - left * below).max(0.0), (target - right * below).max(0.0)];
    (BESIDE_PEAK * slope(excess)).max(BESIDE_VALLEY[AWAY - 1] * slope(lack))
}

/// What counts of the two sides of a centre.
#[inline(always)]
fn slope([left, right]: [f64; 2]) -> f64 {
    let least = left.min(right);
    (left.max(right) - ALIKE * least).max(0.0) + POINT * least
}

/// The centres so many centres to either side. The curve is mirrored at its ends, as spectra are; a
/// centre that would be its own neighbour has the other one twice.
fn mirrored(i: usize, away: usize, last: usize) -> [usize; 2] {
    // Mirrored ones may lie behind the other end where there are few.
    let below = i.abs_diff(away).min(last);
    let above = last.abs_diff((last - i).abs_diff(away).min(last));
    [if below == i { above } else { below }, if above == i { below } else { above }]
}

/// A target as one that a gain can be compared with.
pub(super) fn at(targets: &[f32], i: usize) -> f64 {
    f64::from(targets[i]).max(OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_centres_have_neighbours_too() {
        for bands in 2..9 {
            let mut targets = [1.0; 9];
            assert!(Tolerances::of(&targets[..bands]).is_smooth(), "{bands}");
            targets[1] = 8.0;
            let tolerances = Tolerances::of(&targets[..bands]);
            assert!(!tolerances.is_smooth(), "{bands}");
            let all = tolerances.all();
            assert!(all[1] < 0.1, "the point of a peak of {bands}: {all:?}");
            assert!(bands < 4 || all[2] > 1.0, "beside a peak of {bands}: {all:?}");
            assert!(all[bands..].iter().all(|tolerance| *tolerance == 0.0), "{bands}: {all:?}");
            let highest = tolerances.highest_around();
            assert!(highest[..bands.min(5)].iter().all(|highest| *highest == 8.0), "{bands}");
        }
    }
}
