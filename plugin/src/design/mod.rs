//! The thread that designs banks for an instance and frees what the audio thread has done with.
//!
//! Wait-free queues of fixed size connect the two, see `exchange` for the rules. The audio thread
//! wakes the designer by unparking it: one atomic exchange, and only if the designer sleeps a system
//! call, which makes the thread runnable and returns; that the kernel guards its list of sleepers by a
//! spin lock is the one thing here that is bounded by others' good behaviour rather than by steps. It
//! happens when a bank is asked for or has served, not in steady play. Polling instead would cost every
//! idle instance wake-ups.

pub mod early;
pub(crate) mod exchange;
mod playable;
mod queues;
pub(crate) mod request;
pub mod shared_banks;

pub use playable::{DesignFailure, Designed, designed};

use crate::audio::BankPlayer;
use crate::telemetry::Telemetry;
use early::EarlyDesign;
use erbium_dsp::{Bank, DesignError};
use exchange::{Client, serve};
use queues::{AudioEnds, Return, connect};
use request::Request;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The time between two looks of a thread that waits for a design.
const LOOK: Duration = Duration::from_millis(1);

/// What came of a request: a player, or why there is none.
pub(crate) type Outcome = Result<Box<BankPlayer>, DesignFailure>;

/// Answers a request on the calling thread; `None` once `is_unwanted` says so.
pub(crate) fn answer(
    request: Request,
    is_unwanted: &dyn Fn() -> bool,
    telemetry: &Telemetry,
) -> Option<Outcome> {
    telemetry.set_designing(true);
    let outcome = designed(&request.spec, &request.fallback, is_unwanted);
    let outcome = match outcome {
        Err(DesignFailure::Refused(DesignError::Cancelled)) => None,
        Ok(Designed { bank, notice }) => {
            telemetry.set_notice(notice);
            let player = || Box::new(BankPlayer::new(bank, request));
            Some(catch_unwind(AssertUnwindSafe(player)).map_err(|_| DesignFailure::Panicked))
        }
        Err(failure) => {
            telemetry.set_notice(Some(failure.to_string()));
            Some(Err(failure))
        }
    };
    telemetry.set_designing(false);
    outcome
}

/// A designer at work.
struct Link {
    client: Client<AudioEnds>,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Link {
    fn start(telemetry: Arc<Telemetry>, early: Option<EarlyDesign>) -> std::io::Result<Self> {
        let ended = Arc::new(AtomicBool::new(false));
        let (audio_ends, mut designer_ends) = connect(ended.clone(), early.clone());
        let thread = std::thread::Builder::new().name("erbium designer".to_owned());
        let thread = thread.spawn(move || {
            let answer =
                |request, is_unwanted: &dyn Fn() -> bool| answer(request, is_unwanted, &telemetry);
            let free = |returned| match returned {
                Return::Retired(player) => drop(player),
                Return::Playing(bank) => telemetry.set_bank(bank),
            };
            serve(&mut designer_ends, answer, free);
        })?;
        if let Some(early) = early {
            early.set_designer(thread.thread().clone());
        }
        let client = Client::new(audio_ends(thread.thread().clone()));
        Ok(Self { client, ended, thread })
    }
}

/// The designer of one instance, as its audio thread sees it. Dropping it ends the thread.
pub(crate) struct Designer {
    telemetry: Arc<Telemetry>,
    /// `None` before the first start: a host that only scans plugins gets no thread.
    link: Option<Link>,
    /// Where to look for what the audio thread will ask for.
    early: Option<EarlyDesign>,
}

impl Designer {
    /// Not yet started.
    pub(crate) const fn new(telemetry: Arc<Telemetry>) -> Self {
        Self { telemetry, link: None, early: None }
    }

    /// Before the first start: from now on banks are designed early.
    pub(crate) fn design_early(&mut self, early: EarlyDesign) {
        self.early = Some(early);
    }

    /// Says whether the audio thread has nothing to play, and so asks for nothing.
    pub(crate) fn set_idle(&self, is_idle: bool) {
        self.early.iter().for_each(|early| early.set_idle(is_idle));
    }

    /// Main thread: starts the thread unless it runs.
    pub(crate) fn start(&mut self) {
        if self.runs() {
            return;
        }
        self.link = match Link::start(self.telemetry.clone(), self.early.clone()) {
            Ok(link) => Some(link),
            Err(error) => {
                let notice =
                    format!("no thread to design banks on ({error}); the bank stays as it is");
                self.telemetry.set_notice(Some(notice));
                None
            }
        };
    }

    /// Whether requests will be answered.
    pub(crate) fn runs(&self) -> bool {
        self.link.as_ref().is_some_and(|link| !link.thread.is_finished())
    }

    /// Audio thread: asks for a bank. An earlier request not yet answered is given up.
    pub(crate) fn request(&mut self, request: Request) {
        if let Some(link) = self.link.as_mut().filter(|link| !link.thread.is_finished()) {
            link.client.request(request);
        }
    }

    /// Audio thread: whether the latest request will still be answered. Ends with the thread.
    pub(crate) fn is_awaiting(&self) -> bool {
        self.link
            .as_ref()
            .is_some_and(|link| link.client.is_awaiting() && !link.thread.is_finished())
    }

    /// Audio thread: what came of the latest request, once.
    pub(crate) fn take(&mut self) -> Option<Outcome> {
        self.link.as_mut()?.client.take()
    }

    /// Waits for what comes of the latest request, as long as the thread lives and no longer than
    /// `patience`: only where the caller may block. `None` when nothing came, or nothing was asked for.
    pub(crate) fn wait(&mut self, patience: Duration) -> Option<Outcome> {
        let deadline = Instant::now() + patience;
        loop {
            // Asked before looking: an outcome may be the last thing that the thread did.
            let waits = self.is_awaiting() && Instant::now() < deadline;
            let outcome = self.take();
            if outcome.is_some() || !waits {
                return outcome;
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Audio thread: awaits no outcome any more.
    pub(crate) fn give_up(&mut self) {
        self.link.iter_mut().for_each(|link| link.client.give_up());
    }

    /// Audio thread: sends a player back to be freed.
    pub(crate) fn retire(&mut self, player: Box<BankPlayer>) {
        match &mut self.link {
            Some(link) => link.client.give_back(Return::Retired(player)),
            // Cannot happen: players come from that thread.
            None => std::mem::forget(player),
        }
    }

    /// Audio thread: says which bank plays from now on. The caller's player keeps the bank alive.
    pub(crate) fn send_playing(&mut self, bank: &Arc<Bank>) {
        self.link.iter_mut().for_each(|link| link.client.give_back(Return::Playing(bank.clone())));
    }
}

impl Drop for Designer {
    fn drop(&mut self) {
        if let Some(Link { client, ended, thread }) = self.link.take() {
            ended.store(true, Ordering::Release);
            thread.thread().unpark();
            // A panic there has been answered already.
            let _ = thread.join();
            drop(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use erbium_dsp::{BankSpec, Quality, Sizing};

    /// For what has to happen at all, on the slowest machine.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn request(designer: &mut Designer, spec: BankSpec) {
        designer.request(Request { spec, fallback: spec, channels: 1 });
    }

    /// What comes of the latest request.
    fn outcome(designer: &mut Designer) -> Outcome {
        designer.wait(PATIENCE).expect("no outcome")
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
        request(&mut designer, refused);
        let player = outcome(&mut designer).expect("the nearest");
        assert_eq!(player.request.spec, refused);
        let played = player.engine.bank().bands();
        // Where the bank itself can be played, there is nothing to tell.
        let told = telemetry.notice();
        assert_eq!(told.is_none(), played == 8, "{told:?}");
        let ending = format!("playing {played} bands");
        assert!(told.is_none_or(|notice| notice.ends_with(&ending)));
    }

    #[test]
    fn the_latest_request_wins_and_nothing_piles_up() {
        let mut designer = Designer::new(Arc::default());
        designer.start();
        for bands in 8..40 {
            request(&mut designer, spec(bands));
        }
        let player = outcome(&mut designer).expect("valid");
        assert_eq!(*player.engine.bank().spec(), spec(39));
        std::thread::sleep(Duration::from_millis(50));
        assert!(designer.take().is_none() && !designer.is_awaiting());
    }

    #[test]
    fn a_design_nobody_wants_any_more_is_given_up() {
        let telemetry = Arc::<Telemetry>::default();
        let mut designer = Designer::new(telemetry.clone());
        designer.start();
        let sizing = Sizing::Latency { ms: 100.0 };
        request(&mut designer, BankSpec { sizing, quality: Quality::High, ..spec(63) });
        while !telemetry.designing() {
            std::thread::yield_now();
        }
        let asked = Instant::now();
        request(&mut designer, spec(14));
        let player = outcome(&mut designer).expect("valid");
        assert_eq!(player.request.spec, spec(14));
        println!("given up and answered within {:?}", asked.elapsed());
    }

    #[test]
    fn a_refusal_is_told_and_the_next_design_clears_it() {
        let telemetry = Arc::<Telemetry>::default();
        let mut designer = Designer::new(telemetry.clone());
        designer.start();
        request(&mut designer, spec(3));
        assert!(outcome(&mut designer).is_err());
        assert!(telemetry.notice().is_some_and(|notice| notice.contains("band count 3")));
        request(&mut designer, spec(12));
        assert!(outcome(&mut designer).is_ok());
        assert_eq!(telemetry.notice(), None);
    }

    #[test]
    fn what_is_retired_is_freed_and_what_plays_is_shown() {
        let telemetry = Arc::<Telemetry>::default();
        let mut designer = Designer::new(telemetry.clone());
        designer.start();
        request(&mut designer, spec(13));
        let player = outcome(&mut designer).expect("valid");
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
        request(&mut designer, spec(64));
        let ended = Arc::downgrade(&designer.link.as_ref().expect("runs").ended);
        drop(designer);
        assert!(ended.upgrade().is_none());
    }

    #[test]
    fn nobody_waits_for_a_thread_that_ended() {
        let mut designer = Designer::new(Arc::default());
        assert!(designer.wait(PATIENCE).is_none(), "never started");
        designer.start();
        let link = designer.link.as_ref().expect("runs");
        link.ended.store(true, Ordering::Release);
        request(&mut designer, spec(17));
        let start = Instant::now();
        // Answered or not: it ends.
        let _ = designer.wait(PATIENCE);
        assert!(start.elapsed() < PATIENCE && !designer.is_awaiting());
        designer.start();
        request(&mut designer, spec(17));
        assert!(outcome(&mut designer).is_ok(), "started again");
    }

    #[test]
    fn a_wait_has_a_deadline() {
        let mut designer = Designer::new(Arc::default());
        designer.start();
        let sizing = Sizing::Latency { ms: 100.0 };
        request(&mut designer, BankSpec { sizing, quality: Quality::High, ..spec(62) });
        assert!(designer.wait(Duration::from_millis(5)).is_none());
        assert!(designer.is_awaiting(), "it may still come");
        designer.give_up();
        assert!(!designer.is_awaiting());
    }
}
