//! What follows from the table of parameters in [`param`](super): the type hosts see, the ids, the values.

/// Defines the parameters in the order hosts list them, the band gains between the two parts: per
/// parameter what it is, the names of id and field, the framework's type, the id that is stored, whether
/// presets and A and B hold it, and how it is made.
///
/// Makes `Parameters`, `ParamId` and `ParamValue`.
macro_rules! parameters {
    (
        before_gains { $(
            $(#[$b_doc:meta])*
            $BId:ident, $b_field:ident: $BType:ty, id = $b_id:tt, in_presets = $b_in:literal,
            $b_new:expr;
        )* }
        after_gains { $(
            $(#[$a_doc:meta])*
            $AId:ident, $a_field:ident: $AType:ty, id = $a_id:tt, in_presets = $a_in:literal,
            $a_new:expr;
        )* }
    ) => {
        /// The parameters, as hosts see them.
        #[derive(Params)]
        pub struct Parameters {
            $( $(#[$b_doc])* #[id = $b_id] pub $b_field: $BType, )*
            /// The drawn gains, first band (0 Hz) first. Those past the band count are not used.
            #[nested(array, group = "Bands")]
            pub band: [BandParams; MAX_BANDS],
            $( $(#[$a_doc])* #[id = $a_id] pub $a_field: $AType, )*
        }

        impl Default for Parameters {
            fn default() -> Self {
                Self {
                    $( $b_field: $b_new, )*
                    band: std::array::from_fn(BandParams::new),
                    $( $a_field: $a_new, )*
                }
            }
        }

        parameters! { @by_id
            $( $(#[$b_doc])* $BId, $b_field: $BType, $b_id, $b_in; )*
            $( $(#[$a_doc])* $AId, $a_field: $AType, $a_id, $a_in; )*
        }
    };
    ( @by_id $( $(#[$doc:meta])* $Id:ident, $field:ident: $Type:ty, $id:tt, $in:literal; )* ) => {
        /// A parameter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ParamId {
            $( $(#[$doc])* $Id, )*
            /// The drawn gain of a band, counted from 0.
            Gain(usize),
        }

        /// A parameter with the value it shall have.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum ParamValue {
            $( $(#[$doc])* $Id(<$Type as Param>::Plain), )*
            /// A band, counted from 0, and its drawn gain in dB.
            Gain(usize, f32),
        }

        impl ParamId {
            /// Every parameter, band gains aside.
            pub const ALL: &'static [Self] = &[$( Self::$Id, )*];

            /// The id that hosts, presets and states know it by, for ever.
            #[must_use]
            pub fn id(self) -> Cow<'static, str> {
                match self {
                    $( Self::$Id => Cow::Borrowed($id), )*
                    Self::Gain(band) => Cow::Owned(format!("{GAIN_PREFIX}{}", band + 1)),
                }
            }

            /// Whether presets and A and B hold it by itself; band gains are held as a curve.
            #[must_use]
            pub const fn in_presets(self) -> bool {
                match self {
                    $( Self::$Id => $in, )*
                    Self::Gain(_) => false,
                }
            }

            /// The framework's view of it, valid as long as `params` lives.
            #[must_use]
            pub fn pointer(self, params: &Parameters) -> ParamPtr {
                match self {
                    $( Self::$Id => params.$field.as_ptr(), )*
                    Self::Gain(band) => params.band[band].gain_db.as_ptr(),
                }
            }
        }

        impl ParamId {
            /// The ids of its choices, which are for ever; `None` where it is no choice.
            pub(super) fn choice_ids(self) -> Option<&'static [&'static str]> {
                match self {
                    $( Self::$Id => DEFINED.$field.choice_ids(), )*
                    Self::Gain(_) => None,
                }
            }
        }

        impl ParamValue {
            /// The parameter with the value it has now.
            #[must_use]
            pub fn of(control: ParamId, params: &Parameters) -> Self {
                match control {
                    $( ParamId::$Id => Self::$Id(params.$field.value()), )*
                    ParamId::Gain(band) => Self::Gain(band, params.band[band].gain_db.value()),
                }
            }

            /// The parameter that is set.
            #[must_use]
            pub const fn control(self) -> ParamId {
                match self {
                    $( Self::$Id(_) => ParamId::$Id, )*
                    Self::Gain(band, _) => ParamId::Gain(band),
                }
            }

            /// The value as hosts keep it, 0 to 1.
            #[must_use]
            pub fn normalized(self) -> f32 {
                let params = &*DEFINED;
                match self {
                    $( Self::$Id(value) => params.$field.preview_normalized(value), )*
                    Self::Gain(band, gain_db) => {
                        params.band[band].gain_db.preview_normalized(gain_db)
                    }
                }
            }
        }
    };
}
pub(super) use parameters;
