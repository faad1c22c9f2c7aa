//! Arrays that were read.

use crate::element::{Element, ElementType};
use crate::error::NpyError;
use crate::header::Header;
use std::io::Read;

/// An array: what it says of itself, and its elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    header: Header,
    data: Vec<u8>,
}

impl Array {
    /// Reads a .npy file to its end, of at most so many bytes of elements.
    ///
    /// # Errors
    /// When it is no array of numbers, is larger, or holds more or fewer elements than its shape says.
    pub fn read(mut reader: impl Read, data_bytes_max: u64) -> Result<Self, NpyError> {
        let header = Header::read(&mut reader)?;
        Self::read_data(header, reader, data_bytes_max)
    }

    /// Reads the elements that follow a header, to the end of the file.
    pub(crate) fn read_data(
        header: Header,
        mut reader: impl Read,
        data_bytes_max: u64,
    ) -> Result<Self, NpyError> {
        let expected = header.data_bytes();
        NpyError::above("bytes of elements", expected, data_bytes_max)?;
        // No more is allocated than comes, for a file may say anything. One byte more than expected would be too
        // many, and only who asks for it reaches the end, where a checksum is verified.
        let mut data = Vec::new();
        reader.by_ref().take(expected + 1).read_to_end(&mut data)?;
        if data.len() as u64 != expected {
            let given = data.len() as u64;
            return Err(NpyError::Length { what: "bytes of elements", given, expected });
        }
        Ok(Self { header, data })
    }

    /// What the array says of itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The length of each axis; none for a single number.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.header.shape()
    }

    /// The type of the elements.
    #[must_use]
    pub const fn element_type(&self) -> ElementType {
        self.header.element_type()
    }

    /// The elements in the order of the file.
    ///
    /// # Errors
    /// When they are of another type.
    pub fn values<T: Element>(&self) -> Result<Vec<T>, NpyError> {
        if T::TYPE != self.element_type() {
            let given = self.element_type().code().to_owned();
            return Err(NpyError::Type { given, possible: T::TYPE.code() });
        }
        let elements = self.data.chunks_exact(T::TYPE.bytes());
        if !self.header.big_endian() {
            return Ok(elements.map(T::from_bytes).collect());
        }
        let swapped = |bytes: &[u8]| {
            let mut own = [0; 16];
            let own = &mut own[..bytes.len()];
            own.copy_from_slice(bytes);
            T::swap(own);
            T::from_bytes(own)
        };
        Ok(elements.map(swapped).collect())
    }
}
