//! The frozen picture, drawn again with the gains of now: what it would have looked like with them.

use crate::editor::bands::response::BankResponse;
use crate::editor::spectrogram::analysis::{NOTHING, ROWS};
use crate::editor::view::cast::whole;
use erbium_dsp::Bank;
use erbium_dsp::display::DisplayBank;
use std::sync::Arc;

/// What the levels after the gains have changed by since the picture was frozen.
#[derive(Clone)]
pub struct Offsets {
    /// Row by row, in hundredths of a dB; none where nothing has changed.
    rows: Option<Arc<[i32; ROWS]>>,
}

impl Offsets {
    /// No change.
    pub const NONE: Self = Self { rows: None };

    /// A level after the gains as it would be now.
    #[must_use]
    pub fn post(&self, row: usize, post: i16) -> i16 {
        match &self.rows {
            Some(rows) if post > NOTHING => {
                let level = (i32::from(post) + rows[row]).max(i32::from(NOTHING) + 1);
                i16::try_from(level).unwrap_or(i16::MAX)
            }
            _ => post,
        }
    }
}

impl PartialEq for Offsets {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

/// The response as it was when the picture was frozen.
pub struct Frozen {
    bank: Arc<Bank>,
    response_db: Vec<f32>,
}

impl Frozen {
    /// Remembers a response.
    #[must_use]
    pub fn new(response: &BankResponse) -> Self {
        Self { bank: response.bank().clone(), response_db: response.response_db().to_vec() }
    }

    /// What has changed on the rows of a display since. Nothing is known of another bank.
    #[must_use]
    pub fn offsets(&self, response: &BankResponse, display: &DisplayBank) -> Offsets {
        let same = self.response_db == response.response_db();
        if same || !Arc::ptr_eq(&self.bank, response.bank()) {
            return Offsets::NONE;
        }
        let rows_hz = display.rows_hz();
        let rows = std::array::from_fn(|row| {
            let hz = rows_hz.get(row).copied().unwrap_or_default();
            let now_db = response.db_at(hz);
            whole(100.0 * (now_db - response.read_db(&self.response_db, hz)))
        });
        Offsets { rows: Some(Arc::new(rows)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_move_and_silence_stays() {
        let offsets = Offsets { rows: Some(Arc::new([-600; ROWS])) };
        assert_eq!(offsets.post(3, -2_000), -2_600);
        assert_eq!(offsets.post(3, NOTHING), NOTHING);
        assert!(offsets.post(3, NOTHING + 5) > NOTHING);
        assert_eq!(Offsets::NONE.post(3, -2_000), -2_000);
    }
}
