//! Which vector instructions there are, found at run time by [`pulp`].
//!
//! Throughout the crate a function is `#[inline(always)]` because it has to be compiled with its caller's vector
//! instructions, down from [`Vectors::dispatch`]; closures, and functions of the standard library that call them,
//! would not be, so inner loops do without.

use pulp::{Arch, Scalar, Scalar512b, Simd, WithSimd};
use std::sync::LazyLock;

/// Which vector instructions do the work. [`Self::new`] is for everyone; the others are for tests, and for
/// measuring what vectors are worth. Results differ by rounding.
#[derive(Clone, Copy, Debug)]
pub enum Vectors {
    /// The best this machine has.
    Best(Arch),
    /// None.
    Scalar,
    /// The widest there are, computed lane by lane: what AVX-512 does, on any machine, but slowly.
    Emulated512,
}

impl Vectors {
    /// The best this machine has.
    #[must_use]
    pub fn new() -> Self {
        static BEST: LazyLock<Arch> = LazyLock::new(Arch::new);
        Self::Best(*BEST)
    }

    /// All there are.
    #[must_use]
    pub fn all() -> [Self; 3] {
        [Self::new(), Self::Scalar, Self::Emulated512]
    }

    /// How many numbers of double precision a vector holds.
    pub(crate) fn double_lanes(self) -> usize {
        struct Lanes;
        impl WithSimd for Lanes {
            type Output = usize;

            fn with_simd<S: Simd>(self, _: S) -> usize {
                S::F64_LANES
            }
        }
        self.dispatch(Lanes)
    }

    pub(crate) fn dispatch<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self {
            Self::Best(arch) => arch.dispatch(op),
            Self::Scalar => Scalar.vectorize(op),
            Self::Emulated512 => Scalar512b.vectorize(op),
        }
    }
}

impl Default for Vectors {
    fn default() -> Self {
        Self::new()
    }
}
