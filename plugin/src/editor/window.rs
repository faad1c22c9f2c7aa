//! The window: opened by the host at the size it had last, and idle while hidden or closed.

use crate::editor::app::EditorApp;
use crate::editor::edit::controller::EditController;
use crate::editor::interface_scale::{SMALLEST, SharedGrowth};
use crate::editor::view::cast::single;
use crate::framework;
use crate::state::params::ErbiumParams;
use crate::state::user_settings::UserSettings;
use crate::telemetry::Telemetry;
use atomic_float::AtomicF32;
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize, PhysicalSize};
use nice_plug::editor::{
    Editor, EditorHandle, HostMethods, Modifiers, ParentWindowHandle, ResizeHint, SpawnedEditor,
    VirtualKeyCode,
};
use nice_plug_egui::{
    EguiEditorHandle, EguiEditorState, EguiNiceSettings, RepaintNotifier, create_egui_editor,
};
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The host's side of the editor.
///
/// The framework's own editor fixes the window's size when the plugin is created, which is before
/// a host loads the state that holds it. So every opening makes one anew.
pub struct ErbiumEditor {
    params: Arc<ErbiumParams>,
    telemetry: Arc<Telemetry>,
    controller: Arc<Mutex<EditController>>,
    /// Pixels per logical pixel, the interface scale aside.
    system_scale: Arc<AtomicF32>,
    /// Of the open window, width in the upper and height in the lower 32 bits; 0 before it has any.
    pixels: Arc<AtomicU64>,
    growth: SharedGrowth,
    settings: Arc<UserSettings>,
    last: Mutex<Option<Arc<EguiEditorState>>>,
}

impl ErbiumEditor {
    /// The editor of a new instance, which begins with these settings.
    #[must_use]
    pub fn new(
        params: Arc<ErbiumParams>,
        telemetry: Arc<Telemetry>,
        settings: UserSettings,
    ) -> Self {
        // Before any state is loaded, which has the last word.
        settings.apply_to(&params);
        Self {
            params,
            telemetry,
            controller: Arc::default(),
            system_scale: Arc::new(AtomicF32::new(1.0)),
            pixels: Arc::default(),
            growth: SharedGrowth::default(),
            settings: Arc::new(settings),
            last: Mutex::new(None),
        }
    }

    fn remembered_size(&self) -> LogicalSize<f32> {
        let (width, height) = self.params.editor_size.get();
        LogicalSize::new(f32::from(width), f32::from(height))
    }

    fn zoom(&self) -> f32 {
        self.params.editor_preferences.lock().unwrap_or_else(PoisonError::into_inner).zoom()
    }
}

impl Editor for ErbiumEditor {
    type Handle = ErbiumEditorHandle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let state = EguiEditorState::from_size(self.remembered_size(), self.zoom());
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(state.clone());
        self.pixels.store(0, Ordering::Relaxed);
        let shown = Arc::new(AtomicBool::new(true));
        let app = EditorApp::new(self.params.clone(), self.telemetry.clone(), shown.clone())
            .with_controller(self.controller.clone())
            .with_system_scale(self.system_scale.clone(), self.pixels.clone())
            .with_growth(self.growth.clone())
            .with_settings(self.settings.clone())
            .asking_for_audio(framework::missing_audio);
        if let Some(scale) = fallback_scale_factor {
            self.system_scale.store(single(scale), Ordering::Relaxed);
        }
        let settings =
            EguiNiceSettings::new().with_tile("Erbium").with_resize_hint(self.resize_hint());
        let editor = create_egui_editor(state, RepaintNotifier::new(), settings, app)
            .ok_or("the editor cannot be created")?;
        let SpawnedEditor { handle, window } =
            editor.spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host)?;
        let handle = ErbiumEditorHandle { inner: handle, shown, telemetry: self.telemetry.clone() };
        Ok(SpawnedEditor { handle, window })
    }

    fn size(&self) -> NativeSize<u32> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let open = last.as_ref().filter(|state| state.is_open());
        let scale = self.system_scale.load(Ordering::Relaxed);
        let pixels = self.pixels.load(Ordering::Relaxed);
        if open.is_some() && pixels != 0 {
            // What its points make of it depends on a scale that may just have changed.
            let [width, height] = [pixels >> 32, pixels & u64::from(u32::MAX)]
                .map(|length| u32::try_from(length).unwrap_or(u32::MAX));
            let size = PhysicalSize::new(width, height);
            return NativeSize::from_size(size.into(), f64::from(scale));
        }
        let size = open.map_or_else(|| self.remembered_size(), |state| state.logical_size());
        NativeSize::from_size(size.into(), f64::from(scale * self.zoom()))
    }

    fn resize_hint(&self) -> ResizeHint {
        ResizeHint::resizable().with_min_logical_size(SMALLEST)
    }
}

/// An open window. Hidden or dropped, it measures nothing and draws nothing.
pub struct ErbiumEditorHandle {
    inner: EguiEditorHandle,
    shown: Arc<AtomicBool>,
    telemetry: Arc<Telemetry>,
}

impl ErbiumEditorHandle {
    fn stop_watching(&self) {
        self.shown.store(false, Ordering::Relaxed);
        self.telemetry.set_editor_visible(false);
    }
}

impl Drop for ErbiumEditorHandle {
    fn drop(&mut self) {
        self.stop_watching();
    }
}

impl EditorHandle for ErbiumEditorHandle {
    type Window = <EguiEditorHandle as EditorHandle>::Window;
    type Error = <EguiEditorHandle as EditorHandle>::Error;

    fn run_until_closed(window: Self::Window) -> Result<(), Self::Error> {
        EguiEditorHandle::run_until_closed(window)
    }

    fn set_parent(
        &self,
        parent: ParentWindowHandle,
        window: &Self::Window,
    ) -> Result<(), Self::Error> {
        self.inner.set_parent(parent, window)
    }

    fn show(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.shown.store(true, Ordering::Relaxed);
        self.inner.show(window)
    }

    fn hide(&self, window: &Self::Window) -> Result<(), Self::Error> {
        self.stop_watching();
        self.inner.hide(window)
    }

    fn host_main_thread_callback(&self, window: &Self::Window) {
        self.inner.host_main_thread_callback(window);
    }

    fn set_size(
        &self,
        new_size: NativeSize<u32>,
        window: &Self::Window,
    ) -> Result<(), Self::Error> {
        self.inner.set_size(new_size, window)
    }

    fn set_fallback_scale_factor(
        &self,
        scale_factor: f64,
        window: &Self::Window,
    ) -> Result<(), Self::Error> {
        self.inner.set_fallback_scale_factor(scale_factor, window)
    }

    fn adjust_size(
        &self,
        new_size: NativeSize<u32>,
        window: &Self::Window,
    ) -> Option<NativeSize<u32>> {
        self.inner.adjust_size(new_size, window)
    }

    fn on_virtual_key_from_host(
        &self,
        key_code: VirtualKeyCode,
        is_down: bool,
        modifiers: Modifiers,
    ) -> bool {
        self.inner.on_virtual_key_from_host(key_code, is_down, modifiers)
    }

    fn state_changed(&self) {
        self.inner.state_changed();
    }

    fn param_value_changed(&self, id: &str, normalized_value: f32) {
        self.inner.param_value_changed(id, normalized_value);
    }

    fn param_modulation_changed(&self, id: &str, modulation_offset: f32) {
        self.inner.param_modulation_changed(id, modulation_offset);
    }
}
