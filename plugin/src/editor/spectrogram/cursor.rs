//! What the picture holds under the pointer.

use crate::editor::spectrogram::analysis::NOTHING;
use crate::editor::spectrogram::colours::Source;
use crate::editor::spectrogram::columns::Columns;
use crate::editor::spectrogram::frozen::Offsets;
use crate::editor::spectrogram::texture::{Plan, row_at};
use crate::editor::view::axes;
use crate::editor::view::theme;
use egui::{Align2, Painter, Pos2, Rect, vec2};
use erbium_dsp::Scale;

/// A place in the picture.
pub struct Place {
    /// Its frequency in hertz.
    pub hz: f64,
    /// How far down it is, 0 to 1.
    pub down: f32,
    /// How long ago that was, in seconds.
    pub ago_s: f32,
}

/// Frequency, note and scale units; then level and time.
#[must_use]
pub fn read(shown: (&Columns, &Offsets), plan: &Plan, place: &Place, scale: Scale) -> [String; 2] {
    let level = level_text(shown, plan, place).unwrap_or_else(|| "–".to_owned());
    [axes::place_text(scale, place.hz), format!("{level}   −{:.2} s", place.ago_s)]
}

/// The levels at a place before and after the gains; `None` where nothing was analysed.
fn levels_at(
    (columns, offsets): (&Columns, &Offsets),
    plan: &Plan,
    place: &Place,
) -> Option<(i16, i16)> {
    let sum = columns.sum(plan.columns_at(columns.arrived(), place.down)?)?;
    let row = row_at(&sum.bank, place.hz)?;
    Some((sum.levels.pre[row], offsets.post(row, sum.levels.post[row])))
}

/// What a place shows in dB: a level, or a difference; `None` where there is no sound.
#[must_use]
pub fn value_db(shown: (&Columns, &Offsets), plan: &Plan, place: &Place) -> Option<f32> {
    let (pre, post) = levels_at(shown, plan, place)?;
    let nothing = pre <= NOTHING && post <= NOTHING;
    plan.mapping.value_db(pre, post).filter(|_| !nothing)
}

fn level_text(shown: (&Columns, &Offsets), plan: &Plan, place: &Place) -> Option<String> {
    let (pre, post) = levels_at(shown, plan, place)?;
    let text = |level: i16| {
        if level <= NOTHING {
            "silence".to_owned()
        } else {
            axes::db_text(f32::from(level) / 100.0) + "FS"
        }
    };
    Some(match (plan.mapping.source, plan.mapping.value_db(pre, post)) {
        (Source::Pre, _) => text(pre),
        (Source::Post, _) => text(post),
        (Source::Difference, Some(db)) => {
            format!("{}, from {} to {}", axes::db_text(db), text(pre), text(post))
        }
        (Source::Difference, None) => "too little to compare".to_owned(),
    })
}

/// Writes two lines beside the pointer, on the side where there is room.
pub fn write(painter: &Painter, plot: Rect, pointer: Pos2, lines: &[String; 2]) {
    let text = lines.join("\n");
    let galley = painter.layout_no_wrap(text.clone(), theme::body(), theme::of(painter.ctx()).text);
    let room = galley.size() + vec2(28.0, 22.0);
    let right = pointer.x + room.x < plot.right();
    let below = pointer.y + room.y < plot.bottom();
    let (anchor, offset) = match (right, below) {
        (true, true) => (Align2::LEFT_TOP, vec2(14.0, 12.0)),
        (false, true) => (Align2::RIGHT_TOP, vec2(-8.0, 12.0)),
        (true, false) => (Align2::LEFT_BOTTOM, vec2(14.0, -6.0)),
        (false, false) => (Align2::RIGHT_BOTTOM, vec2(-8.0, -6.0)),
    };
    theme::patch(
        painter,
        anchor,
        pointer + offset,
        &text,
        theme::body(),
        theme::of(painter.ctx()).text,
    );
}
