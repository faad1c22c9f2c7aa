//! The choices of the parameters that are choices: their ids, which are for ever, and what they stand for.

use erbium_dsp::{Kind, Phase, Quality, Scale};
use nice_plug::prelude::{BoolParam, Enum, EnumParam, FloatParam, IntParam};

/// Parameters, choices or not.
pub(super) trait ChoiceIds {
    /// The ids of the choices, in order; `None` for what is no choice.
    fn choice_ids(&self) -> Option<&'static [&'static str]> {
        None
    }
}

impl ChoiceIds for BoolParam {}
impl ChoiceIds for FloatParam {}
impl ChoiceIds for IntParam {}
impl<T: Enum + PartialEq> ChoiceIds for EnumParam<T> {
    fn choice_ids(&self) -> Option<&'static [&'static str]> {
        T::ids()
    }
}

/// The kinds of bank, as hosts see them.
#[derive(Enum, Debug, PartialEq, Eq, Clone, Copy)]
#[expect(missing_docs)]
pub enum KindChoice {
    #[id = "isac"]
    #[name = "ISAC"]
    Isac,
    #[id = "gammatone"]
    #[name = "Gammatone"]
    Gammatone,
}

impl KindChoice {
    /// The kind chosen.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Isac => Kind::Isac,
            Self::Gammatone => Kind::Gammatone,
        }
    }
}

/// The scales, as hosts see them.
#[derive(Enum, Debug, PartialEq, Eq, Clone, Copy)]
#[expect(missing_docs)]
pub enum ScaleChoice {
    #[id = "erb"]
    #[name = "ERB"]
    Erb,
    #[id = "mel"]
    #[name = "Mel"]
    Mel,
    #[id = "bark"]
    #[name = "Bark"]
    Bark,
    #[id = "log"]
    #[name = "Log"]
    Log,
    #[id = "linear"]
    #[name = "Linear"]
    Linear,
}

impl ScaleChoice {
    /// The scale chosen.
    #[must_use]
    pub const fn scale(self) -> Scale {
        match self {
            Self::Erb => Scale::Erb,
            Self::Mel => Scale::Mel,
            Self::Bark => Scale::Bark,
            Self::Log => Scale::Log,
            Self::Linear => Scale::Linear,
        }
    }
}

/// The latencies, as hosts see them.
#[derive(Enum, Debug, PartialEq, Eq, Clone, Copy)]
#[expect(missing_docs)]
pub enum LatencyChoice {
    #[id = "2ms"]
    #[name = "2 ms"]
    Ms2,
    #[id = "4ms"]
    #[name = "4 ms"]
    Ms4,
    #[id = "8ms"]
    #[name = "8 ms"]
    Ms8,
    #[id = "11ms"]
    #[name = "11 ms"]
    Ms11,
    #[id = "16ms"]
    #[name = "16 ms"]
    Ms16,
    #[id = "21ms"]
    #[name = "21 ms"]
    Ms21,
    #[id = "43ms"]
    #[name = "43 ms"]
    Ms43,
    // Last, so that the others stay where hosts have automated them.
    #[id = "0ms"]
    #[name = "0 ms"]
    Ms0,
}

impl LatencyChoice {
    /// The latency chosen, in milliseconds.
    #[must_use]
    pub const fn ms(self) -> f64 {
        match self {
            Self::Ms0 => 0.0,
            Self::Ms2 => 2.0,
            Self::Ms4 => 4.0,
            Self::Ms8 => 8.0,
            Self::Ms11 => 11.0,
            Self::Ms16 => 16.0,
            Self::Ms21 => 21.0,
            Self::Ms43 => 43.0,
        }
    }

    /// The latency that kernels are designed for: without any they are those of 21 ms.
    #[must_use]
    pub const fn kernel_ms(self) -> f64 {
        match self {
            Self::Ms0 => Self::Ms21.ms(),
            other => other.ms(),
        }
    }

    /// The phase that is played.
    #[must_use]
    pub const fn phase(self) -> Phase {
        match self {
            Self::Ms0 => Phase::Minimum,
            _ => Phase::OfBank,
        }
    }
}

/// The qualities, as hosts see them.
#[derive(Enum, Debug, PartialEq, Eq, Clone, Copy)]
#[expect(missing_docs)]
pub enum QualityChoice {
    #[id = "eco"]
    #[name = "Eco"]
    Eco,
    #[id = "standard"]
    #[name = "Standard"]
    Standard,
    #[id = "high"]
    #[name = "High"]
    High,
}

impl QualityChoice {
    /// The quality chosen.
    #[must_use]
    pub const fn quality(self) -> Quality {
        match self {
            Self::Eco => Quality::Eco,
            Self::Standard => Quality::Standard,
            Self::High => Quality::High,
        }
    }
}
