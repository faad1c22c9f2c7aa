//! A straight ramp to the value asked for.

/// A value that moves to its target in equal steps and then is the target exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ramp {
    target: f32,
    step: f32,
    left: u16,
}

impl Ramp {
    /// Rests at `value`.
    pub(crate) const fn new(value: f32) -> Self {
        Self { target: value, step: 0.0, left: 0 }
    }

    /// Moves to `target` from wherever it is, in `samples` samples; at once if that is 0.
    pub(crate) fn go(&mut self, target: f32, samples: u16) {
        if target == self.target && samples > 0 {
            return;
        }
        let now = self.now();
        self.target = target;
        self.left = samples;
        self.step = if samples > 0 { (target - now) / f32::from(samples) } else { 0.0 };
    }

    /// The value now.
    pub(crate) fn now(&self) -> f32 {
        if self.left == 0 { self.target } else { self.target - self.step * f32::from(self.left) }
    }

    /// The values of the next samples.
    pub(crate) fn fill(&mut self, values: &mut [f32]) {
        if self.left == 0 {
            values.fill(self.target);
            return;
        }
        for value in values {
            self.left = self.left.saturating_sub(1);
            *value = self.now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_straight_ends_exactly_and_does_not_depend_on_blocks() {
        let mut whole = Ramp::new(1.0);
        let mut cut = whole;
        whole.go(0.3, 100);
        cut.go(0.3, 100);
        let mut values = [0.0; 120];
        whole.fill(&mut values);
        let mut pieces = [0.0; 120];
        for piece in pieces.chunks_mut(7) {
            cut.go(0.3, 100);
            cut.fill(piece);
        }
        assert_eq!(values, pieces);
        assert_eq!(values[99], 0.3);
        assert!(values.windows(2).all(|pair| pair[0] - pair[1] < 0.00701));
        whole.go(0.9, 0);
        assert_eq!(whole.now(), 0.9);
    }
}
