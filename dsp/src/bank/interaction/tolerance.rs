//! How exactly a steep curve is to be met, centre by centre.

use super::banded_rows::LANES;
use super::normal::Unknowns;
use super::{MOST, WIDTH};

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

/// Centres to either side that count.
const AWAY: usize = 3;

/// How far the response may be from its target at each centre, in amplitude, where a curve is steep.
///
/// Beside a peak no band can be as low as drawn, and beside a valley none as high; there the
/// response is let go. The points of peaks and valleys, and whatever is more than two centres from
/// a steep place, are to be met: 0 stands for as exactly as can be.
pub(super) struct Tolerances {
    of: Unknowns,
    /// Targets as ones that gains can be compared with.
    targets: Unknowns,
    /// Those one to [`AWAY`] centres below and above.
    neighbours: [[Unknowns; 2]; AWAY],
}

impl Tolerances {
    /// Those of linear amplitudes wanted at no more than [`MOST`] centres.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn of(linear: &[f32]) -> Self {
        let bands = linear.len();
        let mut targets = [1.0; WIDTH];
        for (target, linear) in targets.iter_mut().zip(linear) {
            *target = f64::from(*linear).max(OFF);
        }
        let mut neighbours = [[[1.0; WIDTH]; 2]; AWAY];
        for away in 1..=AWAY {
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
        for i in 0..MOST {
            let near = beside::<1>(targets[i], below[i], above[i]);
            of[i] = near.max(beside::<2>(targets[i], far_below[i], far_above[i]));
        }
        Self { of, targets, neighbours }
    }

    /// Whether there is nothing steep.
    #[inline(always)] // Compiled with the caller's vector instructions.
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

    /// The highest target up to [`AWAY`] centres around each.
    #[inline(always)] // Compiled with the caller's vector instructions.
    pub fn highest_around(&self) -> Unknowns {
        let mut highest = self.targets;
        for [below, above] in &self.neighbours {
            for i in 0..MOST {
                highest[i] = highest[i].max(below[i]).max(above[i]);
            }
        }
        highest
    }
}

/// The tolerance at a centre for its neighbours so many centres away.
#[inline(always)] // Compiled with the caller's vector instructions.
fn beside<const AWAY: usize>(target: f64, left: f64, right: f64) -> f64 {
    // Two centres from a peak the response is no longer free, but may double.
    let (steepest, most) =
        if AWAY == 1 { (STEEPEST, f64::INFINITY) } else { (STEEPEST * STEEPEST, target) };
    let (above, below) = (1.0 / steepest, steepest);
    let excess =
        [(left * above - target).max(0.0).min(most), (right * above - target).max(0.0).min(most)];
    let lack = [(target - left * below).max(0.0), (target - right * below).max(0.0)];
    (BESIDE_PEAK * slope(excess)).max(BESIDE_VALLEY[AWAY - 1] * slope(lack))
}

/// What counts of the two sides of a centre.
#[inline(always)] // Compiled with the caller's vector instructions.
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
