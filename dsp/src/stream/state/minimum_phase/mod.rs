//! All bands as one minimum-phase filter, without latency: how it follows the gains.
//!
//! At intervals filters are built of what gains are then, and the output goes from one to the next along quadratic
//! B-splines: what moves evenly is followed evenly, and a step takes two intervals, without a break in its slope.
//! When gains stand still, the fine filter is built, and comes in the same way.

mod builder;

use super::GainSegments;
use super::filter::{FILTERS_MAX, Filter, Filters};
use crate::stream::plan::{MinimumPhasePlan, Resolution};
use builder::MinimumPhaseBuilder;

/// The filters of an engine without latency.
pub(crate) struct MinimumPhaseState {
    pub filters: Filters,
    /// The gains that bands are streamed with: unity, so that they only have levels.
    pub streamed: GainSegments,
    /// What the spline goes by: the last filter, this one and the next; none is the input alone.
    pub control_points: [Option<usize>; 3],
    /// Control blocks since the interval began, if the control points differ.
    pub since_blocks: Option<usize>,
    /// The gains that the last filter was built for, or is being.
    built_for: Vec<f32>,
    resolution: Resolution,
    /// The filter that is being built.
    staged: Filter,
    builder: MinimumPhaseBuilder,
    progress: Progress,
}

/// How far the next filter is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// None is wanted.
    Idle,
    /// So many control blocks in it.
    Building(usize),
    /// It may come in.
    Staged,
    /// No filter at all is to play.
    Flat,
}

impl MinimumPhaseState {
    /// At unity.
    pub fn new(plan: &MinimumPhasePlan, channels: usize) -> Self {
        let unity = vec![1.0; plan.spectra.len()];
        Self {
            filters: Filters::new(&plan.partitions, channels, FILTERS_MAX),
            streamed: GainSegments::new(unity.len()),
            control_points: [None; 3],
            since_blocks: None,
            resolution: Resolution::Fine,
            staged: Filter::new(&plan.partitions),
            builder: MinimumPhaseBuilder::new(plan),
            progress: Progress::Idle,
            built_for: unity,
        }
    }

    /// At a control tick: moves on along the spline. Which filter begins, if any does.
    pub fn advance(&mut self, plan: &MinimumPhasePlan) -> Option<usize> {
        if let Some(since) = &mut self.since_blocks {
            *since += 1;
            if *since == plan.interval_blocks {
                self.end_interval();
            }
        }
        self.since_blocks.is_none_or(|since| since == 0).then(|| self.take_next()).flatten()
    }

    /// Whether a filter may begin to be built now: so late that it is there when the interval ends, and that gains are
    /// the latest.
    pub fn takes_gains(&self, plan: &MinimumPhasePlan) -> bool {
        let may_begin = match self.progress {
            Progress::Idle => true,
            // A fine filter that nobody wants any more.
            Progress::Building(_) => self.resolution == Resolution::Fine,
            Progress::Staged | Progress::Flat => false,
        };
        let in_time =
            self.since_blocks.is_none_or(|since| since + plan.build_blocks >= plan.interval_blocks);
        may_begin && in_time
    }

    /// The next filter is this one.
    fn end_interval(&mut self) {
        let [_, now, next] = self.control_points;
        self.control_points = [now, next, next];
        self.since_blocks = (now != next).then_some(0);
        self.mark_in_use();
    }

    fn mark_in_use(&mut self) {
        for (which, in_use) in self.filters.in_use.iter_mut().enumerate() {
            *in_use = self.control_points.contains(&Some(which));
        }
    }

    /// Goes to what was built, if anything was, at the start of an interval. Which filter begins.
    fn take_next(&mut self) -> Option<usize> {
        let next = match self.progress {
            Progress::Staged => Some(self.place_staged()),
            Progress::Flat => None,
            Progress::Idle | Progress::Building(_) => return None,
        };
        self.progress = Progress::Idle;
        self.control_points[2] = next;
        self.since_blocks = Some(0);
        next
    }

    /// Puts the filter that was built where none is in use.
    fn place_staged(&mut self) -> usize {
        // Of the three control points two are the same.
        let free = self.filters.in_use.iter().position(|in_use| !in_use).unwrap_or(0);
        std::mem::swap(&mut self.staged, &mut self.filters.filters[free]);
        free
    }

    /// Begins a filter where gains want another than the last.
    fn begin_build(&mut self, plan: &MinimumPhasePlan, gains: &[f32]) {
        if !self.takes_gains(plan) {
            return;
        }
        if self.built_for != gains {
            self.built_for.copy_from_slice(gains);
            self.resolution = Resolution::Fast;
        } else if self.resolution == Resolution::Fast
            && self.progress == Progress::Idle
            && self.since_blocks.is_none()
        {
            self.resolution = Resolution::Fine;
        } else {
            return;
        }
        if is_flat(gains) {
            self.resolution = Resolution::Fine;
            self.progress = Progress::Flat;
        } else {
            self.builder.begin(gains, self.resolution);
            self.progress = Progress::Building(0);
        }
    }

    /// At a control tick, after gains have moved on: does a control block's share of the next filter.
    pub fn build(&mut self, plan: &MinimumPhasePlan, gains: &[f32]) {
        self.begin_build(plan, gains);
        let Progress::Building(blocks) = &mut self.progress else { return };
        *blocks += 1;
        let is_complete = match self.resolution {
            Resolution::Fast => {
                let parts = self.builder.parts(plan);
                let end = (parts * *blocks).div_ceil(plan.build_blocks);
                self.builder.build_to(plan, &mut self.staged, end)
            }
            Resolution::Fine => self.builder.build_next(plan, &mut self.staged),
        };
        if is_complete {
            self.progress = Progress::Staged;
        }
    }

    /// Goes over to these gains at once, unless it plays them already. Which filter begins.
    pub fn jump(
        &mut self,
        plan: &MinimumPhasePlan,
        gains: &[f32],
        resolution: Resolution,
    ) -> Option<usize> {
        let is_built = self.progress == Progress::Idle || self.resolution == Resolution::Fine;
        let as_exact = self.resolution == Resolution::Fine || resolution == Resolution::Fast;
        let plays =
            self.since_blocks.is_none() && self.control_points[1].is_some() != is_flat(gains);
        if self.built_for == gains && is_built && plays && as_exact {
            return None;
        }
        self.built_for.copy_from_slice(gains);
        self.progress = Progress::Idle;
        self.since_blocks = None;
        self.control_points = [None; 3];
        self.mark_in_use();
        if is_flat(gains) {
            self.resolution = Resolution::Fine;
            return None;
        }
        self.resolution = resolution;
        self.builder.begin(gains, resolution);
        let parts = self.builder.parts(plan);
        self.builder.build_to(plan, &mut self.staged, parts);
        let begins = self.place_staged();
        self.control_points = [Some(begins); 3];
        Some(begins)
    }

    /// Forgets all sound; what is to play is said by a jump.
    pub fn reset(&mut self) {
        self.filters.reset();
        self.control_points = [None; 3];
        self.since_blocks = None;
        self.progress = Progress::Idle;
    }
}

/// Whether it is the input that plays.
#[expect(clippy::float_cmp)] // Exact unity is what costs nothing.
fn is_flat(gains: &[f32]) -> bool {
    gains.iter().all(|&gain| gain == 1.0)
}
