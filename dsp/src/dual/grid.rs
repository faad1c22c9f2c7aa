//! The frequencies at which the error of a bank is weighed: closer together where kernels are long.

use crate::cast::{count, real};

/// Where one band is not negligible, and the resolution it needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// From and to, in cycles per sample, 0 to ½.
    pub cycles: (f64, f64),
    /// Points around the circle that resolve the band: the coarsest size times a power of two.
    pub size: usize,
}

/// Frequencies from 0 to Nyquist, rising.
pub(super) struct Grid {
    /// Points around the circle where they are closest; each point is one of these.
    pub finest: usize,
    /// The points as multiples of 1 / `finest`.
    pub bins: Vec<usize>,
    /// Each point's part of the circle, its mirror image included.
    pub weights: Vec<f64>,
}

impl Grid {
    /// A grid that resolves every band over its extent.
    pub fn new(extents: &[Extent]) -> Self {
        let finest = extents.iter().map(|extent| extent.size).max().unwrap_or(1);
        let coarsest = extents.iter().map(|extent| extent.size).min().unwrap_or(1);
        // The step from each bin of the coarsest grid to the next.
        let stride = finest / coarsest;
        let cells = coarsest / 2;
        let mut steps = vec![stride; cells + 1];
        for extent in extents {
            let cell = |cycles: f64| count((cycles * real(coarsest)).floor()).min(cells);
            let (first, last) = (cell(extent.cycles.0), cell(extent.cycles.1));
            for step in &mut steps[first..=last] {
                *step = (*step).min(finest / extent.size);
            }
        }
        let nyquist = finest / 2;
        let mut bins: Vec<usize> = steps
            .iter()
            .enumerate()
            .flat_map(|(cell, &step)| (cell * stride..(cell + 1) * stride).step_by(step))
            .take_while(|&bin| bin < nyquist)
            .collect();
        bins.push(nyquist);
        let weights = (0..bins.len())
            .map(|i| {
                let below = bins[i.saturating_sub(1)];
                let above = bins[(i + 1).min(bins.len() - 1)];
                real(above - below) / real(finest)
            })
            .collect();
        Self { finest, bins, weights }
    }

    /// The points within an extent.
    pub fn within(&self, extent: &Extent) -> std::ops::Range<usize> {
        let bin = |cycles: f64| cycles * real(self.finest);
        let first = self.bins.partition_point(|&at| real(at) < bin(extent.cycles.0) - 0.5);
        let end = self.bins.partition_point(|&at| real(at) <= bin(extent.cycles.1) + 0.5);
        first..end
    }
}

#[cfg(test)]
mod tests {
    use super::{Extent, Grid};

    #[test]
    fn weights_add_up_to_the_circle_and_long_kernels_get_close_points() {
        let wide = Extent { cycles: (0.0, 0.5), size: 48 };
        let narrow = Extent { cycles: (0.1, 0.15), size: 48 * 16 };
        let grid = Grid::new(&[wide, narrow]);
        assert!((grid.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(grid.bins.is_sorted());
        let points = grid.within(&narrow);
        assert!(grid.bins[points].windows(2).all(|pair| pair[1] - pair[0] == 1));
        assert!(grid.bins.len() < 24 + 5 * 16);
    }
}
