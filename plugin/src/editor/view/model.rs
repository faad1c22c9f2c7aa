//! What one frame shows, and the model that gathers it from parameters and telemetry.

use crate::audio::mix::Mixing;
use crate::editor::bands::glide::Glide;
use crate::editor::bands::response::BankResponse;
use crate::editor::bank::files::BankFiles;
use crate::editor::edit::context::{EditContext, ShownPreset};
use crate::editor::edit::controller::EditController;
use crate::editor::meters::levels::{BandLevels, Meter, Meters, Signal};
use crate::editor::meters::loudness::{Loudness, LoudnessMeter};
use crate::editor::meters::peak_hold::PeakHold;
use crate::editor::monitor::feed::Feed;
use crate::editor::presets::{Presets, Toast};
use crate::editor::spectrogram::analysis::AnalysisRequest;
use crate::editor::spectrogram::columns::Columns;
use crate::editor::view::axes::{FrequencyAxis, GainAxis, Part};
use crate::state::bank_file::Listed;
use crate::state::curve::BandLayout;
use crate::state::params::{ErbiumParams, MAX_BANDS};
use crate::state::preferences::Preferences;
use crate::state::preset::library::Entry;
use crate::telemetry::Telemetry;
use erbium_dsp::Bank;
use std::sync::{Arc, PoisonError};

/// Everything a frame shows.
pub struct ViewModel<'a> {
    /// The parameters.
    pub params: &'a ErbiumParams,
    /// The name of the bank file that plays instead of a designed one, and its number of bands.
    pub bank_file: Option<(String, i32)>,
    /// The bank files that can be chosen.
    pub bank_files: &'a [Listed],
    /// The band that is soloed, counted from 0.
    pub soloed: Option<usize>,
    /// What each band had before it was turned off, in dB.
    pub before_off_db: [f32; MAX_BANDS],
    /// Whether there is a step to undo, and one to redo.
    pub steps: (bool, bool),
    /// Which of A (0) and B (1) is in use.
    pub slot: usize,
    /// The presets on offer.
    pub presets: &'a [Entry],
    /// The preset loaded last.
    pub preset: Option<ShownPreset>,
    /// A name for another one.
    pub free_preset_name: &'a str,
    /// The message on the last thing that was done with presets.
    pub toast: Option<&'a Toast>,
    /// Theme, interface scale and axis.
    pub preferences: Preferences,
    /// Whether a bank is being designed.
    pub designing: bool,
    /// Why the requested bank is not the one that plays.
    pub notice: Option<String>,
    /// Why the program has no sound: a sentence.
    pub missing_audio: Option<&'a str>,
    /// Whether to say where to start.
    pub shows_hint: bool,
    /// What is seen of the frequency axis.
    pub part: Part,
    /// The drawn gains in dB.
    pub drawn_db: [f32; MAX_BANDS],
    /// The curves as they are seen, on their way to the drawn gains and their response after a jump.
    pub glide: &'a Glide,
    /// The bank in use with the response it makes of the drawn gains; `None` before the host has
    /// set a sample rate.
    pub response: Option<&'a BankResponse>,
    /// Levels.
    pub levels: &'a BandLevels,
    /// What the spectrogram shows.
    pub columns: &'a Columns,
    /// Whether there is a signal.
    pub signal: Signal,
    /// The meters before the gains, one a channel.
    pub input: &'a [Meter],
    /// The meters of what leaves.
    pub output: &'a [Meter],
    /// The peaks held of each band after the gains, in dB of full scale.
    pub output_peaks_db: &'a [f32; MAX_BANDS],
    /// The loudness before and after the gains.
    pub loudness: [Loudness; 2],
    /// The part of its time that the audio thread takes, 1 for all of it.
    pub load: Option<f32>,
    /// The gain in dB that gain match applies.
    pub match_db: f32,
    /// What this frame brings for the monitor.
    pub feed: &'a Feed,
}

impl ViewModel<'_> {
    /// The bank in use.
    #[must_use]
    pub fn bank(&self) -> Option<&Arc<Bank>> {
        self.response.map(BankResponse::bank)
    }

    /// The number of bands in use.
    #[must_use]
    pub fn band_count(&self) -> usize {
        self.bank().map_or(0, |bank| bank.bands())
    }

    /// The axis of the gains.
    #[must_use]
    pub fn gain_axis(&self) -> GainAxis {
        GainAxis::new(self.preferences.gain_axis_top_db())
    }

    /// What is seen of the frequency axis.
    #[must_use]
    pub fn axis(&self) -> FrequencyAxis {
        self.whole_axis().part(self.part)
    }

    /// The frequency axis: the bank's, or before there is one that of the scale chosen at 48 kHz.
    #[must_use]
    pub fn whole_axis(&self) -> FrequencyAxis {
        self.response.map_or_else(
            || FrequencyAxis::new(self.params.scale.value().scale(), None, 24_000.0),
            |response| *response.axis(),
        )
    }
}

/// The drawn gains in force in dB.
type Drawn = [f32; MAX_BANDS];

/// The state of the editor between frames.
pub struct Model {
    response: Option<BankResponse>,
    drawn_db: Drawn,
    glide: Glide,
    /// Whether the gain parameters are those of bands that no bank has yet.
    awaits_bands: bool,
    levels: BandLevels,
    columns: Columns,
    meters: Meters,
    output_peaks: PeakHold,
    loudness: LoudnessMeter,
    feed: Feed,
    now_s: f64,
    /// What is seen of the frequency axis.
    pub part: Part,
    /// The bank files that can be chosen.
    pub bank_files: BankFiles,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            response: None,
            drawn_db: [0.0; MAX_BANDS],
            glide: Glide::default(),
            awaits_bands: false,
            levels: BandLevels::default(),
            columns: Columns::default(),
            meters: Meters::default(),
            output_peaks: PeakHold::default(),
            loudness: LoudnessMeter::default(),
            feed: Feed::default(),
            now_s: 0.0,
            part: Part::WHOLE,
            bank_files: BankFiles::default(),
        }
    }
}

impl Model {
    /// Drains the telemetry and reads the parameters. `now_s` is a clock in seconds.
    pub fn update(&mut self, params: &ErbiumParams, telemetry: &Telemetry, now_s: f64) {
        let passed_s = (now_s - self.now_s).max(0.0);
        self.now_s = now_s;
        self.bank_files.refresh(now_s);
        let soloed = telemetry.soloed();
        let mixing = Mixing::new(&params.settings(0.0), soloed.is_some());
        if let Some(bank) = telemetry.bank() {
            let drawn_db = self.draw(&bank, params, telemetry);
            match &mut self.response {
                Some(response) if Arc::ptr_eq(response.bank(), &bank) => {}
                response => *response = Some(BankResponse::new(bank)),
            }
            if let Some(response) = &mut self.response {
                response.sync(&drawn_db, soloed, mixing);
                self.glide.update(&drawn_db, response, now_s);
            }
        }
        let mixed = mixing.gains(1.0);
        self.feed.begin();
        while let Some(column) = telemetry.pop_column() {
            let Some(response) = &mut self.response else { continue };
            let whole = response.as_heard(&column, [1.0, 1.0]);
            let heard = response.as_heard(&column, mixed);
            self.feed.push_column(&whole);
            self.levels.push(&heard, response.bank(), now_s);
        }
        self.levels.decay(now_s, passed_s);
        self.output_peaks.push(self.levels.output_db(), now_s, passed_s);
        telemetry.loudness_queue().set_enabled(true);
        while let Some(frame) = telemetry.loudness_queue().pop() {
            self.loudness.push(&frame);
            self.meters.push(&frame);
            self.feed.push_frame(&frame);
        }
        self.loudness.read(now_s);
        self.meters.advance(passed_s);
    }

    /// Finds the drawn gains in force in dB: those that the audio thread has, or soon will have.
    fn draw(&mut self, bank: &Bank, params: &ErbiumParams, telemetry: &Telemetry) -> Drawn {
        let spec = bank.spec();
        let requested = BandLayout::of(&params.bank_spec(spec.sample_rate_hz));
        // Of a bank that was refused, nothing more comes.
        self.awaits_bands = requested != BandLayout::of(spec) && telemetry.notice().is_none();
        let params_db = params.gains_db();
        let edits = (!self.awaits_bands).then_some(&params_db);
        let drawing = params.curve.drawing();
        self.drawn_db = drawing.effective_gain_db(spec.scale, bank.centres_hz(), edits);
        self.drawn_db
    }

    /// Whether the bands shown are not those of the parameters: another bank is on its
    /// way, and a gain that is set now would be one of its.
    #[must_use]
    pub fn awaits_bands(&self) -> bool {
        self.awaits_bands
    }

    /// The bands shown.
    #[must_use]
    pub fn layout(&self) -> Option<BandLayout> {
        self.response.as_ref().map(|response| BandLayout::of(response.bank().spec()))
    }

    /// The curves have been set by other means than a movement: what is seen of them glides there.
    pub fn glide(&mut self) {
        self.glide.begin(self.now_s);
    }

    /// What is seen of the curves is what they are.
    pub fn end_glide(&mut self) {
        self.glide.end();
    }

    /// Clears held peaks and restarts the integrated loudness.
    pub fn reset_meters(&mut self) {
        self.meters = Meters::default();
        self.output_peaks = PeakHold::default();
        self.loudness.reset();
    }

    /// The state of the instance that edits are made in.
    #[must_use]
    pub fn context<'a>(
        &'a self,
        params: &'a ErbiumParams,
        drawn_db: &'a [f32; MAX_BANDS],
    ) -> EditContext<'a> {
        let bank = self.response.as_ref().map(|response| &**response.bank());
        EditContext { params, bank, drawn_db }
    }

    /// The gains drawn, in dB.
    #[must_use]
    pub fn drawn_db(&self) -> [f32; MAX_BANDS] {
        self.drawn_db
    }

    /// A clock in seconds: when the model was last updated.
    #[must_use]
    pub fn now_s(&self) -> f64 {
        self.now_s
    }

    /// How many audio frames have been analysed for the spectrogram.
    #[must_use]
    pub fn frames_analysed(&self) -> u64 {
        self.columns.frames()
    }

    /// Lets the spectrogram analyse what is requested; nothing where that is `None`.
    pub fn analyze(&mut self, telemetry: &Arc<Telemetry>, request: Option<AnalysisRequest>) {
        self.columns.update(telemetry, request);
    }

    /// What this frame shows.
    #[must_use]
    pub fn view<'a>(
        &'a self,
        params: &'a ErbiumParams,
        telemetry: &Telemetry,
        controller: &EditController,
        presets: &'a Presets,
    ) -> ViewModel<'a> {
        let drawn_db = self.drawn_db;
        let preset = self.context(params, &drawn_db).preset();
        let ab = params.editor_memory.lock().unwrap_or_else(PoisonError::into_inner);
        let preferences = params.editor_preferences.lock();
        ViewModel {
            params,
            bank_file: params
                .bank_file
                .file()
                .map(|file| (file.name, i32::try_from(file.kernels.bands()).unwrap_or(i32::MAX))),
            bank_files: self.bank_files.files(),
            soloed: telemetry.soloed(),
            before_off_db: ab.before_off_db,
            steps: controller.steps(),
            slot: ab.slot,
            presets: presets.entries(),
            preset,
            free_preset_name: presets.free_name(),
            toast: presets.toast(),
            preferences: *preferences.unwrap_or_else(PoisonError::into_inner),
            designing: telemetry.designing(),
            notice: telemetry.notice(),
            missing_audio: None,
            shows_hint: false,
            part: self.part,
            drawn_db,
            glide: &self.glide,
            response: self.response.as_ref(),
            levels: &self.levels,
            columns: &self.columns,
            signal: self.levels.signal(self.now_s),
            input: self.meters.input(),
            output: self.meters.output(),
            output_peaks_db: self.output_peaks.db(),
            loudness: self.loudness.loudness(),
            load: telemetry.load(),
            match_db: 20.0 * telemetry.match_gain().max(1e-6).log10(),
            feed: &self.feed,
        }
    }
}
