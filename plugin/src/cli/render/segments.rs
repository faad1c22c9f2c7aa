//! A file in segments, so that memory does not grow with its length.

use super::super::files::audio::{ChannelBuffers, Reader};
use super::segment_plan::SegmentPlan;
use anyhow::Result;
use indicatif::ProgressBar;

/// A part of the stream on its way into a chain.
pub struct Segment {
    /// What goes in.
    pub buffers: ChannelBuffers,
    /// So many samples come first only to fill the chain; the segment before ended with them.
    pub preroll_samples: usize,
}

/// Reads a file segment by segment, and after its end the silence that empties the chain.
pub struct Segments<'a> {
    reader: Reader,
    plan: SegmentPlan,
    /// Silence still to follow the file, in samples.
    silence: usize,
    ended: bool,
    /// What the next segment begins with: its preroll, and what was read too much before.
    carried: ChannelBuffers,
    /// Samples of preroll at the start of `carried`.
    preroll_samples: usize,
    /// Samples of the file read so far.
    samples: u64,
    /// Buffers that have been written, for further segments.
    spare: Vec<ChannelBuffers>,
    bar: &'a ProgressBar,
}

impl<'a> Segments<'a> {
    /// The segments of a file as `plan` wants them, followed by `silence` samples of silence.
    pub fn new(reader: Reader, plan: SegmentPlan, silence: usize, bar: &'a ProgressBar) -> Self {
        let carried = vec![Vec::new(); reader.channels()];
        let (ended, preroll_samples, samples, spare) = (false, 0, 0, Vec::new());
        Self { reader, plan, silence, ended, carried, preroll_samples, samples, spare, bar }
    }

    /// Samples of the file read so far.
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// What to warn of once the file is read.
    pub fn warnings(&self) -> &[String] {
        self.reader.warnings()
    }

    /// Takes back the buffers of a segment that nobody needs any more.
    pub fn recycle(&mut self, buffers: ChannelBuffers) {
        self.spare.push(buffers);
    }

    /// The next segment; `None` after the last.
    ///
    /// # Errors
    /// Where the file cannot be read on.
    pub fn next(&mut self) -> Result<Option<Segment>> {
        let left = self.reader.promised_samples().map(|all| all.saturating_sub(self.samples));
        let preroll_samples = self.preroll_samples;
        let whole = preroll_samples + self.plan.segment_samples(self.samples, left);
        let mut buffers = self.spare.pop().unwrap_or_else(|| vec![Vec::new(); self.carried.len()]);
        for (channel, carried) in buffers.iter_mut().zip(&mut self.carried) {
            channel.clear();
            // Room for what will be read too much as well.
            channel.reserve(whole + whole / 8);
            channel.append(carried);
        }
        while !self.ended && buffers[0].len() < whole {
            self.gather(&mut buffers)?;
        }
        let samples = whole.min(buffers[0].len());
        if samples == preroll_samples {
            return Ok(None);
        }
        self.preroll_samples = self.plan.preroll_samples().min(samples);
        for (channel, carried) in buffers.iter_mut().zip(&mut self.carried) {
            carried.extend_from_slice(&channel[samples - self.preroll_samples..]);
            channel.truncate(samples);
        }
        Ok(Some(Segment { buffers, preroll_samples }))
    }

    /// Reads a block of the file, or the silence behind it.
    fn gather(&mut self, buffers: &mut ChannelBuffers) -> Result<()> {
        let before = buffers[0].len();
        if self.reader.append(buffers)? {
            let read = u64::try_from(buffers[0].len() - before)?;
            self.samples += read;
            self.bar.inc(read);
        } else {
            self.ended = true;
            for channel in buffers {
                channel.resize(before + self.silence, 0.0);
            }
        }
        Ok(())
    }
}
