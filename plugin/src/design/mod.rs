//! The thread that designs banks for an instance and frees what the audio thread has done with.
//!
//! Three queues of fixed size connect the two, so neither ever waits for the other. The audio thread
//! wakes the designer by unparking it: one atomic exchange, and a system call that does not block
//! only if the designer sleeps. Polling instead would cost every idle instance wake-ups.

pub mod shared_banks;

use crate::audio::BankPlayer;
use crate::telemetry::Telemetry;
use crossbeam::queue::ArrayQueue;
use erbium_dsp::{Bank, BankSpec, DesignError};
use shared_banks::shared_bank;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// Room for what comes back from the audio thread. One design puts at most one player into play, and
/// the designer empties the queue before each design, so no more than a few are ever under way.
const RETURNS: usize = 16;

/// Why there is no new bank; the one before it plays on.
#[derive(Clone, Debug, PartialEq)]
pub enum DesignFailure {
    /// The spec was refused, or the design cancelled.
    Refused(DesignError),
    /// The design broke off: a fault of this program, which must cost no more than that design.
    Panicked,
}

impl fmt::Display for DesignFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Panicked => {
                f.write_str("the design of this bank failed; the bank stays as it is")
            }
        }
    }
}

impl std::error::Error for DesignFailure {}

/// Makes a player on the calling thread, which must be allowed to block.
///
/// # Errors
/// [`DesignFailure`] when the bank cannot be designed.
pub(crate) fn design(
    spec: &BankSpec,
    channels: usize,
    cancelled: &dyn Fn() -> bool,
) -> Result<Box<BankPlayer>, DesignFailure> {
    catch_unwind(AssertUnwindSafe(|| {
        Ok(Box::new(BankPlayer::new(shared_bank(spec, cancelled)?, channels)))
    }))
    .unwrap_or(Err(DesignFailure::Panicked))
}

impl From<DesignError> for DesignFailure {
    fn from(error: DesignError) -> Self {
        Self::Refused(error)
    }
}

/// What the audio thread asks for.
#[derive(Clone, Copy)]
struct Request {
    spec: BankSpec,
    channels: usize,
}

/// What came of a request.
pub(crate) struct Outcome {
    /// The bank that was asked for.
    pub(crate) spec: BankSpec,
    /// Ready to play; `None` when the design was refused.
    pub(crate) player: Option<Box<BankPlayer>>,
}

/// What the audio thread sends back.
enum Return {
    /// To be freed.
    Retired(Box<BankPlayer>),
    /// To be shown.
    Playing(Arc<Bank>),
}

struct Shared {
    /// Capacity 1: the latest request replaces one not yet begun.
    requests: ArrayQueue<Request>,
    /// Capacity 1: the latest outcome replaces one not yet taken.
    outcomes: ArrayQueue<Outcome>,
    returns: ArrayQueue<Return>,
    ended: AtomicBool,
    telemetry: Arc<Telemetry>,
}

/// The designer of one instance, as its audio thread sees it. Dropping it ends the thread.
pub(crate) struct Designer {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Designer {
    /// Not yet started: a host that only scans plugins gets no thread.
    pub(crate) fn new(telemetry: Arc<Telemetry>) -> Self {
        let shared = Arc::new(Shared {
            requests: ArrayQueue::new(1),
            outcomes: ArrayQueue::new(1),
            returns: ArrayQueue::new(RETURNS),
            ended: AtomicBool::new(false),
            telemetry,
        });
        Self { shared, thread: None }
    }

    /// Main thread: starts the thread unless it runs.
    pub(crate) fn start(&mut self) {
        if self.runs() {
            return;
        }
        let shared = self.shared.clone();
        let thread = std::thread::Builder::new().name("erbium designer".to_owned());
        match thread.spawn(move || shared.run()) {
            Ok(thread) => self.thread = Some(thread),
            Err(error) => {
                let notice =
                    format!("no thread to design banks on ({error}); the bank stays as it is");
                self.shared.telemetry.set_notice(Some(notice));
            }
        }
    }

    /// Whether requests will be answered.
    pub(crate) fn runs(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Audio thread: asks for a bank. An earlier request not yet answered is given up.
    pub(crate) fn request(&self, spec: BankSpec, channels: usize) {
        self.shared.requests.force_push(Request { spec, channels });
        self.wake();
    }

    /// Audio thread: takes the latest outcome.
    pub(crate) fn take(&self) -> Option<Outcome> {
        self.shared.outcomes.pop()
    }

    /// Audio thread: sends a player back to be freed.
    pub(crate) fn retire(&self, player: Box<BankPlayer>) {
        if let Err(player) = self.shared.returns.push(Return::Retired(player)) {
            // Cannot happen, see RETURNS; and to leak is better than to free on the audio thread.
            std::mem::forget(player);
        }
        self.wake();
    }

    /// Audio thread: says which bank plays from now on. The caller's player keeps the bank alive.
    pub(crate) fn send_playing(&self, bank: &Arc<Bank>) {
        // Dropped when the queue is full, which frees nothing: the player has the bank, too.
        let _ = self.shared.returns.push(Return::Playing(bank.clone()));
        self.wake();
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Designer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // A panic there has been answered already.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn run(&self) {
        while !self.ended.load(Ordering::Acquire) {
            while let Some(returned) = self.returns.pop() {
                match returned {
                    Return::Retired(player) => drop(player),
                    Return::Playing(bank) => self.telemetry.set_bank(bank),
                }
            }
            match self.requests.pop() {
                Some(request) => self.answer(request),
                // An unpark since the queues were seen empty makes this return at once.
                None => std::thread::park(),
            }
        }
    }

    /// The bank nearest to a refused one, and what to say of it.
    fn nearest(
        &self,
        spec: &BankSpec,
        channels: usize,
        refusal: &DesignError,
        superseded: &dyn Fn() -> bool,
    ) -> (Option<Box<BankPlayer>>, Option<String>) {
        let player = match refusal {
            DesignError::Opaque { nearest_bands: Some(bands), .. } => {
                design(&BankSpec { bands: *bands, ..*spec }, channels, superseded).ok()
            }
            _ => None,
        };
        let notice = match &player {
            Some(player) => format!("{refusal}; playing {} bands", player.engine.bank().bands()),
            None => refusal.to_string(),
        };
        (player, Some(notice))
    }

    fn answer(&self, request: Request) {
        self.telemetry.set_designing(true);
        let superseded = || self.ended.load(Ordering::Acquire) || !self.requests.is_empty();
        let Request { spec, channels } = request;
        let (player, notice) = match design(&spec, channels, &superseded) {
            Ok(player) => (Some(player), None),
            Err(DesignFailure::Refused(DesignError::Cancelled)) => {
                // The request that superseded this one answers for it.
                self.telemetry.set_designing(false);
                return;
            }
            Err(DesignFailure::Refused(refusal)) => {
                self.nearest(&spec, channels, &refusal, &superseded)
            }
            Err(failure) => (None, Some(failure.to_string())),
        };
        self.telemetry.set_notice(notice);
        // An outcome nobody took is freed here, unheard.
        drop(self.outcomes.force_push(Outcome { spec, player }));
        self.telemetry.set_designing(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erbium_dsp::{Quality, Sizing};
    use std::time::{Duration, Instant};

    /// For what has to happen at all, on the slowest machine.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn wait_for(designer: &Designer) -> Outcome {
        let start = Instant::now();
        loop {
            if let Some(outcome) = designer.take() {
                return outcome;
            }
            assert!(start.elapsed() < PATIENCE, "no outcome");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn spec(bands: usize) -> BankSpec {
        BankSpec { bands, ..BankSpec::default() }
    }

    #[test]
    fn a_bank_that_would_not_be_transparent_is_replaced_by_the_nearest_and_told() {
        let telemetry: Arc<Telemetry> = Arc::default();
        let mut designer = Designer::new(Arc::clone(&telemetry));
        designer.start();
        let refused = BankSpec {
            scale: erbium_dsp::Scale::Bark,
            bands: 8,
            sample_rate_hz: 192_000.0,
            ..BankSpec::default()
        };
        designer.request(refused, 1);
        let outcome = wait_for(&designer);
        assert_eq!(outcome.spec, refused);
        let played = outcome.player.expect("the nearest").engine.bank().bands();
        assert!(played > 8, "{played}");
        let notice = telemetry.notice().expect("a notice");
        assert!(notice.ends_with(&format!("playing {played} bands")), "{notice}");
    }

    #[test]
    fn the_latest_request_wins_and_nothing_piles_up() {
        let mut designer = Designer::new(Arc::default());
        designer.start();
        for bands in 8..40 {
            designer.request(spec(bands), 2);
        }
        let mut last = wait_for(&designer);
        while last.spec != spec(39) {
            last = wait_for(&designer);
        }
        assert!(last.player.is_some());
        std::thread::sleep(Duration::from_millis(50));
        assert!(designer.take().is_none());
        assert!(designer.shared.requests.is_empty() && designer.shared.returns.is_empty());
    }

    #[test]
    fn a_design_nobody_wants_any_more_is_given_up() {
        let telemetry = Arc::<Telemetry>::default();
        let mut designer = Designer::new(telemetry.clone());
        designer.start();
        let sizing = Sizing::Latency { ms: 100.0 };
        designer.request(BankSpec { sizing, quality: Quality::High, ..spec(63) }, 1);
        while !telemetry.designing() {
            std::thread::yield_now();
        }
        designer.request(spec(14), 1);
        assert_eq!(wait_for(&designer).spec, spec(14), "the slow design went on");
    }

    #[test]
    fn a_panic_costs_no_more_than_its_design() {
        let spec = spec(15);
        assert_eq!(design(&spec, 1, &|| panic!("on purpose")).err(), Some(DesignFailure::Panicked));
        assert!(design(&spec, 1, &|| false).is_ok());
    }

    #[test]
    fn a_refusal_is_told_and_the_next_design_clears_it() {
        let telemetry = Arc::<Telemetry>::default();
        let mut designer = Designer::new(telemetry.clone());
        designer.start();
        designer.request(spec(3), 1);
        assert!(wait_for(&designer).player.is_none());
        assert!(telemetry.notice().is_some_and(|notice| notice.contains("band count 3")));
        designer.request(spec(12), 1);
        assert!(wait_for(&designer).player.is_some());
        assert_eq!(telemetry.notice(), None);
    }

    #[test]
    fn what_is_retired_is_freed_and_what_plays_is_shown() {
        let telemetry = Arc::<Telemetry>::default();
        let mut designer = Designer::new(telemetry.clone());
        designer.start();
        designer.request(spec(13), 1);
        let player = wait_for(&designer).player.expect("valid");
        let bank = player.engine.bank().clone();
        designer.send_playing(&bank);
        designer.retire(player);
        let start = Instant::now();
        // This test and the telemetry keep the bank once the player is gone.
        while telemetry.bank().is_none() || Arc::strong_count(&bank) > 2 {
            assert!(start.elapsed() < PATIENCE, "the player is kept");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn dropping_ends_the_thread_even_while_it_designs() {
        let mut designer = Designer::new(Arc::default());
        designer.start();
        designer.request(spec(64), 2);
        let shared = Arc::downgrade(&designer.shared);
        drop(designer);
        assert!(shared.upgrade().is_none());
    }
}
