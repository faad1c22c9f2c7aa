//! Sound itself, from the audio thread to the editor's picture of it. Neither waits for the other:
//! what the editor is too late for is dropped.

use crossbeam::queue::ArrayQueue;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The samples of a piece.
pub const FRAME_SAMPLES: usize = 256;
/// The most channels that are handed over: the first two.
pub const ANALYZER_CHANNELS: usize = 2;
/// Pieces kept for an editor that is late: 1.4 s at 48 kHz.
const PIECES: usize = 256;

/// Samples of each channel.
pub type Samples = [[f32; FRAME_SAMPLES]; ANALYZER_CHANNELS];

/// A piece of sound before and after the gains, aligned with one another.
#[derive(Clone, Copy)]
pub struct AudioFrame {
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// The first sample, counted since the instance was made: where one piece does not begin where
    /// the last one ended, sound was lost.
    pub start: u64,
    /// The number of channels, up to [`ANALYZER_CHANNELS`].
    pub channels: usize,
    /// The input, delayed by the latency.
    pub pre: Samples,
    /// What leaves.
    pub post: Samples,
}

/// The queue of pieces. It has no memory before somebody first looks.
#[derive(Default)]
pub struct AnalyzerQueue {
    wanted: AtomicBool,
    pieces: OnceLock<ArrayQueue<AudioFrame>>,
}

impl AnalyzerQueue {
    /// Editor, with every frame: whether pieces are wanted. Allocates the first time they are.
    pub fn want(&self, wanted: bool) {
        if wanted && !self.wanted.load(Ordering::Relaxed) {
            let pieces = self.pieces.get_or_init(|| ArrayQueue::new(PIECES));
            // Leftovers of the last look.
            while pieces.pop().is_some() {}
        }
        self.wanted.store(wanted, Ordering::Relaxed);
    }

    /// Audio thread: whether pieces are wanted.
    #[must_use]
    pub fn wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// Audio thread: hands over a piece; the oldest is dropped when the editor is late.
    pub fn push(&self, piece: AudioFrame) {
        if self.wanted()
            && let Some(pieces) = self.pieces.get()
        {
            pieces.force_push(piece);
        }
    }

    /// Takes the oldest piece not yet taken.
    #[must_use]
    pub fn pop(&self) -> Option<AudioFrame> {
        self.pieces.get().and_then(ArrayQueue::pop)
    }

    /// Whether nothing waits to be taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.get().is_none_or(ArrayQueue::is_empty)
    }
}
