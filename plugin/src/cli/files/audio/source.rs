//! The bytes of a file or a pipe, in order.

use anyhow::{Result, anyhow};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

/// Bytes of a pipe that are kept at once.
const KEPT_BYTES: usize = 1 << 16;

/// A file or a pipe being read.
pub struct Source {
    bytes: BufReader<File>,
    /// Bytes that were looked at before their turn.
    ahead: VecDeque<u8>,
    position: u64,
    length: Option<u64>,
}

impl Source {
    /// Reads from the start of `file`.
    pub fn new(file: File) -> Self {
        let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|data| data.len());
        Self { bytes: BufReader::new(file), ahead: VecDeque::new(), position: 0, length }
    }

    /// Bytes before the next one.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Bytes in all; `None` of a pipe, which cannot be gone back in either.
    pub const fn length(&self) -> Option<u64> {
        self.length
    }

    /// Bytes still to come, where that is known.
    pub fn left(&self) -> Option<u64> {
        self.length.map(|length| length.saturating_sub(self.position))
    }

    /// Fills `buffer`, or as much of it as there is. Returns the bytes read.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            let rest = &mut buffer[filled..];
            let read =
                if self.ahead.is_empty() { self.bytes.read(rest) } else { self.ahead.read(rest) };
            match read {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.position += widen(filled);
        Ok(filled)
    }

    /// The next `N` bytes; `None` where there are fewer, which are then passed.
    pub fn take<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut bytes = [0; N];
        Ok((self.read(&mut bytes)? == N).then_some(bytes))
    }

    /// The next bytes, at most `N`, which stay to be read.
    pub fn peek<const N: usize>(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = [0; N];
        let read = self.read(&mut bytes)?;
        for byte in bytes[..read].iter().rev() {
            self.ahead.push_front(*byte);
        }
        self.position -= widen(read);
        Ok(bytes[..read].to_vec())
    }

    /// Passes `bytes` bytes. Returns whether there were as many; if not, none are left.
    pub fn skip(&mut self, bytes: u64) -> io::Result<bool> {
        let Some(left) = self.left() else {
            let mut passed = 0;
            let mut buffer = [0; 8192];
            while passed < bytes {
                let wanted =
                    usize::try_from(bytes - passed).unwrap_or(usize::MAX).min(buffer.len());
                let read = self.read(&mut buffer[..wanted])?;
                passed += widen(read);
                if read < wanted {
                    break;
                }
            }
            return Ok(passed == bytes);
        };
        self.seek(self.position + bytes.min(left))?;
        Ok(bytes <= left)
    }

    /// Goes to a byte of a file.
    pub fn seek(&mut self, position: u64) -> io::Result<()> {
        self.ahead.clear();
        self.bytes.seek(SeekFrom::Start(position))?;
        self.position = position;
        Ok(())
    }

    /// Keeps what is still to come by a pipe in a file, which can be gone back in; positions stay as they
    /// are. Of a file nothing changes.
    ///
    /// # Errors
    /// Where it cannot be read on, or there is no place for it.
    pub fn spool(&mut self) -> Result<()> {
        if self.length.is_some() {
            return Ok(());
        }
        let position = self.position;
        let full = |error: io::Error| {
            let folder = std::env::temp_dir();
            let folder = folder.display();
            anyhow!(
                "what comes by the pipe cannot be kept in {folder}: {error}; possible: as a file, or \
                 another folder by TMPDIR"
            )
        };
        let mut file = tempfile::tempfile().map_err(full)?;
        file.seek(SeekFrom::Start(position)).map_err(full)?;
        let mut bytes = vec![0; KEPT_BYTES];
        loop {
            let read = self.read(&mut bytes)?;
            file.write_all(&bytes[..read]).map_err(full)?;
            if read < bytes.len() {
                break;
            }
        }
        let end = self.position;
        *self = Self::new(file);
        // Of nothing more to come the file does not know.
        self.length = Some(end);
        self.seek(position)?;
        Ok(())
    }

    /// The file, to be read on in other ways.
    pub fn into_file(self) -> File {
        self.bytes.into_inner()
    }
}

/// A length of memory as one of a file.
pub fn widen(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
