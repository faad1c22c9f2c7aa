//! All that a host stores of an instance, and the parameters by value, as the audio thread takes them.

use crate::design::early::BankChangeSignal;
use crate::state::ab::AbState;
use crate::state::bank_file::SharedBankFile;
use crate::state::curve::SharedCurve;
use crate::state::limits::MIN_BANDS;
use crate::state::load::notices::LoadNotices;
use crate::state::param::Parameters;
use crate::state::preferences::Preferences;
use erbium_dsp::{BankSpec, Prototype, Sizing};
use nice_plug::prelude::{Params, util};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

pub use crate::state::editor_size::EditorSize;
pub use crate::state::limits::{MAX_BANDS, MAX_GAIN_DB, OFF_DB};
pub use crate::state::param::BandParams;
pub use crate::state::param::choices::{KindChoice, LatencyChoice, QualityChoice, ScaleChoice};
pub use crate::state::param::text::{gain_from_text, gain_to_text};

/// Everything a host stores of an instance: the parameters, and what is kept beside them.
#[derive(Params)]
pub struct ErbiumParams {
    /// The parameters.
    #[nested]
    pub parameters: Parameters,
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
    /// What there was to say of the state loaded last. Never stored.
    #[persist = "load_notices"]
    pub load_notices: LoadNotices,
    /// Says that the bank asked for may be another.
    pub bank_signal: Arc<BankChangeSignal>,
}

impl Default for ErbiumParams {
    fn default() -> Self {
        let bank_signal = Arc::<BankChangeSignal>::default();
        Self {
            parameters: signalling(Parameters::default(), &bank_signal),
            curve: Arc::default(),
            bank_file: Arc::new(SharedBankFile::new(bank_signal.clone())),
            editor_size: EditorSize::default(),
            editor_preferences: Arc::default(),
            editor_memory: Arc::default(),
            load_notices: LoadNotices::default(),
            bank_signal,
        }
    }
}

/// The parameters, of which those that decide the bank say when they have changed.
fn signalling(parameters: Parameters, signal: &Arc<BankChangeSignal>) -> Parameters {
    fn notify<T>(signal: &Arc<BankChangeSignal>) -> Arc<dyn Fn(T) + Send + Sync> {
        let signal = Arc::clone(signal);
        Arc::new(move |_| signal.notify())
    }
    Parameters {
        kind: parameters.kind.with_callback(notify(signal)),
        scale: parameters.scale.with_callback(notify(signal)),
        bands: parameters.bands.with_callback(notify(signal)),
        latency: parameters.latency.with_callback(notify(signal)),
        quality: parameters.quality.with_callback(notify(signal)),
        ..parameters
    }
}

impl Deref for ErbiumParams {
    type Target = Parameters;

    fn deref(&self) -> &Parameters {
        &self.parameters
    }
}

impl DerefMut for ErbiumParams {
    fn deref_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
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
    /// The bank to play where the one asked for cannot be played: that of the parameters, in place of
    /// one from a file.
    pub fallback: BankSpec,
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
    /// Flat with this bank, everything else as in a new instance.
    #[must_use]
    pub fn flat(spec: BankSpec) -> Self {
        Self { spec, fallback: spec, ..ErbiumParams::default().settings(spec.sample_rate_hz) }
    }
}

impl ErbiumParams {
    /// The parameters' values now, for a sample rate in hertz.
    #[must_use]
    pub fn settings(&self, sample_rate_hz: f64) -> Settings {
        Settings {
            spec: self.bank_spec(sample_rate_hz),
            fallback: self.chosen_spec(sample_rate_hz),
            gains_db: self.gains_db(),
            output_db: self.output_db.value(),
            mix: self.mix.value(),
            bypass: self.bypass.value(),
            delta: self.delta.value(),
            gain_match: self.gain_match.value(),
        }
    }

    /// The gain parameters in dB, first band first.
    #[must_use]
    pub fn gains_db(&self) -> [f32; MAX_BANDS] {
        std::array::from_fn(|k| self.band[k].gain_db.value())
    }

    /// The bank these parameters ask for at a sample rate in hertz, or the one from a file.
    #[must_use]
    pub fn bank_spec(&self, sample_rate_hz: f64) -> BankSpec {
        match self.bank_file.asked() {
            Some((fingerprint, bands)) => {
                let scale = self.scale.value().scale();
                BankSpec::of_user_kernels(fingerprint, bands, scale, sample_rate_hz)
            }
            None => self.chosen_spec(sample_rate_hz),
        }
    }

    /// The bank that the parameters alone ask for at a sample rate in hertz.
    #[must_use]
    pub fn chosen_spec(&self, sample_rate_hz: f64) -> BankSpec {
        BankSpec {
            kind: self.kind.value().kind(),
            scale: self.scale.value().scale(),
            bands: usize::try_from(self.bands.value()).unwrap_or(MIN_BANDS),
            sizing: Sizing::Latency { ms: self.latency.value().kernel_ms() },
            phase: self.latency.value().phase(),
            prototype: Prototype::Hann2,
            quality: self.quality.value().quality(),
            sample_rate_hz,
        }
    }
}
