//! Which vector instructions there are, found at run time by [`pulp`].

use pulp::{Arch, Scalar, Scalar512b, Simd, WithSimd};
use std::sync::LazyLock;

/// Which vector instructions do the work.
#[derive(Clone, Copy)]
pub(crate) enum Vectors {
    /// The best this machine has.
    Best(Arch),
    /// None.
    Scalar,
    /// The widest there are, worked out lane by lane: what AVX-512 does, on any machine.
    Emulated512,
}

impl Vectors {
    /// The best there are, unless the environment variable `ERBIUM_VECTORS` says `scalar` or
    /// `emulated512`: for tests of those ways.
    pub fn new() -> Self {
        static CHOSEN: LazyLock<Vectors> =
            LazyLock::new(|| match std::env::var("ERBIUM_VECTORS").as_deref() {
                Ok("scalar") => Vectors::Scalar,
                Ok("emulated512") => Vectors::Emulated512,
                _ => Vectors::Best(Arch::new()),
            });
        *CHOSEN
    }

    /// How many numbers of double precision a vector holds.
    pub fn double_lanes(self) -> usize {
        struct Lanes;
        impl WithSimd for Lanes {
            type Output = usize;

            fn with_simd<S: Simd>(self, _: S) -> usize {
                S::F64_LANES
            }
        }
        self.dispatch(Lanes)
    }

    pub fn dispatch<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self {
            Self::Best(arch) => arch.dispatch(op),
            Self::Scalar => Scalar.vectorize(op),
            Self::Emulated512 => Scalar512b.vectorize(op),
        }
    }
}
