//! A file in segments, so that memory does not grow with its length.

use super::super::audio_file::{Planes, Reader};
use super::lanes::Cut;
use anyhow::Result;
use indicatif::ProgressBar;

/// A part of the stream on its way into a chain.
pub struct Segment {
    /// What goes in.
    pub planes: Planes,
    /// So many samples come first only to be remembered; the segment before ended with them.
    pub warm_samples: usize,
}

/// Reads a file segment by segment, and after its end the silence that plays the chain out.
pub struct Segments<'a> {
    reader: Reader,
    cut: Cut,
    /// Silence still to follow the file, in samples.
    silence: usize,
    ended: bool,
    /// What was read last, as long as the file's own blocks are.
    block: Planes,
    /// What was read and not yet given away, behind what the next segment has to remember.
    gathered: Planes,
    /// Samples at the start of `gathered` that the next segment only has to remember.
    warm_samples: usize,
    /// Samples of the file read so far.
    samples: u64,
    bar: &'a ProgressBar,
}

impl<'a> Segments<'a> {
    /// The segments of a file as `cut` wants them, followed by `silence` samples of silence.
    pub fn new(reader: Reader, cut: Cut, silence: usize, bar: &'a ProgressBar) -> Self {
        let gathered = vec![Vec::new(); reader.channels()];
        let (block, ended, warm_samples, samples) = (Planes::new(), false, 0, 0);
        Self { reader, cut, silence, ended, block, gathered, warm_samples, samples, bar }
    }

    /// Samples of the file read so far.
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// The next segment; `None` after the last.
    ///
    /// # Errors
    /// Where the file cannot be read on.
    pub fn next(&mut self) -> Result<Option<Segment>> {
        let whole = self.warm_samples + self.cut.segment_samples;
        while !self.ended && self.gathered[0].len() < whole {
            self.gather()?;
        }
        let samples = whole.min(self.gathered[0].len());
        let warm_samples = self.warm_samples;
        if samples == warm_samples {
            return Ok(None);
        }
        let planes = self.gathered.iter().map(|plane| plane[..samples].to_vec()).collect();
        self.warm_samples = self.cut.warm_samples.min(samples);
        for plane in &mut self.gathered {
            plane.drain(..samples - self.warm_samples);
        }
        Ok(Some(Segment { planes, warm_samples }))
    }

    /// Reads a block of the file, or the silence behind it.
    fn gather(&mut self) -> Result<()> {
        if self.reader.read(&mut self.block)? {
            for (plane, block) in self.gathered.iter_mut().zip(&self.block) {
                plane.extend_from_slice(block);
            }
            let read = super::length(&self.block);
            self.samples += read;
            self.bar.inc(read);
        } else {
            self.ended = true;
            for plane in &mut self.gathered {
                plane.resize(plane.len() + self.silence, 0.0);
            }
        }
        Ok(())
    }
}
