//! Gains that stand still, played as one filter: when the engine goes over to it.
//!
//! The change is e_h ∗ x + Σ (g_k − h_k) v_k: the filter e_h = Σ (h_k − 1) v_k of the gains h that stood still
//! last, and streamed bands for what gains have moved since. So gains leave rest without delay or
//! burst, and bands that stay where they are cost nothing. Once gains g stand still, their filter is built, fades
//! in over a batch, and h becomes g. Gains that do not come to rest leave the filter: bands are
//! streamed a second time, as if h were 1, until all that is pending is there, and that fades in.

mod builder;

use super::GainRamps;
use super::filter::{FILTERS_MAX, Filters};
use crate::stream::plan::HeldPlan;
use crate::stream::timing::CONTROL_BLOCK;
use builder::FilterBuilder;

/// The filters of an engine, of which at unity none plays.
pub(crate) struct Held {
    pub filters: Filters,
    /// Which filter plays, or the last did.
    pub playing: usize,
    /// Whether it does.
    pub is_playing: bool,
    /// What is faded to in this batch.
    pub fade: Option<Goal>,
    builder: FilterBuilder,
    is_built: bool,
    /// Samples for which gains have stood still away from what is played.
    still_samples: usize,
    /// Samples for which they have been away from it.
    away_samples: usize,
    /// Samples for which bands have been streamed as if there were no filter.
    pub leaving: Option<usize>,
    /// The gains that changes are counted from meanwhile.
    pub unity: Vec<f32>,
    /// Whether input is taken in at all times.
    always_fed: bool,
}

/// What gains that stand still are played as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The delayed input.
    Flat,
    Filter,
    /// What moves, streamed as a whole.
    Streamed,
}

impl Held {
    pub fn new(plan: &HeldPlan, channels: usize, always_fed: bool) -> Self {
        Self {
            filters: Filters::new(&plan.partitions, channels, 2),
            playing: 0,
            is_playing: false,
            fade: None,
            builder: FilterBuilder::new(plan),
            is_built: false,
            still_samples: 0,
            away_samples: 0,
            leaving: None,
            unity: vec![1.0; plan.responses.bands.len()],
            always_fed,
        }
    }

    /// Which filter is built, and fades in.
    pub const fn incoming(&self) -> usize {
        1 - self.playing
    }

    /// Whether anything is added to the change.
    pub const fn has_output(&self) -> bool {
        self.is_playing || self.fade.is_some()
    }

    /// Whether input is taken in.
    pub const fn is_fed(&self) -> bool {
        self.always_fed || self.has_output() || self.still_samples > 0
    }

    /// At a control tick, after gains have moved on: builds the filter of gains that stand still, if they may be played
    /// by one. What to fade to if this is the start of a batch.
    pub fn on_control_tick(
        &mut self,
        plan: &HeldPlan,
        gains: &GainRamps,
        may_rest: bool,
    ) -> Option<Goal> {
        if self.fade.is_some() {
            return None;
        }
        if !may_rest {
            self.still_samples = 0;
            return self.is_playing.then(|| self.leave(plan)).flatten();
        }
        if gains.are_at_base() {
            self.be_at_base();
            return None;
        }
        self.rest(plan, gains).or_else(|| self.leave(plan))
    }

    /// Whether bands begin to be streamed as if there were no filter: at the start of a batch.
    pub fn begin_leaving(&mut self, plan: &HeldPlan) -> bool {
        let away = self.is_playing && self.away_samples > plan.leave_samples;
        let begins = away && self.leaving.is_none() && self.fade.is_none();
        if begins {
            self.leaving = Some(0);
        }
        begins
    }

    /// What is faded to once all that is streamed anew is there.
    fn leave(&mut self, plan: &HeldPlan) -> Option<Goal> {
        self.away_samples += CONTROL_BLOCK;
        let streamed = self.leaving.as_mut()?;
        *streamed += CONTROL_BLOCK;
        (*streamed > plan.flat_rest_samples).then_some(Goal::Streamed)
    }

    /// Builds the filter of gains that stand still.
    fn rest(&mut self, plan: &HeldPlan, gains: &GainRamps) -> Option<Goal> {
        if !gains.stands_still() {
            self.still_samples = 0;
            return None;
        }
        let goal = if gains.are_flat() { Goal::Flat } else { Goal::Filter };
        if self.still_samples == 0 {
            self.is_built = false;
            self.builder.begin(gains.now());
        }
        if goal == Goal::Filter && !self.is_built {
            self.build(plan, false);
        }
        let rest_samples =
            if goal == Goal::Flat { plan.flat_rest_samples } else { plan.rest_samples };
        let rested = self.still_samples >= rest_samples;
        self.still_samples += CONTROL_BLOCK;
        (rested && (self.is_built || goal == Goal::Flat)).then_some(goal)
    }

    fn build(&mut self, plan: &HeldPlan, at_once: bool) {
        let incoming = self.incoming();
        let filter = &mut self.filters.filters[incoming];
        self.is_built = self.builder.build(plan, filter, at_once);
    }

    /// Builds the filter of these gains at once.
    pub fn build_at_once(&mut self, plan: &HeldPlan, gains: &[f32]) {
        self.builder.begin(gains);
        self.build(plan, true);
    }

    /// What was faded to plays from now on.
    pub const fn end_fade(&mut self, goal: Goal) {
        self.is_playing = matches!(goal, Goal::Filter);
        if self.is_playing {
            self.playing = self.incoming();
        }
        self.cancel();
    }

    /// Gains have jumped: nothing is faded to.
    pub const fn cancel(&mut self) {
        self.fade = None;
        self.filters.in_use = [false; FILTERS_MAX];
        self.filters.in_use[self.playing] = self.is_playing;
        self.be_at_base();
    }

    const fn be_at_base(&mut self) {
        self.still_samples = 0;
        self.away_samples = 0;
        self.leaving = None;
    }

    pub fn reset(&mut self) {
        self.filters.reset();
        self.is_playing = false;
        self.cancel();
    }
}
