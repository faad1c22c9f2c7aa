//! A host that writes down what the editor tells it, and does it.
#![allow(dead_code, reason = "not every test asks what was told")]

use erbium::state::params::ErbiumParams;
use nice_plug::context::gui::{GuiContextInner, ParamSetter};
use nice_plug::prelude::*;
use std::sync::{Arc, Mutex};

/// The host of one instance.
pub struct Host {
    params: Arc<ErbiumParams>,
    told: Mutex<Vec<String>>,
}

impl Host {
    /// The host of the instance with these parameters.
    pub fn new(params: Arc<ErbiumParams>) -> Self {
        Self { params, told: Mutex::default() }
    }

    /// What the editor tells it with.
    pub fn setter(&self) -> ParamSetter<'_> {
        ParamSetter { raw_context: self }
    }

    /// What it was told since the last call: `begin`, `set` or `end` and the parameter's id.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().expect("not poisoned"))
    }

    fn record(&self, what: &str, param: ParamPtr) {
        let id = self.params.param_map().into_iter().find(|(_, known, _)| *known == param);
        let (id, ..) = id.expect("a parameter of the plugin");
        self.told.lock().expect("not poisoned").push(format!("{what} {id}"));
    }
}

impl GuiContextInner for Host {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Standalone
    }
    unsafe fn raw_begin_set_parameter(&self, param: ParamPtr) {
        self.record("begin", param);
    }
    unsafe fn raw_set_parameter_normalized(&self, param: ParamPtr, normalized: f32) {
        // SAFETY: the parameters live as long as this host.
        unsafe { param._internal_set_normalized_value(normalized) };
        self.record("set", param);
    }
    unsafe fn raw_end_set_parameter(&self, param: ParamPtr) {
        self.record("end", param);
    }
    fn get_state(&self) -> PluginState {
        unimplemented!("the editor does not ask for states")
    }
    fn set_state(&self, _state: PluginState) {}
    fn request_restart(&self) {}
}
