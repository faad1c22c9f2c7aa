//! Erbium as a plugin and a standalone program.

pub mod audio;
pub mod cast;
pub mod design;
pub mod editor;
pub mod export;
pub mod framework;
pub mod message;
pub mod state;
pub mod telemetry;

pub use audio::MAX_CHANNELS;

use audio::{Mode, Processor};
use nice_plug::prelude::*;
use state::params::ErbiumParams;
use std::sync::Arc;
use telemetry::Telemetry;

/// The plugin.
pub struct Erbium {
    params: Arc<ErbiumParams>,
    telemetry: Arc<Telemetry>,
    processor: Processor,
    sample_rate_hz: f64,
    /// What the host was last told.
    latency_samples: usize,
}

impl Default for Erbium {
    fn default() -> Self {
        let params = Arc::<ErbiumParams>::default();
        let telemetry = Arc::<Telemetry>::default();
        let mut processor = Processor::new(params.curve.clone(), telemetry.clone());
        let asked = params.clone();
        processor.design_early(
            params.bank_signal.clone(),
            Arc::new(move |rate_hz| (asked.bank_spec(rate_hz), asked.chosen_spec(rate_hz))),
        );
        Self { processor, params, telemetry, sample_rate_hz: 0.0, latency_samples: 0 }
    }
}

/// Main input and output with this many channels.
const fn layout(channels: u32) -> AudioIOLayout {
    AudioIOLayout {
        main_input_channels: NonZeroU32::new(channels),
        main_output_channels: NonZeroU32::new(channels),
        ..AudioIOLayout::const_default()
    }
}

impl Plugin for Erbium {
    const NAME: &'static str = "Erbium";
    const VENDOR: &'static str = "Erbium";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[layout(2), layout(1)];
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;
    // Every gain of a dense automation lane may move several times in a block.
    const INPUT_EVENT_CAPACITY: usize = 4096;

    type Editor = editor::window::ErbiumEditor;
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, _executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        editor::create(self.params.clone(), self.telemetry.clone())
    }

    fn filter_state(stored: &mut PluginState) {
        state::load::repair::repair(stored);
    }

    fn activate(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        self.sample_rate_hz = f64::from(config.sample_rate);
        let channels = layout.main_output_channels.map_or(0, NonZeroU32::get);
        let mode = Mode {
            waits: config.process_mode == ProcessMode::Offline,
            // A CLAP's latency may only change while it is inactive.
            changes_latency: context.plugin_api() != PluginApi::Clap,
        };
        self.processor.take_loaded();
        let settings = self.params.settings(self.sample_rate_hz);
        // A refusal is shown by the editor; the processor then passes sound on as it can.
        let _ = self.processor.prepare(&settings, channels as usize, mode);
        self.latency_samples = self.processor.latency_samples();
        if context.plugin_api() != PluginApi::Standalone {
            context.set_latency_samples(reported(self.latency_samples));
        }
        true
    }

    fn reset(&mut self) {
        self.processor.reset();
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        _aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        self.processor.take_loaded();
        let settings = self.params.settings(self.sample_rate_hz);
        self.processor.process(&settings, buffer.as_slice());
        let latency_samples = self.processor.latency_samples();
        if latency_samples != self.latency_samples && context.plugin_api() == PluginApi::Vst3 {
            context.set_latency_samples(reported(latency_samples));
        }
        self.latency_samples = latency_samples;
        if self.processor.take_restart_request() {
            context.request_restart();
        }
        ProcessStatus::Tail(reported(self.processor.tail_samples()))
    }
}

/// A number of samples as hosts take it.
fn reported(samples: usize) -> u32 {
    u32::try_from(samples).unwrap_or(u32::MAX)
}

impl ClapPlugin for Erbium {
    const CLAP_ID: &'static str = "org.erbium.erbium";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Auditory-filterbank equaliser and monitor");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[
        ClapFeature::AudioEffect,
        ClapFeature::Equalizer,
        ClapFeature::Analyzer,
        ClapFeature::Stereo,
        ClapFeature::Mono,
    ];
}

impl Vst3Plugin for Erbium {
    const VST3_CLASS_ID: [u8; 16] = *b"ErbiumAuditoryEQ";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Fx, Vst3SubCategory::Eq, Vst3SubCategory::Analyzer];
}

nice_export_clap!(Erbium);
nice_export_vst3!(Erbium);
#[cfg(all(target_os = "macos", feature = "auv2"))]
clap_wrapper::export_auv2!();
