//! The drawn curve: gains in dB at frequencies, kept when scale or band count changes.

mod layout;
mod shared;

pub use layout::BandLayout;
pub(crate) use shared::AudioEnd;
pub use shared::SharedCurve;

use crate::state::limits::{MAX_BANDS, MAX_GAIN_DB, OFF_DB};
use erbium_dsp::Scale;
use serde::{Deserialize, Serialize};

/// Gains closer than this in dB are the same. A gain that passes through a host comes back rounded
/// by some 10⁻⁵ dB, and that rounding is no edit.
pub const SAME_DB: f32 = 1e-4;

/// Frequencies closer than this part of themselves are the same: a state's text, or another
/// machine's arithmetic, moves a centre frequency by a last digit.
const SAME_HZ: f64 = 1e-9;

/// A gain that can be played: finite, in range, and exactly 0 dB or exactly off when it is as good
/// as that, so that a curve that looks flat is flat bit for bit.
#[must_use]
pub fn settled_db(gain_db: f32) -> f32 {
    if gain_db.is_nan() || gain_db.abs() < SAME_DB {
        0.0
    } else if gain_db - OFF_DB < SAME_DB {
        OFF_DB
    } else {
        gain_db.min(MAX_GAIN_DB)
    }
}

/// A curve through at most [`MAX_BANDS`] nodes. Of fixed size, so that it crosses threads by value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    nodes: usize,
    hz: [f64; MAX_BANDS],
    gain_db: [f32; MAX_BANDS],
}

impl Curve {
    /// The curve that changes nothing.
    pub const FLAT: Self = Self { nodes: 0, hz: [0.0; MAX_BANDS], gain_db: [0.0; MAX_BANDS] };

    /// The curve through `gain_db` at the rising frequencies `hz`; nodes past the shorter of the
    /// two and past [`MAX_BANDS`] are left out.
    #[must_use]
    pub fn new(hz: &[f64], gain_db: &[f32]) -> Self {
        let mut curve = Self::FLAT;
        for (&hz, &gain_db) in hz.iter().zip(gain_db).take(MAX_BANDS) {
            curve.hz[curve.nodes] = hz;
            curve.gain_db[curve.nodes] = settled_db(gain_db);
            curve.nodes += 1;
        }
        curve
    }

    /// The nodes' frequencies in hertz, rising.
    #[must_use]
    pub fn hz(&self) -> &[f64] {
        &self.hz[..self.nodes]
    }

    /// The nodes' gains in dB, in the order of [`Self::hz`].
    #[must_use]
    pub fn gain_db(&self) -> &[f32] {
        &self.gain_db[..self.nodes]
    }

    /// The nodes as a preset holds them: frequencies in hertz with gains in dB. A flat curve has one,
    /// for none is no curve there.
    #[must_use]
    pub fn points(&self) -> Vec<(f64, f64)> {
        if self.nodes == 0 {
            return vec![(0.0, 0.0)];
        }
        self.hz().iter().zip(self.gain_db()).map(|(&hz, &db)| (hz, f64::from(db))).collect()
    }

    /// The gain in dB at `hz`: linear in dB over the units of `scale`, level outside the nodes.
    ///
    /// At a node it is that node's gain exactly, so a curve comes back unchanged from other bands.
    #[must_use]
    pub fn read_db(&self, scale: Scale, hz: f64) -> f32 {
        let above = self.hz().partition_point(|&node_hz| node_hz <= hz * (1.0 + SAME_HZ));
        let Some(below) = above.checked_sub(1) else {
            return self.gain_db().first().copied().unwrap_or(0.0);
        };
        let left_db = self.gain_db[below];
        if above == self.nodes || self.hz[below] >= hz * (1.0 - SAME_HZ) {
            return left_db;
        }
        let left = scale.units_from_hz(self.hz[below]);
        let span = scale.units_from_hz(self.hz[above]) - left;
        let part = if span > 0.0 { (scale.units_from_hz(hz) - left) / span } else { 0.0 };
        let gain_db = f64::from(left_db) + part * f64::from(self.gain_db[above] - left_db);
        settled_db(single(gain_db))
    }

    /// The gains in dB at a bank's centre frequencies in hertz, rising.
    ///
    /// Where the nodes are those of as many bands nearby, as at another sample rate, latency or
    /// quality, band k has the gain of node k, so that a lone peak keeps its height; elsewhere the
    /// curve is read.
    pub fn gains_db<'a>(
        &'a self,
        scale: Scale,
        centres_hz: &'a [f64],
    ) -> impl Iterator<Item = f32> + 'a {
        let band_by_band = self.is_of(centres_hz);
        let gain_db = move |(k, &hz): (usize, &f64)| {
            if band_by_band { self.gain_db[k] } else { self.read_db(scale, hz) }
        };
        centres_hz.iter().take(MAX_BANDS).enumerate().map(gain_db)
    }

    /// Whether there is a node for every centre, nearby.
    fn is_of(&self, centres_hz: &[f64]) -> bool {
        let near = |(node_hz, hz): (&f64, &f64)| (node_hz - hz).abs() <= SAME_BAND * hz;
        self.nodes == centres_hz.len() && self.hz().iter().zip(centres_hz).all(near)
    }
}

/// Node k and centre k within this part of the centre are the same band's: from 44.1 to 48 kHz,
/// centres move by up to 8.8 %.
const SAME_BAND: f64 = 0.1;

/// A gain in the precision of parameters.
#[expect(clippy::cast_possible_truncation)]
pub(crate) const fn single(value: f64) -> f32 {
    value as f32
}

/// A drawn curve with the gain parameters it goes with.
#[derive(Clone, Copy, Debug)]
pub struct CurveState {
    /// The drawn curve.
    pub curve: Curve,
    /// The last seen value of every gain parameter in dB; NaN where none was seen. A parameter
    /// that differs is an edit.
    pub last_param_db: [f32; MAX_BANDS],
}

impl CurveState {
    /// What a new instance starts with: flat, every parameter seen at its default of 0 dB.
    pub const FLAT: Self = Self { curve: Curve::FLAT, last_param_db: [0.0; MAX_BANDS] };
    /// No curve of its own: whatever the parameters say is an edit.
    pub const PARAMETERS: Self = Self { curve: Curve::FLAT, last_param_db: [f32::NAN; MAX_BANDS] };

    /// Whether this value of the gain parameter `k` in dB is an edit: it was last seen with another,
    /// or never.
    #[must_use]
    pub fn is_edit(&self, k: usize, param_db: f32) -> bool {
        let same = (settled_db(param_db) - self.last_param_db[k]).abs() < SAME_DB;
        !same
    }

    /// The gains in dB that are in force at a bank's centre frequencies in hertz once the audio
    /// thread has followed these parameters; 0 past them. Without parameters those of the curve
    /// alone, as while the parameters speak of another bank.
    #[must_use]
    pub fn effective_gain_db(
        &self,
        scale: Scale,
        centres_hz: &[f64],
        params_db: Option<&[f32; MAX_BANDS]>,
    ) -> [f32; MAX_BANDS] {
        let mut gains_db = [0.0; MAX_BANDS];
        for (k, (gain_db, curve_db)) in
            gains_db.iter_mut().zip(self.curve.gains_db(scale, centres_hz)).enumerate()
        {
            let edited = params_db.map(|params_db| params_db[k]).filter(|db| self.is_edit(k, *db));
            *gain_db = edited.map_or(curve_db, settled_db);
        }
        gains_db
    }
}

/// A [`CurveState`] as hosts and presets store it.
///
/// `null` is a state without a curve of its own: its parameters are the gains of its bands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredCurve(Option<StoredNodes>);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredNodes {
    hz: Vec<f64>,
    gain_db: Vec<f32>,
    #[serde(rename = "seen_db")]
    last_param_db: Vec<Option<f32>>,
}

impl StoredCurve {
    /// A state without a curve of its own.
    pub const PARAMETERS: Self = Self(None);

    /// The drawing, or `None` when it is no curve: frequencies that do not rise from 0 or above,
    /// numbers missing, too many or not finite.
    #[must_use]
    pub fn drawing(&self) -> Option<CurveState> {
        let Some(StoredNodes { hz, gain_db, last_param_db }) = &self.0 else {
            return Some(CurveState::PARAMETERS);
        };
        let rising = hz.windows(2).all(|pair| pair[0] < pair[1]);
        let positive = hz.iter().all(|hz| hz.is_finite() && *hz >= 0.0);
        let finite = gain_db.iter().chain(last_param_db.iter().flatten()).all(|db| db.is_finite());
        let fits =
            hz.len() == gain_db.len() && hz.len() <= MAX_BANDS && last_param_db.len() <= MAX_BANDS;
        if !(rising && positive && finite && fits) {
            return None;
        }
        let mut drawing = CurveState { curve: Curve::new(hz, gain_db), ..CurveState::PARAMETERS };
        for (seen, stored) in drawing.last_param_db.iter_mut().zip(last_param_db) {
            *seen = stored.unwrap_or(f32::NAN);
        }
        Some(drawing)
    }
}

impl From<&CurveState> for StoredCurve {
    fn from(drawing: &CurveState) -> Self {
        Self(Some(StoredNodes {
            hz: drawing.curve.hz().to_vec(),
            gain_db: drawing.curve.gain_db().to_vec(),
            last_param_db: drawing
                .last_param_db
                .iter()
                .map(|db| db.is_finite().then_some(*db))
                .collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::preset::Preset;

    #[test]
    fn a_curve_is_exact_at_nodes_linear_between_and_level_outside() {
        let curve = Curve::new(&[100.0, 1000.0, 4000.0], &[-6.0, 12.0, OFF_DB]);
        for scale in Scale::ALL {
            assert_eq!(curve.read_db(scale, 100.0), -6.0);
            assert_eq!(curve.read_db(scale, 1000.0), 12.0);
            assert_eq!(curve.read_db(scale, 4000.0), OFF_DB);
            assert_eq!(curve.read_db(scale, 1000.0_f64.next_up()), 12.0, "a last digit");
            assert_eq!(curve.read_db(scale, 1000.0_f64.next_down()), 12.0, "a last digit");
            assert_eq!(curve.read_db(scale, 0.0), -6.0, "level below");
            assert_eq!(curve.read_db(scale, 24_000.0), OFF_DB, "level above");
        }
        assert!((curve.read_db(Scale::Linear, 550.0) - 3.0).abs() < 1e-4);
        let middle_hz = 1000.0_f64.sqrt() * 10.0;
        assert!((curve.read_db(Scale::Log, middle_hz) - 3.0).abs() < 1e-4);
        assert_eq!(Curve::FLAT.read_db(Scale::Erb, 1000.0), 0.0);
    }

    #[test]
    fn nodes_that_share_a_scale_unit_read_finite() {
        let curve = Curve::new(&[0.0, 0.5, 1.0, 100.0], &[3.0, -3.0, 6.0, 0.0]);
        for hz in [0.0, 0.2, 0.5, 0.7, 1.0, 2.0] {
            assert!(curve.read_db(Scale::Log, hz).is_finite());
        }
    }

    #[test]
    fn gains_settle() {
        assert_eq!(settled_db(3.8e-6), 0.0);
        assert_eq!(settled_db(f32::NAN), 0.0);
        assert_eq!(settled_db(f32::INFINITY), MAX_GAIN_DB);
        assert_eq!(settled_db(f32::NEG_INFINITY), OFF_DB);
        assert_eq!(settled_db(-59.999_99), OFF_DB);
        assert_eq!(settled_db(-3.25), -3.25);
    }

    #[test]
    fn a_drawing_survives_text() {
        let mut drawing =
            CurveState { curve: Curve::new(&[0.0, 440.0], &[1.25, -60.0]), ..CurveState::FLAT };
        drawing.last_param_db[3] = -7.123_456;
        drawing.last_param_db[4] = f32::NAN;
        let text = serde_json::to_string(&StoredCurve::from(&drawing)).expect("is JSON");
        let stored: StoredCurve = serde_json::from_str(&text).expect("reads back");
        let back = stored.drawing().expect("is a drawing");
        assert_eq!(back.curve, drawing.curve);
        assert_eq!(back.last_param_db[3], drawing.last_param_db[3]);
        assert!(back.last_param_db[4].is_nan());
    }

    #[test]
    fn frequencies_survive_text_to_the_last_digit() {
        let hz: Vec<f64> = (1..=64).map(|k| Scale::Erb.hz_from_units(f64::from(k) / 1.7)).collect();
        let drawing = CurveState { curve: Curve::new(&hz, &[1.0; 64]), ..CurveState::FLAT };
        let text = serde_json::to_string(&StoredCurve::from(&drawing)).expect("is JSON");
        let stored: StoredCurve = serde_json::from_str(&text).expect("reads back");
        assert_eq!(stored.drawing().expect("is a drawing").curve.hz(), hz);
        let curve = hz.into_iter().map(|hz| (hz, 1.0)).collect();
        let preset = Preset { curve, ..Preset::default() };
        let again = Preset::from_json(&preset.to_value().to_string()).expect("reads back");
        assert_eq!(again.curve, preset.curve);
    }

    #[test]
    fn what_is_no_curve_is_refused() {
        let falling = r#"{"hz":[2.0,1.0],"gain_db":[0.0,0.0],"seen_db":[]}"#;
        let uneven = r#"{"hz":[1.0,2.0],"gain_db":[0.0],"seen_db":[]}"#;
        let negative = r#"{"hz":[-1.0,2.0],"gain_db":[0.0,0.0],"seen_db":[]}"#;
        let infinite = r#"{"hz":[1.0,2.0],"gain_db":[0.0,1e39],"seen_db":[]}"#;
        for text in [falling, uneven, negative, infinite] {
            let stored = serde_json::from_str::<StoredCurve>(text);
            assert!(stored.map_or(true, |stored| stored.drawing().is_none()), "{text}");
        }
        let long = StoredCurve(Some(StoredNodes {
            hz: (0..65).map(f64::from).collect(),
            gain_db: vec![0.0; 65],
            last_param_db: vec![],
        }));
        assert!(long.drawing().is_none());
    }
}
