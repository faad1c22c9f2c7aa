//! What a host can see, automate and store. Parameter ids are forever.

use crate::state::ab::AbState;
use crate::state::bank_file::SharedBankFile;
use crate::state::curve::SharedCurve;
use crate::state::preferences::Preferences;
use erbium_dsp::{BankSpec, Kind, Prototype, Quality, Scale, Sizing};
use nice_plug::prelude::*;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};

/// The number of band gains; banks have at most as many bands.
pub const MAX_BANDS: usize = 64;
/// A drawn gain at or below this is off: linear gain 0.
pub const OFF_DB: f32 = -60.0;
/// The highest drawn gain.
pub const MAX_GAIN_DB: f32 = 24.0;

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
}

impl LatencyChoice {
    /// The latency chosen, in milliseconds.
    #[must_use]
    pub const fn ms(self) -> f64 {
        match self {
            Self::Ms2 => 2.0,
            Self::Ms4 => 4.0,
            Self::Ms8 => 8.0,
            Self::Ms11 => 11.0,
            Self::Ms16 => 16.0,
            Self::Ms21 => 21.0,
            Self::Ms43 => 43.0,
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

/// One band's parameters: ids `gain_1` to `gain_64`.
#[derive(Params)]
pub struct BandParams {
    /// The drawn gain at the band's centre frequency in dB; [`OFF_DB`] is off.
    #[id = "gain"]
    pub gain_db: FloatParam,
}

/// Everything a host stores of an instance.
#[derive(Params)]
pub struct ErbiumParams {
    /// The kind of bank.
    #[id = "kind"]
    pub kind: EnumParam<KindChoice>,
    /// The scale that spaces and shapes the bands.
    #[id = "scale"]
    pub scale: EnumParam<ScaleChoice>,
    /// The number of bands.
    #[id = "bands"]
    pub bands: IntParam,
    /// The latency: what the bank is designed for.
    #[id = "latency"]
    pub latency: EnumParam<LatencyChoice>,
    /// The work spent on transparency.
    #[id = "quality"]
    pub quality: EnumParam<QualityChoice>,
    /// Gain of the output in dB, after the mix.
    #[id = "output"]
    pub output_db: FloatParam,
    /// How much of the change is mixed in, 0 to 1; the dry part is aligned in time.
    #[id = "mix"]
    pub mix: FloatParam,
    /// Whether the output is the input delayed by the latency, bit for bit.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// Whether only the change is heard: equalised minus dry.
    #[id = "delta"]
    pub delta: BoolParam,
    /// The drawn gains, first band (0 Hz) first. Those past the band count are not used.
    #[nested(array, group = "Bands")]
    pub band: [BandParams; MAX_BANDS],
    /// Whether the output is kept as loud as the input.
    #[id = "gain_match"]
    pub gain_match: BoolParam,
    /// The drawn curve, which outlives changes of scale and band count.
    #[persist = "curve"]
    pub curve: Arc<SharedCurve>,
    /// The bank from a file that plays instead of the one that kind, bands, latency and quality say.
    #[persist = "bank_file"]
    pub bank_file: Arc<SharedBankFile>,
    /// The editor's size in logical pixels, width in the upper and height in the lower 16 bits.
    #[persist = "editor_size"]
    pub editor_size: EditorSize,
    /// How the editor looks.
    #[persist = "editor_preferences"]
    pub editor_preferences: Arc<Mutex<Preferences>>,
    /// What the editor keeps: A and B, the preset's name.
    #[persist = "editor_memory"]
    pub editor_memory: Arc<Mutex<AbState>>,
}

/// The editor's size as the host stores it.
pub struct EditorSize(AtomicU32);

impl EditorSize {
    /// Width and height in logical pixels.
    #[must_use]
    pub fn get(&self) -> (u16, u16) {
        let [a, b, c, d] = self.0.load(std::sync::atomic::Ordering::Relaxed).to_be_bytes();
        (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
    }

    /// Remembers a width and height in logical pixels.
    pub fn store(&self, width: u16, height: u16) {
        let packed = (u32::from(width) << 16) | u32::from(height);
        self.0.store(packed, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Default for EditorSize {
    fn default() -> Self {
        let size = Self(AtomicU32::new(0));
        size.store(1100, 700);
        size
    }
}

impl nice_plug::params::persist::PersistentField<'_, (u16, u16)> for EditorSize {
    fn set(&self, (width, height): (u16, u16)) {
        // A stored size may come from a screen larger than any here, or be nonsense.
        self.store(width.clamp(700, 4096), height.clamp(450, 4096));
    }

    fn map<F: Fn(&(u16, u16)) -> R, R>(&self, f: F) -> R {
        f(&self.get())
    }
}

impl Default for ErbiumParams {
    fn default() -> Self {
        Self {
            kind: EnumParam::new("Kind", KindChoice::Isac),
            scale: EnumParam::new("Scale", ScaleChoice::Erb),
            bands: IntParam::new("Bands", 40, IntRange::Linear { min: 8, max: 64 }),
            latency: EnumParam::new("Latency", LatencyChoice::Ms21),
            quality: EnumParam::new("Quality", QualityChoice::Standard),
            output_db: FloatParam::new("Output", 0.0, FloatRange::Linear { min: -24.0, max: 24.0 })
                .with_unit(" dB")
                .with_step_size(0.01),
            mix: FloatParam::new("Mix", 1.0, FloatRange::Linear { min: 0.0, max: 1.0 })
                .with_unit(" %")
                .with_value_to_string(formatters::v2s_f32_percentage(0))
                .with_string_to_value(formatters::s2v_f32_percentage()),
            bypass: BoolParam::new("Bypass", false).make_bypass(),
            delta: BoolParam::new("Delta", false),
            gain_match: BoolParam::new("Gain match", false),
            band: std::array::from_fn(|k| BandParams {
                gain_db: FloatParam::new(
                    format!("Gain {}", k + 1),
                    0.0,
                    FloatRange::Linear { min: OFF_DB, max: MAX_GAIN_DB },
                )
                .with_value_to_string(Arc::new(gain_to_text))
                .with_string_to_value(Arc::new(gain_from_text)),
            }),
            curve: Arc::default(),
            bank_file: Arc::default(),
            editor_size: EditorSize::default(),
            editor_preferences: Arc::default(),
            editor_memory: Arc::default(),
        }
    }
}

/// A drawn gain as text: `off`, or dB with its unit.
#[must_use]
pub fn gain_to_text(gain_db: f32) -> String {
    if gain_db <= OFF_DB {
        "off".to_owned()
    } else {
        // −0.0 would read "-0.00 dB".
        format!("{:.2} dB", if gain_db == 0.0 { 0.0 } else { gain_db })
    }
}

/// Reads a drawn gain: `off`, or a number with or without `dB`; a decimal comma is a point.
#[must_use]
pub fn gain_from_text(text: &str) -> Option<f32> {
    let text = text.trim().to_ascii_lowercase();
    if text == "off" || text == "-inf" {
        return Some(OFF_DB);
    }
    let number = text.strip_suffix("db").unwrap_or(&text).trim().replace(',', ".");
    number.parse::<f32>().ok().filter(|gain_db| gain_db.is_finite())
}

/// A drawn gain as linear amplitude, 0 where it is off.
#[must_use]
pub fn linear_gain(gain_db: f32) -> f32 {
    if gain_db <= OFF_DB { 0.0 } else { util::db_to_gain(gain_db) }
}

/// Everything the sound depends on, by value: what the parameters say at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The bank asked for.
    pub spec: BankSpec,
    /// The gain parameters in dB, first band first; [`OFF_DB`] is off.
    pub gains_db: [f32; MAX_BANDS],
    /// Gain of the output in dB.
    pub output_db: f32,
    /// How much of the change is mixed in, 0 to 1.
    pub mix: f32,
    /// Whether the output is the delayed input.
    pub bypass: bool,
    /// Whether only the change is heard.
    pub delta: bool,
    /// Whether the output is kept as loud as the input.
    pub gain_match: bool,
}

impl Settings {
    /// Flat with this bank, everything else at its default.
    #[must_use]
    pub const fn flat(spec: BankSpec) -> Self {
        let gains_db = [0.0; MAX_BANDS];
        Self {
            spec,
            gains_db,
            output_db: 0.0,
            mix: 1.0,
            bypass: false,
            delta: false,
            gain_match: false,
        }
    }
}

impl ErbiumParams {
    /// The parameters' values now, for a sample rate in hertz.
    #[must_use]
    pub fn settings(&self, sample_rate_hz: f64) -> Settings {
        Settings {
            spec: self.bank_spec(sample_rate_hz),
            gains_db: std::array::from_fn(|k| self.band[k].gain_db.value()),
            output_db: self.output_db.value(),
            mix: self.mix.value(),
            bypass: self.bypass.value(),
            delta: self.delta.value(),
            gain_match: self.gain_match.value(),
        }
    }

    /// The bank these parameters ask for at a sample rate in hertz, or the one from a file.
    #[must_use]
    pub fn bank_spec(&self, sample_rate_hz: f64) -> BankSpec {
        let scale = self.scale.value().scale();
        if let Some((fingerprint, bands)) = self.bank_file.asked() {
            return BankSpec::given(fingerprint, bands, scale, sample_rate_hz);
        }
        BankSpec {
            kind: self.kind.value().kind(),
            scale,
            bands: usize::try_from(self.bands.value()).unwrap_or(BankSpec::BANDS.0),
            sizing: Sizing::Latency { ms: self.latency.value().ms() },
            prototype: Prototype::Hann2,
            quality: self.quality.value().quality(),
            sample_rate_hz,
        }
    }
}
