//! Who says what to whom between an audio thread and its designer, whatever carries it.
//!
//! The audio thread publishes requests, of which the latest counts; the designer answers the latest
//! and frees what comes back. Neither waits for the other: the designer sleeps until it is woken,
//! the audio thread looks in. The rules are apart from the queues so that every order of events can
//! be tried, see `model`.

/// The audio thread's ends of the queues. Nothing here waits, allocates or frees.
pub(crate) trait AudioPort {
    type Request: Copy + PartialEq;
    type Answer;
    type Return;

    /// Replaces a request that was not taken yet.
    fn publish_request(&mut self, request: Self::Request);
    /// The latest answer that was not taken yet, and the request it answers.
    fn take_answer(&mut self) -> Option<(Self::Request, Self::Answer)>;
    /// The latest of what was designed early.
    fn take_early(&mut self) -> Option<(Self::Request, Self::Answer)>;
    /// Whether the same request would be answered so again. What is not has nothing to free.
    fn is_lasting(answer: &Self::Answer) -> bool;
    /// What is to be freed of an answer that nobody wants any more.
    fn unwanted(answer: Self::Answer) -> Option<Self::Return>;
    fn give_back(&mut self, returned: Self::Return);
    fn wake(&self);
}

/// The designer's ends of the queues.
pub(crate) trait DesignerPort {
    type Request: Copy;
    type Answer;
    type Return;

    fn take_request(&mut self) -> Option<Self::Request>;
    /// Whether another request was published since the last was taken.
    fn is_superseded(&self) -> bool;
    /// What the audio thread will ask for, where it does not run yet.
    fn take_early(&mut self) -> Option<Self::Request>;
    /// Whether it will ask for something else by now.
    fn is_early_superseded(&self) -> bool;
    /// Replaces an answer that was not taken yet, which is freed.
    fn publish_answer(&mut self, request: Self::Request, answer: Self::Answer);
    /// The same of what was designed early, which leaves answers alone.
    fn publish_early(&mut self, request: Self::Request, answer: Self::Answer);
    fn take_return(&mut self) -> Option<Self::Return>;
    fn has_ended(&self) -> bool;
    /// Returns at once if it was woken since the last sleep.
    fn sleep(&self);
}

/// The audio thread's side.
pub(crate) struct Client<P: AudioPort> {
    port: P,
    /// The request that is still to be answered.
    awaited: Option<P::Request>,
    /// Its answer, where that was there before the request.
    ready: Option<P::Answer>,
}

impl<P: AudioPort> Client<P> {
    pub(crate) const fn new(port: P) -> Self {
        Self { port, awaited: None, ready: None }
    }

    /// Asks for something else than was asked for before, answered or not.
    pub(crate) fn request(&mut self, request: P::Request) {
        self.give_up();
        self.awaited = Some(request);
        let early = self.port.take_early();
        self.ready = self.awaited_of(early).filter(P::is_lasting);
        if self.ready.is_some() {
            return;
        }
        self.port.publish_request(request);
        // Only now, or the designer could look too early and sleep on.
        self.port.wake();
    }

    /// Whether the answer to the last request is still to come.
    pub(crate) const fn is_awaiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// Awaits no answer any more; one that comes all the same is given back.
    pub(crate) fn give_up(&mut self) {
        self.awaited = None;
        if let Some(answer) = self.ready.take() {
            self.refuse(answer);
        }
    }

    /// The answer to the last request, once. Answers to others go back.
    pub(crate) fn take(&mut self) -> Option<P::Answer> {
        let answer = self.ready.take().or_else(|| {
            let answer = self.port.take_answer();
            self.awaited_of(answer)
        })?;
        self.awaited = None;
        Some(answer)
    }

    /// An answer, if it is the one awaited.
    fn awaited_of(&mut self, answer: Option<(P::Request, P::Answer)>) -> Option<P::Answer> {
        let (request, answer) = answer?;
        if self.awaited == Some(request) {
            return Some(answer);
        }
        self.refuse(answer);
        None
    }

    fn refuse(&mut self, answer: P::Answer) {
        if let Some(returned) = P::unwanted(answer) {
            self.give_back(returned);
        }
    }

    /// Sends back what has served.
    pub(crate) fn give_back(&mut self, returned: P::Return) {
        self.port.give_back(returned);
        self.port.wake();
    }
}

/// The designer's side, until it [ends](DesignerPort::has_ended). `design` may give up, with `None`,
/// once the function it is given says so: then another request answers for this one, or nobody asks any more.
pub(crate) fn serve<P: DesignerPort>(
    port: &mut P,
    mut design: impl FnMut(P::Request, &dyn Fn() -> bool) -> Option<P::Answer>,
    mut free: impl FnMut(P::Return),
) {
    while !port.has_ended() {
        while let Some(returned) = port.take_return() {
            free(returned);
        }
        let asked = port.take_request();
        // What was asked for is answered, whatever may be asked for next.
        let is_early = asked.is_none();
        let Some(request) = asked.or_else(|| port.take_early()) else {
            port.sleep();
            continue;
        };
        let is_superseded = || port.is_superseded() || (is_early && port.is_early_superseded());
        let answer = design(request, &|| port.has_ended() || is_superseded());
        match answer {
            Some(answer) if is_early => port.publish_early(request, answer),
            Some(answer) => port.publish_answer(request, answer),
            None => {}
        }
    }
}

#[cfg(test)]
mod model {
    //! Every order in which the two threads' steps on the queues can follow one another, by loom. The
    //! queues here do each step at once; that those of `rtrb` and `triple_buffer` look so is what these
    //! libraries prove for themselves.

    use super::*;
    use loom::sync::atomic::{AtomicBool, Ordering};
    use loom::sync::{Arc, Mutex};
    use loom::thread::{self, Thread};
    use std::collections::VecDeque;

    /// What was designed: counts itself, to be freed by the designer alone.
    struct Player {
        request: u32,
        #[expect(dead_code, reason = "counts")]
        alive: Arc<()>,
    }

    type Slot<T> = Arc<Mutex<Option<T>>>;

    #[derive(Clone)]
    struct Queues {
        request: Slot<u32>,
        answer: Slot<(u32, Player)>,
        designed_early: Slot<(u32, Player)>,
        returns: Arc<Mutex<VecDeque<Player>>>,
        /// What is designed early, as from a third thread.
        early: Slot<u32>,
        ended: Arc<AtomicBool>,
    }

    impl Queues {
        fn new() -> Self {
            Self {
                request: Arc::new(Mutex::new(None)),
                answer: Arc::new(Mutex::new(None)),
                designed_early: Arc::new(Mutex::new(None)),
                returns: Arc::new(Mutex::new(VecDeque::new())),
                early: Arc::new(Mutex::new(None)),
                ended: Arc::new(AtomicBool::new(false)),
            }
        }
    }

    /// Faults that the model has to find.
    #[derive(Clone, Copy, PartialEq)]
    enum Fault {
        None,
        /// The designer is woken before the request is there.
        WakesTooEarly,
        /// The designer gives up for a request that it then does not take.
        LosesRequests,
        /// The audio thread lets go of answers that nobody wants without giving them back.
        KeepsAnswers,
        /// The designer gives up what was asked for where something else may be asked for next.
        EarlyComesFirst,
        /// What is designed early takes the place of what was asked for.
        EarlyReplacesAnswers,
    }

    struct Audio {
        queues: Queues,
        designer: Thread,
        fault: Fault,
    }

    impl AudioPort for Audio {
        type Request = u32;
        type Answer = Player;
        type Return = Player;

        fn publish_request(&mut self, request: u32) {
            if self.fault == Fault::WakesTooEarly {
                self.designer.unpark();
            }
            *self.queues.request.lock().unwrap() = Some(request);
        }
        fn take_answer(&mut self) -> Option<(u32, Player)> {
            self.queues.answer.lock().unwrap().take()
        }
        fn take_early(&mut self) -> Option<(u32, Player)> {
            self.queues.designed_early.lock().unwrap().take()
        }
        fn is_lasting(_: &Player) -> bool {
            true
        }
        fn unwanted(answer: Player) -> Option<Player> {
            Some(answer)
        }
        fn give_back(&mut self, returned: Player) {
            if self.fault == Fault::KeepsAnswers {
                std::mem::forget(returned);
                return;
            }
            self.queues.returns.lock().unwrap().push_back(returned);
        }
        fn wake(&self) {
            if self.fault != Fault::WakesTooEarly {
                self.designer.unpark();
            }
        }
    }

    struct Designer {
        queues: Queues,
        fault: Fault,
    }

    impl DesignerPort for Designer {
        type Request = u32;
        type Answer = Player;
        type Return = Player;

        fn take_request(&mut self) -> Option<u32> {
            self.queues.request.lock().unwrap().take()
        }
        fn is_superseded(&self) -> bool {
            let mut request = self.queues.request.lock().unwrap();
            if self.fault == Fault::LosesRequests {
                return request.take().is_some();
            }
            let is_first = self.fault == Fault::EarlyComesFirst;
            request.is_some() || (is_first && self.is_early_superseded())
        }
        fn take_early(&mut self) -> Option<u32> {
            self.queues.early.lock().unwrap().take()
        }
        fn is_early_superseded(&self) -> bool {
            self.queues.early.lock().unwrap().is_some()
        }
        fn publish_answer(&mut self, request: u32, answer: Player) {
            let replaced = self.queues.answer.lock().unwrap().replace((request, answer));
            drop(replaced);
        }
        fn publish_early(&mut self, request: u32, answer: Player) {
            if self.fault == Fault::EarlyReplacesAnswers {
                return self.publish_answer(request, answer);
            }
            let replaced = self.queues.designed_early.lock().unwrap().replace((request, answer));
            drop(replaced);
        }
        fn take_return(&mut self) -> Option<Player> {
            self.queues.returns.lock().unwrap().pop_front()
        }
        fn has_ended(&self) -> bool {
            self.queues.ended.load(Ordering::Acquire)
        }
        fn sleep(&self) {
            thread::park();
        }
    }

    /// An audio thread that asks twice, waits for what it asked for last, gives it back and ends; `early` may
    /// be designed before it is asked for.
    fn exchange(fault: Fault, early: Option<u32>) {
        let queues = Queues::new();
        *queues.early.lock().unwrap() = early;
        let alive = Arc::new(());
        let designer = {
            let (queues, alive) = (queues.clone(), alive.clone());
            thread::spawn(move || {
                let mut port = Designer { queues, fault };
                let design = |request, is_unwanted: &dyn Fn() -> bool| {
                    (!is_unwanted()).then(|| Player { request, alive: alive.clone() })
                };
                serve(&mut port, design, drop);
            })
        };
        let port = Audio { queues: queues.clone(), designer: designer.thread().clone(), fault };
        let mut client = Client::new(port);
        client.request(1);
        if let Some(player) = client.take() {
            assert_eq!(player.request, 1);
            client.give_back(player);
        }
        client.request(2);
        assert!(client.is_awaiting());
        let player = loop {
            if let Some(player) = client.take() {
                break player;
            }
            // The designer may sleep only once it has answered.
            thread::yield_now();
        };
        assert_eq!(player.request, 2, "an answer to an earlier request");
        assert!(!client.is_awaiting());
        client.give_back(player);
        queues.ended.store(true, Ordering::Release);
        client.port.wake();
        designer.join().unwrap();
        drop((client, queues));
        assert_eq!(Arc::strong_count(&alive), 1, "a player is lost");
    }

    fn check(fault: Fault, early: Option<u32>) {
        let mut model = loom::model::Builder::new();
        // Bugs of this sort need few switches where nothing forces one; more would take minutes.
        model.preemption_bound = Some(3);
        model.max_branches = 10_000;
        model.check(move || exchange(fault, early));
    }

    /// Names a fault to a child of this test.
    const FAULT: &str = "ERBIUM_EXCHANGE_FAULT";

    #[test]
    fn the_last_request_is_answered_and_all_is_freed_in_every_order_of_events() {
        let (fault, early) = match std::env::var(FAULT).as_deref() {
            Ok("wakes too early") => (Fault::WakesTooEarly, None),
            Ok("loses requests") => (Fault::LosesRequests, None),
            Ok("keeps answers") => (Fault::KeepsAnswers, None),
            Ok("early comes first") => (Fault::EarlyComesFirst, Some(3)),
            Ok("early replaces answers") => (Fault::EarlyReplacesAnswers, Some(3)),
            _ => (Fault::None, None),
        };
        check(fault, early);
    }

    #[test]
    fn it_holds_where_a_request_is_designed_early_or_another_is() {
        for early in [1, 2, 3] {
            check(Fault::None, Some(early));
        }
    }

    /// In processes of their own, as loom ends one that it finds deadlocked.
    #[test]
    fn faults_are_found() {
        let model = "the_last_request_is_answered_and_all_is_freed_in_every_order_of_events";
        let program = std::env::current_exe().expect("this program");
        for (fault, found) in [
            ("wakes too early", "deadlock"),
            // It looks for the answer for ever.
            ("loses requests", "exceeded maximum number of branches"),
            ("keeps answers", "a player is lost"),
            ("early comes first", "exceeded maximum number of branches"),
            ("early replaces answers", "exceeded maximum number of branches"),
        ] {
            let mut child = std::process::Command::new(&program);
            child.arg(model).env(FAULT, fault).env("RUST_BACKTRACE", "0");
            let output = child.output().expect("it starts");
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(!output.status.success() && said.contains(found), "{fault}: {said}");
        }
    }
}
