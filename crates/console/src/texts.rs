//! Live text on its way to the screens of its readers: it is handed to whoever is reading at this
//! moment, and kept nowhere (C20). There is no number to resume from, and nothing to resume.
//!
//! Each reader has a short channel of its own. One that does not keep up is let go: its stream ends,
//! and it may ask again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{AdvocateId, CallId};
use switchboard::{Notice, Passage};
use tokio::sync::mpsc;

/// The readers of live text.
#[derive(Debug, Default)]
pub struct Texts {
    readers: Mutex<Vec<Reader>>,
}

/// One stream.
#[derive(Debug)]
struct Reader {
    advocate: AdvocateId,
    call: CallId,
    to_stream: mpsc::Sender<Passage>,
}

impl Texts {
    /// Hands a passage to whoever reads the text of that call as that advocate.
    pub fn read(&self, passage: Passage) {
        self.readers().retain(|reader| {
            let is_hers = (reader.advocate, reader.call) == (passage.advocate, passage.call);
            !is_hers || reader.to_stream.try_send(passage).is_ok()
        });
    }

    /// Ends the streams of whoever is not in the call any more.
    pub fn note(&self, notice: &Notice) {
        match *notice {
            Notice::CallEnded { call, .. } => self.readers().retain(|reader| reader.call != call),
            Notice::AdvocateLost { call, advocate } | Notice::HandedOn { call, advocate } => {
                self.readers().retain(|reader| (reader.call, reader.advocate) != (call, advocate));
            }
            _ => {}
        }
    }

    /// What `advocate` reads of `call` from now on, until one of them goes.
    pub(crate) fn stream(&self, advocate: AdvocateId, call: CallId) -> mpsc::Receiver<Passage> {
        let (to_stream, from_call) = mpsc::channel(WAITING);
        let mut readers = self.readers();
        readers.retain(|reader| !reader.to_stream.is_closed());
        readers.push(Reader { advocate, call, to_stream });
        from_call
    }

    /// A panic while handing out leaves at worst one passage unread.
    fn readers(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passages on their way to one screen: half a minute of the fastest writer.
const WAITING: usize = 64;

#[cfg(test)]
mod tests {
    use model::{EndReason, Party, Typed};

    use super::*;

    const ALICE: AdvocateId = AdvocateId(0);
    const BRUNA: AdvocateId = AdvocateId(1);

    fn passage(advocate: AdvocateId, call: u64, text: &str) -> Passage {
        let (text, _) = Typed::split(text);
        Passage { advocate, call: CallId(call), from: Party::Caller, text }
    }

    fn read(stream: &mut mpsc::Receiver<Passage>) -> String {
        let passages = std::iter::from_fn(|| stream.try_recv().ok());
        passages.map(|passage| passage.text.reveal().to_owned()).collect()
    }

    #[test]
    fn c20_text_is_read_by_its_advocate_in_its_call_at_its_time_and_never_again() {
        let texts = Texts::default();
        texts.read(passage(ALICE, 1, "before"));
        let mut hers = texts.stream(ALICE, CallId(1));
        let mut others = [texts.stream(ALICE, CallId(2)), texts.stream(BRUNA, CallId(1))];
        texts.read(passage(ALICE, 1, "now"));
        assert_eq!(read(&mut hers), "now");
        assert_eq!(others.each_mut().map(read), ["", ""]);
        let mut later = texts.stream(ALICE, CallId(1));
        assert_eq!(read(&mut later), "");
    }

    #[test]
    fn a9_a_stream_ends_with_the_call_or_when_she_leaves_it() {
        let texts = Texts::default();
        let mut hers = texts.stream(ALICE, CallId(1));
        let mut other = texts.stream(BRUNA, CallId(2));
        texts.note(&Notice::HandedOn { call: CallId(2), advocate: ALICE });
        assert_eq!(other.try_recv(), Err(mpsc::error::TryRecvError::Empty));
        texts.note(&Notice::AdvocateLost { call: CallId(2), advocate: BRUNA });
        assert_eq!(other.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
        texts.note(&Notice::CallEnded { call: CallId(1), reason: EndReason::HungUp });
        assert_eq!(hers.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }

    #[test]
    fn a_reader_that_does_not_keep_up_is_let_go() {
        let texts = Texts::default();
        let mut slow = texts.stream(ALICE, CallId(1));
        (0..=WAITING).for_each(|_| texts.read(passage(ALICE, 1, "x")));
        texts.read(passage(ALICE, 1, "y"));
        assert_eq!(read(&mut slow), "x".repeat(WAITING));
        assert_eq!(slow.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
        assert!(texts.readers().is_empty());
    }

    #[test]
    fn d1_what_is_on_its_way_never_prints() {
        let texts = Texts::default();
        let stream = texts.stream(ALICE, CallId(1));
        let written = passage(ALICE, 1, "canary");
        texts.read(written);
        assert!(!format!("{texts:?} {stream:?} {written:?}").contains("canary"));
    }
}
