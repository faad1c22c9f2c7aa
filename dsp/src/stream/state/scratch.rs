//! Scratch buffers.

use crate::stream::plan::Plan;
use crate::stream::simd::{CoefficientBlock, PolyphaseSamples};
use crate::stream::timing::BATCH;

/// Scratch buffers for the channels that are processed together.
pub(crate) struct Scratch {
    pub samples: [PolyphaseSamples; 2],
    pub run: CoefficientBlock,
    pub changes: [f32; BATCH],
}

impl Scratch {
    pub fn new(plan: &Plan) -> Self {
        let groups = || plan.by_batch.iter().flatten();
        let span = groups().map(|group| group.span).max().unwrap_or(0);
        let stride = groups().map(|group| group.stride).max().unwrap_or(1);
        Self {
            samples: [PolyphaseSamples::new(span, stride), PolyphaseSamples::new(span, stride)],
            run: CoefficientBlock::new(),
            changes: [0.0; BATCH],
        }
    }
}
