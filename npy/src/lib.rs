//! NumPy's .npy and .npz files, for files that anyone may have made: nothing is allocated before its size is
//! known to be within [`Limits`], headers are read by a grammar without recursion, and no value of an archive
//! is handed on before the checksum of all of them is found right.
//!
//! ```
//! use erbium_npy::{Limits, Npz, NpzWriter};
//! use std::io::Cursor;
//!
//! let mut archive = NpzWriter::new(Cursor::new(Vec::new()));
//! archive.array("strides", &[3], [1_i64, 2, 4])?;
//! let bytes = archive.finish()?.into_inner();
//! let mut archive = Npz::new(Cursor::new(bytes), Limits::default())?;
//! let array = archive.array("strides")?.expect("it was written");
//! assert_eq!((array.shape(), array.values::<i64>()?), (&[3][..], vec![1, 2, 4]));
//! # Ok::<(), erbium_npy::NpyError>(())
//! ```

mod array;
mod element;
mod error;
mod header;
mod npz;
mod write;

pub use array::Array;
pub use element::{Element, ElementType};
pub use error::NpyError;
pub use header::{DIMENSIONS_MAX, HEADER_BYTES_MAX, Header};
pub use npz::{Limits, Npz};
pub use write::{NpzWriter, write_header, write_npy};
