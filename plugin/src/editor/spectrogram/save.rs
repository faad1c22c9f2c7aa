//! Saving what is shown, on a thread of its own so that the window goes on.

use crate::editor::spectrogram::analysis::{Column, NOTHING};
use crate::editor::spectrogram::colours::{ColourMapping, Source};
use crate::editor::spectrogram::columns::Columns;
use crate::editor::spectrogram::frozen::Offsets;
use crate::editor::spectrogram::texture::row_at;
use crate::editor::view::cast::{index, single};
use crate::editor::view::footer::Message;
use crate::editor::view::tokens::time::MESSAGE_S;
use crate::export::output_file::OutputFile;
use crate::export::{self, Caption, Format, LevelsInMemory, Raster};
use crate::message::one_line;
use crate::state::user_folders;
use anyhow::{Context, Result};
use erbium_dsp::display::DisplayBank;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// What is to be saved.
struct SaveJob {
    columns: Vec<Column>,
    offsets: Offsets,
    mapping: ColourMapping,
    format: Format,
    folder: Option<PathBuf>,
}

/// The message on it.
struct Toast {
    text: String,
    path: Option<PathBuf>,
    until_s: f64,
}

/// Saves pictures and numbers.
#[derive(Default)]
pub struct Save {
    /// Where files go; the user's own folders if `None`.
    pub folder: Option<PathBuf>,
    running: Option<JoinHandle<Result<PathBuf>>>,
    /// Why the last one could not begin.
    failed: Option<String>,
    toast: Option<Toast>,
}

impl Save {
    /// Saves the columns of these numbers.
    pub fn start(
        &mut self,
        (columns, offsets): (&Columns, &Offsets),
        numbers: Range<u64>,
        mapping: ColourMapping,
        format: Format,
    ) {
        let columns = columns.range(numbers).cloned().collect();
        let offsets = offsets.clone();
        let job = SaveJob { columns, offsets, mapping, format, folder: self.folder.clone() };
        let thread = std::thread::Builder::new().name("erbium-save".to_owned());
        self.failed = None;
        match thread.spawn(move || job.run()) {
            Ok(running) => self.running = Some(running),
            Err(error) => self.failed = Some(format!("nothing was saved: {error}")),
        }
    }

    /// Whether a file is being written.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// The message on what is saved, or was last, for a while.
    pub fn message(&mut self, now_s: f64) -> Option<Message> {
        self.collect(now_s);
        self.toast.take_if(|toast| toast.until_s < now_s);
        if self.is_busy() {
            return Some(Message { text: "Saving…".to_owned(), warns: false, path: None });
        }
        let Toast { text, path, .. } = self.toast.as_ref()?;
        Some(Message { text: text.clone(), warns: path.is_none(), path: path.clone() })
    }

    fn collect(&mut self, now_s: f64) {
        let until_s = now_s + MESSAGE_S;
        if let Some(text) = self.failed.take() {
            self.toast = Some(Toast { text: one_line(&text), path: None, until_s });
        }
        let Some(running) = self.running.take_if(|running| running.is_finished()) else { return };
        let (text, path) = match running.join() {
            Ok(Ok(path)) => (format!("Saved {}", path.display()), Some(path)),
            Ok(Err(error)) => (format!("{error:#}"), None),
            // A panic has been reported by its own thread.
            Err(_) => ("nothing was saved".to_owned(), None),
        };
        self.toast = Some(Toast { text: one_line(&text), path, until_s });
    }
}

impl Drop for Save {
    fn drop(&mut self) {
        // A host may unload the plugin as soon as its window has closed.
        if let Some(running) = self.running.take() {
            // Nobody is left to read the outcome.
            let _ = running.join();
        }
    }
}

impl SaveJob {
    fn run(&self) -> Result<PathBuf> {
        let newest = self.columns.last().context("nothing was saved: the picture is empty")?;
        let folder = self.folder.clone().or_else(|| match self.format {
            Format::Png => user_folders::pictures(),
            Format::Npy | Format::Csv => user_folders::documents(),
        });
        let folder = folder.context("nothing was saved: this system names no folder of yours")?;
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let path = self.free_path(&folder);
        let raster = self.raster(newest);
        let title = self.title(&newest.bank);
        let (floor_db, top_db) = self.mapping.range_db();
        let colors = self.mapping.colors();
        let color = |share: f64| {
            let [red, green, blue, _] = colors[index(single(share * 256.0)).min(255)].to_array();
            [red, green, blue]
        };
        let caption = Caption { title: &title, floor_db, top_db, color: &color };
        let output = OutputFile::create(&path)?;
        export::write(&raster, &caption, self.format, &output)
            .with_context(|| format!("cannot write {}", path.display()))?;
        output.finish()?;
        Ok(path)
    }

    /// A name that is not taken yet.
    fn free_path(&self, folder: &Path) -> PathBuf {
        let (source, extension) = (self.source_name(), self.format.extension());
        (1..)
            .map(|number: u32| folder.join(format!("spectrogram-{source}-{number}.{extension}")))
            .find(|path| !path.exists())
            .unwrap_or_else(|| folder.join(format!("spectrogram-{source}.{extension}")))
    }

    fn source_name(&self) -> &'static str {
        match self.mapping.source {
            Source::Pre => "pre",
            Source::Post => "post",
            Source::Difference => "difference",
        }
    }

    fn title(&self, bank: &DisplayBank) -> String {
        let what = match self.mapping.source {
            Source::Pre => "before the gains, dB of full scale",
            Source::Post => "after the gains, dB of full scale",
            Source::Difference => "after minus before the gains, dB",
        };
        format!("Erbium: spectrogram {what}, {} scale", bank.spec().scale)
    }

    /// The columns on the rows of the newest bank.
    fn raster(&self, newest: &Column) -> Raster {
        let bank = &newest.bank;
        let rows_hz = bank.rows_hz().to_vec();
        let mut levels_db = Vec::with_capacity(self.columns.len() * rows_hz.len());
        let mut known: Option<(&Arc<DisplayBank>, Vec<Option<usize>>)> = None;
        for column in &self.columns {
            let rows = match &known {
                Some((bank, rows)) if Arc::ptr_eq(bank, &column.bank) => rows,
                _ => {
                    let rows = rows_hz.iter().map(|&hz| row_at(&column.bank, hz)).collect();
                    &known.insert((&column.bank, rows)).1
                }
            };
            levels_db.extend(rows.iter().map(|row| self.value_db(column, *row)));
        }
        let rows = rows_hz.len();
        Raster {
            scale: bank.spec().scale,
            rows_hz,
            highest_hz: bank.spec().sample_rate_hz / 2.0,
            hop_s: newest.hop_s(),
            levels_db: Box::new(LevelsInMemory { rows, levels_db }),
        }
    }

    /// As it is shown; of a difference the numbers also have what is too quiet to be shown.
    fn value_db(&self, column: &Column, row: Option<usize>) -> f32 {
        let levels = &column.levels;
        let (pre, post) = row.map_or((NOTHING, NOTHING), |row| {
            (levels.pre[row], self.offsets.post(row, levels.post[row]))
        });
        let all = ColourMapping { floor_db: f32::NEG_INFINITY, ..self.mapping };
        let mapping = if self.format == Format::Png { self.mapping } else { all };
        mapping.value_db(pre, post).unwrap_or(0.0)
    }
}
