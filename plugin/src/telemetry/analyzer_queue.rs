//! Sound itself, from the audio thread to the editor's picture of it. Neither waits for the other:
//! what the editor is too late for is dropped.

use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The samples of a frame.
pub const FRAME_SAMPLES: usize = 256;
/// The most channels that are handed over: the first two.
pub const ANALYZER_CHANNELS: usize = 2;
/// Frames kept for an editor that is late: 1.4 s at 48 kHz.
const FRAMES: usize = 256;

/// Samples of each channel.
pub type Samples = [[f32; FRAME_SAMPLES]; ANALYZER_CHANNELS];

/// A piece of sound before and after the gains, aligned with one another.
#[derive(Clone, Copy)]
pub struct AudioFrame {
    /// The sample rate in hertz.
    pub sample_rate_hz: f64,
    /// The first sample, counted since the instance was made: where one frame does not begin where
    /// the last one ended, sound was lost.
    pub start: u64,
    /// The number of channels, up to [`ANALYZER_CHANNELS`].
    pub channels: usize,
    /// The input, delayed by the latency.
    pub pre: Samples,
    /// What leaves.
    pub post: Samples,
}

/// The editor's end of a queue of frames. It has no memory before somebody first looks.
#[derive(Default)]
pub struct AnalyzerQueue {
    enabled: Arc<AtomicBool>,
    ends: Mutex<Ends>,
}

#[derive(Default)]
struct Ends {
    frames: Option<Consumer<AudioFrame>>,
    /// Where the audio thread gets its end of `frames` from, once there is one.
    handover: Option<Producer<Producer<AudioFrame>>>,
}

impl AnalyzerQueue {
    /// The audio thread's end. There is one: an earlier one leads nowhere from now on.
    #[must_use]
    pub fn sender(&self) -> AnalyzerQueueSender {
        let (handover, frames_handed_over) = RingBuffer::new(1);
        *self.ends() = Ends { frames: None, handover: Some(handover) };
        AnalyzerQueueSender { enabled: self.enabled.clone(), frames_handed_over, frames: None }
    }

    /// Editor, with every frame drawn: whether sound is sent. Allocates the first time it is.
    pub fn set_enabled(&self, enabled: bool) {
        if enabled {
            let mut ends = self.ends();
            let Ends { frames, handover } = &mut *ends;
            match frames {
                None => {
                    let (producer, consumer) = RingBuffer::new(FRAMES);
                    let handed_over = handover.as_mut().map(|handover| handover.push(producer));
                    if handed_over.is_some_and(|pushed| pushed.is_ok()) {
                        *frames = Some(consumer);
                    }
                }
                // Leftovers of the last look.
                Some(frames) if !self.is_enabled() => while frames.pop().is_ok() {},
                Some(_) => {}
            }
        }
        self.enabled.store(enabled, Ordering::Relaxed);
    }

    /// Whether sound is sent.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Takes the oldest frame not yet taken.
    #[must_use]
    pub fn pop(&self) -> Option<AudioFrame> {
        self.ends().frames.as_mut().and_then(|frames| frames.pop().ok())
    }

    /// Whether nothing waits to be taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends().frames.as_ref().is_none_or(Consumer::is_empty)
    }

    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The audio thread's end of an [`AnalyzerQueue`].
pub struct AnalyzerQueueSender {
    enabled: Arc<AtomicBool>,
    frames_handed_over: Consumer<Producer<AudioFrame>>,
    frames: Option<Producer<AudioFrame>>,
}

impl AnalyzerQueueSender {
    /// Whether sound is sent.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Hands over a frame if sound is sent; it is dropped when the editor is late, which then sees by
    /// the start of the next one that there was another.
    pub fn push(&mut self, frame: &AudioFrame) {
        if !self.is_enabled() {
            return;
        }
        if self.frames.is_none() {
            self.frames = self.frames_handed_over.pop().ok();
        }
        if let Some(frames) = &mut self.frames {
            let _ = frames.push(*frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Miri tries far fewer, each of them thoroughly.
    const FRAMES_SENT: u64 = if cfg!(miri) { 12 } else { 2_000 };

    fn frame(start: u64) -> AudioFrame {
        let number = u16::try_from(start).map_or(0.0, f32::from);
        let samples = [[number; FRAME_SAMPLES]; ANALYZER_CHANNELS];
        AudioFrame { sample_rate_hz: 48_000.0, start, channels: 2, pre: samples, post: samples }
    }

    /// Both ends on threads of their own, while the editor opens and closes its eyes.
    #[test]
    fn frames_come_whole_and_in_order_while_it_is_switched_on_and_off() {
        let queue = AnalyzerQueue::default();
        let mut sender = queue.sender();
        let sent = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for start in 0..FRAMES_SENT {
                    sender.push(&frame(start));
                    std::thread::yield_now();
                }
                sent.store(true, Ordering::Release);
            });
            let (mut next, mut looks) = (0, 0_u32);
            loop {
                let is_last = sent.load(Ordering::Acquire);
                queue.set_enabled(looks % 7 != 6);
                looks += 1;
                while let Some(AudioFrame { start, pre, post, .. }) = queue.pop() {
                    assert!(start >= next, "frame {start} after {next}");
                    let whole = frame(start).pre;
                    assert!(pre == whole && post == whole, "frame {start}");
                    next = start + 1;
                }
                if is_last {
                    break;
                }
                std::thread::yield_now();
            }
        });
        // On its own it is the last one that comes, whatever was lost meanwhile.
        queue.set_enabled(true);
        let mut sender = queue.sender();
        queue.set_enabled(true);
        sender.push(&frame(7));
        assert_eq!(queue.pop().map(|frame| frame.start), Some(7));
    }
}
