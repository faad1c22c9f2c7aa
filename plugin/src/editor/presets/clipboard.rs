//! The clipboard's text, fetched on a thread of its own: whoever owns it may take seconds to answer.

use copypasta::{ClipboardContext, ClipboardProvider};
use std::thread::JoinHandle;

/// Fetches the clipboard's text.
#[derive(Default)]
pub struct Clipboard {
    fetching: Option<JoinHandle<Result<String, String>>>,
}

impl Clipboard {
    /// Begins to fetch.
    pub fn fetch(&mut self) {
        if self.fetching.is_none() {
            let thread = std::thread::Builder::new().name("erbium-paste".to_owned());
            self.fetching = thread.spawn(fetch).ok();
        }
    }

    /// What was fetched, once it is there.
    pub fn take(&mut self) -> Option<Result<String, String>> {
        let fetched = self.fetching.take_if(|fetching| fetching.is_finished())?;
        // A panic has been reported by its own thread.
        Some(fetched.join().unwrap_or_else(|_| Err("the clipboard cannot be read".to_owned())))
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        // A host may unload the plugin as soon as its window has closed.
        if let Some(fetching) = self.fetching.take() {
            let _ = fetching.join();
        }
    }
}

fn fetch() -> Result<String, String> {
    let told = |error| format!("the clipboard cannot be read: {error}");
    let mut clipboard = ClipboardContext::new().map_err(told)?;
    clipboard.get_contents().map_err(told)
}
