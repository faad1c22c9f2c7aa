//! The header of an array: magic, version, length, and a dictionary of three keys.
//!
//! NumPy writes the dictionary as a Python literal. Of that language this grammar takes only what a header of
//! numbers needs, so that reading takes time in proportion to its length, whatever it holds:
//!
//! ```text
//! header = "{" [pair ("," pair)* [","]] "}"
//! pair   = "'descr'" ":" string | "'fortran_order'" ":" ("True" | "False") | "'shape'" ":" shape
//! shape  = "(" [number ("," number)* [","]] ")"
//! ```

use crate::element::ElementType;
use crate::error::NpyError;
use std::io::Read;

/// The longest dictionary in bytes, NumPy's own limit.
pub const HEADER_BYTES_MAX: u32 = 10_000;

/// The most dimensions, NumPy's own limit until version 2.
pub const DIMENSIONS_MAX: usize = 32;

pub(crate) const MAGIC: &[u8; 6] = b"\x93NUMPY";

const POSSIBLE_MAGIC: &str = "an array as numpy.save writes it, of version 1, 2 or 3";
const POSSIBLE_KEYS: &str = "'descr', 'fortran_order' and 'shape', each once";
const POSSIBLE_SHAPE: &str = "a tuple of at most 32 whole numbers, such as (40, 128)";

/// What an array says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    kind: ElementType,
    big_endian: bool,
    fortran_order: bool,
    shape: Vec<usize>,
    elements: u64,
}

impl Header {
    /// Reads what comes before the elements.
    ///
    /// # Errors
    /// When the file does not begin as an array of numbers does, or a limit is passed.
    pub fn read(mut reader: impl Read) -> Result<Self, NpyError> {
        let mut start = [0; 8];
        read_exact(&mut reader, &mut start, "no magic of NumPy's")?;
        let [magic @ .., major, minor] = start;
        if magic != *MAGIC {
            return Err(NpyError::header("no magic of NumPy's", POSSIBLE_MAGIC));
        }
        let length = match (major, minor) {
            (1, 0) => {
                let mut length = [0; 2];
                read_exact(&mut reader, &mut length, "no length")?;
                u32::from(u16::from_le_bytes(length))
            }
            (2 | 3, 0) => {
                let mut length = [0; 4];
                read_exact(&mut reader, &mut length, "no length")?;
                u32::from_le_bytes(length)
            }
            _ => return Err(NpyError::header(format!("version {major}.{minor}"), POSSIBLE_MAGIC)),
        };
        NpyError::above("bytes of header", length.into(), HEADER_BYTES_MAX.into())?;
        let mut text = vec![0; usize::try_from(length).unwrap_or(0)];
        read_exact(&mut reader, &mut text, "fewer bytes than its length")?;
        let text = str::from_utf8(&text)
            .map_err(|_| NpyError::header("what is no text", POSSIBLE_KEYS))?;
        Self::parse(text)
    }

    /// Reads the dictionary.
    ///
    /// # Errors
    /// When it is not exactly the three keys, or one of them does not fit numbers.
    pub fn parse(text: &str) -> Result<Self, NpyError> {
        let mut cursor = Cursor { rest: text };
        cursor.expect("{")?;
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        while !cursor.take("}") {
            let key = cursor.string(POSSIBLE_KEYS)?;
            cursor.expect(":")?;
            let new = match key {
                "descr" => descr.replace(cursor.element_type()?).is_none(),
                "fortran_order" => fortran_order.replace(cursor.truth()?).is_none(),
                "shape" => shape.replace(cursor.shape()?).is_none(),
                _ => return Err(NpyError::header(quoted(key), POSSIBLE_KEYS)),
            };
            if !new {
                return Err(NpyError::header(format!("{} twice", quoted(key)), POSSIBLE_KEYS));
            }
            if !cursor.take(",") {
                cursor.expect("}")?;
                break;
            }
        }
        if !cursor.rest.trim_ascii().is_empty() {
            return Err(NpyError::header(
                format!("{} after its end", quoted(cursor.rest)),
                "nothing but spaces",
            ));
        }
        let (Some((kind, big_endian)), Some(fortran_order), Some(shape)) =
            (descr, fortran_order, shape)
        else {
            return Err(NpyError::header("too few keys", POSSIBLE_KEYS));
        };
        // One empty dimension makes all of it empty, however long the others are.
        let product = |all: Option<u64>, length: &usize| all?.checked_mul(*length as u64);
        let elements =
            if shape.contains(&0) { Some(0) } else { shape.iter().fold(Some(1), product) };
        let Some(elements) = elements.filter(|elements| elements.checked_mul(16).is_some()) else {
            return Err(NpyError::header(format!("the shape {shape:?}"), "what fits into memory"));
        };
        Ok(Self { kind, big_endian, fortran_order, shape, elements })
    }

    /// The type of the elements.
    #[must_use]
    pub const fn element_type(&self) -> ElementType {
        self.kind
    }

    /// Whether the first axis varies fastest in the file, not the last.
    #[must_use]
    pub const fn fortran_order(&self) -> bool {
        self.fortran_order
    }

    /// Whether the greatest byte of a number comes first in the file.
    #[must_use]
    pub const fn big_endian(&self) -> bool {
        self.big_endian
    }

    /// The length of each axis; none for a single number.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of elements.
    #[must_use]
    pub const fn elements(&self) -> u64 {
        self.elements
    }

    /// The bytes of all elements.
    #[must_use]
    pub const fn data_bytes(&self) -> u64 {
        self.elements * self.kind.bytes() as u64
    }
}

fn read_exact(mut reader: impl Read, bytes: &mut [u8], given: &str) -> Result<(), NpyError> {
    match reader.read_exact(bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(NpyError::header(given, POSSIBLE_MAGIC))
        }
        result => Ok(result?),
    }
}

/// The start of a text, in quotes.
fn quoted(text: &str) -> String {
    const LETTERS: usize = 40;
    let mut start: String = text.chars().take(LETTERS).collect();
    if text.chars().nth(LETTERS).is_some() {
        start.push('…');
    }
    format!("{start:?}")
}

/// What is still to be read.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// Whether this comes next, which is then passed.
    fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_ascii_start();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: &'static str) -> Result<(), NpyError> {
        if self.take(token) { Ok(()) } else { Err(NpyError::header(quoted(self.rest), token)) }
    }

    /// A string without escapes.
    fn string(&mut self, possible: &'static str) -> Result<&'a str, NpyError> {
        let quote = if self.take("'") {
            '\''
        } else if self.take("\"") {
            '"'
        } else {
            return Err(NpyError::header(quoted(self.rest), possible));
        };
        match self.rest.split_once(quote) {
            Some((text, rest)) if !text.contains('\\') => {
                self.rest = rest;
                Ok(text)
            }
            _ => Err(NpyError::header(quoted(self.rest), possible)),
        }
    }

    /// The type of the elements, and whether their greatest bytes come first.
    fn element_type(&mut self) -> Result<(ElementType, bool), NpyError> {
        let possible = ElementType::POSSIBLE;
        if self.take("[") {
            return Err(NpyError::Type { given: "in fields".to_owned(), possible });
        }
        let descr = self.string(possible)?;
        let (order, code) = descr.split_at_checked(1).unwrap_or((descr, ""));
        match (order, ElementType::of_code(code)) {
            ("<" | "=", Some(kind)) => Ok((kind, false)),
            (">", Some(kind)) => Ok((kind, true)),
            _ => Err(NpyError::Type { given: quoted(descr), possible }),
        }
    }

    fn truth(&mut self) -> Result<bool, NpyError> {
        if self.take("True") {
            return Ok(true);
        }
        if self.take("False") {
            return Ok(false);
        }
        Err(NpyError::header(quoted(self.rest), "True or False"))
    }

    fn shape(&mut self) -> Result<Vec<usize>, NpyError> {
        let mut shape = Vec::new();
        if !self.take("(") {
            return Err(NpyError::header(quoted(self.rest), POSSIBLE_SHAPE));
        }
        while !self.take(")") {
            let digits =
                self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, rest) = self.rest.split_at(digits);
            let Some(number) = number.parse().ok().filter(|_| shape.len() < DIMENSIONS_MAX) else {
                return Err(NpyError::header(quoted(self.rest), POSSIBLE_SHAPE));
            };
            shape.push(number);
            self.rest = rest;
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(shape)
    }
}
