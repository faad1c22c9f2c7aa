//! What is seen of the curves after undo, A and B, a preset or a pasted curve: they glide to where they are.
//! The sound is there at once.

use crate::editor::bands::response::BankResponse;
use crate::editor::view::cast::single;
use crate::editor::view::tokens::time::GLIDE_S;
use crate::state::params::MAX_BANDS;
use erbium_dsp::Bank;
use std::sync::Arc;

/// The curves as they are seen.
pub struct Glide {
    /// The drawn gains in dB.
    drawn_db: [f32; MAX_BANDS],
    /// The response in dB over the axis.
    response_db: Vec<f32>,
    /// The bank that both are of.
    bank: Option<Arc<Bank>>,
    start: Option<Start>,
}

/// Where a glide started.
struct Start {
    /// A clock in seconds.
    at_s: f64,
    drawn_db: [f32; MAX_BANDS],
    response_db: Vec<f32>,
}

impl Default for Glide {
    fn default() -> Self {
        Self { drawn_db: [0.0; MAX_BANDS], response_db: Vec::new(), bank: None, start: None }
    }
}

impl Glide {
    /// Starts from what is seen now; `now_s` is a clock in seconds.
    pub fn begin(&mut self, now_s: f64) {
        let (drawn_db, response_db) = (self.drawn_db, self.response_db.clone());
        self.start = Some(Start { at_s: now_s, drawn_db, response_db });
    }

    /// What is seen is where it is from the next frame on.
    pub fn end(&mut self) {
        self.start = None;
    }

    /// Whether what is seen is not yet where it is.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.start.is_some()
    }

    /// With every frame: the drawn gains in dB, and the response that a bank makes of them.
    pub fn update(&mut self, drawn_db: &[f32; MAX_BANDS], response: &BankResponse, now_s: f64) {
        self.drawn_db = *drawn_db;
        self.response_db.clear();
        self.response_db.extend_from_slice(response.response_db());
        let bank = response.bank();
        let is_same = self.bank.replace(bank.clone()).is_some_and(|last| Arc::ptr_eq(&last, bank));
        // The bands of another bank lie elsewhere.
        let Some(start) = self.start.take().filter(|_| is_same) else { return };
        let share = (now_s - start.at_s) / GLIDE_S;
        if !(0.0..1.0).contains(&share) {
            return;
        }
        let share = single(share * share * (3.0 - 2.0 * share));
        mix(&mut self.drawn_db, &start.drawn_db, share);
        mix(&mut self.response_db, &start.response_db, share);
        self.start = Some(start);
    }

    /// The drawn gains in dB as they are seen.
    #[must_use]
    pub fn drawn_db(&self) -> &[f32; MAX_BANDS] {
        &self.drawn_db
    }

    /// The response in dB as it is seen, equally spaced over the axis from end to end.
    #[must_use]
    pub fn response_db(&self) -> &[f32] {
        &self.response_db
    }
}

/// Takes curves back to where they came from, but for this share of the way.
fn mix(to_db: &mut [f32], from_db: &[f32], share: f32) {
    for (to_db, from_db) in to_db.iter_mut().zip(from_db) {
        *to_db = egui::lerp(*from_db..=*to_db, share);
    }
}
