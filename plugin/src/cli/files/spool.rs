//! Frames kept in a file while a sound is read, so that memory does not grow with its length.

use anyhow::{Result, anyhow};
use erbium::export::Levels;
use erbium_npy::Element;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;

/// Frames being kept, each of as many numbers.
pub struct Spool<T> {
    writer: BufWriter<File>,
    width: usize,
    frames: usize,
    bytes: Vec<u8>,
    numbers: PhantomData<T>,
}

impl<T: Element> Spool<T> {
    /// Begins a file without a name in a folder, for frames of `width` numbers.
    pub fn new(folder: &Path, width: usize) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).map_err(|error| {
            let folder = folder.display();
            anyhow!(
                "cannot keep frames in {folder}: {error}; possible: a folder that can be written to"
            )
        })?;
        let (writer, bytes) = (BufWriter::new(file), Vec::new());
        Ok(Self { writer, width, frames: 0, bytes, numbers: PhantomData })
    }

    /// Keeps a frame, which comes in parts.
    pub fn push<'a>(&mut self, parts: impl IntoIterator<Item = &'a [T]>) -> Result<()>
    where
        T: 'a,
    {
        self.bytes.clear();
        parts.into_iter().flatten().for_each(|number| number.append(&mut self.bytes));
        debug_assert_eq!(self.bytes.len(), self.width * size_of::<T>(), "a whole frame");
        self.writer.write_all(&self.bytes).map_err(|error| full(&error))?;
        self.frames += 1;
        Ok(())
    }

    /// Ends the file.
    pub fn finish(self) -> Result<Frames<T>> {
        let file = self.writer.into_inner().map_err(|error| full(error.error()))?;
        Ok(Frames { file, width: self.width, frames: self.frames, numbers: PhantomData })
    }
}

fn full(error: &io::Error) -> anyhow::Error {
    anyhow!(
        "cannot keep frames beside the output: {error}; possible: as much free space again as the \
         output takes"
    )
}

/// Frames that were kept.
pub struct Frames<T> {
    file: File,
    width: usize,
    frames: usize,
    numbers: PhantomData<T>,
}

impl<T: Element> Frames<T> {
    /// The number of frames.
    pub const fn len(&self) -> usize {
        self.frames
    }

    /// `count` frames from `first` on, one after the other.
    pub fn read(&self, first: usize, count: usize) -> Result<Vec<T>> {
        let frame_bytes = self.width * size_of::<T>();
        let mut bytes = vec![0; count * frame_bytes];
        let mut file = &self.file;
        let start = u64::try_from(first)? * u64::try_from(frame_bytes)?;
        file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes))?;
        Ok(bytes.chunks_exact(size_of::<T>()).map(T::from_bytes).collect())
    }
}

impl Levels for Frames<f32> {
    fn columns(&self) -> usize {
        self.len()
    }

    fn read(&self, columns: Range<usize>) -> Result<Cow<'_, [f32]>> {
        Self::read(self, columns.start, columns.len()).map(Cow::Owned)
    }
}
