//! Undo and redo: what each gesture changed, and the drawn curve there was before.

use crate::editor::edit::gesture::{ParamEdit, ParamId, ParamValue};
use crate::state::curve::{BandLayout, Curve};
use erbium_dsp::Bank;

/// Steps kept; older ones are dropped.
const STEPS: usize = 200;
/// Gains that differ by less, in dB, are the same to the undo.
const SAME_DB: f32 = 0.01;

/// What one gesture changed.
#[derive(Clone, Debug)]
pub struct Step {
    /// Every parameter it touched, as it was before.
    pub before: Vec<ParamValue>,
    /// The same parameters as they were afterwards.
    pub after: Vec<ParamValue>,
    /// Gains that were to be set once the requested bank was in use.
    pub named: Vec<ParamValue>,
    /// The bands whose gains these are, if those in use were those requested.
    pub layout: Option<BandLayout>,
    /// The drawn curve before.
    pub curve_before: Curve,
    /// The drawn curve afterwards, where the step brought one: a preset, or the other of A and B.
    pub curve_after: Option<Curve>,
    /// The drawn curve when the step was last taken back.
    pub curve_undone: Option<Curve>,
    /// Which of A (0) and B (1) it was made in.
    pub slot: usize,
}

/// The steps that can be taken back, and those that can be done again.
#[derive(Debug, Default)]
pub struct UndoLog {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// The gesture that is open.
    open: Option<Step>,
    held: usize,
}

impl UndoLog {
    /// Records an edit that is about to be sent to the host. `current` reads a
    /// parameter before that, `curve` the drawn curve; `slot` is which of A and B is in use.
    pub fn record(
        &mut self,
        edit: ParamEdit,
        current: impl Fn(ParamId) -> ParamValue,
        curve: impl FnOnce() -> (Curve, Option<BandLayout>),
        slot: usize,
    ) {
        match edit {
            ParamEdit::Begin(control) => {
                self.held += 1;
                let step = self.open.get_or_insert_with(|| {
                    let (curve_before, layout) = curve();
                    Step {
                        before: Vec::new(),
                        after: Vec::new(),
                        named: Vec::new(),
                        layout,
                        curve_before,
                        curve_after: None,
                        curve_undone: None,
                        slot,
                    }
                });
                if !step.before.iter().any(|known| known.control() == control) {
                    step.before.push(current(control));
                    step.after.push(current(control));
                }
            }
            ParamEdit::Set(setting) => {
                let after = self.open.iter_mut().flat_map(|step| &mut step.after);
                for known in after.filter(|known| known.control() == setting.control()) {
                    *known = setting;
                }
            }
            ParamEdit::End(_) => {
                self.held = self.held.saturating_sub(1);
                if self.held == 0
                    && let Some(step) = self.open.take()
                {
                    self.push(step);
                }
            }
        }
    }

    /// Adds a step; one that changed nothing is none.
    pub fn push(&mut self, step: Step) {
        if step.before == step.after && step.curve_after.is_none() {
            return;
        }
        self.undone.clear();
        if self.done.len() == STEPS {
            self.done.remove(0);
        }
        self.done.push(step);
    }

    /// Whether there is a step to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is a step to do again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Which of A (0) and B (1) the step to take back was made in.
    #[must_use]
    pub fn undo_slot(&self) -> Option<usize> {
        self.done.last().map(|step| step.slot)
    }

    /// Which of A (0) and B (1) the step to do again was made in.
    #[must_use]
    pub fn redo_slot(&self) -> Option<usize> {
        self.undone.last().map(|step| step.slot)
    }

    /// The step to take back, which [`Self::redo`] then does again; `curve` is the drawn one now.
    pub fn undo(&mut self, curve: Curve) -> Option<Step> {
        let step = self.done.pop()?;
        self.undone.push(Step { curve_undone: Some(curve), ..step.clone() });
        Some(step)
    }

    /// The step to do again.
    pub fn redo(&mut self) -> Option<Step> {
        let step = self.undone.pop()?;
        self.done.push(step.clone());
        Some(step)
    }
}

impl Step {
    /// The drawn curve to bring back with [`Self::before`]: the whole of it where the step brought
    /// another, where `bank`, the one in use and requested, has other bands, or where nothing but this
    /// step has changed it; `None` where the host has moved other bands since, which stays.
    #[must_use]
    pub fn curve_to_restore(&self, bank: Option<&Bank>, drawn_db: &[f32]) -> Option<Curve> {
        if self.curve_after.is_some() {
            return Some(self.curve_before);
        }
        let gains = self.before.iter().filter_map(|setting| match *setting {
            ParamValue::Gain(band, gain_db) => Some((band, gain_db)),
            _ => None,
        });
        let gains: Vec<(usize, f32)> = gains.collect();
        if gains.is_empty() {
            return None;
        }
        let of_step = |bank: &&Bank| Some(BandLayout::of(bank.spec())) == self.layout;
        let Some(bank) = bank.filter(of_step) else { return Some(self.curve_before) };
        let curve_db = self.curve_before.gains_db(bank.spec().scale, bank.centres_hz());
        let agrees = curve_db.zip(drawn_db).enumerate().all(|(k, (curve_db, &db))| {
            let known = gains.iter().find(|(band, _)| *band == k);
            let expected_db = known.map_or(db, |(_, db)| *db);
            (curve_db - expected_db).abs() < SAME_DB
        });
        agrees.then_some(self.curve_before)
    }

    /// The drawn curve to bring back with [`Self::after`]: the one the step brought, or, where bands
    /// of another layout are in use, the one there was when it was taken back.
    #[must_use]
    pub fn curve_to_redo(&self, layout: Option<BandLayout>) -> Option<Curve> {
        let gains = self.after.iter().any(|setting| matches!(setting, ParamValue::Gain(..)));
        let others = gains && layout != self.layout;
        self.curve_after.or(self.curve_undone.filter(|_| others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gesture(log: &mut UndoLog, from_db: f32, to_db: f32) {
        let control = ParamId::Gain(3);
        let edits = [
            ParamEdit::Begin(control),
            ParamEdit::Set(ParamValue::Gain(3, to_db / 2.0)),
            ParamEdit::Set(ParamValue::Gain(3, to_db)),
            ParamEdit::End(control),
        ];
        for edit in edits {
            log.record(edit, |_| ParamValue::Gain(3, from_db), || (Curve::FLAT, None), 0);
        }
    }

    #[test]
    fn a_gesture_is_a_step_and_a_new_one_ends_what_could_be_redone() {
        let mut log = UndoLog::default();
        assert!(log.undo(Curve::FLAT).is_none() && log.redo().is_none());
        gesture(&mut log, 0.0, 6.0);
        gesture(&mut log, 6.0, 6.0);
        gesture(&mut log, 6.0, -3.0);
        assert_eq!(log.undo(Curve::FLAT).expect("done").before, [ParamValue::Gain(3, 6.0)]);
        assert_eq!(log.undo(Curve::FLAT).expect("done").before, [ParamValue::Gain(3, 0.0)]);
        assert!(!log.can_undo(), "what changed nothing is no step");
        assert_eq!(log.redo().expect("undone").after, [ParamValue::Gain(3, 6.0)]);
        gesture(&mut log, 6.0, 1.0);
        assert!(log.can_undo() && !log.can_redo());
    }

    #[test]
    fn the_oldest_steps_are_dropped() {
        let mut log = UndoLog::default();
        (0..300_u16).for_each(|i| gesture(&mut log, f32::from(i), f32::from(i) + 1.0));
        let mut steps = 0;
        while log.undo(Curve::FLAT).is_some() {
            steps += 1;
        }
        assert_eq!(steps, STEPS);
    }
}
