//! The bands that are selected, to be moved together.

use crate::state::params::MAX_BANDS;

/// A set of bands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection([bool; MAX_BANDS]);

impl Default for Selection {
    fn default() -> Self {
        Self([false; MAX_BANDS])
    }
}

impl Selection {
    /// Whether a band, counted from 0, is selected.
    #[must_use]
    pub fn has(&self, band: usize) -> bool {
        self.0.get(band).copied().unwrap_or(false)
    }

    /// Selects a band, beside those that are.
    pub fn add(&mut self, band: usize) {
        if let Some(selected) = self.0.get_mut(band) {
            *selected = true;
        }
    }

    /// Selects no band.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The selected bands among the first `count`, rising.
    #[must_use]
    pub fn bands(&self, count: usize) -> Vec<usize> {
        (0..count).filter(|band| self.has(*band)).collect()
    }

    /// The selected bands among the first `count`, or all of these where none is, rising.
    #[must_use]
    pub fn or_all(&self, count: usize) -> Vec<usize> {
        let bands = self.bands(count);
        if bands.is_empty() { (0..count).collect() } else { bands }
    }

    /// What a gesture on one band is done to: all selected ones if it is among them.
    #[must_use]
    pub fn with(&self, band: usize, count: usize) -> Vec<usize> {
        if self.has(band) { self.bands(count) } else { vec![band] }
    }
}
