//! The footer: what is to be said, and the latency and load of what plays.

use crate::editor::bank::report;
use crate::editor::view::axes;
use crate::editor::view::model::ViewModel;
use crate::editor::view::theme;
use crate::editor::view::tokens::{Palette, size, space};
use crate::message::capitalised;
use egui::accesskit::Role;
use egui::{
    Align2, Color32, CornerRadius, Galley, Rect, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use std::path::PathBuf;
use std::sync::Arc;

/// What is said.
pub struct Message {
    /// A sentence.
    pub text: String,
    /// Whether it warns.
    pub warns: bool,
    /// The file it is about, whose path can be copied.
    pub path: Option<PathBuf>,
}

impl Message {
    fn new(text: impl Into<String>, warns: bool) -> Self {
        Self { text: text.into(), warns, path: None }
    }
}

/// The footer of a frame, laid out before anything is drawn: a long message makes it higher.
pub struct Footer {
    message: Option<(Message, Arc<Galley>)>,
    figures: Arc<Galley>,
}

/// Where to start: said until the first edit that a person ever makes.
pub const HINT: &str = "Drag across the bands to draw a curve. Right-click a band for more.";

/// The width of the button that copies a path.
const COPY: f32 = 76.0;

impl Footer {
    /// Lays out the footer of a window so wide. `saved` is the message on the last file.
    #[must_use]
    pub fn new(ui: &Ui, width: f32, view: &ViewModel<'_>, saved: Option<Message>) -> Self {
        let palette = theme::of(ui.ctx());
        let figures = view.bank().map_or_else(String::new, |bank| {
            format!("{}   load {}", report::latency(bank), report::load(view.load))
        });
        let figures = ui.painter().layout_no_wrap(figures, theme::caption(), palette.text_dim);
        let message = saved.or_else(|| message(view)).map(|message| {
            let message = Message { text: capitalised(&message.text), ..message };
            let copy = if message.path.is_some() { COPY + space::MEDIUM } else { 0.0 };
            let room = width - 2.0 * space::MARGIN - figures.size().x - space::LARGE - copy;
            let ink = ink(palette, &message);
            let galley = ui.painter().layout(message.text.clone(), theme::body(), ink, room);
            (message, galley)
        });
        Self { message, figures }
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> f32 {
        let text = self.message.as_ref().map_or(0.0, |(_, galley)| galley.size().y);
        size::FOOTER.max(text + 2.0 * space::SMALL)
    }

    /// Draws it into `rect`, which reaches from edge to edge.
    pub fn draw(self, ui: &mut Ui, rect: Rect) {
        let palette = theme::of(ui.ctx());
        ui.painter().rect_filled(rect, CornerRadius::ZERO, palette.surface);
        ui.painter().hline(rect.x_range(), rect.top(), (size::LINE[0], palette.outline));
        let inner = rect.shrink2(vec2(space::MARGIN, 0.0));
        let figures = Align2::RIGHT_CENTER.anchor_size(inner.right_center(), self.figures.size());
        ui.painter().galley(figures.min, self.figures, palette.text_dim);
        let Some((message, galley)) = self.message else { return };
        let place = Align2::LEFT_CENTER.anchor_size(inner.left_center(), galley.size());
        ui.painter().galley(place.min, galley, ink(palette, &message));
        let response = ui.interact(place, ui.scope_id().with("message"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &message.text));
        if let Some(path) = message.path {
            let left = pos2(place.right() + space::MEDIUM, rect.center().y - size::CONTROL / 2.0);
            let button = Rect::from_min_size(left, vec2(COPY, size::CONTROL));
            ui.scope_builder(UiBuilder::new().max_rect(button), |ui| {
                if ui.button("Copy path").clicked() {
                    ui.ctx().copy_text(path.display().to_string());
                }
            });
        }
    }
}

fn ink(palette: &Palette, message: &Message) -> Color32 {
    if message.warns { palette.warning } else { palette.text }
}

/// The most important of what there is to say.
fn message(view: &ViewModel<'_>) -> Option<Message> {
    let bypassed = view.params.bypass.value();
    if let Some(toast) = view.toast {
        return Some(Message::new(&toast.text, toast.failed));
    }
    if let Some(reason) = view.missing_audio {
        return Some(Message::new(reason, true));
    }
    // Without a bank, the plot has room for it.
    if let Some(notice) = view.notice.as_ref().filter(|_| view.response.is_some()) {
        return Some(Message::new(notice, true));
    }
    if view.designing && view.response.is_some() {
        return Some(Message::new("Designing the filterbank…", false));
    }
    if let Some((band, hz)) =
        view.soloed.and_then(|band| Some((band, view.bank()?.centres_hz().get(band)?)))
    {
        return Some(Message::new(
            format!("Solo: band {}, {}", band + 1, axes::hz_text(*hz)),
            true,
        ));
    }
    if bypassed {
        return Some(Message::new("Bypassed", true));
    }
    if view.params.delta.value() {
        return Some(Message::new("Delta: only the change is output", true));
    }
    (view.shows_hint && view.response.is_some()).then(|| Message::new(HINT, false))
}
