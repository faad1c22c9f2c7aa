//! The last word on solved gains: nothing falls to a null between the centres.

use super::tolerance::at;
use super::{Interaction, POINTS, change};
use crate::cast::single;
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

/// The lowest amplitude that is in order at a point of the grid.
pub(super) fn floor(interaction: &Interaction, targets: &[f32], point: usize) -> f64 {
    // At a centre, both neighbours count: a peak that is not reached is no null.
    let around = point.saturating_sub(1) / POINTS..=(point / POINTS + 1).min(targets.len() - 1);
    let lowest = targets[around].iter().copied().fold(f32::INFINITY, f32::min);
    (NULL * f64::from(lowest)).min(OWN * (1.0 + change(interaction.point(point), targets)))
}

impl Interaction {
    fn point(&self, point: usize) -> &[f64] {
        &self.grid[point * self.bands..(point + 1) * self.bands]
    }

    fn points(&self) -> Range<usize> {
        0..self.grid.len() / self.bands.max(1)
    }

    /// Takes gains back towards their targets, where the response would fall to a null: a response is
    /// a mean of the gains around it, so that the targets themselves leave none.
    pub(super) fn guard(&self, targets: &[f32], gains: &mut [f32]) {
        let slack = Aims::of(self).slack;
        let mut any = false;
        for point in self.points() {
            let part = self.too_far(targets, gains, point, slack);
            if part > 0.0 {
                any = true;
                for ((gain, target), heard) in gains.iter_mut().zip(targets).zip(self.point(point))
                {
                    let back = part * (heard.abs() / HEARD).min(1.0);
                    *gain += single(back) * (target - *gain);
                }
            }
        }
        if !any {
            return;
        }
        // Bands that are hardly heard there might still be too much together.
        let part = self
            .points()
            .map(|point| self.too_far(targets, gains, point, slack))
            .fold(0.0, f64::max);
        for (gain, target) in gains.iter_mut().zip(targets) {
            *gain += single(part) * (target - *gain);
        }
    }

    /// The part of the way back to the targets after which the response at a point is in order.
    fn too_far(&self, targets: &[f32], gains: &[f32], point: usize, slack: f64) -> f64 {
        let row = self.point(point);
        let response = 1.0 + change(row, gains);
        if response >= NULL * at(targets, point / POINTS) {
            return 0.0;
        }
        let floor = floor(self, targets, point) - slack;
        let own = 1.0 + change(row, targets);
        if response < floor { ((floor - response) / (own - response)).clamp(0.0, 1.0) } else { 0.0 }
    }
}
