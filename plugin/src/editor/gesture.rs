//! What a person does to the parameters, as the host wants to hear it: begin, set, …, end.

use crate::params::{ErbiumParams, KindChoice, LatencyChoice, QualityChoice, ScaleChoice};
use nice_plug::prelude::*;

/// A parameter the editor can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// The kind of bank.
    Kind,
    /// The scale.
    Scale,
    /// The number of bands.
    Bands,
    /// The latency.
    Latency,
    /// The quality.
    Quality,
    /// The output gain.
    Output,
    /// The mix.
    Mix,
    /// Bypass.
    Bypass,
    /// Delta.
    Delta,
    /// The drawn gain of a band, counted from 0.
    Gain(usize),
}

/// A parameter with the value it shall have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// The kind of bank.
    Kind(KindChoice),
    /// The scale.
    Scale(ScaleChoice),
    /// The number of bands.
    Bands(i32),
    /// The latency.
    Latency(LatencyChoice),
    /// The quality.
    Quality(QualityChoice),
    /// The output gain in dB.
    Output(f32),
    /// The mix, 0 to 1.
    Mix(f32),
    /// Bypass.
    Bypass(bool),
    /// Delta.
    Delta(bool),
    /// A band, counted from 0, and its drawn gain in dB.
    Gain(usize, f32),
}

impl Setting {
    /// The parameter that is set.
    #[must_use]
    pub const fn control(self) -> Control {
        match self {
            Self::Kind(_) => Control::Kind,
            Self::Scale(_) => Control::Scale,
            Self::Bands(_) => Control::Bands,
            Self::Latency(_) => Control::Latency,
            Self::Quality(_) => Control::Quality,
            Self::Output(_) => Control::Output,
            Self::Mix(_) => Control::Mix,
            Self::Bypass(_) => Control::Bypass,
            Self::Delta(_) => Control::Delta,
            Self::Gain(band, _) => Control::Gain(band),
        }
    }
}

/// One message to the host.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// A gesture on this parameter begins.
    Begin(Control),
    /// The parameter takes a value.
    Set(Setting),
    /// The gesture ends.
    End(Control),
}

/// Records a person's gestures; a value is never set outside begin and end.
#[derive(Debug, Default)]
pub struct Gestures {
    held: Vec<Control>,
    actions: Vec<Action>,
}

impl Gestures {
    /// Sets a value within the gesture that goes on, beginning it for a parameter first touched.
    pub fn hold(&mut self, setting: Setting) {
        let control = setting.control();
        if !self.held.contains(&control) {
            self.held.push(control);
            self.actions.push(Action::Begin(control));
        }
        self.actions.push(Action::Set(setting));
    }

    /// Ends the gesture for every parameter it touched.
    pub fn release(&mut self) {
        self.actions.extend(self.held.drain(..).map(Action::End));
    }

    /// Sets a value in a gesture of its own.
    pub fn change(&mut self, setting: Setting) {
        self.change_all([setting]);
    }

    /// Sets several values in one gesture: all begin before the first is set.
    pub fn change_all(&mut self, settings: impl IntoIterator<Item = Setting>) {
        self.release();
        let settings: Vec<_> = settings.into_iter().collect();
        self.held.extend(settings.iter().map(|setting| setting.control()));
        self.actions.extend(self.held.iter().copied().map(Action::Begin));
        self.actions.extend(settings.into_iter().map(Action::Set));
        self.release();
    }

    /// Whether a gesture goes on.
    #[must_use]
    pub fn holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Whether the gesture that goes on has touched a parameter.
    #[must_use]
    pub fn holds(&self, control: Control) -> bool {
        self.held.contains(&control)
    }

    /// The messages not yet taken, oldest first.
    pub fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }
}

/// Tells the host.
pub fn apply(actions: &[Action], params: &ErbiumParams, host: &ParamSetter<'_>) {
    for action in actions {
        match *action {
            Action::Begin(control) => begin(control, params, host),
            Action::Set(setting) => set(setting, params, host),
            Action::End(control) => end(control, params, host),
        }
    }
}

fn begin(control: Control, params: &ErbiumParams, host: &ParamSetter<'_>) {
    match control {
        Control::Kind => host.begin_set_parameter(&params.kind),
        Control::Scale => host.begin_set_parameter(&params.scale),
        Control::Bands => host.begin_set_parameter(&params.bands),
        Control::Latency => host.begin_set_parameter(&params.latency),
        Control::Quality => host.begin_set_parameter(&params.quality),
        Control::Output => host.begin_set_parameter(&params.output_db),
        Control::Mix => host.begin_set_parameter(&params.mix),
        Control::Bypass => host.begin_set_parameter(&params.bypass),
        Control::Delta => host.begin_set_parameter(&params.delta),
        Control::Gain(band) => host.begin_set_parameter(&params.band[band].gain_db),
    }
}

fn set(setting: Setting, params: &ErbiumParams, host: &ParamSetter<'_>) {
    match setting {
        Setting::Kind(kind) => host.set_parameter(&params.kind, kind),
        Setting::Scale(scale) => host.set_parameter(&params.scale, scale),
        Setting::Bands(bands) => host.set_parameter(&params.bands, bands),
        Setting::Latency(latency) => host.set_parameter(&params.latency, latency),
        Setting::Quality(quality) => host.set_parameter(&params.quality, quality),
        Setting::Output(gain_db) => host.set_parameter(&params.output_db, gain_db),
        Setting::Mix(mix) => host.set_parameter(&params.mix, mix),
        Setting::Bypass(on) => host.set_parameter(&params.bypass, on),
        Setting::Delta(on) => host.set_parameter(&params.delta, on),
        Setting::Gain(band, gain_db) => host.set_parameter(&params.band[band].gain_db, gain_db),
    }
}

fn end(control: Control, params: &ErbiumParams, host: &ParamSetter<'_>) {
    match control {
        Control::Kind => host.end_set_parameter(&params.kind),
        Control::Scale => host.end_set_parameter(&params.scale),
        Control::Bands => host.end_set_parameter(&params.bands),
        Control::Latency => host.end_set_parameter(&params.latency),
        Control::Quality => host.end_set_parameter(&params.quality),
        Control::Output => host.end_set_parameter(&params.output_db),
        Control::Mix => host.end_set_parameter(&params.mix),
        Control::Bypass => host.end_set_parameter(&params.bypass),
        Control::Delta => host.end_set_parameter(&params.delta),
        Control::Gain(band) => host.end_set_parameter(&params.band[band].gain_db),
    }
}
