//! The thread that turns sound into columns of levels. It works when the editor wakes it, once a
//! frame: without frames there is no work.

use crate::editor::spectrogram::analysis::{AnalysisRequest, Column, Levels};
use crate::telemetry::Telemetry;
use crate::telemetry::analyzer_queue::{ANALYZER_CHANNELS, AudioFrame};
use erbium_dsp::display::{DisplayBank, DisplayStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What editor and thread share.
struct Shared {
    telemetry: Arc<Telemetry>,
    wish: Mutex<Option<AnalysisRequest>>,
    ends: AtomicBool,
    pieces: AtomicU64,
}

/// The editor's end of the thread, which ends with it.
pub struct Display {
    shared: Arc<Shared>,
    columns: Receiver<Column>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    /// Starts a thread that hears the audio thread's queue.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(telemetry: Arc<Telemetry>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            telemetry,
            wish: Mutex::new(None),
            ends: AtomicBool::new(false),
            pieces: AtomicU64::new(0),
        });
        let (sender, columns) = channel();
        let worker = Worker { shared: shared.clone(), sender, listening: None };
        let thread = std::thread::Builder::new()
            .name("erbium-display".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self { shared, columns, thread: Some(thread) })
    }

    /// Lets the thread work on what has arrived. Does not wait for it.
    pub fn wake(&self, wish: AnalysisRequest) {
        *self.shared.wish.lock().unwrap_or_else(PoisonError::into_inner) = Some(wish);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// The next column, if there is one.
    #[must_use]
    pub fn take(&self) -> Option<Column> {
        self.columns.try_recv().ok()
    }

    /// How many pieces of sound have been analysed.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.shared.pieces.load(Ordering::Acquire)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.shared.telemetry.analyzer_queue().want(false);
        self.shared.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there has been reported by its own thread.
            let _ = thread.join();
        }
    }
}

/// The streams that are being heard.
struct Listening {
    wish: AnalysisRequest,
    sample_rate_hz: f64,
    channels: usize,
    stream: DisplayStream,
    /// Where the next piece begins if no sound is lost.
    next: u64,
    /// Whether the next column follows the one before it in time.
    follows: bool,
}

/// The thread's own.
struct Worker {
    shared: Arc<Shared>,
    sender: Sender<Column>,
    listening: Option<Listening>,
}

impl Worker {
    fn run(mut self) {
        while !self.shared.ends.load(Ordering::Relaxed) {
            let wish = *self.shared.wish.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(wish) = wish {
                while let Some(piece) = self.shared.telemetry.analyzer_queue().pop() {
                    self.hear(wish, &piece);
                    self.shared.pieces.fetch_add(1, Ordering::Release);
                    if self.shared.ends.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
            std::thread::park();
        }
    }

    fn hear(&mut self, wish: AnalysisRequest, piece: &AudioFrame) {
        let known = self.listening.take().filter(|listening| {
            (listening.wish, listening.sample_rate_hz, listening.channels)
                == (wish, piece.sample_rate_hz, piece.channels)
        });
        let mut listening = known.unwrap_or_else(|| {
            let bank = DisplayBank::new(&wish.spec(piece.sample_rate_hz));
            Listening::new(wish, piece, Arc::new(bank))
        });
        if listening.next != piece.start {
            listening = Listening::new(wish, piece, listening.stream.bank().clone());
        }
        listening.hear(piece, &self.sender);
        self.listening = Some(listening);
    }
}

impl Listening {
    fn new(wish: AnalysisRequest, piece: &AudioFrame, bank: Arc<DisplayBank>) -> Self {
        Self {
            wish,
            sample_rate_hz: piece.sample_rate_hz,
            channels: piece.channels,
            stream: DisplayStream::new(bank, 2 * piece.channels),
            next: piece.start,
            follows: false,
        }
    }

    fn hear(&mut self, piece: &AudioFrame, sender: &Sender<Column>) {
        self.next = piece.start + piece.pre[0].len() as u64;
        let mut streams: [&[f32]; 2 * ANALYZER_CHANNELS] = [&[]; 2 * ANALYZER_CHANNELS];
        let heard = piece.pre.iter().take(self.channels);
        let heard = heard.chain(piece.post.iter().take(self.channels));
        for (stream, samples) in streams.iter_mut().zip(heard) {
            *stream = samples;
        }
        let bank = self.stream.bank().clone();
        let (follows, channels) = (&mut self.follows, self.channels);
        self.stream.push(&streams[..2 * channels], &mut |power| {
            let levels = Arc::new(Levels::of(&power[..channels], &power[channels..]));
            let column = Column { bank: bank.clone(), follows: *follows, levels };
            *follows = true;
            // The editor is about to close if nobody receives.
            let _ = sender.send(column);
        });
    }
}
