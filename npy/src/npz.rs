//! Archives of arrays.

use crate::array::Array;
use crate::error::NpyError;
use crate::header::{HEADER_BYTES_MAX, Header};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;
use zip::CompressionMethod;
use zip::read::{Config, OwnedZipFileEntry, ZipReadOptions};
use zip::unstable::read::ZipIterable;

/// The most that is read of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files in the archive.
    pub members: usize,
    /// Bytes of each file's name.
    pub name_bytes: usize,
    /// Bytes of an array's elements, unpacked.
    pub array_bytes: u64,
}

impl Default for Limits {
    /// 1024 files, names of 256 bytes, arrays of 64 MiB.
    fn default() -> Self {
        Self { members: 1024, name_bytes: 256, array_bytes: 64 << 20 }
    }
}

/// An archive as `numpy.savez` and `numpy.savez_compressed` write it.
pub struct Npz<R> {
    archive: ZipIterable<R>,
    members: Vec<OwnedZipFileEntry>,
    limits: Limits,
}

impl Npz<BufReader<File>> {
    /// Opens an archive.
    ///
    /// # Errors
    /// When it cannot be read, is no archive, or has more files or longer names than the limits allow.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, NpyError> {
        // Opening a pipe would wait for its other end, and an archive is read from its end.
        if !std::fs::metadata(path)?.is_file() {
            return Err(NpyError::Archive("this is no regular file".to_owned()));
        }
        Self::new(BufReader::new(File::open(path)?), limits)
    }
}

impl<R: Read + Seek> Npz<R> {
    /// Reads the directory of an archive.
    ///
    /// # Errors
    /// When it cannot be read, is no archive, or has more files or longer names than the limits allow.
    pub fn new(reader: R, limits: Limits) -> Result<Self, NpyError> {
        let mut archive = ZipIterable::try_new(reader, Config::default())?;
        NpyError::above("files in the archive", length(archive.len()), length(limits.members))?;
        let mut members: Vec<OwnedZipFileEntry> = Vec::new();
        for member in archive.files()? {
            let member = member?;
            let name = member.name_raw();
            NpyError::above(
                "bytes in the name of a file of the archive",
                length(name.len()),
                length(limits.name_bytes),
            )?;
            if members.iter().any(|other| other.name_raw() == name) {
                let name = String::from_utf8_lossy(name);
                return Err(NpyError::Archive(format!("it holds {name} twice")));
            }
            members.push(member.into());
        }
        Ok(Self { archive, members, limits })
    }

    /// The header of an array, of which nothing else is read yet: a checksum may still tell that it is wrong.
    /// `None` where there is none of this name.
    ///
    /// # Errors
    /// When there is no array of numbers in the file of this name.
    pub fn header(&mut self, name: &str) -> Result<Option<Header>, NpyError> {
        let Some(mut member) = self.member(name)? else { return Ok(None) };
        Header::read(&mut member).map(Some)
    }

    /// An array, `None` where there is none of this name.
    ///
    /// # Errors
    /// When there is no array of numbers in the file of this name, it is larger than the limits allow or than it
    /// says, or its checksum differs.
    pub fn array(&mut self, name: &str) -> Result<Option<Array>, NpyError> {
        let most = self.limits.array_bytes;
        let Some(mut member) = self.member(name)? else { return Ok(None) };
        let header = Header::read(&mut member)?;
        Array::read_data(header, member, most).map(Some)
    }

    /// A file of the archive from its start on.
    fn member(&mut self, name: &str) -> Result<Option<impl Read>, NpyError> {
        let file = format!("{name}.npy");
        let named = |member: &&OwnedZipFileEntry| member.name_raw() == file.as_bytes();
        let Some(member) = self.members.iter().find(named) else { return Ok(None) };
        let method = member.compression();
        if !matches!(method, CompressionMethod::STORE | CompressionMethod::DEFLATE) {
            return Err(NpyError::Archive(format!("{file} is packed by the method {method}")));
        }
        // A header and its elements are all there is to it.
        let most = self.limits.array_bytes.saturating_add(u64::from(HEADER_BYTES_MAX) + 12);
        NpyError::above(format!("unpacked bytes in {file}"), member.size(), most)?;
        let reader = self.archive.files()?.reader_mut();
        Ok(Some(member.as_ref().with_reader(reader, ZipReadOptions::new())?))
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
