//! A smooth ramp to the values asked for.

/// The part of a ramp that is done after a part of its time: without a corner at either end.
pub(crate) fn smooth(time: f32) -> f32 {
    time * time * (3.0 - 2.0 * time)
}

/// Values that move to their targets together and then are the targets exactly.
///
/// As they move together, what is mixed with them is at any moment a blend of before and after.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ramp<const N: usize> {
    from: [f32; N],
    targets: [f32; N],
    samples: u16,
    left: u16,
}

impl<const N: usize> Ramp<N> {
    /// Rests at `values`.
    pub(crate) const fn new(values: [f32; N]) -> Self {
        Self { from: values, targets: values, samples: 0, left: 0 }
    }

    /// Moves to `targets` from wherever it is, in `samples` samples; at once if that is 0.
    pub(crate) fn set_targets(&mut self, targets: [f32; N], samples: u16) {
        if targets == self.targets && samples > 0 {
            return;
        }
        *self = Self { from: self.values(), targets, samples, left: samples };
    }

    /// The values now.
    pub(crate) fn values(&self) -> [f32; N] {
        std::array::from_fn(|n| self.at(n, self.left))
    }

    /// A value where so many samples are left.
    fn at(&self, n: usize, left: u16) -> f32 {
        if left == 0 {
            return self.targets[n];
        }
        let part = smooth(f32::from(self.samples - left) / f32::from(self.samples));
        self.from[n] + part * (self.targets[n] - self.from[n])
    }

    /// The values of the next samples, which all have the same length.
    pub(crate) fn fill(&mut self, values: [&mut [f32]; N]) {
        let length = values.first().map_or(0, |values| values.len());
        let moving = u16::try_from(length).map_or(self.left, |length| length.min(self.left));
        for (n, values) in values.into_iter().enumerate() {
            let (on_the_way, arrived) = values.split_at_mut(usize::from(moving));
            for (value, passed) in on_the_way.iter_mut().zip(1..) {
                *value = self.at(n, self.left - passed);
            }
            arrived.fill(self.targets[n]);
        }
        self.left -= moving;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_smooth_ends_exactly_and_does_not_depend_on_blocks() {
        let mut whole = Ramp::new([1.0]);
        let mut cut = whole;
        whole.set_targets([0.3], 100);
        cut.set_targets([0.3], 100);
        let mut values = [0.0; 120];
        whole.fill([&mut values]);
        let mut pieces = [0.0; 120];
        for piece in pieces.chunks_mut(7) {
            cut.set_targets([0.3], 100);
            cut.fill([piece]);
        }
        assert_eq!(values, pieces);
        assert_eq!(values[99], 0.3);
        // Half as steep again as a straight one in the middle; at the ends its corner is 6/100² of the way.
        assert!(values.windows(2).all(|v| (-1e-6..0.0106).contains(&(v[0] - v[1]))));
        assert!(values.windows(3).all(|v| (v[0] - 2.0 * v[1] + v[2]).abs() < 0.7 * 6.2e-4));
        whole.set_targets([0.9], 0);
        assert_eq!(whole.values(), [0.9]);
    }

    #[test]
    fn two_values_move_together() {
        let mut ramp = Ramp::new([1.0, 0.0]);
        ramp.set_targets([0.0, 4.0], 10);
        let mut values = [[0.0; 12]; 2];
        let [a, b] = &mut values;
        ramp.fill([a, b]);
        for (a, b) in values[0].iter().zip(values[1]) {
            assert!((4.0 * (1.0 - a) - b).abs() < 1e-6, "{a} {b}");
        }
        assert_eq!((values[0][9], values[1][9]), (0.0, 4.0));
    }
}
