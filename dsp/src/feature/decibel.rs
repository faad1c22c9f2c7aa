//! Powers in decibels, with a floor.

/// What 0 dB is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reference {
    /// This power.
    Power(f64),
    /// The greatest power of the item.
    Peak,
}

/// The greater of the greatest power so far, negative infinity before the first, and the next; one that is no
/// finite number does not count.
#[must_use]
pub fn greatest(so_far: f64, power: f64) -> f64 {
    if power.is_finite() { so_far.max(power) } else { so_far }
}

/// How powers become decibels: 10 log10 max(power, least) − reference, no more than a range below the
/// greatest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decibels {
    /// The least power taken, above 0.
    pub least: f64,
    /// What 0 dB is.
    pub reference: Reference,
    /// The greatest distance below the item's maximum in dB; `None` for no limit.
    pub range_db: Option<f64>,
}

impl Decibels {
    /// As kapre: powers from 1e-5, 80 dB of range.
    pub const KAPRE: Self =
        Self { least: 1e-5, reference: Reference::Power(1.0), range_db: Some(80.0) };

    /// As librosa's `power_to_db`: powers from 1e-10, 80 dB of range.
    pub const LIBROSA: Self =
        Self { least: 1e-10, reference: Reference::Power(1.0), range_db: Some(80.0) };

    /// Turns the powers of one item (all bands and frames of one sound) into decibels. A power that is no finite
    /// number counts as the least, so that it does not move the floor under all others.
    pub fn apply(&self, powers: &mut [f64]) {
        let peak = powers.iter().copied().fold(f64::NEG_INFINITY, greatest);
        self.apply_to_part(powers, peak);
    }

    /// [`Self::apply`] to a part of an item whose greatest power, as [`greatest`] finds it, is known.
    pub fn apply_to_part(&self, powers: &mut [f64], peak: f64) {
        let decibels = |power: f64| {
            let power = if power.is_finite() { power } else { self.least };
            10.0 * power.max(self.least).log10()
        };
        let peak_db = decibels(peak);
        let reference_db = match self.reference {
            Reference::Power(power) => decibels(power),
            Reference::Peak => peak_db,
        };
        let floor_db = self.range_db.map_or(f64::NEG_INFINITY, |range_db| peak_db - range_db);
        powers.iter_mut().for_each(|value| *value = decibels(*value).max(floor_db) - reference_db);
    }
}

#[cfg(test)]
mod tests {
    use super::{Decibels, Reference, greatest};

    #[test]
    fn floors_lie_below_the_peak_and_references_at_0() {
        let mut powers = [1e6, 1.0, 1e-3, 0.0];
        Decibels::KAPRE.apply(&mut powers);
        assert_eq!(powers, [60.0, 0.0, -20.0, -20.0]);
        let mut powers = [1.0, 0.0];
        Decibels::KAPRE.apply(&mut powers);
        assert_eq!(powers, [0.0, -50.0]);
        let mut powers = [1e6, 1.0, 0.0];
        Decibels { reference: Reference::Peak, range_db: None, ..Decibels::LIBROSA }
            .apply(&mut powers);
        assert_eq!(powers, [0.0, -60.0, -160.0]);
    }

    #[test]
    fn parts_are_as_the_whole() {
        let powers: [f64; 6] = [1e-3, f64::NAN, 7.0, 1e6, 0.0, 1e-9];
        let peak = powers.iter().copied().fold(f64::NEG_INFINITY, greatest);
        for decibels in
            [Decibels::KAPRE, Decibels { reference: Reference::Peak, ..Decibels::LIBROSA }]
        {
            let (mut whole, mut parts) = (powers, powers);
            decibels.apply(&mut whole);
            parts.chunks_mut(2).for_each(|part| decibels.apply_to_part(part, peak));
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn what_is_no_number_is_the_least() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0] {
            let mut powers = [1.0, odd, 0.1];
            Decibels { range_db: None, ..Decibels::KAPRE }.apply(&mut powers);
            assert_eq!(powers, [0.0, -50.0, -10.0], "{odd}");
        }
    }
}
