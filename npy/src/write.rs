//! Arrays and archives being written.

use crate::element::Element;
use crate::error::NpyError;
use std::io::{Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Headers are filled up with spaces to a multiple of so many bytes, as NumPy does.
const ALIGNMENT: usize = 64;

/// Elements are handed on so many bytes at a time.
const BUFFER_BYTES: usize = 1 << 16;

/// Writes what comes before the elements of an array, the last axis fastest. These then follow, each by
/// [`Element::append`].
///
/// # Errors
/// When it cannot be written.
pub fn write_header<T: Element>(mut writer: impl Write, shape: &[usize]) -> Result<(), NpyError> {
    header(&mut writer, &format!("<{}", T::TYPE.code()), shape)
}

/// Writes an array of any shape, the last axis fastest.
///
/// # Errors
/// When it cannot be written, or there are more or fewer values than the shape says.
pub fn write_npy<T: Element>(
    mut writer: impl Write,
    shape: &[usize],
    values: impl IntoIterator<Item = T>,
) -> Result<(), NpyError> {
    write_header::<T>(&mut writer, shape)?;
    let mut bytes = Vec::with_capacity(BUFFER_BYTES);
    let mut given = 0_u64;
    for value in values {
        value.append(&mut bytes);
        given += 1;
        if bytes.len() >= BUFFER_BYTES {
            writer.write_all(&bytes)?;
            bytes.clear();
        }
    }
    writer.write_all(&bytes)?;
    writer.flush()?;
    let expected = shape.iter().map(|length| *length as u64).product();
    if given == expected {
        Ok(())
    } else {
        Err(NpyError::Length { what: "values", given, expected })
    }
}

fn header(mut writer: impl Write, descr: &str, shape: &[usize]) -> Result<(), NpyError> {
    // A tuple of one has a comma after it.
    let lengths: String = match shape {
        [only] => format!("{only},"),
        _ => shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let mut text =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({lengths}), }}");
    const START: usize = crate::header::MAGIC.len() + 4;
    let end = (START + text.len() + 1).next_multiple_of(ALIGNMENT);
    text.extend(std::iter::repeat_n(' ', end - START - text.len() - 1));
    text.push('\n');
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    NpyError::above("dimensions", shape.len() as u64, crate::header::DIMENSIONS_MAX as u64)?;
    writer.write_all(crate::header::MAGIC)?;
    writer.write_all(&[1, 0])?;
    writer.write_all(&length.to_le_bytes())?;
    Ok(writer.write_all(text.as_bytes())?)
}

/// An archive of arrays being written, as `numpy.load` reads it.
pub struct NpzWriter<W: Write + Seek> {
    archive: ZipWriter<W>,
}

impl<W: Write + Seek> NpzWriter<W> {
    /// Begins an archive.
    pub fn new(writer: W) -> Self {
        Self { archive: ZipWriter::new(writer) }
    }

    /// Adds an array of any shape, the last axis fastest.
    ///
    /// # Errors
    /// When it cannot be written, there are more or fewer values than the shape says, or there is one of this
    /// name.
    pub fn array<T: Element>(
        &mut self,
        name: &str,
        shape: &[usize],
        values: impl IntoIterator<Item = T>,
    ) -> Result<(), NpyError> {
        self.begin(name)?;
        write_npy(&mut self.archive, shape, values)
    }

    /// Adds one string of bytes.
    ///
    /// # Errors
    /// As [`Self::array`].
    pub fn text(&mut self, name: &str, text: &str) -> Result<(), NpyError> {
        self.begin(name)?;
        header(&mut self.archive, &format!("|S{}", text.len()), &[])?;
        Ok(self.archive.write_all(text.as_bytes())?)
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, NpyError> {
        Ok(self.archive.finish()?)
    }

    fn begin(&mut self, name: &str) -> Result<(), NpyError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::DEFLATE);
        Ok(self.archive.start_file(format!("{name}.npy"), options)?)
    }
}
