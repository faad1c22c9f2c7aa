//! The integral of the product of two triangles.

/// A triangle with a peak of 1. Where a foot is at the centre, that side is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Triangle {
    pub left: f64,
    pub centre: f64,
    pub right: f64,
}

impl Triangle {
    /// The triangle of the negative frequencies.
    pub fn mirrored(self) -> Self {
        Self { left: -self.right, centre: -self.centre, right: -self.left }
    }

    /// The value at a point that is none of the corners.
    fn at(self, x: f64) -> f64 {
        if x <= self.left || x >= self.right {
            0.0
        } else if x < self.centre {
            (x - self.left) / (self.centre - self.left)
        } else {
            1.0 - (x - self.centre) / (self.right - self.centre)
        }
    }
}

/// ∫ a(x) b(x) dx, exact: between corners the product is a parabola, for which two points suffice
/// (Gauss). They lie within, so that the jump of a missing side does no harm.
pub(super) fn overlap(a: Triangle, b: Triangle) -> f64 {
    let (low, high) = (a.left.max(b.left), a.right.min(b.right));
    if low >= high {
        return 0.0;
    }
    let mut corners = [low, a.centre.clamp(low, high), b.centre.clamp(low, high), high];
    corners.sort_by(f64::total_cmp);
    corners
        .windows(2)
        .map(|piece| {
            let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
            let away = half / 3.0_f64.sqrt();
            let product = |x: f64| a.at(x) * b.at(x);
            if half > 0.0 { half * (product(middle - away) + product(middle + away)) } else { 0.0 }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{Triangle, overlap};

    #[test]
    fn overlaps_are_as_calculus_has_them() {
        let triangle = Triangle { left: 0.0, centre: 1.0, right: 3.0 };
        // ∫x² over the rise, ∫(1 − x/2)² over the fall.
        assert!((overlap(triangle, triangle) - (1.0 / 3.0 + 2.0 / 3.0)).abs() < 1e-15);
        let half = Triangle { left: 1.0, centre: 1.0, right: 3.0 };
        assert!((overlap(triangle, half) - 2.0 / 3.0).abs() < 1e-15);
        let endless = Triangle { left: 0.0, centre: 1.0, right: f64::INFINITY };
        assert!((overlap(triangle, endless) - (1.0 / 3.0 + 1.0)).abs() < 1e-15);
        assert_eq!(overlap(triangle, Triangle { left: 3.0, centre: 4.0, right: 5.0 }), 0.0);
    }
}
