//! The size of the window, kept with the instance.

use std::sync::atomic::{AtomicU32, Ordering};

/// The editor's size as the host stores it.
pub struct EditorSize(AtomicU32);

impl EditorSize {
    /// Width and height in logical pixels.
    #[must_use]
    pub fn get(&self) -> (u16, u16) {
        let [a, b, c, d] = self.0.load(Ordering::Relaxed).to_be_bytes();
        (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
    }

    /// Remembers a width and height in logical pixels.
    pub fn store(&self, width: u16, height: u16) {
        let packed = (u32::from(width) << 16) | u32::from(height);
        self.0.store(packed, Ordering::Relaxed);
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
