//! What the audio thread tells the editor, without waiting for it.

pub mod analyzer_queue;

use crate::state::curve::single;
use crate::state::params::MAX_BANDS;
use crate::telemetry::analyzer_queue::AnalyzerQueue;
use atomic_float::AtomicF32;
use crossbeam::queue::ArrayQueue;
use erbium_dsp::Bank;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The time one column covers, in milliseconds.
pub const COLUMN_MS: f64 = 10.0;
/// How long a look lasts, in columns: an editor that has not drawn for 5 s is as good as hidden.
const LOOK_COLUMNS: u32 = 500;
/// No band is on solo.
const NONE: usize = usize::MAX;
/// Columns kept for an editor that is late: 2.5 s.
const COLUMNS: usize = 256;

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

/// The meeting point of audio thread, designer and editor.
pub struct Telemetry {
    /// Columns for which somebody is still taken to be looking.
    watched: AtomicU32,
    designing: AtomicBool,
    /// The band heard alone, counted from 0; [`NONE`] for all.
    soloed: AtomicUsize,
    columns: ArrayQueue<Column>,
    analyzer_queue: AnalyzerQueue,
    loudness_queue: AnalyzerQueue,
    input_peak: AtomicF32,
    output_peak: AtomicF32,
    match_gain: AtomicF32,
    load: AtomicF32,
    bank: Mutex<Option<Arc<Bank>>>,
    notice: Mutex<Option<String>>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            watched: AtomicU32::new(0),
            designing: AtomicBool::new(false),
            soloed: AtomicUsize::new(NONE),
            columns: ArrayQueue::new(COLUMNS),
            analyzer_queue: AnalyzerQueue::default(),
            loudness_queue: AnalyzerQueue::default(),
            input_peak: AtomicF32::new(0.0),
            output_peak: AtomicF32::new(0.0),
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
    pub fn set_watched(&self, watched: bool) {
        self.watched.store(if watched { LOOK_COLUMNS } else { 0 }, Ordering::Relaxed);
    }

    /// Audio thread: whether anyone is looking.
    #[must_use]
    pub fn watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed) > 0
    }

    /// Editor: hear this band alone, counted from 0, or all. Nobody stores this.
    pub fn solo(&self, band: Option<usize>) {
        self.soloed.store(band.unwrap_or(NONE), Ordering::Relaxed);
    }

    /// The band to be heard alone. It lasts no longer than anyone looks.
    #[must_use]
    pub fn soloed(&self) -> Option<usize> {
        let band = self.soloed.load(Ordering::Relaxed);
        (band != NONE && self.watched()).then_some(band)
    }

    /// Audio thread: hands over a column; the oldest is dropped when the editor is late.
    pub fn push_column(&self, column: Column) {
        self.columns.force_push(column);
        let left = |columns: u32| columns.checked_sub(1);
        // Nobody is looking any more: nothing to count down.
        let _ = self.watched.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }

    /// Editor: takes the oldest column not yet taken.
    #[must_use]
    pub fn pop_column(&self) -> Option<Column> {
        self.columns.pop()
    }

    /// The sound itself. It flows while somebody is looking and wants it.
    #[must_use]
    pub fn analyzer_queue(&self) -> &AnalyzerQueue {
        &self.analyzer_queue
    }

    /// The same sound for the loudness meters, which go on while the picture stands still.
    #[must_use]
    pub fn loudness_queue(&self) -> &AnalyzerQueue {
        &self.loudness_queue
    }

    /// Audio thread: the largest absolute samples of a block.
    pub fn push_peaks(&self, input: f32, output: f32) {
        self.input_peak.fetch_max(input, Ordering::Relaxed);
        self.output_peak.fetch_max(output, Ordering::Relaxed);
    }

    /// Editor: the largest absolute input and output samples since the last call.
    #[must_use]
    pub fn take_peaks(&self) -> (f32, f32) {
        (
            self.input_peak.swap(0.0, Ordering::Relaxed),
            self.output_peak.swap(0.0, Ordering::Relaxed),
        )
    }

    /// Audio thread: the linear gain that gain match applies now.
    pub fn set_match_gain(&self, gain: f32) {
        self.match_gain.store(gain, Ordering::Relaxed);
    }

    /// Editor: the linear gain that gain match applies.
    #[must_use]
    pub fn match_gain(&self) -> f32 {
        self.match_gain.load(Ordering::Relaxed)
    }

    /// Audio thread: the part of its time that a block took, 1 for all of it.
    pub fn push_load(&self, part: f64) {
        let (part, mean) = (single(part), self.load.load(Ordering::Relaxed));
        // Blocks vary; what matters is how they do of late.
        let mean = if mean.is_nan() { part } else { mean + 0.02 * (part - mean) };
        self.load.store(mean, Ordering::Relaxed);
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
        *self.notice.lock().unwrap_or_else(PoisonError::into_inner) = notice;
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
