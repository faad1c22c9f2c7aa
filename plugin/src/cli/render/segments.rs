//! A file in segments, so that memory does not grow with its length.

use super::super::audio_file::{Planes, Reader};
use super::cut::Cut;
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
    /// What the next segment begins with: what it has to remember, and what was read too much before.
    begun: Planes,
    /// Samples at the start of `begun` that the next segment only has to remember.
    warm_samples: usize,
    /// Samples of the file read so far.
    samples: u64,
    /// Planes that have been played and written, for further segments.
    spare: Vec<Planes>,
    bar: &'a ProgressBar,
}

impl<'a> Segments<'a> {
    /// The segments of a file as `cut` wants them, followed by `silence` samples of silence.
    pub fn new(reader: Reader, cut: Cut, silence: usize, bar: &'a ProgressBar) -> Self {
        let begun = vec![Vec::new(); reader.channels()];
        let (ended, warm_samples, samples, spare) = (false, 0, 0, Vec::new());
        Self { reader, cut, silence, ended, begun, warm_samples, samples, spare, bar }
    }

    /// Samples of the file read so far.
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// Takes back the planes of a segment that nobody needs any more.
    pub fn take_back(&mut self, planes: Planes) {
        self.spare.push(planes);
    }

    /// The next segment; `None` after the last.
    ///
    /// # Errors
    /// Where the file cannot be read on.
    pub fn next(&mut self) -> Result<Option<Segment>> {
        let left = self.reader.promised_samples().map(|all| all.saturating_sub(self.samples));
        let warm_samples = self.warm_samples;
        let whole = warm_samples + self.cut.segment_samples(self.samples, left);
        let mut planes = self.spare.pop().unwrap_or_else(|| vec![Vec::new(); self.begun.len()]);
        for (plane, begun) in planes.iter_mut().zip(&mut self.begun) {
            plane.clear();
            // Room for what will be read too much as well.
            plane.reserve(whole + whole / 8);
            plane.append(begun);
        }
        while !self.ended && planes[0].len() < whole {
            self.gather(&mut planes)?;
        }
        let samples = whole.min(planes[0].len());
        if samples == warm_samples {
            return Ok(None);
        }
        self.warm_samples = self.cut.warm_samples().min(samples);
        for (plane, begun) in planes.iter_mut().zip(&mut self.begun) {
            begun.extend_from_slice(&plane[samples - self.warm_samples..]);
            plane.truncate(samples);
        }
        Ok(Some(Segment { planes, warm_samples }))
    }

    /// Reads a block of the file, or the silence behind it.
    fn gather(&mut self, planes: &mut Planes) -> Result<()> {
        let before = planes[0].len();
        if self.reader.append(planes)? {
            let read = u64::try_from(planes[0].len() - before)?;
            self.samples += read;
            self.bar.inc(read);
        } else {
            self.ended = true;
            for plane in planes {
                plane.resize(before + self.silence, 0.0);
            }
        }
        Ok(())
    }
}
