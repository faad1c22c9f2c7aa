//! A VST3 host in this process: what a DAW does with a plugin, call by call, and what some DAWs do
//! that they should not.

mod host_objects;
mod instance;
mod plugin;
#[cfg(unix)]
mod window;

pub use host_objects::{Point, Stream};
pub use instance::{Channels, Instance, Mode, Setup, latency_changed};
pub use plugin::Played;
#[cfg(unix)]
pub use window::{Frame, Parent, RunLoop, View};

use anyhow::{Context, Result, bail, ensure};
use libloading::Library;
use std::ffi::c_void;
use std::path::Path;
use vst3::ComPtr;
use vst3::Steinberg::Vst::IComponent;
use vst3::Steinberg::{
    IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactoryTrait, PClassInfo2,
    kResultOk, tresult,
};
use vst3::{Interface, Steinberg::TUID};

/// What a plugin answers where it does what it is asked.
pub const RESULT_OK: i32 = kResultOk;

/// One of the format's numbers, whose type is not the same on every system.
fn number(value: impl TryInto<i32>) -> i32 {
    value.try_into().unwrap_or(-1)
}

/// The number hosts know a parameter's string id by, the same as in CLAP.
#[must_use]
pub fn parameter(id: &str) -> u32 {
    crate::host::clap_id(id).get()
}

/// Fails with the name of the call where a plugin did not answer with success.
fn succeed(result: tresult, call: &str) -> Result<()> {
    ensure!(result == kResultOk, "{call} answers {result}");
    Ok(())
}

/// A loaded plugin bundle. It stays loaded, as in hosts that keep what they scanned.
pub struct Module {
    factory: ComPtr<IPluginFactory>,
}

/// What a plugin says of itself, which hosts store in projects.
#[derive(Debug, PartialEq)]
pub struct ClassInfo {
    /// The id of its class.
    pub id: [u8; 16],
    /// Its name.
    pub name: String,
    /// The kinds it counts itself to.
    pub subcategories: String,
}

impl Module {
    /// Loads a bundle as Linux hosts do.
    ///
    /// # Errors
    /// Where it is no VST3 plugin.
    pub fn load(bundle: &Path) -> Result<Self> {
        let name = bundle.file_stem().context("a bundle without a name")?;
        let folder = bundle.join(format!("Contents/{}-linux", std::env::consts::ARCH));
        let file = folder.join(name).with_extension("so");
        // SAFETY: the bundle is the plugin this workspace has built; its entry points are VST3's.
        let factory = unsafe {
            let library = Library::new(&file).with_context(|| format!("{}", file.display()))?;
            let entry: libloading::Symbol<unsafe extern "C" fn(*mut c_void) -> bool> =
                library.get(b"ModuleEntry\0")?;
            ensure!(entry(std::ptr::null_mut()), "ModuleEntry fails");
            let factory: libloading::Symbol<unsafe extern "system" fn() -> *mut c_void> =
                library.get(b"GetPluginFactory\0")?;
            let factory = ComPtr::from_raw(factory().cast::<IPluginFactory>());
            std::mem::forget(library);
            factory
        };
        crate::realtime::watch_locks_of(&file)?;
        Ok(Self { factory: factory.context("no factory")? })
    }

    /// What the only plugin inside says of itself.
    ///
    /// # Errors
    /// Where there is another number of them, or it says nothing.
    pub fn class_info(&self) -> Result<ClassInfo> {
        let factory = self.factory.cast::<IPluginFactory2>().context("no second factory")?;
        // SAFETY: all zeros is an empty class info.
        let mut info: PClassInfo2 = unsafe { std::mem::zeroed() };
        // SAFETY: the factory is the loaded plugin's.
        let (count, result) =
            unsafe { (factory.countClasses(), factory.getClassInfo2(0, &mut info)) };
        ensure!(count == 1, "{count} plugins inside");
        succeed(result, "getClassInfo2")?;
        let text = |characters: &[std::ffi::c_char]| {
            let bytes = characters.iter().take_while(|&&c| c != 0).map(|c| c.to_ne_bytes()[0]);
            String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
        };
        Ok(ClassInfo {
            id: info.cid.map(|c| c.to_ne_bytes()[0]),
            name: text(&info.name),
            subcategories: text(&info.subCategories),
        })
    }

    /// A new instance of the plugin inside.
    fn create(&self) -> Result<ComPtr<IComponent>> {
        let id = self.class_info()?.id;
        let mut object = std::ptr::null_mut();
        // SAFETY: both ids are 16 bytes long, and the object is of the type that is asked for.
        let component = unsafe {
            let interface: TUID = IComponent::IID.map(|byte| byte.cast_signed());
            let result = self.factory.createInstance(
                id.as_ptr().cast(),
                interface.as_ptr().cast(),
                &mut object,
            );
            succeed(result, "createInstance")?;
            ComPtr::from_raw(object.cast::<IComponent>())
        };
        let Some(component) = component else { bail!("createInstance returns nothing") };
        Ok(component)
    }
}
