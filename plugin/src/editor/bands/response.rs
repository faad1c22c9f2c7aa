//! The response: what the bank makes of the drawn gains, mix and output gain included, over the whole
//! axis.

use crate::audio::mix::Mixing;
use crate::audio::solo;
use crate::editor::view::axes::FrequencyAxis;
use crate::editor::view::cast::{index, points};
use crate::state::params::{MAX_BANDS, linear_gain};
use crate::telemetry::Column;
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
    /// The bands' responses at their centres.
    at_centres: Responses,
    drawn_db: [f32; MAX_BANDS],
    soloed: Option<usize>,
    mixing: Option<Mixing>,
    amplitudes: Vec<f32>,
    response_db: Vec<f32>,
    at_centres_before: Option<CentreAmplitudes>,
}

/// What gains made of sound at the centres, kept for as long as they stand still: without latency it takes a
/// millisecond to find.
#[derive(Clone, Copy, PartialEq)]
struct CentreAmplitudes {
    gains: [f32; MAX_BANDS],
    mixed: [f32; 2],
    amplitudes: [f32; MAX_BANDS],
}

impl BankResponse {
    /// The response of `bank`, flat until gains are taken over.
    #[must_use]
    pub fn new(bank: Arc<Bank>) -> Self {
        let axis = FrequencyAxis::of(&bank);
        let responses = bank.responses(&axis.grid_hz(POINTS));
        let at_centres = bank.responses(bank.centres_hz());
        Self {
            bank,
            axis,
            responses,
            at_centres,
            drawn_db: [0.0; MAX_BANDS],
            soloed: None,
            mixing: None,
            amplitudes: vec![1.0; POINTS],
            response_db: vec![0.0; POINTS],
            at_centres_before: None,
        }
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

    /// Takes over the drawn gains, the band that is soloed, and what of it all is heard.
    pub(crate) fn sync(
        &mut self,
        drawn_db: &[f32; MAX_BANDS],
        soloed: Option<usize>,
        mixing: Mixing,
    ) {
        let soloed = soloed.filter(|band| *band < self.bank.bands());
        let same = self.drawn_db == *drawn_db && self.soloed == soloed;
        if !same || self.mixing != Some(mixing) {
            (self.drawn_db, self.soloed, self.mixing) = (*drawn_db, soloed, Some(mixing));
            self.solve(mixing);
        }
    }

    /// The response in dB, equally spaced over the axis from end to end.
    #[must_use]
    pub fn response_db(&self) -> &[f32] {
        &self.response_db
    }

    /// The response in dB at a frequency.
    #[must_use]
    pub fn db_at(&self, hz: f64) -> f32 {
        self.read_db(&self.response_db, hz)
    }

    /// A column with what its gains make of a sound at each band's centre, in place of the gains: beside a
    /// lone notch a band may be off, and the sound there is not. `mixed` are the linear gains of the dry
    /// sound and of the change. Columns of another number of bands are left as they are.
    #[must_use]
    pub fn as_heard(&mut self, column: &Column, mixed: [f32; 2]) -> Column {
        let bands = self.bank.bands().min(MAX_BANDS);
        let mut heard = *column;
        if column.bands != bands {
            return heard;
        }
        let same = |known: &CentreAmplitudes| known.gains == column.gains && known.mixed == mixed;
        if let Some(known) = self.at_centres_before.filter(same) {
            heard.gains = known.amplitudes;
            return heard;
        }
        self.at_centres.mixed(&column.gains[..bands], mixed, &mut heard.gains[..bands]);
        if mixed != [1.0, 1.0] {
            self.at_centres_before =
                Some(CentreAmplitudes { gains: column.gains, mixed, amplitudes: heard.gains });
        }
        heard
    }

    /// An earlier [`Self::response_db`] of the same bank in dB at a frequency.
    #[must_use]
    pub fn read_db(&self, response_db: &[f32], hz: f64) -> f32 {
        let place = self.axis.fraction(hz) * points(POINTS - 1);
        let left = index(place).min(POINTS - 2);
        let [a, b] = [response_db[left], response_db[left + 1]];
        egui::lerp(a..=b, place - points(left))
    }

    fn solve(&mut self, mixing: Mixing) {
        let bands = self.bank.bands();
        let targets = self.drawn_db.map(linear_gain);
        let mut gains = [1.0; MAX_BANDS];
        match self.soloed {
            Some(band) => gains = solo(band, &targets),
            None => self.bank.solve_gains(&targets[..bands], &mut gains[..bands]),
        }
        self.responses.mixed(&gains[..bands], mixing.gains(1.0), &mut self.amplitudes);
        for (db, amplitude) in self.response_db.iter_mut().zip(&self.amplitudes) {
            *db = 20.0 * amplitude.max(1e-6).log10();
        }
    }
}
