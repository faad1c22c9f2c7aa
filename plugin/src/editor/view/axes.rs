//! The axes: frequency in units of the scale, gain and level in dB, and the names of notes.

use crate::editor::view::cast::{real, single};
use crate::state::params::{MAX_GAIN_DB, OFF_DB};
use egui::Rangef;
use erbium_dsp::{Bank, Scale};

/// The horizontal axis of band editor and spectrogram: equal widths are equal scale units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrequencyAxis {
    scale: Scale,
    low_units: f64,
    high_units: f64,
}

impl FrequencyAxis {
    /// The axis of a bank: its scale from 0 Hz to the Nyquist frequency.
    #[must_use]
    pub fn of(bank: &Bank) -> Self {
        let centres_hz = bank.centres_hz();
        Self::new(bank.spec().scale, centres_hz.get(1).copied(), bank.spec().sample_rate_hz / 2.0)
    }

    /// The axis of a scale up to `nyquist_hz`. The logarithm has no end below, so that axis starts
    /// at half the second centre, 20 Hz at most.
    #[must_use]
    pub fn new(scale: Scale, second_centre_hz: Option<f64>, nyquist_hz: f64) -> Self {
        let low_hz = if scale == Scale::Log {
            second_centre_hz.map_or(20.0, |hz| (hz / 2.0).clamp(1.0, 20.0))
        } else {
            0.0
        };
        Self {
            scale,
            low_units: scale.units_from_hz(low_hz),
            high_units: scale.units_from_hz(nyquist_hz),
        }
    }

    /// The scale.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Where a frequency lies, 0 at the left end and 1 at the right; never outside.
    #[must_use]
    pub fn fraction(&self, hz: f64) -> f32 {
        let span = self.high_units - self.low_units;
        single((self.scale.units_from_hz(hz) - self.low_units) / span).clamp(0.0, 1.0)
    }

    /// The frequency in hertz at a fraction of the axis.
    #[must_use]
    pub fn hz(&self, fraction: f32) -> f64 {
        let units = self.low_units
            + f64::from(fraction.clamp(0.0, 1.0)) * (self.high_units - self.low_units);
        self.scale.hz_from_units(units).max(0.0)
    }

    /// Whether a frequency lies between the ends.
    #[must_use]
    pub fn contains(&self, hz: f64) -> bool {
        (self.low_units..=self.high_units).contains(&self.scale.units_from_hz(hz))
    }

    /// Where a frequency lies on the screen; one beyond the ends lies beyond them.
    #[must_use]
    pub fn x(&self, hz: f64, across: Rangef) -> f32 {
        let span = self.high_units - self.low_units;
        let fraction = single((self.scale.units_from_hz(hz) - self.low_units) / span);
        across.min + fraction * across.span()
    }

    /// The part of the axis between two of its fractions.
    #[must_use]
    pub fn part(&self, part: Part) -> Self {
        let units = |fraction: f32| {
            self.low_units + f64::from(fraction) * (self.high_units - self.low_units)
        };
        Self { low_units: units(part.from), high_units: units(part.to), ..*self }
    }

    /// The frequency in hertz at a place on the screen.
    #[must_use]
    pub fn hz_at(&self, x: f32, across: Rangef) -> f64 {
        self.hz(egui::remap_clamp(x, across, 0.0..=1.0))
    }

    /// `count` frequencies in hertz, equally spaced on the axis from end to end.
    #[must_use]
    pub fn grid_hz(&self, count: usize) -> Vec<f64> {
        (0..count).map(|i| self.hz(single(real(i) / real(count - 1)))).collect()
    }

    /// Round frequencies in hertz whose labels, `room` points wide, fit side by side; the rounder
    /// go first.
    #[must_use]
    pub fn ticks_hz(&self, across: Rangef, room: f32) -> Vec<f64> {
        if self.scale == Scale::Linear {
            return self.even_ticks_hz(across, room);
        }
        const ROUND: [&[f64]; 4] = [
            &[100.0, 1_000.0, 10_000.0],
            &[50.0, 200.0, 500.0, 2_000.0, 5_000.0, 20_000.0, 50_000.0],
            &[20.0, 300.0, 3_000.0, 7_000.0, 15_000.0, 30_000.0, 40_000.0, 70_000.0],
            &[30.0, 700.0, 4_000.0, 6_000.0, 8_000.0, 12_000.0, 25_000.0, 60_000.0, 80_000.0],
        ];
        let mut ticks: Vec<f64> = Vec::new();
        for &hz in ROUND.into_iter().flatten() {
            let x = self.x(hz, across);
            let inside = across.shrink(room / 2.0).contains(x);
            if inside && ticks.iter().all(|&other| (self.x(other, across) - x).abs() >= room) {
                ticks.push(hz);
            }
        }
        ticks
    }

    /// Ticks for equal hertz: 1, 2 or 5 times a power of ten apart.
    fn even_ticks_hz(&self, across: Rangef, room: f32) -> Vec<f64> {
        let steps_hz = [500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0];
        let distance = |step_hz: f64| self.x(step_hz, across) - self.x(0.0, across);
        let step_hz = steps_hz.into_iter().find(|&step_hz| distance(step_hz) >= room);
        let step_hz = step_hz.unwrap_or(50_000.0);
        let inside = across.shrink(room / 2.0);
        let ticks = (1..200_u8).map(|i| f64::from(i) * step_hz);
        ticks
            .take_while(|&hz| self.contains(hz))
            .filter(|&hz| inside.contains(self.x(hz, across)))
            .collect()
    }
}

/// What is seen of the frequency axis: fractions of it, 0 at the left end and 1 at the right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The left end.
    pub from: f32,
    /// The right end.
    pub to: f32,
}

impl Part {
    /// All of it.
    pub const WHOLE: Self = Self { from: 0.0, to: 1.0 };
    /// The least that is seen: an octave or so.
    const LEAST: f32 = 0.05;

    /// Zooms in by a factor, or out where it is less than 1, about a fraction of what is seen.
    #[must_use]
    pub fn zoomed(self, factor: f32, about: f32) -> Self {
        let span = ((self.to - self.from) / factor).clamp(Self::LEAST, 1.0);
        let fixed = egui::lerp(self.from..=self.to, about);
        Self::at(fixed - about * span, span)
    }

    /// Moves by a fraction of what is seen, to higher frequencies where it is positive.
    #[must_use]
    pub fn moved(self, by: f32) -> Self {
        let span = self.to - self.from;
        Self::at(self.from + by * span, span)
    }

    fn at(from: f32, span: f32) -> Self {
        let from = from.clamp(0.0, 1.0 - span);
        Self { from, to: from + span }
    }
}

/// The vertical axis of gains: linear from its top to as far below 0 dB, then squeezed down to off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GainAxis {
    top_db: f32,
}

impl Default for GainAxis {
    fn default() -> Self {
        Self::new(MAX_GAIN_DB)
    }
}

impl GainAxis {
    /// How far down the linear part reaches.
    const LINEAR: f32 = 0.8;

    /// The axis from `top_db` down to off.
    #[must_use]
    pub fn new(top_db: f32) -> Self {
        Self { top_db }
    }

    /// The height of a gain in dB; one above the top is at the top.
    #[must_use]
    pub fn y(&self, gain_db: f32, down: Rangef) -> f32 {
        let knee_db = -self.top_db;
        let fraction = if gain_db >= knee_db {
            Self::LINEAR * (self.top_db - gain_db) / (self.top_db - knee_db)
        } else {
            Self::LINEAR + (1.0 - Self::LINEAR) * (knee_db - gain_db) / (knee_db - OFF_DB)
        };
        egui::lerp(down, fraction.clamp(0.0, 1.0))
    }

    /// The gain in dB at a height: the inverse of [`Self::y`], off at the bottom.
    #[must_use]
    pub fn db_at(&self, y: f32, down: Rangef) -> f32 {
        let knee_db = -self.top_db;
        let fraction = egui::remap_clamp(y, down, 0.0..=1.0);
        if fraction <= Self::LINEAR {
            self.top_db - fraction / Self::LINEAR * (self.top_db - knee_db)
        } else {
            knee_db - (fraction - Self::LINEAR) / (1.0 - Self::LINEAR) * (knee_db - OFF_DB)
        }
    }

    /// The dB of a point of height on the linear part.
    #[must_use]
    pub fn db_per_point(&self, down: Rangef) -> f32 {
        2.0 * self.top_db / (Self::LINEAR * down.span())
    }

    /// The gains in dB that get a line and a label, falling; a quarter of the range apart.
    #[must_use]
    pub fn ticks_db(&self) -> Vec<f32> {
        let step_db = self.top_db / 4.0;
        let linear = (0..=8_u8).map(|i| self.top_db - f32::from(i) * step_db);
        let squeezed = [-12.0, -24.0, -40.0].into_iter().filter(|db| *db < -1.5 * self.top_db);
        // Of the squeezed ones there is room for one.
        linear.chain(squeezed.take(1)).chain([OFF_DB]).collect()
    }
}

/// The lowest level shown, in dB of full scale.
pub const LEVEL_FLOOR_DB: f32 = -96.0;

/// Level in dB of full scale: linear, 0 at the top.
#[must_use]
pub fn level_y(level_db: f32, down: Rangef) -> f32 {
    egui::remap_clamp(level_db, LEVEL_FLOOR_DB..=0.0, down.max..=down.min)
}

/// A tick's frequency: hertz without unit, `k` for thousands.
#[must_use]
pub fn tick_text(hz: f64) -> String {
    if hz >= 1_000.0 { format!("{}k", hz / 1_000.0) } else { format!("{hz}") }
}

/// A frequency with its unit, three digits or so.
#[must_use]
pub fn hz_text(hz: f64) -> String {
    if hz >= 10_000.0 {
        format!("{:.1} kHz", hz / 1_000.0)
    } else if hz >= 1_000.0 {
        format!("{:.2} kHz", hz / 1_000.0)
    } else {
        format!("{hz:.0} Hz")
    }
}

/// The nearest note of equal temperament (A4 = 440 Hz) and the distance in cents, such as
/// `A4 +3 ct`; `None` below 16 Hz, where notes end.
#[must_use]
pub fn note_text(hz: f64) -> Option<String> {
    const NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    if hz < 16.0 {
        return None;
    }
    let semitones = 69.0 + 12.0 * (hz / 440.0).log2();
    let note = crate::editor::view::cast::index(single(semitones.round()));
    let cents = crate::editor::view::cast::whole(single(100.0 * (semitones - semitones.round())));
    let sign = if cents < 0 { '−' } else { '+' };
    Some(format!("{}{} {sign}{} ct", NAMES[note % 12], note / 12 - 1, cents.abs()))
}

/// The frequency in hertz of a key as MIDI counts them, 69 being A4 = 440 Hz; equal temperament.
#[must_use]
pub fn key_hz(key: f64) -> f64 {
    440.0 * ((key - 69.0) / 12.0).exp2()
}

/// A place on the frequency axis: frequency, note and cents, and units of the scale.
#[must_use]
pub fn place_text(scale: Scale, hz: f64) -> String {
    let note = note_text(hz).map_or_else(String::new, |note| format!("   {note}"));
    let units = units_text(scale, hz).map_or_else(String::new, |units| format!("   {units}"));
    format!("{}{note}{units}", hz_text(hz))
}

/// A frequency in units of the scale, with their name; `None` for hertz, which are shown anyway.
#[must_use]
pub fn units_text(scale: Scale, hz: f64) -> Option<String> {
    let (decimals, unit) = units_of(scale)?;
    let units = scale.units_from_hz(hz);
    Some(format!("{units:.decimals$} {unit}").replace('-', "−"))
}

/// The decimals and the name of a scale's units; `None` for hertz, which are shown anyway.
#[must_use]
pub const fn units_of(scale: Scale) -> Option<(usize, &'static str)> {
    match scale {
        Scale::Erb => Some((2, "ERB")),
        Scale::Mel => Some((0, "mel")),
        Scale::Bark => Some((2, "Bark")),
        Scale::Log => Some((2, "decades")),
        Scale::Linear | Scale::Elelog => None,
    }
}

/// A gain or level for reading: a sign where there is one, one decimal, a true minus.
#[must_use]
pub fn db_text(db: f32) -> String {
    signed_text(db) + " dB"
}

/// A number for reading: a sign where there is one, one decimal, a true minus.
#[must_use]
pub fn signed_text(value: f32) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 {
        "0.0".to_owned()
    } else if rounded > 0.0 {
        format!("+{rounded:.1}")
    } else {
        format!("−{:.1}", -rounded)
    }
}

/// A drawn gain for reading: `off`, or [`db_text`].
#[must_use]
pub fn gain_text(gain_db: f32) -> String {
    if gain_db <= OFF_DB { "off".to_owned() } else { db_text(gain_db) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_on_the_axes_return_to_what_they_stand_for() {
        let across = Rangef::new(40.0, 660.0);
        for scale in Scale::ALL {
            let axis = FrequencyAxis::new(scale, Some(60.0), 24_000.0);
            for hz in [30.0, 440.0, 5_000.0, 23_000.0] {
                let back = axis.hz_at(axis.x(hz, across), across);
                assert!((back / hz - 1.0).abs() < 2e-3, "{scale} {hz} {back}");
            }
        }
        let down = Rangef::new(10.0, 310.0);
        for top_db in [6.0, 12.0, 24.0] {
            let axis = GainAxis::new(top_db);
            for gain_db in [24.0, 12.0, 6.0, 0.0, -5.0, -12.0, -24.0, -40.0, -60.0] {
                let back_db = axis.db_at(axis.y(gain_db, down), down);
                assert!((back_db - gain_db.min(top_db)).abs() < 1e-3, "{top_db} {gain_db}");
            }
            assert!(axis.db_at(1_000.0, down) <= OFF_DB);
            let ticks_db = axis.ticks_db();
            assert!(ticks_db.contains(&0.0) && ticks_db.is_sorted_by(|a, b| a > b), "{ticks_db:?}");
        }
    }

    #[test]
    fn a_part_of_the_axis_is_zoomed_and_moved_within_its_ends() {
        let axis = FrequencyAxis::new(Scale::Erb, None, 24_000.0);
        let across = Rangef::new(0.0, 1_000.0);
        let mut part = Part::WHOLE;
        let hz = axis.hz_at(300.0, across);
        for _ in 0..5 {
            part = part.zoomed(1.3, 0.3);
            let at = axis.part(part).x(hz, across);
            assert!((at - 300.0).abs() < 0.1, "what is pointed at stays: {at}");
        }
        for by in [-5.0, 0.25, 5.0, -0.1] {
            let moved = part.moved(by);
            assert!((moved.to - moved.from - part.to + part.from).abs() < 1e-5);
            assert!(moved.from >= 0.0 && moved.to <= 1.0, "{moved:?}");
        }
        assert!(part.zoomed(1e3, 0.5).to - part.zoomed(1e3, 0.5).from > 0.049);
        assert_eq!(part.zoomed(1e-3, 0.7), Part::WHOLE);
    }

    #[test]
    fn tick_labels_never_touch() {
        for scale in Scale::ALL {
            for width in [560.0, 1_000.0, 1_500.0] {
                let axis = FrequencyAxis::new(scale, Some(50.0), 48_000.0);
                let across = Rangef::new(0.0, width);
                let mut places: Vec<f32> =
                    axis.ticks_hz(across, 34.0).iter().map(|&hz| axis.x(hz, across)).collect();
                places.sort_by(f32::total_cmp);
                assert!(places.len() >= 4, "{scale} {places:?}");
                assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= 34.0), "{places:?}");
            }
        }
    }

    #[test]
    fn notes_are_named() {
        assert_eq!(note_text(440.0).as_deref(), Some("A4 +0 ct"));
        assert_eq!(note_text(261.626).as_deref(), Some("C4 +0 ct"));
        assert_eq!(note_text(452.893).as_deref(), Some("A#4 −50 ct"));
        assert_eq!(note_text(0.0), None);
    }
}
