//! Numbers that are often round ones, and sometimes any.

use arbitrary::{Arbitrary, Result, Unstructured};

/// A number as people and files give it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl<'a> Arbitrary<'a> for Number {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        const ODD: [f64; 12] = [
            0.0,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::EPSILON,
            1.0,
            -1.0,
            16_777_216.0,
            1e15,
        ];
        Ok(Self(match u.int_in_range(0..=5_u8)? {
            0 => f64::from(u.arbitrary::<u8>()?),
            1 => f64::from(u.arbitrary::<u16>()?),
            2 => f64::from(u.arbitrary::<i16>()?) / 256.0,
            3 => f64::from(u.arbitrary::<u16>()?) / 65_536.0,
            4 => *u.choose(&ODD)?,
            _ => f64::from_bits(u.arbitrary()?),
        }))
    }
}
