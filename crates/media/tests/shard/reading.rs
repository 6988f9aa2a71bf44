//! Callers who read what they are told, and those who have nothing but text (C20).

use std::time::Duration;

use model::{
    Codec, MediaCommand, MediaEvent, MediaPolicy, MediaRefusal, OwnAddress, Party as Author,
    Prompt, SessionDescription, SrtpPolicy, TextPolicy,
};

use crate::kit::{Bench, ROOM};
use crate::party::Party;
use crate::recordings::library;
use crate::text::{ADVOCATE, CALLER};

impl Bench {
    /// The caller's phone adds its text, or takes it away.
    fn wishes(&mut self, text: TextPolicy) {
        self.parties[CALLER].session.wish_text(text);
        let offer = self.parties[CALLER].session.make_offer();
        self.reoffers(CALLER, offer);
        self.take_answer(CALLER);
    }

    /// Somebody calls who has text alone; `None` if she is refused.
    fn calls_only_writing(&mut self, policy: MediaPolicy) -> Option<usize> {
        let index = self.parties.len();
        let mut party = Party::new(index, 300.0, (SrtpPolicy::Off, Codec::Pcmu), &mut self.chance);
        party.is_sending = false;
        party.pen.is_settled = true;
        let (leg, ip) = (party.leg, party.address.ip());
        self.parties.push(party);
        let offer = format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
             m=text 5000 RTP/AVP 98 100\r\na=rtpmap:98 t140/1000\r\na=rtpmap:100 red/1000\r\n"
        );
        let offer = Some(SessionDescription::received(offer.as_bytes(), ip));
        let own = OwnAddress::direct([192, 0, 2, 100].into());
        let quiet_after = Duration::from_secs(15);
        self.command(MediaCommand::Open { leg, room: ROOM, offer, own, policy, quiet_after });
        match self.events.pop() {
            Some((_, MediaEvent::Ready { facts: Some(facts), .. })) => {
                assert!(facts.text && !facts.sound && !facts.telephone_events);
                Some(index)
            }
            Some((_, MediaEvent::Refused { reason: MediaRefusal::NothingInCommon, .. })) => None,
            other => panic!("{other:?}"),
        }
    }
}

/// Two who write and can be told something, a caller and an advocate.
fn told() -> Bench {
    let mut library =
        library(&[("wait", 500.0, 300), ("come", 600.0, 300), ("hum", 700.0, 300)], &[]);
    library.insert_script(Prompt::signal("wait"), "Please wait.");
    library.insert_script(Prompt::signal("come"), "Somebody comes.");
    let mut bench = Bench::with_library(library);
    bench.joins_writing(SrtpPolicy::Off, Author::Caller);
    bench.joins_writing(SrtpPolicy::Off, Author::Advocate);
    bench
}

#[test]
fn c20_a_caller_reads_what_she_is_told_and_staff_are_not_disturbed() {
    let mut bench = told();
    bench.plays(CALLER, 1, &["wait", "hum", "come"]);
    bench.plays(ADVOCATE, 2, &["wait"]);
    bench.runs_ms(2000);
    assert_eq!(bench.read_by(CALLER), "[Please wait. Somebody comes.]\r\n");
    assert_eq!(bench.read_by(ADVOCATE), "");
    assert_eq!(bench.reported(CALLER), "", "nobody wrote");
    bench.routes(&[(CALLER, ADVOCATE), (ADVOCATE, CALLER)]);
    bench.types(ADVOCATE, "I am");
    bench.runs_ms(1000);
    bench.plays(CALLER, 3, &["come"]);
    bench.plays(CALLER, 4, &["hum"]);
    bench.types(ADVOCATE, " here");
    bench.runs_ms(1000);
    assert_eq!(bench.read_by(CALLER), "I am\r\n[Somebody comes.]\r\n here");
    assert_eq!(bench.read_by(ADVOCATE), "");
}

#[test]
fn a_caller_without_text_hears_what_she_is_told_and_nothing_is_kept_for_later() {
    let mut bench = told();
    bench.wishes(TextPolicy::Off);
    bench.plays(CALLER, 1, &["wait"]);
    bench.runs_ms(1000);
    bench.wishes(TextPolicy::Offered);
    bench.plays(CALLER, 2, &["come"]);
    bench.runs_ms(1000);
    assert_eq!(bench.read_by(CALLER), "[Somebody comes.]\r\n");
}

#[test]
fn c20_who_has_text_alone_reads_what_she_is_told_and_writes_with_her_advocate() {
    let mut bench = told();
    let deaf = bench.calls_only_writing(MediaPolicy::default()).expect("she is served");
    bench.plays(deaf, 1, &["wait"]);
    bench.runs_ms(280);
    let ended = |bench: &Bench| {
        bench.of(deaf, |event| match event {
            MediaEvent::PlayEnded { leg, play } => Some((*leg, *play)),
            _ => None,
        })
    };
    assert!(ended(&bench).is_empty());
    bench.runs_ms(60);
    assert_eq!(ended(&bench).len(), 1, "as long as it would be heard: the plan goes on");
    bench.routes(&[(deaf, ADVOCATE), (ADVOCATE, deaf)]);
    bench.types(deaf, "I cannot speak.");
    bench.types(ADVOCATE, "I read you.");
    bench.expect_exactly(&[&[], &[], &[]]);
    bench.runs_ms(2000);
    assert_eq!(bench.read_by(deaf), "[Please wait.]\r\nI read you.");
    assert_eq!(bench.read_by(ADVOCATE), "I cannot speak.");
    assert_eq!(bench.reported(deaf), "I cannot speak.");
    let she = &bench.parties[deaf];
    assert!(she.heard.is_empty() && she.reports.is_empty(), "nothing is sent to nowhere");
}

#[test]
fn c14_who_has_text_alone_is_asked_for_a_sign_of_life_only_when_she_rests() {
    let mut bench = Bench::new();
    let deaf = bench.calls_only_writing(MediaPolicy::default()).expect("she is served");
    for _ in 0..60 {
        bench.types(deaf, "x");
        bench.runs_ms(1000);
    }
    assert_eq!(bench.quiets_of(deaf), []);
    bench.runs_ms(31_000);
    assert_eq!(bench.quiets_of(deaf).len(), 2);
}

#[test]
fn text_alone_is_for_callers_and_as_secret_as_the_policy_wants() {
    let mut bench = Bench::new();
    for author in [Author::Advocate, Author::Interpreter, Author::Centre, Author::Supervisor] {
        let policy = MediaPolicy { author, ..MediaPolicy::default() };
        assert_eq!(bench.calls_only_writing(policy), None);
    }
    let policy = MediaPolicy { srtp: SrtpPolicy::Required, ..MediaPolicy::default() };
    assert_eq!(bench.calls_only_writing(policy), None);
    let policy = MediaPolicy { text: TextPolicy::Off, ..MediaPolicy::default() };
    assert_eq!(bench.calls_only_writing(policy), None);
}
