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
    request: Mutex<Option<AnalysisRequest>>,
    stop: AtomicBool,
    frames: AtomicU64,
}

/// The editor's end of the thread, which ends with it.
pub struct Display {
    shared: Arc<Shared>,
    columns: Receiver<Column>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    /// Starts a thread that reads the audio thread's queue.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(telemetry: Arc<Telemetry>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            telemetry,
            request: Mutex::new(None),
            stop: AtomicBool::new(false),
            frames: AtomicU64::new(0),
        });
        let (sender, columns) = channel();
        let worker = Worker { shared: shared.clone(), sender, analysis: None };
        let thread = std::thread::Builder::new()
            .name("erbium-display".to_owned())
            .spawn(move || worker.run())?;
        Ok(Self { shared, columns, thread: Some(thread) })
    }

    /// Lets the thread work on what has arrived. Does not wait for it.
    pub fn wake(&self, request: AnalysisRequest) {
        *self.shared.request.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// The next column, if there is one.
    #[must_use]
    pub fn take(&self) -> Option<Column> {
        self.columns.try_recv().ok()
    }

    /// How many audio frames have been analysed.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.shared.frames.load(Ordering::Acquire)
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.shared.telemetry.analyzer_queue().set_enabled(false);
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic there has been reported by its own thread.
            let _ = thread.join();
        }
    }
}

/// The analysis of one format of sound, as requested.
struct Analysis {
    request: AnalysisRequest,
    sample_rate_hz: f64,
    channels: usize,
    stream: DisplayStream,
    /// Where the next frame begins if no sound is lost.
    next: u64,
    /// Whether the next column follows the one before it without a gap in time.
    contiguous: bool,
}

/// The thread's own.
struct Worker {
    shared: Arc<Shared>,
    sender: Sender<Column>,
    analysis: Option<Analysis>,
}

impl Worker {
    fn run(mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            let request = *self.shared.request.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(request) = request {
                while let Some(frame) = self.shared.telemetry.analyzer_queue().pop() {
                    self.analyse(request, &frame);
                    self.shared.frames.fetch_add(1, Ordering::Release);
                    if self.shared.stop.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
            std::thread::park();
        }
    }

    fn analyse(&mut self, request: AnalysisRequest, frame: &AudioFrame) {
        let known = self.analysis.take().filter(|analysis| {
            (analysis.request, analysis.sample_rate_hz, analysis.channels)
                == (request, frame.sample_rate_hz, frame.channels)
        });
        let mut analysis = known.unwrap_or_else(|| {
            let bank = DisplayBank::new(&request.spec(frame.sample_rate_hz));
            Analysis::new(request, frame, Arc::new(bank))
        });
        if analysis.next != frame.start {
            analysis = Analysis::new(request, frame, analysis.stream.bank().clone());
        }
        analysis.analyse(frame, &self.sender);
        self.analysis = Some(analysis);
    }
}

impl Analysis {
    fn new(request: AnalysisRequest, frame: &AudioFrame, bank: Arc<DisplayBank>) -> Self {
        Self {
            request,
            sample_rate_hz: frame.sample_rate_hz,
            channels: frame.channels,
            stream: DisplayStream::new(bank, 2 * frame.channels),
            next: frame.start,
            contiguous: false,
        }
    }

    fn analyse(&mut self, frame: &AudioFrame, sender: &Sender<Column>) {
        self.next = frame.start + frame.pre[0].len() as u64;
        let mut streams: [&[f32]; 2 * ANALYZER_CHANNELS] = [&[]; 2 * ANALYZER_CHANNELS];
        let channels = frame.pre.iter().take(self.channels);
        let channels = channels.chain(frame.post.iter().take(self.channels));
        for (stream, samples) in streams.iter_mut().zip(channels) {
            *stream = samples;
        }
        let bank = self.stream.bank().clone();
        let (contiguous, channels) = (&mut self.contiguous, self.channels);
        self.stream.push(&streams[..2 * channels], &mut |power| {
            let levels = Arc::new(Levels::of(&power[..channels], &power[channels..]));
            let column = Column { bank: bank.clone(), contiguous: *contiguous, levels };
            *contiguous = true;
            // The editor is about to close if nobody receives.
            let _ = sender.send(column);
        });
    }
}
