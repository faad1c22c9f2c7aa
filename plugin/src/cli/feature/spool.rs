//! Frames kept in a file while a sound is read, so that memory does not grow with its length.

use anyhow::{Context, Result};
use erbium_npy::Element;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The bytes of a number.
const NUMBER_BYTES: usize = size_of::<f64>();

/// Frames being kept, each of as many numbers.
pub struct Spool {
    writer: BufWriter<File>,
    width: usize,
    frames: usize,
    bytes: Vec<u8>,
}

impl Spool {
    /// Begins a file without a name in a folder, for frames of `width` numbers.
    pub fn new(folder: &Path, width: usize) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).with_context(|| {
            let folder = folder.display();
            format!("cannot keep frames in {folder}; possible: a folder that can be written to")
        })?;
        Ok(Self { writer: BufWriter::new(file), width, frames: 0, bytes: Vec::new() })
    }

    /// Keeps a frame, which comes in parts.
    pub fn push<'a>(&mut self, parts: impl IntoIterator<Item = &'a [f64]>) -> Result<()> {
        self.bytes.clear();
        parts.into_iter().flatten().for_each(|number| number.append(&mut self.bytes));
        debug_assert_eq!(self.bytes.len(), self.width * NUMBER_BYTES, "a whole frame");
        self.writer.write_all(&self.bytes).context(FULL)?;
        self.frames += 1;
        Ok(())
    }

    /// Ends the file.
    pub fn finish(self) -> Result<Frames> {
        let file = self.writer.into_inner().context(FULL)?;
        Ok(Frames { file, width: self.width, frames: self.frames })
    }
}

const FULL: &str =
    "cannot keep frames beside the output; possible: as much free space again as the output takes";

/// Frames that were kept.
pub struct Frames {
    file: File,
    width: usize,
    frames: usize,
}

impl Frames {
    /// The number of frames.
    pub const fn len(&self) -> usize {
        self.frames
    }

    /// `count` frames from `first` on, one after the other.
    pub fn read(&self, first: usize, count: usize) -> Result<Vec<f64>> {
        let frame_bytes = self.width * NUMBER_BYTES;
        let mut bytes = vec![0; count * frame_bytes];
        let mut file = &self.file;
        let start = u64::try_from(first)? * u64::try_from(frame_bytes)?;
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes))?;
        Ok(bytes.chunks_exact(NUMBER_BYTES).map(f64::from_bytes).collect())
    }
}
