//! [`Offline`]: a bank that processes whole recordings.
//!
//! While gains are constant a bank is periodically time-invariant. So all of a band's coefficients in a long
//! frame follow from one product of spectra, folded onto as many bins as there are coefficients, and their
//! output from another: overlap-save (Stockham, 1966, DOI 10.1145/1464182.1464209) around a strided bank. It is
//! a small part of the work that the live engine has with the same samples, which cannot wait for a frame; each
//! differs from the definition by its own rounding.

mod frame;
mod spectra;

use super::sanitize::{flush, mute_faint, sanitize, shortest, take_finite};
use crate::bank::Bank;
use crate::cast::single;
use crate::vectors::Vectors;
use frame::Frame;
use spectra::Spectra;
use std::ops::Range;
use std::sync::Arc;

/// [`Engine::process_change`](super::Engine::process_change) at constant gains, for long blocks at a time: several
/// times faster, where the signal need not pass in real time. The latency is the same, but the work for a short
/// block is that for [`Self::frame_samples`]. Rounding is some −138 dB of the loudest in a frame, and lies before
/// it as well as after it.
pub struct Offline {
    bank: Arc<Bank>,
    spectra: Arc<Spectra>,
    /// Per band the linear gain.
    gains: Vec<f32>,
    channels: Vec<Channel>,
    /// Samples since the bank's period began.
    moment: usize,
    frame: Frame,
}

impl Offline {
    /// At flat settings for a number of channels; `None` where kernels are so long that a frame would take
    /// too much memory. Takes tens of milliseconds, with the longest kernels a second, unless another has been
    /// made of the bank.
    #[must_use]
    pub fn new(bank: Arc<Bank>, channels: usize) -> Option<Self> {
        Self::with_vectors(bank, channels, Vectors::new())
    }

    /// [`Self::new`] with other vector instructions than the best: for tests and measurements.
    #[must_use]
    pub fn with_vectors(bank: Arc<Bank>, channels: usize, vectors: Vectors) -> Option<Self> {
        // None is kept, too.
        let kept: Arc<Option<Arc<Spectra>>> =
            bank.laid_out(|bank| Spectra::new(bank).map(Arc::new));
        let spectra = Option::clone(&kept)?;
        Some(Self {
            gains: vec![1.0; bank.bands()],
            channels: (0..channels).map(|_| Channel::new(spectra.frame_samples)).collect(),
            moment: 0,
            frame: Frame::new(&spectra, vectors),
            spectra,
            bank,
        })
    }

    /// The delay from input to output in samples.
    #[must_use]
    pub fn latency_samples(&self) -> usize {
        self.bank.latency_samples()
    }

    /// The tail: after so many samples of silence the change is exactly zero; a multiple of the bank's
    /// [period](Bank::period).
    #[must_use]
    pub fn tail_samples(&self) -> usize {
        self.spectra.past_samples
    }

    /// New samples in a frame; a multiple of the bank's period.
    #[must_use]
    pub fn frame_samples(&self) -> usize {
        self.spectra.frame_samples - self.spectra.past_samples
    }

    /// Sets the bands' linear gains, at once. Missing ones and values that are
    /// not finite stay as they are, surplus ones are ignored. [`Bank::solve_gains`] finds them for
    /// target amplitudes at the centre frequencies.
    pub fn set_gains(&mut self, gains: &[f32]) {
        take_finite(gains, &mut self.gains);
    }

    /// Clears all signal state.
    pub fn reset(&mut self) {
        self.channels.iter_mut().for_each(Channel::reset);
        self.moment = 0;
    }

    /// What equalising adds, Σ (g_k − 1) v_k, aligned with the input delayed by the latency: finite, and 0
    /// where it is below −500 dB. `input` and `change` are `[channel][sample]`; the shortest of all decides the
    /// length. Channels missing in `input` count as silence; surplus ones in either are left alone.
    pub fn process_change(&mut self, input: &[&[f32]], change: &mut [&mut [f32]]) {
        let length = shortest(input, change);
        let mut start = 0;
        while start < length {
            // Frames begin with a period.
            let end = length.min(start + self.frame_samples() - self.moment);
            self.process_frame(input, change, start..end);
            self.moment = (self.moment + end - start) % self.bank.period();
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
        self.moment = (self.moment + length) % self.bank.period();
    }

    /// [`Self::process_change`] for samples that fit in a frame.
    fn process_frame(&mut self, input: &[&[f32]], change: &mut [&mut [f32]], new: Range<usize>) {
        let Self { spectra, gains, channels, frame, .. } = self;
        let (before, many) = (spectra.past_samples + self.moment, new.len());
        let flat = gains.iter().all(|gain| *gain == 1.0);
        for (c, channel) in channels.iter_mut().enumerate() {
            channel.push_input(input.get(c).map(|input| &input[new.clone()]), many);
        }
        let channels = channels.chunks_mut(Frame::CHANNELS);
        for (channels, change) in channels.zip(change.chunks_mut(Frame::CHANNELS)) {
            let count = change.len().min(channels.len());
            if !flat {
                for (c, channel) in channels.iter().enumerate().take(count) {
                    frame.push_input(spectra, c, channel.recent(before + many));
                }
                frame.equalise(spectra, gains, count);
            }
            for (c, (channel, change)) in channels.iter_mut().zip(change).take(count).enumerate() {
                let change = &mut change[new.clone()];
                if flat {
                    change.fill(0.0);
                } else {
                    let output = &frame.output(spectra, c)[before..before + many];
                    channel.take(output, change, spectra.past_samples);
                }
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

#[cfg(test)]
mod tests {
    use super::super::Engine;
    use super::Offline;
    use crate::{Bank, BankSpec};
    use std::sync::Arc;

    #[test]
    fn a_bank_has_its_spectra_once_whoever_else_plays_it() {
        let spec = BankSpec { bands: 12, ..BankSpec::default() };
        let bank = Arc::new(Bank::design(&spec).expect("designs"));
        let offline = || Offline::new(bank.clone(), 1).expect("fits in frames");
        let first = offline();
        let _engine = Engine::new(bank.clone(), 1);
        assert!(Arc::ptr_eq(&first.spectra, &offline().spectra));
    }
}
