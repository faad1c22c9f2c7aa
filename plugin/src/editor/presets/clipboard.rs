//! The clipboard's text, fetched on a thread of its own: whoever owns it may take seconds to answer.

use copypasta::{ClipboardContext, ClipboardProvider};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// Fetches the clipboard's text. Dropped meanwhile, it does not wait: the thread ends by itself,
/// and what it fetched is dropped.
pub struct Clipboard {
    fetch: fn() -> Result<String, String>,
    fetching: Option<Receiver<Result<String, String>>>,
}

impl Default for Clipboard {
    fn default() -> Self {
        Self::new(fetch)
    }
}

impl Clipboard {
    /// One whose text comes from elsewhere than the system's.
    #[must_use]
    pub fn new(fetch: fn() -> Result<String, String>) -> Self {
        Self { fetch, fetching: None }
    }

    /// Begins to fetch.
    pub fn fetch(&mut self) {
        if self.fetching.is_some() {
            return;
        }
        let (sender, fetching) = channel();
        let fetch = self.fetch;
        let thread = std::thread::Builder::new().name("erbium-paste".to_owned());
        // Nobody receives it where the window has been closed.
        let spawned = thread.spawn(move || sender.send(fetch()).ok());
        self.fetching = spawned.is_ok().then_some(fetching);
    }

    /// What was fetched, once it is there.
    pub fn take(&mut self) -> Option<Result<String, String>> {
        let fetched = match self.fetching.as_ref()?.try_recv() {
            Ok(fetched) => fetched,
            Err(TryRecvError::Empty) => return None,
            // The thread has panicked, which it has reported itself.
            Err(TryRecvError::Disconnected) => Err("the clipboard cannot be read".to_owned()),
        };
        self.fetching = None;
        Some(fetched)
    }
}

fn fetch() -> Result<String, String> {
    let message = |error| format!("the clipboard cannot be read: {error}");
    let mut clipboard = ClipboardContext::new().map_err(message)?;
    clipboard.get_contents().map_err(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::Sender;
    use std::sync::{Mutex, OnceLock};
    use std::time::{Duration, Instant};

    /// What keeps the owner of the clipboard from answering, as long as it is held.
    static OWNER: Mutex<()> = Mutex::new(());
    static ANSWERED: OnceLock<Mutex<Sender<()>>> = OnceLock::new();

    fn slow() -> Result<String, String> {
        drop(OWNER.lock().expect("not poisoned"));
        ANSWERED.get().expect("set").lock().expect("not poisoned").send(()).expect("received");
        Ok("late".to_owned())
    }

    #[test]
    fn a_window_closes_at_once_while_the_clipboard_is_waited_for() {
        let (sender, answered) = channel();
        ANSWERED.set(Mutex::new(sender)).expect("set once");
        let patience = Duration::from_secs(60);
        let silent = OWNER.lock().expect("not poisoned");
        let mut clipboard = Clipboard::new(slow);
        clipboard.fetch();
        assert!(clipboard.take().is_none(), "nobody has answered");
        // Dropping that waited would never end.
        drop(clipboard);
        drop(silent);
        answered.recv_timeout(patience).expect("the thread ends by itself");

        let mut clipboard = Clipboard::new(slow);
        clipboard.fetch();
        let deadline = Instant::now() + patience;
        let fetched = loop {
            if let Some(fetched) = clipboard.take() {
                break fetched;
            }
            assert!(Instant::now() < deadline, "nothing was fetched");
            std::thread::yield_now();
        };
        assert_eq!(fetched.as_deref(), Ok("late"));
    }
}
