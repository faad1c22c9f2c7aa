//! What the audio thread tells the editor, without waiting for it.

pub mod analyzer_queue;

use crate::message::one_line;
use crate::state::curve::single;
use crate::state::params::MAX_BANDS;
use crate::telemetry::analyzer_queue::{AnalyzerQueue, AnalyzerQueueSender};
use atomic_float::AtomicF32;
use erbium_dsp::Bank;
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The time one column covers, in milliseconds.
pub const COLUMN_MS: f64 = 10.0;
/// How long a look lasts, in columns: an editor that has not drawn for 5 s is as good as hidden.
const VISIBLE_COLUMNS: u32 = 500;
/// No band is on solo.
const NONE: usize = usize::MAX;
/// Columns kept for an editor that is late: 2.5 s. What comes after them is lost.
pub const COLUMNS: usize = 256;

/// One column of the spectrogram: what each band held during [`COLUMN_MS`].
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The number of bands in use.
    pub bands: usize,
    /// Per band the largest linear amplitude before the gains; 1 is a full-scale sine.
    pub input: [f32; MAX_BANDS],
    /// Per band the applied linear gain at the column's end.
    pub gains: [f32; MAX_BANDS],
}

/// The meeting point of audio thread, designer and editor; the audio thread has a [`TelemetrySender`].
pub struct Telemetry {
    /// Columns for which somebody is still taken to be looking.
    visible_columns_left: AtomicU32,
    designing: AtomicBool,
    /// The band heard alone, counted from 0; [`NONE`] for all.
    soloed: AtomicUsize,
    /// `None` before there is an audio thread's end.
    columns: Mutex<Option<Consumer<Column>>>,
    analyzer_queue: AnalyzerQueue,
    loudness_queue: AnalyzerQueue,
    match_gain: AtomicF32,
    load: AtomicF32,
    bank: Mutex<Option<Arc<Bank>>>,
    notice: Mutex<Option<String>>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            visible_columns_left: AtomicU32::new(0),
            designing: AtomicBool::new(false),
            soloed: AtomicUsize::new(NONE),
            columns: Mutex::new(None),
            analyzer_queue: AnalyzerQueue::default(),
            loudness_queue: AnalyzerQueue::default(),
            match_gain: AtomicF32::new(1.0),
            load: AtomicF32::new(f32::NAN),
            bank: Mutex::new(None),
            notice: Mutex::new(None),
        }
    }
}

impl Telemetry {
    /// Editor, with every frame: says whether anyone is looking. While nobody is, the audio thread
    /// measures nothing.
    pub fn set_editor_visible(&self, visible: bool) {
        self.visible_columns_left
            .store(if visible { VISIBLE_COLUMNS } else { 0 }, Ordering::Relaxed);
    }

    /// Whether anyone is looking.
    #[must_use]
    pub fn editor_visible(&self) -> bool {
        self.visible_columns_left.load(Ordering::Relaxed) > 0
    }

    /// Editor: hear this band alone, counted from 0, or all. Nobody stores this.
    pub fn solo(&self, band: Option<usize>) {
        self.soloed.store(band.unwrap_or(NONE), Ordering::Relaxed);
    }

    /// The band to be heard alone. It lasts no longer than anyone looks.
    #[must_use]
    pub fn soloed(&self) -> Option<usize> {
        let band = self.soloed.load(Ordering::Relaxed);
        (band != NONE && self.editor_visible()).then_some(band)
    }

    /// The audio thread's end. There is one: an earlier one hands over nothing more.
    #[must_use]
    pub fn sender(self: &Arc<Self>) -> TelemetrySender {
        let (producer, consumer) = RingBuffer::new(COLUMNS);
        *self.columns.lock().unwrap_or_else(PoisonError::into_inner) = Some(consumer);
        TelemetrySender {
            telemetry: self.clone(),
            columns: producer,
            analyzer_queue: self.analyzer_queue.sender(),
            loudness_queue: self.loudness_queue.sender(),
        }
    }

    /// Editor: takes the oldest column not yet taken.
    #[must_use]
    pub fn pop_column(&self) -> Option<Column> {
        let mut columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        columns.as_mut().and_then(|columns| columns.pop().ok())
    }

    /// The sound itself. It flows while somebody is looking and wants it.
    #[must_use]
    pub fn analyzer_queue(&self) -> &AnalyzerQueue {
        &self.analyzer_queue
    }

    /// The same sound for the meters, which go on while the picture stands still.
    #[must_use]
    pub fn loudness_queue(&self) -> &AnalyzerQueue {
        &self.loudness_queue
    }

    /// Editor: the linear gain that gain match applies.
    #[must_use]
    pub fn match_gain(&self) -> f32 {
        self.match_gain.load(Ordering::Relaxed)
    }

    /// Editor: the part of its time that the audio thread takes, 1 for all of it; `None` before it
    /// was measured.
    #[must_use]
    pub fn load(&self) -> Option<f32> {
        Some(self.load.load(Ordering::Relaxed)).filter(|load| !load.is_nan())
    }

    /// Designer: whether a bank is being designed.
    pub fn set_designing(&self, designing: bool) {
        self.designing.store(designing, Ordering::Relaxed);
    }

    /// Editor: whether a bank is being designed.
    #[must_use]
    pub fn designing(&self) -> bool {
        self.designing.load(Ordering::Relaxed)
    }

    /// Designer: what the user should know about the last design; `None` when it went well. Locks,
    /// so never called on the audio thread.
    pub fn set_notice(&self, notice: Option<String>) {
        *self.notice.lock().unwrap_or_else(PoisonError::into_inner) =
            notice.as_deref().map(one_line);
    }

    /// Editor: why the bank that was asked for is not the one playing.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        self.notice.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Designer: the bank that plays from now on. Locks, so never called on the audio thread.
    pub fn set_bank(&self, bank: Arc<Bank>) {
        *self.bank.lock().unwrap_or_else(PoisonError::into_inner) = Some(bank);
    }

    /// Editor: the bank that plays; `None` before the host has said its sample rate.
    #[must_use]
    pub fn bank(&self) -> Option<Arc<Bank>> {
        self.bank.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the audio thread measures, on its way to the editor. Each call takes a bounded number of steps,
/// whatever other threads do.
pub struct TelemetrySender {
    telemetry: Arc<Telemetry>,
    columns: Producer<Column>,
    /// The sound for the spectrogram.
    pub analyzer_queue: AnalyzerQueueSender,
    /// The sound for the loudness meters.
    pub loudness_queue: AnalyzerQueueSender,
}

impl TelemetrySender {
    /// What is shared with the editor.
    #[must_use]
    pub fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Hands over a column; it is dropped when the editor is late.
    pub fn push_column(&mut self, column: Column) {
        let _ = self.columns.push(column);
        let visible = &self.telemetry.visible_columns_left;
        let columns = visible.load(Ordering::Relaxed);
        if let Some(left) = columns.checked_sub(1) {
            // Tried once: where it fails, somebody has just looked, or looked away.
            let _ = visible.compare_exchange(columns, left, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// The linear gain that gain match applies now.
    pub fn set_match_gain(&mut self, gain: f32) {
        self.telemetry.match_gain.store(gain, Ordering::Relaxed);
    }

    /// The part of its time that a block took, 1 for all of it.
    pub fn push_load(&mut self, part: f64) {
        let load = &self.telemetry.load;
        let (part, mean) = (single(part), load.load(Ordering::Relaxed));
        // Blocks vary; what matters is how they do of late.
        let mean = if mean.is_nan() { part } else { mean + 0.02 * (part - mean) };
        load.store(mean, Ordering::Relaxed);
    }
}
