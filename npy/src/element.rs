//! The elements of arrays.

use num_complex::Complex;

/// The types of elements that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// `f4`.
    Float32,
    /// `f8`.
    Float64,
    /// `c8`.
    Complex64,
    /// `c16`.
    Complex128,
    /// `i4`.
    Int32,
    /// `i8`.
    Int64,
}

impl ElementType {
    /// What can be read, by NumPy's names.
    pub(crate) const POSSIBLE: &str =
        "float32 (f4), float64 (f8), complex64 (c8), complex128 (c16), int32 (i4), int64 (i8)";

    /// The type of this code, which is NumPy's without the order of bytes.
    pub(crate) fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "f4" => Self::Float32,
            "f8" => Self::Float64,
            "c8" => Self::Complex64,
            "c16" => Self::Complex128,
            "i4" => Self::Int32,
            "i8" => Self::Int64,
            _ => return None,
        })
    }

    /// NumPy's code, without the order of bytes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Float32 => "f4",
            Self::Float64 => "f8",
            Self::Complex64 => "c8",
            Self::Complex128 => "c16",
            Self::Int32 => "i4",
            Self::Int64 => "i8",
        }
    }

    /// The bytes of an element.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Float32 | Self::Int32 => 4,
            Self::Float64 | Self::Complex64 | Self::Int64 => 8,
            Self::Complex128 => 16,
        }
    }
}

/// A number that arrays can hold.
pub trait Element: Copy {
    /// What it is in a file.
    const TYPE: ElementType;

    /// The number of these [`ElementType::bytes`], the least byte first.
    fn from_bytes(bytes: &[u8]) -> Self;

    /// Appends the bytes of the number, the least first.
    fn append(self, bytes: &mut Vec<u8>);

    /// Puts the bytes of numbers the other way around.
    fn swap(bytes: &mut [u8]) {
        bytes.reverse();
    }
}

macro_rules! numbers {
    ($($number:ty, $kind:ident);+) => {$(
        impl Element for $number {
            const TYPE: ElementType = ElementType::$kind;

            fn from_bytes(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<Self>()];
                own.copy_from_slice(bytes);
                Self::from_le_bytes(own)
            }

            fn append(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )+};
}

numbers!(f32, Float32; f64, Float64; i32, Int32; i64, Int64);

macro_rules! complex {
    ($($part:ty, $kind:ident);+) => {$(
        impl Element for Complex<$part> {
            const TYPE: ElementType = ElementType::$kind;

            fn from_bytes(bytes: &[u8]) -> Self {
                let (re, im) = bytes.split_at(bytes.len() / 2);
                Self::new(<$part>::from_bytes(re), <$part>::from_bytes(im))
            }

            fn append(self, bytes: &mut Vec<u8>) {
                self.re.append(bytes);
                self.im.append(bytes);
            }

            fn swap(bytes: &mut [u8]) {
                let half = bytes.len() / 2;
                bytes.chunks_exact_mut(half).for_each(<[u8]>::reverse);
            }
        }
    )+};
}

complex!(f32, Complex64; f64, Complex128);
