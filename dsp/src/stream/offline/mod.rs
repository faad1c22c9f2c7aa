//! [`Offline`]: a bank that processes whole recordings.
//!
//! At constant gains a bank is one filter, [`Bank::collapse`]. A long frame goes through it by one product of
//! spectra: overlap-save (Stockham, 1966, DOI 10.1145/1464182.1464209). It is a small part of the work that the
//! live engine has with the same samples, which cannot wait for a frame.

mod frame;

use super::sanitize::{flush, mute_faint, sanitize, shortest, take_finite};
use crate::bank::Bank;
use crate::cast::single;
use frame::Frame;
use std::ops::Range;
use std::sync::Arc;

/// [`Engine::process_change`](super::Engine::process_change) at gains at rest, for long blocks at a time: many
/// times faster, where the signal need not pass in real time. The latency is the same, but the work for a short
/// block is that for [`Self::frame_samples`]. Rounding is that of single precision.
pub struct Offline {
    bank: Arc<Bank>,
    /// Per band the linear gain.
    gains: Vec<f32>,
    channels: Vec<Channel>,
    frame: Frame,
}

impl Offline {
    /// At flat settings for a number of channels; `None` where kernels are so long that a frame would take
    /// too much memory.
    #[must_use]
    pub fn new(bank: Arc<Bank>, channels: usize) -> Option<Self> {
        let frame = Frame::new(&bank)?;
        Some(Self {
            gains: vec![1.0; bank.bands()],
            channels: (0..channels).map(|_| Channel::new(frame.samples)).collect(),
            frame,
            bank,
        })
    }

    /// The delay from input to output in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        self.bank.latency_samples()
    }

    /// The tail: after so many samples of silence the change is exactly zero.
    #[must_use]
    pub const fn tail_samples(&self) -> usize {
        self.frame.past_samples
    }

    /// New samples in a frame.
    #[must_use]
    pub const fn frame_samples(&self) -> usize {
        self.frame.samples - self.frame.past_samples
    }

    /// Sets the bands' linear gains, at once. Missing ones and values that are
    /// not finite stay as they are, surplus ones are ignored. [`Bank::solve_gains`] finds them for
    /// target amplitudes at the centre frequencies.
    pub fn set_gains(&mut self, gains: &[f32]) {
        if self.gains != gains {
            take_finite(gains, &mut self.gains);
            self.frame.set_gains(&self.bank, &self.gains);
        }
    }

    /// Clears all signal state.
    pub fn reset(&mut self) {
        self.channels.iter_mut().for_each(Channel::reset);
    }

    /// What equalising adds, Σ (g_k − 1) v_k, aligned with the input delayed by the latency: finite, and 0
    /// where it is below −500 dB. `input` and `change` are `[channel][sample]`; the shortest of all decides the
    /// length. Channels missing in `input` count as silence; surplus ones in either are left alone.
    pub fn process_change(&mut self, input: &[&[f32]], change: &mut [&mut [f32]]) {
        let length = shortest(input, change);
        let mut start = 0;
        while start < length {
            let end = length.min(start + self.frame_samples());
            self.process_frame(input, change, start..end);
            start = end;
        }
    }

    /// Takes input in as history, without computing its change: next to no work. Otherwise as
    /// [`Self::process_change`].
    pub fn preroll(&mut self, input: &[&[f32]]) {
        let length = input.iter().map(|channel| channel.len()).min().unwrap_or(0);
        for (c, channel) in self.channels.iter_mut().enumerate() {
            channel.push_input(input.get(c).map(|input| &input[..length]), length);
        }
    }

    /// [`Self::process_change`] for samples that fit in a frame.
    fn process_frame(&mut self, input: &[&[f32]], change: &mut [&mut [f32]], new: Range<usize>) {
        let Self { gains, channels, frame, .. } = self;
        let (before, many) = (frame.past_samples, new.len());
        let flat = gains.iter().all(|gain| *gain == 1.0);
        for (c, channel) in channels.iter_mut().enumerate() {
            channel.push_input(input.get(c).map(|input| &input[new.clone()]), many);
        }
        for (channel, change) in channels.iter_mut().zip(change) {
            let change = &mut change[new.clone()];
            if flat {
                change.fill(0.0);
            } else {
                let output = &frame.filter(channel.recent(before + many))[before..before + many];
                channel.take(output, change, before);
            }
        }
    }
}

/// The state of a channel.
struct Channel {
    /// As much of the latest input as a frame holds.
    recent: Vec<f32>,
}

impl Channel {
    fn new(samples: usize) -> Self {
        Self { recent: vec![0.0; samples] }
    }

    fn reset(&mut self) {
        self.recent.fill(0.0);
    }

    /// Takes in so many samples, or as much silence.
    fn push_input(&mut self, input: Option<&[f32]>, many: usize) {
        let kept = many.min(self.recent.len());
        self.recent.copy_within(kept.., 0);
        let newest = self.recent.len() - kept;
        let newest = &mut self.recent[newest..];
        let Some(input) = input else { return newest.fill(0.0) };
        for (recent, input) in newest.iter_mut().zip(&input[many - kept..]) {
            *recent = mute_faint(sanitize(*input));
        }
    }

    /// The newest samples.
    fn recent(&self, samples: usize) -> &[f32] {
        &self.recent[self.recent.len() - samples..]
    }

    /// The change that goes with the newest samples: 0, not rounding, where the input has been silent for the
    /// whole tail.
    fn take(&self, output: &[f64], change: &mut [f32], tail_samples: usize) {
        let recent = self.recent(output.len() + tail_samples);
        let last_nonzero = |samples: &[f32]| samples.iter().rposition(|sample| *sample != 0.0);
        let (past, new) = recent.split_at(tail_samples);
        let mut end = last_nonzero(past).unwrap_or(0);
        for (n, (change, output)) in change.iter_mut().zip(output).enumerate() {
            if new[n] != 0.0 {
                end = n + tail_samples;
            }
            *change = if n < end { single(*output) } else { 0.0 };
        }
        flush(change);
    }
}
