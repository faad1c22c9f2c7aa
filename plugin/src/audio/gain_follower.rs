//! How the audio thread follows the gain parameters.

use crate::state::curve::{AudioEnd, Curve, CurveState, SAME_DB, SharedCurve, settled_db};
use crate::state::params::MAX_BANDS;
use erbium_dsp::{Bank, Scale};
use std::sync::Arc;

/// The gains in force at the current bank's centres, moved by edits and by changes of the bank.
///
/// The gains in force are always the drawn curve read at the current centres: an edit makes them
/// the drawn curve, and a change of bank reads the curve anew. So a curve drawn with 40 bands comes
/// back from 24 unchanged, unless it was edited there.
pub(crate) struct GainFollower {
    drawing: CurveState,
    /// While a bank asked for is on its way: the drawing before any edit that is meant for it.
    pending: Option<CurveState>,
    scale: Scale,
    bands: usize,
    centres_hz: [f64; MAX_BANDS],
    effective_gain_db: [f32; MAX_BANDS],
    shared: Arc<SharedCurve>,
    audio_end: AudioEnd,
}

impl GainFollower {
    /// Follows no bank yet. Takes the audio thread's end of the curve: a follower made before stays
    /// behind. Allocates and locks.
    pub(crate) fn new(shared: Arc<SharedCurve>) -> Self {
        let (audio_end, drawing) = shared.connect();
        Self {
            drawing,
            audio_end,
            pending: None,
            scale: Scale::default(),
            bands: 0,
            centres_hz: [0.0; MAX_BANDS],
            effective_gain_db: [0.0; MAX_BANDS],
            shared,
        }
    }

    /// The gains in force in dB, one per band of the current bank.
    pub(crate) fn effective_gain_db(&self) -> &[f32] {
        &self.effective_gain_db[..self.bands]
    }

    /// From now on edits are meant for a bank that has been asked for and whose centres are not
    /// known yet. [`Self::sync`] may still let them sound by way of the current bank's bands.
    pub(crate) fn await_bank(&mut self) {
        self.pending.get_or_insert(self.drawing);
    }

    /// No other bank comes after all: edits are meant for the current one.
    pub(crate) fn stay(&mut self) {
        if self.pending.take().is_some() {
            self.publish();
        }
    }

    /// Takes over another bank: the drawn curve is read at its centres, as it was when the bank was
    /// asked for. Parameters edited since then are unseen again; the next [`Self::sync`] makes
    /// them edits of this bank.
    pub(crate) fn change_bank(&mut self, bank: &Bank) {
        self.change_centres(bank.spec().scale, bank.centres_hz());
    }

    fn change_centres(&mut self, scale: Scale, centres_hz: &[f64]) {
        if let Some(drawing) = self.pending.take() {
            self.drawing = drawing;
        }
        self.scale = scale;
        self.bands = centres_hz.len().min(MAX_BANDS);
        self.centres_hz[..self.bands].copy_from_slice(&centres_hz[..self.bands]);
        self.read();
        self.publish();
    }

    /// Takes over what a state load brought. Returns whether it brought anything.
    pub(crate) fn take_loaded(&mut self) -> bool {
        let Some(drawing) = self.audio_end.take_loaded() else { return false };
        self.drawing = drawing;
        if self.pending.is_some() {
            self.pending = Some(drawing);
        }
        self.read();
        self.publish();
        true
    }

    /// Follows every parameter that has moved since it was last seen. Returns whether a gain in
    /// force has changed.
    ///
    /// The caller holds this back while a bank of another scale or band count is on its way: an edit
    /// refers to the bands the parameters ask for, and their centres are known when that bank
    /// arrives. Until then a moved parameter just stays unseen, so nothing is lost.
    pub(crate) fn sync(&mut self, parameters_db: &[f32; MAX_BANDS]) -> bool {
        if self.bands == 0 {
            return false;
        }
        let mut seen_any = false;
        let mut changed = false;
        for (k, &parameter_db) in parameters_db.iter().enumerate().take(self.bands) {
            if !self.drawing.is_edit(k, parameter_db) {
                continue;
            }
            let parameter_db = settled_db(parameter_db);
            self.drawing.last_param_db[k] = parameter_db;
            seen_any = true;
            if (parameter_db - self.effective_gain_db[k]).abs() >= SAME_DB {
                self.effective_gain_db[k] = parameter_db;
                changed = true;
            }
        }
        for last_param_db in &mut self.drawing.last_param_db[self.bands..] {
            // What moves here is seen when its band is there. What no bank has ever had is as in a new
            // instance: at its default until it moves.
            if last_param_db.is_nan() {
                *last_param_db = 0.0;
                seen_any = true;
            }
        }
        if changed {
            let (centres_hz, gains_db) = (&self.centres_hz[..self.bands], self.effective_gain_db());
            self.drawing.curve = Curve::new(centres_hz, gains_db);
        }
        if seen_any {
            self.publish();
        }
        changed
    }

    fn read(&mut self) {
        let centres_hz = &self.centres_hz[..self.bands];
        self.effective_gain_db = self.drawing.effective_gain_db(self.scale, centres_hz, None);
    }

    fn publish(&mut self) {
        self.audio_end.publish(self.pending.as_ref().unwrap_or(&self.drawing));
        self.shared.set_gains_db(&self.effective_gain_db);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Centres equally spaced on the ERB scale up to 24 kHz.
    fn centres_hz(bands: u32) -> Vec<f64> {
        let top = Scale::Erb.units_from_hz(24_000.0);
        (0..bands)
            .map(|k| Scale::Erb.hz_from_units(top * f64::from(k) / f64::from(bands - 1)))
            .collect()
    }

    fn with_bands(bands: u32) -> GainFollower {
        let mut follower = GainFollower::new(Arc::default());
        follower.change_centres(Scale::Erb, &centres_hz(bands));
        follower
    }

    fn wavy() -> [f32; MAX_BANDS] {
        std::array::from_fn(|k| f32::from(u8::try_from(k * 7 % 24).expect("small")) - 12.0)
    }

    #[test]
    fn a_moved_parameter_is_in_force_and_a_resting_one_is_not_read() {
        let mut follower = with_bands(40);
        let mut parameters_db = [0.0; MAX_BANDS];
        assert!(!follower.sync(&parameters_db));
        parameters_db[7] = 6.0;
        assert!(follower.sync(&parameters_db));
        assert!(!follower.sync(&parameters_db));
        assert_eq!(follower.effective_gain_db()[7], 6.0);
        assert_eq!(follower.shared.gain_db(7), 6.0);
        assert_eq!(follower.effective_gain_db()[8], 0.0);
    }

    #[test]
    fn fewer_bands_and_back_restore_the_curve_exactly() {
        let mut follower = with_bands(40);
        let parameters_db = wavy();
        follower.sync(&parameters_db);
        let before = follower.effective_gain_db().to_vec();
        follower.change_centres(Scale::Erb, &centres_hz(24));
        assert!(!follower.sync(&parameters_db), "no parameter has moved");
        assert_eq!(follower.effective_gain_db().len(), 24);
        follower.change_centres(Scale::Bark, &centres_hz(64));
        follower.change_centres(Scale::Erb, &centres_hz(40));
        assert!(!follower.sync(&parameters_db));
        assert_eq!(follower.effective_gain_db(), before);
    }

    #[test]
    fn a_lone_peak_keeps_its_band_where_the_bands_have_moved_by_little() {
        // From 44.1 to 48 kHz.
        let scaled = |factor: f64| centres_hz(40).iter().map(|hz| factor * hz).collect::<Vec<_>>();
        for band in [1, 20, 39] {
            let mut follower = GainFollower::new(Arc::default());
            follower.change_centres(Scale::Erb, &scaled(44_100.0 / 48_000.0));
            let mut parameters_db = [0.0; MAX_BANDS];
            parameters_db[band] = 24.0;
            follower.sync(&parameters_db);
            follower.change_centres(Scale::Erb, &centres_hz(40));
            assert_eq!(follower.effective_gain_db(), &parameters_db[..40]);
            assert!(!follower.sync(&parameters_db), "it is no edit");
            follower.change_centres(Scale::Erb, &scaled(2.0));
            let (peak_db, hz) = (follower.effective_gain_db(), scaled(2.0));
            let curve = follower.drawing.curve;
            for (gain_db, &hz) in peak_db.iter().zip(&hz) {
                assert_eq!(*gain_db, curve.read_db(Scale::Erb, hz), "far away the curve is read");
            }
        }
    }

    #[test]
    fn a_lane_above_the_band_count_is_seen_when_its_band_is_there() {
        let mut follower = with_bands(24);
        let mut parameters_db = [0.0; MAX_BANDS];
        parameters_db[30] = 9.0;
        assert!(!follower.sync(&parameters_db));
        let saved = follower.shared.drawing();
        let mut reloaded = with_bands(24);
        reloaded.shared.load(&saved);
        assert!(reloaded.take_loaded());
        for follower in [&mut follower, &mut reloaded] {
            follower.change_centres(Scale::Erb, &centres_hz(40));
            assert!(follower.sync(&parameters_db));
            assert_eq!(follower.effective_gain_db(), &parameters_db[..40]);
        }
    }

    #[test]
    fn an_edit_at_a_value_that_was_seen_before_counts() {
        let mut follower = with_bands(40);
        let mut parameters_db = [0.0; MAX_BANDS];
        parameters_db[20] = 12.0;
        follower.sync(&parameters_db);
        follower.change_centres(Scale::Erb, &centres_hz(24));
        assert!(follower.effective_gain_db()[20] < 6.0);
        follower.shared.record_edit(20, 12.0);
        assert!(follower.take_loaded() && follower.sync(&parameters_db));
        assert_eq!(follower.effective_gain_db()[20], 12.0);
        let expected = follower.effective_gain_db.map(f32::to_bits);
        let shown = follower.shared.drawing().effective_gain_db(
            Scale::Erb,
            &centres_hz(24),
            Some(&parameters_db),
        );
        assert_eq!(shown.map(f32::to_bits), expected, "the window shows what is in force");
    }

    #[test]
    fn an_edit_makes_the_gains_in_force_the_drawn_curve() {
        let mut follower = with_bands(40);
        let mut parameters_db = wavy();
        follower.sync(&parameters_db);
        follower.change_centres(Scale::Erb, &centres_hz(24));
        let mut expected = follower.effective_gain_db().to_vec();
        parameters_db[3] = 20.0;
        expected[3] = 20.0;
        assert!(follower.sync(&parameters_db));
        assert_eq!(follower.effective_gain_db(), expected);
        follower.change_centres(Scale::Erb, &centres_hz(40));
        follower.change_centres(Scale::Erb, &centres_hz(24));
        assert_eq!(follower.effective_gain_db(), expected);
    }

    #[test]
    fn an_edit_held_back_refers_to_the_new_bank() {
        let mut follower = with_bands(40);
        let mut parameters_db = [0.0; MAX_BANDS];
        follower.sync(&parameters_db);
        parameters_db[20] = 9.0;
        follower.change_centres(Scale::Erb, &centres_hz(24));
        assert!(follower.sync(&parameters_db));
        assert_eq!(follower.effective_gain_db()[20], 9.0);
        assert!(
            follower.effective_gain_db().iter().filter(|gain_db| **gain_db != 0.0).count() == 1
        );
    }

    #[test]
    fn an_edit_while_a_bank_is_on_its_way_sounds_at_once_and_is_an_edit_of_that_bank() {
        let mut follower = with_bands(24);
        let mut parameters_db = wavy();
        follower.sync(&parameters_db);
        follower.await_bank();
        parameters_db[9] = 24.0;
        assert!(follower.sync(&parameters_db));
        assert_eq!(follower.effective_gain_db()[9], 24.0);
        assert!(follower.shared.drawing().last_param_db[9] < 24.0, "a save leaves it an edit");
        // As many bands elsewhere, as another latency has them.
        let elsewhere_hz: Vec<f64> = centres_hz(24).iter().map(|hz| 0.9 * hz).collect();
        follower.change_centres(Scale::Erb, &elsewhere_hz);
        assert!(follower.effective_gain_db()[9] < 20.0);
        assert!(follower.sync(&parameters_db));
        assert_eq!(follower.effective_gain_db()[9], 24.0);

        follower.await_bank();
        parameters_db[9] = 3.0;
        follower.sync(&parameters_db);
        follower.stay();
        assert!(!follower.sync(&parameters_db));
        assert_eq!(follower.shared.drawing().last_param_db[9], 3.0);
    }

    #[test]
    fn a_loaded_drawing_is_taken_over_and_parameters_that_differ_are_edits() {
        let mut first = with_bands(40);
        let mut parameters_db = wavy();
        first.sync(&parameters_db);
        first.change_centres(Scale::Erb, &centres_hz(24));
        let saved = first.shared.drawing();
        let in_force = first.effective_gain_db().to_vec();

        let mut second = with_bands(24);
        second.shared.load(&saved);
        assert!(second.take_loaded());
        assert!(!second.sync(&parameters_db));
        assert_eq!(second.effective_gain_db(), in_force);

        parameters_db[2] = 1.0;
        assert!(second.sync(&parameters_db));
        assert_eq!(second.effective_gain_db()[2], 1.0);
        assert_eq!(second.effective_gain_db()[3], in_force[3]);
    }

    #[test]
    fn a_state_of_parameters_alone_sets_every_band() {
        let mut follower = with_bands(40);
        let parameters_db = wavy();
        follower.sync(&parameters_db);
        follower.change_centres(Scale::Erb, &centres_hz(24));
        follower.shared.load(&CurveState::PARAMETERS);
        assert!(follower.take_loaded());
        follower.sync(&parameters_db);
        assert_eq!(follower.effective_gain_db(), &parameters_db[..24]);
    }

    #[test]
    fn nonsense_parameters_stay_finite() {
        let mut follower = with_bands(24);
        let mut parameters_db = [f32::NAN; MAX_BANDS];
        parameters_db[1] = f32::INFINITY;
        parameters_db[2] = f32::NEG_INFINITY;
        follower.sync(&parameters_db);
        assert!(follower.effective_gain_db().iter().all(|gain_db| gain_db.is_finite()));
    }
}
