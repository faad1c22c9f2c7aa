//! The response: what the bank makes of the drawn gains, over the whole axis.

use crate::audio::solo;
use crate::editor::view::axes::FrequencyAxis;
use crate::editor::view::cast::{index, points};
use crate::state::curve::Curve;
use crate::state::params::{MAX_BANDS, linear_gain};
use erbium_dsp::Bank;
use erbium_dsp::bank::Responses;
use std::sync::Arc;

/// Frequencies at which the response is known: about one for two pixels of a wide window.
const POINTS: usize = 512;

/// The response of a bank with the drawn gains, recomputed only when one of them changes.
pub struct BankResponse {
    bank: Arc<Bank>,
    axis: FrequencyAxis,
    responses: Responses,
    drawn_db: [f32; MAX_BANDS],
    soloed: Option<usize>,
    amplitudes: Vec<f32>,
    response_db: Vec<f32>,
}

impl BankResponse {
    /// The response of `bank` with the gains drawn, in dB per band.
    #[must_use]
    pub fn new(bank: Arc<Bank>, drawn_db: &[f32; MAX_BANDS]) -> Self {
        let axis = FrequencyAxis::of(&bank);
        let responses = bank.responses(&axis.grid_hz(POINTS));
        let mut response = Self {
            bank,
            axis,
            responses,
            drawn_db: *drawn_db,
            soloed: None,
            amplitudes: vec![1.0; POINTS],
            response_db: vec![0.0; POINTS],
        };
        response.solve();
        response
    }

    /// The bank whose response this is.
    #[must_use]
    pub fn bank(&self) -> &Arc<Bank> {
        &self.bank
    }

    /// The frequency axis of the bank.
    #[must_use]
    pub fn axis(&self) -> &FrequencyAxis {
        &self.axis
    }

    /// Takes over the drawn gains, and the band that is soloed.
    pub fn sync(&mut self, drawn_db: &[f32; MAX_BANDS], soloed: Option<usize>) {
        let soloed = soloed.filter(|band| *band < self.bank.bands());
        if self.drawn_db != *drawn_db || self.soloed != soloed {
            (self.drawn_db, self.soloed) = (*drawn_db, soloed);
            self.solve();
        }
    }

    /// The drawn gain in dB at a frequency: between the bands in a straight line over the units
    /// of the scale.
    #[must_use]
    pub fn drawn_db_at(&self, hz: f64) -> f32 {
        Curve::new(self.bank.centres_hz(), &self.drawn_db).read_db(self.bank.spec().scale, hz)
    }

    /// The response in dB, equally spaced over the axis from end to end.
    #[must_use]
    pub fn response_db(&self) -> &[f32] {
        &self.response_db
    }

    /// The response in dB at a frequency.
    #[must_use]
    pub fn db_at(&self, hz: f64) -> f32 {
        let place = self.axis.fraction(hz) * points(POINTS - 1);
        let left = index(place).min(POINTS - 2);
        let [a, b] = [self.response_db[left], self.response_db[left + 1]];
        egui::lerp(a..=b, place - points(left))
    }

    fn solve(&mut self) {
        let bands = self.bank.bands();
        let targets = self.drawn_db.map(linear_gain);
        let mut gains = [1.0; MAX_BANDS];
        match self.soloed {
            Some(band) => gains = solo(band, &targets),
            None => self.bank.solve_gains(&targets[..bands], &mut gains[..bands]),
        }
        self.responses.total(&gains[..bands], &mut self.amplitudes);
        for (db, amplitude) in self.response_db.iter_mut().zip(&self.amplitudes) {
            *db = 20.0 * amplitude.max(1e-6).log10();
        }
    }
}
