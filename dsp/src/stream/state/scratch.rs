//! Room to work in.

use crate::stream::plan::Plan;
use crate::stream::simd::{Polyphase, Run};
use crate::stream::timing::WINDOW;

/// Room to work in, for the channels of a pass.
pub(crate) struct Room {
    pub samples: [Polyphase; 2],
    pub run: Run,
    pub changes: [f32; WINDOW],
}

impl Room {
    pub fn new(plan: &Plan) -> Self {
        let groups = || plan.by_window.iter().flatten();
        let heard = groups().map(|group| group.heard).max().unwrap_or(0);
        let stride = groups().map(|group| group.stride).max().unwrap_or(1);
        Self {
            samples: [Polyphase::new(heard, stride), Polyphase::new(heard, stride)],
            run: Run::new(),
            changes: [0.0; WINDOW],
        }
    }
}
