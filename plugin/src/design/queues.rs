//! The two ends of the queues between an audio thread and its designer.

use super::Outcome;
use super::early::EarlyDesign;
use super::exchange::{AudioPort, DesignerPort};
use super::request::Request;
use crate::audio::BankPlayer;
use erbium_dsp::Bank;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use triple_buffer::TripleBuffer;

/// Room for what comes back from the audio thread. One design puts at most one player into play, and
/// the designer empties the queue before each design, so no more than a few are ever under way.
const RETURNS: usize = 16;

/// What the audio thread sends back.
pub(super) enum Return {
    /// To be freed.
    Retired(Box<BankPlayer>),
    /// To be shown.
    Playing(Arc<Bank>),
}

/// The audio thread's ends.
pub(super) struct AudioEnds {
    requests: triple_buffer::Input<Option<Request>>,
    outcomes: triple_buffer::Output<Option<(Request, Outcome)>>,
    designed_early: triple_buffer::Output<Option<(Request, Outcome)>>,
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

    fn take_early(&mut self) -> Option<(Request, Outcome)> {
        self.designed_early.update();
        self.designed_early.output_buffer_mut().take()
    }

    fn is_lasting(outcome: &Outcome) -> bool {
        outcome.is_ok()
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
pub(super) struct DesignerEnds {
    requests: triple_buffer::Output<Option<Request>>,
    outcomes: triple_buffer::Input<Option<(Request, Outcome)>>,
    designed_early: triple_buffer::Input<Option<(Request, Outcome)>>,
    returns: rtrb::Consumer<Return>,
    ended: Arc<AtomicBool>,
    early: Option<EarlyDesign>,
    /// The request taken last.
    last: Option<Request>,
}

impl DesignerPort for DesignerEnds {
    type Request = Request;
    type Answer = Outcome;
    type Return = Return;

    fn take_request(&mut self) -> Option<Request> {
        let request = self.requests.update().then(|| *self.requests.output_buffer_mut())??;
        self.last = Some(request);
        self.last
    }

    fn is_superseded(&self) -> bool {
        self.requests.updated()
    }

    fn take_early(&mut self) -> Option<Request> {
        let last = self.last?;
        let (spec, fallback) = self.early.as_ref()?.take(last.spec.sample_rate_hz)?;
        let request = Request { spec, fallback, ..last };
        if request == last {
            return None;
        }
        self.last = Some(request);
        self.last
    }

    fn is_early_superseded(&self) -> bool {
        self.early.as_ref().is_some_and(EarlyDesign::has_changed)
    }

    fn publish_answer(&mut self, request: Request, outcome: Outcome) {
        publish(&mut self.outcomes, request, outcome);
    }

    fn publish_early(&mut self, request: Request, outcome: Outcome) {
        publish(&mut self.designed_early, request, outcome);
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

fn publish(
    outcomes: &mut triple_buffer::Input<Option<(Request, Outcome)>>,
    request: Request,
    outcome: Outcome,
) {
    outcomes.write(Some((request, outcome)));
    // What nobody took has come back and is freed here, unplayed.
    *outcomes.input_buffer_mut() = None;
}

/// The ends of new queues. Those of the audio thread await the thread to wake; the other one ends once
/// `ended` is set.
pub(super) fn connect(
    ended: Arc<AtomicBool>,
    early: Option<EarlyDesign>,
) -> (impl FnOnce(Thread) -> AudioEnds, DesignerEnds) {
    let (requests_in, requests) = TripleBuffer::<Option<Request>>::default().split();
    let (outcomes_in, outcomes) = TripleBuffer::<Option<(Request, Outcome)>>::default().split();
    let (early_in, designed_early) = TripleBuffer::<Option<(Request, Outcome)>>::default().split();
    let (returns_in, returns) = rtrb::RingBuffer::new(RETURNS);
    let audio_ends = |designer| AudioEnds {
        requests: requests_in,
        outcomes,
        designed_early,
        returns: returns_in,
        designer,
    };
    let designer_ends = DesignerEnds {
        requests,
        outcomes: outcomes_in,
        designed_early: early_in,
        returns,
        ended,
        early,
        last: None,
    };
    (audio_ends, designer_ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::DesignFailure;
    use crate::design::exchange::{Client, serve};
    use erbium_dsp::{BankSpec, DesignError};

    /// Miri tries far fewer, each of them thoroughly.
    const ROUNDS: usize = if cfg!(miri) { 6 } else { 2_000 };

    /// Names what was asked for.
    const fn refusal(channels: usize) -> DesignFailure {
        let given = if channels == 1 { 1.0 } else { 2.0 };
        let (what, unit) = ("number of channels", "");
        DesignFailure::Refused(DesignError::OutOfRange { what, unit, given, low: 0.0, high: 0.0 })
    }

    /// What `exchange::model` proves of ideal queues, on these, and with threads of the system.
    #[test]
    fn the_last_request_is_answered_over_these_queues() {
        let ended = Arc::new(AtomicBool::new(false));
        let (audio_ends, mut designer_ends) = connect(ended.clone(), None);
        let designer = std::thread::spawn(move || {
            let refuse = |request: Request, is_unwanted: &dyn Fn() -> bool| {
                (!is_unwanted()).then_some(Err(refusal(request.channels)))
            };
            serve(&mut designer_ends, refuse, drop);
        });
        let mut client = Client::new(audio_ends(designer.thread().clone()));
        for round in 0..ROUNDS {
            let last = 1 + round % 2;
            for (bands, channels) in [(8, 1), (9, 2), (10, 1), (11, last)] {
                let spec = BankSpec { bands, ..BankSpec::default() };
                client.request(Request { spec, fallback: spec, channels });
            }
            let outcome = loop {
                if let Some(outcome) = client.take() {
                    break outcome;
                }
                std::thread::yield_now();
            };
            assert_eq!(outcome.err(), Some(refusal(last)));
            assert!(!client.is_awaiting());
        }
        ended.store(true, Ordering::Release);
        designer.thread().unpark();
        designer.join().expect("it ends");
    }
}
