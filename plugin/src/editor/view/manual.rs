//! The manual, which the window has with it.

use crate::editor::view::theme;
use crate::editor::view::tokens::{size, space};
use crate::editor::view::widgets::choices;
use egui::{Id, Modal, RichText, ScrollArea, Ui, vec2};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

/// What can be read.
const PAGES: [(&str, &str); 4] = [
    ("The window", include_str!("../../../../docs/editor.md")),
    ("Parameters", include_str!("../../../../docs/parameters.md")),
    ("Presets and curves", include_str!("../../../../docs/presets.md")),
    ("Banks", include_str!("../../../../docs/banks.md")),
];

/// What is open of it.
#[derive(Default)]
pub struct Manual {
    page: Option<usize>,
    /// The pages as they are shown, made when they are first wanted.
    texts: Option<[String; PAGES.len()]>,
    cache: CommonMarkCache,
}

impl Manual {
    /// Opens it at the first page.
    pub fn open(&mut self) {
        self.page = Some(0);
    }

    /// Draws it over everything else while it is open.
    pub fn draw(&mut self, ui: &Ui) {
        let Some(page) = self.page else { return };
        let window = ui.ctx().content_rect();
        let room = window.size() - 2.0 * vec2(space::LARGE, size::HEADER);
        let wide = room.x.min(size::MANUAL);
        let texts = self.texts.get_or_insert_with(|| PAGES.map(|(_, text)| without_pictures(text)));
        let names = PAGES.map(|(name, _)| name);
        let mut next = Some(page);
        let modal = Modal::new(Id::unique("manual")).show(ui.ctx(), |ui| {
            ui.set_width(wide);
            ui.label(RichText::new("Manual").font(theme::value()));
            if let Some(picked) = choices(ui, &names, Some(page)) {
                next = Some(picked);
            }
            ui.separator();
            let height = room.y - 4.0 * size::CONTROL;
            let scroll = ScrollArea::vertical().id_salt(page).max_height(height);
            scroll.auto_shrink([false, false]).show(ui, |ui| {
                CommonMarkViewer::new().show(ui, &mut self.cache, &texts[page]);
            });
            ui.separator();
            ui.button("Close").clicked()
        });
        let closed = modal.should_close() || modal.inner;
        self.page = next.filter(|_| !closed);
    }
}

/// Pictures would be of this window itself.
fn without_pictures(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("!["));
    lines.collect::<Vec<_>>().join("\n")
}
