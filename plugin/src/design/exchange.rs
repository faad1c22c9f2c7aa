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
    /// Replaces an answer that was not taken yet, which is freed.
    fn publish_answer(&mut self, request: Self::Request, answer: Self::Answer);
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
}

impl<P: AudioPort> Client<P> {
    pub(crate) const fn new(port: P) -> Self {
        Self { port, awaited: None }
    }

    /// Asks for something else than was asked for before, answered or not.
    pub(crate) fn request(&mut self, request: P::Request) {
        self.port.publish_request(request);
        self.awaited = Some(request);
        // Only now, or the designer could look too early and sleep on.
        self.port.wake();
    }

    /// Whether the answer to the last request is still to come.
    pub(crate) const fn is_awaiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// Awaits no answer any more; one that comes all the same is given back.
    pub(crate) const fn give_up(&mut self) {
        self.awaited = None;
    }

    /// The answer to the last request, once. Answers to others go back.
    pub(crate) fn take(&mut self) -> Option<P::Answer> {
        let (request, answer) = self.port.take_answer()?;
        if self.awaited == Some(request) {
            self.awaited = None;
            return Some(answer);
        }
        if let Some(returned) = P::unwanted(answer) {
            self.give_back(returned);
        }
        None
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
        let Some(request) = port.take_request() else {
            port.sleep();
            continue;
        };
        let answer = design(request, &|| port.has_ended() || port.is_superseded());
        if let Some(answer) = answer {
            port.publish_answer(request, answer);
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
        returns: Arc<Mutex<VecDeque<Player>>>,
        ended: Arc<AtomicBool>,
    }

    impl Queues {
        fn new() -> Self {
            Self {
                request: Arc::new(Mutex::new(None)),
                answer: Arc::new(Mutex::new(None)),
                returns: Arc::new(Mutex::new(VecDeque::new())),
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
            request.is_some()
        }
        fn publish_answer(&mut self, request: u32, answer: Player) {
            let replaced = self.queues.answer.lock().unwrap().replace((request, answer));
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

    /// An audio thread that asks twice, waits for what it asked for last, gives it back and ends.
    fn exchange(fault: Fault) {
        let queues = Queues::new();
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

    fn check(fault: Fault) {
        let mut model = loom::model::Builder::new();
        // Bugs of this sort need few switches where nothing forces one; more would take minutes.
        model.preemption_bound = Some(3);
        model.max_branches = 10_000;
        model.check(move || exchange(fault));
    }

    /// Names a fault to a child of this test.
    const FAULT: &str = "ERBIUM_EXCHANGE_FAULT";

    #[test]
    fn the_last_request_is_answered_and_all_is_freed_in_every_order_of_events() {
        check(match std::env::var(FAULT).as_deref() {
            Ok("wakes too early") => Fault::WakesTooEarly,
            Ok("loses requests") => Fault::LosesRequests,
            Ok("keeps answers") => Fault::KeepsAnswers,
            _ => Fault::None,
        });
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
