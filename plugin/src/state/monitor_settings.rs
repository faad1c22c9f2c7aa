//! What a person has chosen of the monitor, as it is kept with the instance.

use serde::{Deserialize, Serialize};

/// Which of the spectrum lines, of the tilts and of the weightings, in the order of the menu. Beyond the last,
/// as a later version may have stored it, is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonitorSettings {
    /// The spectrum line.
    pub line: usize,
    /// Its tilt.
    pub tilt: usize,
    /// The weighting of the level.
    pub weighting: usize,
}
