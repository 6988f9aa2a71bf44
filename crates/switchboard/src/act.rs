//! What an advocate can do, however she asks for it: by a star code during a call, by dialling one
//! between calls, or over the API. This is the one vocabulary; the others translate into it.
//!
//! Doing a thing twice does it once, except that [`Act::NextRoute`] and [`Act::Replace`] move on
//! each time.

use model::{AdvocateId, CallId, Instant, Language, LegId, Pii};

use crate::Switchboard;
use crate::hearing::Aside;
use crate::mode::Mode;
use crate::supervising::{Attendance, Whose};

/// What an advocate wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Take calls.
    Ready,
    /// Take no calls, or none after this one.
    Away,
    /// What the last call left to do is done.
    WrapUpDone,
    /// Set the caller aside, with an announcement and music (A3).
    Hold,
    /// The same, to talk with the interpreter (A4).
    Private,
    /// Return to the caller from hold or private talk.
    TakeBack,
    /// Say goodbye to the caller and end the call.
    End,
    /// Bring an interpreter.
    Interpreter(Wanted),
    /// How the interpreter speaks.
    Mode(Mode),
    /// Let the interpreter hear the caller (C22).
    OpenWay,
    /// Give up this route and try the next.
    NextRoute,
    /// Stop looking for an interpreter, or let the interpreter go.
    Cancel,
    /// Another interpreter instead of this one (I4).
    Replace,
    /// This is a person, join now.
    Person,
    /// Hand the caller on: to the advocate, the back-up centre or the queue of this name, or to the
    /// caller's own queue without a name. What her phone's transfer key does.
    Transfer(Pii<String>),
    /// A supervisor takes part in a colleague's call, in this way; her phone rings for it.
    Supervise(Whose, Attendance),
    /// A supervisor leaves the call she takes part in.
    StopSupervising,
    /// A supervisor takes the caller whose advocate was lost while she took part.
    TakeOver,
    /// Show this text to everyone in this call of hers who may hear her.
    Write {
        /// Which call it is meant for: she may have another by now.
        call: CallId,
        /// What she wrote.
        text: Pii<String>,
    },
}

/// How a language is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// By its number on the card.
    Number(u16),
    /// By its tag.
    Tag(Language),
}

/// What became of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, or has begun.
    Done,
    /// It was so before; nothing changed.
    Already,
    /// It means nothing as things are; nothing changed.
    NotNow,
    /// She is in no call; nothing changed.
    NoCall,
    /// There is no such language; nothing changed.
    UnknownLanguage,
    /// She may not do that.
    NotAllowed,
    /// There is no such advocate.
    UnknownAdvocate,
    /// Nobody and no queue of this name can be handed a caller; nothing changed.
    UnknownTarget,
    /// The colleague has another caller; nothing changed.
    Busy,
    /// The colleague is away, or nobody else is on shift; nothing changed.
    Unavailable,
}

impl Switchboard {
    /// An advocate's act from outside her call's keypad.
    pub(crate) fn act(&mut self, now: Instant, advocate: AdvocateId, act: Act) -> Outcome {
        if self.queue.standing(advocate).is_none() {
            return Outcome::UnknownAdvocate;
        }
        match (&act, self.conversation_of(advocate)) {
            (Act::Ready, _) => self.shift(now, queue::Input::Ready { advocate }),
            (Act::Away, _) => self.shift(now, queue::Input::Away { advocate }),
            (Act::WrapUpDone, _) => self.shift(now, queue::Input::WrapUpDone { advocate }),
            (&Act::Supervise(whose, attendance), _) => {
                self.supervise(now, advocate, whose, attendance)
            }
            (Act::StopSupervising, _) => self.stop_supervising(now, advocate),
            (Act::TakeOver, _) => self.take_over(now, advocate),
            (Act::End, None) => Outcome::Already,
            (_, None) => Outcome::NoCall,
            (_, Some((call, leg))) => {
                self.hold_in_hand(leg);
                self.act_in_call(now, call, leg, act)
            }
        }
    }

    /// An act of the advocate on `leg` in the call she is in.
    pub(crate) fn act_in_call(
        &mut self,
        now: Instant,
        id: CallId,
        leg: LegId,
        act: Act,
    ) -> Outcome {
        self.think_better(now, id, &act);
        match act {
            Act::Ready
            | Act::Away
            | Act::WrapUpDone
            | Act::Supervise(..)
            | Act::StopSupervising
            | Act::TakeOver => Outcome::NotNow,
            Act::Hold => self.set_aside(id, leg, Aside::Hold),
            Act::Private => self.set_aside(id, leg, Aside::Private),
            Act::TakeBack => self.take_back(id, leg),
            Act::End => {
                self.close(now, id);
                Outcome::Done
            }
            Act::Interpreter(wanted) => self.request_interpreter(now, id, leg, wanted),
            Act::Mode(mode) => self.interpret(id, leg, mode),
            Act::OpenWay => self.open_way_by_hand(id, leg),
            Act::NextRoute => self.another_interpreter(now, id, interpreting::Input::NextRoute),
            Act::Cancel => self.cancel_interpreter(now, id, leg),
            Act::Replace => self.another_interpreter(now, id, interpreting::Input::Replace),
            Act::Person => self.person_here(now, id),
            Act::Transfer(name) => self.transfer_at_screen(now, id, leg, &name),
            Act::Write { call, text } => self.write(id, leg, call, text),
        }
    }

    /// Comes to work, goes away, is done.
    fn shift(&mut self, now: Instant, input: queue::Input) -> Outcome {
        self.queue.handle_input(now, input);
        self.drain_queue(now);
        Outcome::Done
    }

    /// The call the advocate talks in, and her leg of it.
    pub(crate) fn conversation_of(&self, advocate: AdvocateId) -> Option<(CallId, LegId)> {
        self.calls.iter().find_map(|(&id, call)| {
            let talk = call.talk().filter(|talk| talk.advocate == advocate)?;
            Some((id, talk.leg))
        })
    }
}
