//! The thread that designs banks for an instance and frees what the audio thread has done with.
//!
//! Wait-free queues of fixed size connect the two, see `exchange` for the rules. The audio thread
//! wakes the designer by unparking it: one atomic exchange, and only if the designer sleeps a system
//! call, which makes the thread runnable and returns; that the kernel guards its list of sleepers by a
//! spin lock is the one thing here that is bounded by others' good behaviour rather than by steps. It
//! happens when a bank is asked for or has served, not in steady play. Polling instead would cost every
//! idle instance wake-ups.

pub(crate) mod exchange;
pub(crate) mod request;
pub mod shared_banks;

use crate::audio::BankPlayer;
use crate::telemetry::Telemetry;
use erbium_dsp::{Bank, BankSpec, DesignError};
use exchange::{AudioPort, Client, DesignerPort, serve};
use request::Request;
use shared_banks::shared_bank;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};
use triple_buffer::TripleBuffer;

/// Room for what comes back from the audio thread. One design puts at most one player into play, and
/// the designer empties the queue before each design, so no more than a few are ever under way.
const RETURNS: usize = 16;
/// The time between two looks of a thread that waits for a design.
const LOOK: Duration = Duration::from_millis(1);

/// Why there is no new bank; the one before it plays on.
#[derive(Clone, Debug, PartialEq)]
pub enum DesignFailure {
    /// The spec was refused, or the design cancelled.
    Refused(DesignError),
    /// The design broke off: a fault of this program, which must cost no more than that design.
    Panicked,
    /// The system has no thread to design on, or it ended.
    NoThread,
}

impl fmt::Display for DesignFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Panicked => {
                f.write_str("the design of this bank failed; the bank stays as it is")
            }
            Self::NoThread => {
                f.write_str("there is no thread to design banks on; the bank stays as it is")
            }
        }
    }
}

impl std::error::Error for DesignFailure {}

// The audio thread drops failures, which must free nothing.
const _: () = assert!(!std::mem::needs_drop::<DesignFailure>());

impl From<DesignError> for DesignFailure {
    fn from(error: DesignError) -> Self {
        Self::Refused(error)
    }
}

/// The bank that plays for a spec.
pub struct Designed {
    /// The bank asked for, or what plays in its place.
    pub bank: Arc<Bank>,
    /// Why it is not the bank asked for, in words; `None` where it is.
    pub notice: Option<String>,
}

/// The bank to play for `spec`: itself, else the one of the nearest number of bands, else that for
/// `fallback`. Always the same for the same arguments, so that a project sounds the same wherever and
/// however it is opened. Blocks, so never called on the audio thread.
///
/// # Errors
/// [`DesignFailure`] when there is none of them, or `cancelled` turned true.
pub fn designed(
    spec: &BankSpec,
    fallback: &BankSpec,
    cancelled: &dyn Fn() -> bool,
) -> Result<Designed, DesignFailure> {
    let refusal = match guarded(spec, cancelled) {
        Ok(bank) => return Ok(Designed { bank, notice: None }),
        Err(DesignFailure::Refused(DesignError::Cancelled)) => {
            return Err(DesignError::Cancelled.into());
        }
        Err(refusal) => refusal,
    };
    if let DesignFailure::Refused(DesignError::Opaque { .. } | DesignError::Dual(_)) = refusal
        && let Ok(nearest) = nearest(spec, cancelled)
    {
        let BankSpec { kind, scale, bands, .. } = nearest;
        let bank = guarded(&nearest, cancelled)?;
        let notice = format!("{refusal}; playing {bands} bands, {kind}, {scale} scale");
        return Ok(Designed { bank, notice: Some(notice) });
    }
    if spec == fallback {
        return Err(refusal);
    }
    match designed(fallback, fallback, cancelled) {
        Ok(Designed { bank, notice }) => {
            let notice = notice.map(|notice| format!("; {notice}")).unwrap_or_default();
            let notice = format!("{refusal}; playing the bank chosen before it{notice}");
            Ok(Designed { bank, notice: Some(notice) })
        }
        Err(DesignFailure::Refused(DesignError::Cancelled)) => Err(DesignError::Cancelled.into()),
        Err(_) => Err(refusal),
    }
}

/// The spec nearest to one that was refused.
fn nearest(spec: &BankSpec, cancelled: &dyn Fn() -> bool) -> Result<BankSpec, DesignFailure> {
    catch_unwind(AssertUnwindSafe(|| Ok(*Bank::design_nearest(spec, cancelled)?.spec())))
        .unwrap_or(Err(DesignFailure::Panicked))
}

/// The bank of a spec, whatever happens in its design.
fn guarded(spec: &BankSpec, cancelled: &dyn Fn() -> bool) -> Result<Arc<Bank>, DesignFailure> {
    catch_unwind(AssertUnwindSafe(|| Ok(shared_bank(spec, cancelled)?)))
        .unwrap_or(Err(DesignFailure::Panicked))
}

/// What came of a request: a player, or why there is none.
pub(crate) type Outcome = Result<Box<BankPlayer>, DesignFailure>;

/// What the audio thread sends back.
pub(crate) enum Return {
    /// To be freed.
    Retired(Box<BankPlayer>),
    /// To be shown.
    Playing(Arc<Bank>),
}

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

/// The audio thread's ends.
struct AudioEnds {
    requests: triple_buffer::Input<Option<Request>>,
    outcomes: triple_buffer::Output<Option<(Request, Outcome)>>,
    returns: rtrb::Producer<Return>,
    designer: Thread,
}

impl AudioPort for AudioEnds {
    type Request = Request;
    type Answer = Outcome;
    type Return = Return;

    fn publish_request(&mut self, request: Request) {
        self.requests.write(Some(request));
    }

    fn take_answer(&mut self) -> Option<(Request, Outcome)> {
        self.outcomes.update();
        self.outcomes.output_buffer_mut().take()
    }

    fn unwanted(outcome: Outcome) -> Option<Return> {
        outcome.ok().map(Return::Retired)
    }

    fn give_back(&mut self, returned: Return) {
        match self.returns.push(returned) {
            // To drop it frees nothing: the player has the bank, too.
            Ok(()) | Err(rtrb::PushError::Full(Return::Playing(_))) => {}
            // Cannot happen, see RETURNS; and to leak is better than to free on the audio thread.
            Err(rtrb::PushError::Full(returned)) => std::mem::forget(returned),
        }
    }

    fn wake(&self) {
        self.designer.unpark();
    }
}

/// The designer's ends.
struct DesignerEnds {
    requests: triple_buffer::Output<Option<Request>>,
    outcomes: triple_buffer::Input<Option<(Request, Outcome)>>,
    returns: rtrb::Consumer<Return>,
    ended: Arc<AtomicBool>,
}

impl DesignerPort for DesignerEnds {
    type Request = Request;
    type Answer = Outcome;
    type Return = Return;

    fn take_request(&mut self) -> Option<Request> {
        if self.requests.update() { *self.requests.output_buffer_mut() } else { None }
    }

    fn is_superseded(&self) -> bool {
        self.requests.updated()
    }

    fn publish_answer(&mut self, request: Request, outcome: Outcome) {
        self.outcomes.write(Some((request, outcome)));
        // What nobody took has come back and is freed here, unheard.
        *self.outcomes.input_buffer_mut() = None;
    }

    fn take_return(&mut self) -> Option<Return> {
        self.returns.pop().ok()
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    fn sleep(&self) {
        std::thread::park();
    }
}

/// A designer at work.
struct Link {
    client: Client<AudioEnds>,
    ended: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Link {
    fn start(telemetry: Arc<Telemetry>) -> std::io::Result<Self> {
        let (requests_in, requests) = TripleBuffer::<Option<Request>>::default().split();
        let (outcomes_in, outcomes) = TripleBuffer::<Option<(Request, Outcome)>>::default().split();
        let (returns_in, returns) = rtrb::RingBuffer::new(RETURNS);
        let ended = Arc::new(AtomicBool::new(false));
        let mut ends =
            DesignerEnds { requests, outcomes: outcomes_in, returns, ended: ended.clone() };
        let thread = std::thread::Builder::new().name("erbium designer".to_owned());
        let thread = thread.spawn(move || {
            let answer =
                |request, is_unwanted: &dyn Fn() -> bool| answer(request, is_unwanted, &telemetry);
            let free = |returned| match returned {
                Return::Retired(player) => drop(player),
                Return::Playing(bank) => telemetry.set_bank(bank),
            };
            serve(&mut ends, answer, free);
        })?;
        let designer = thread.thread().clone();
        let port = AudioEnds { requests: requests_in, outcomes, returns: returns_in, designer };
        Ok(Self { client: Client::new(port), ended, thread })
    }
}

/// The designer of one instance, as its audio thread sees it. Dropping it ends the thread.
pub(crate) struct Designer {
    telemetry: Arc<Telemetry>,
    /// `None` before the first start: a host that only scans plugins gets no thread.
    link: Option<Link>,
}

impl Designer {
    /// Not yet started.
    pub(crate) const fn new(telemetry: Arc<Telemetry>) -> Self {
        Self { telemetry, link: None }
    }

    /// Main thread: starts the thread unless it runs.
    pub(crate) fn start(&mut self) {
        if self.runs() {
            return;
        }
        self.link = match Link::start(self.telemetry.clone()) {
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
    use erbium_dsp::{Quality, Sizing};
    use std::time::{Duration, Instant};

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
    fn a_panic_costs_no_more_than_its_design() {
        let spec = spec(15);
        let panicking = designed(&spec, &spec, &|| panic!("on purpose"));
        assert_eq!(panicking.err(), Some(DesignFailure::Panicked));
        assert!(designed(&spec, &spec, &|| false).is_ok());
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

    #[test]
    fn what_plays_in_place_of_a_bank_is_the_same_each_time_and_told() {
        let missing = BankSpec::of_user_kernels(7, 12, erbium_dsp::Scale::Erb, 48_000.0);
        let fallback = spec(18);
        for _ in 0..2 {
            let Designed { bank, notice } =
                designed(&missing, &fallback, &|| false).expect("the fallback");
            assert_eq!(*bank.spec(), fallback);
            let notice = notice.expect("told");
            assert!(notice.contains("the kernels of this bank are not loaded"), "{notice}");
        }
        let refusal = designed(&missing, &missing, &|| false).err();
        assert_eq!(refusal, Some(DesignFailure::Refused(DesignError::KernelsMissing)));
    }
}
