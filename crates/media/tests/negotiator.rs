//! The control side alone: which exchange yields what.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use media::{Library, Negotiator, Output, ShardCommand};
use model::{
    Chance, Direction, Instant, LegId, MediaCommand, MediaEvent, MediaFacts, MediaPolicy,
    MediaRefusal, OwnAddress, PlayId, RoomId, SessionDescription, TextPolicy,
};
use sdp::{Local, Session};

const LEG: LegId = LegId(7);
const ROOM: RoomId = RoomId(1);

struct Bench {
    negotiator: Negotiator,
    peer: Session,
}

/// What a command yields, the shard's part by name.
#[derive(Debug, PartialEq)]
enum Yield {
    Shard(&'static str),
    Event(MediaEvent),
}

impl Bench {
    fn new() -> Self {
        let local = Local {
            address: "192.0.2.1".parse().expect("an address"),
            port: 4638,
            rtcp_port: 4001,
            rtcp_mux: false,
            session_id: 1,
        };
        let negotiator = Negotiator::new(Chance::from_number(1), Arc::new(Library::default()));
        Self { negotiator, peer: Session::new(local) }
    }

    fn gives(&mut self, command: MediaCommand) -> Vec<Yield> {
        self.gives_at(command, Some(20_000))
    }

    fn gives_at(&mut self, command: MediaCommand, port: Option<u16>) -> Vec<Yield> {
        self.negotiator.handle_command(Instant::ZERO, command, port);
        let outputs = std::iter::from_fn(|| self.negotiator.poll_output());
        outputs
            .map(|output| match output {
                Output::Event(event) => Yield::Event(event),
                Output::Shard { room, command } => {
                    assert_eq!(room, ROOM);
                    Yield::Shard(name(&command))
                }
            })
            .collect()
    }

    fn opens(&mut self, offer: Option<SessionDescription>) -> Vec<Yield> {
        let quiet_after = Duration::from_secs(15);
        self.gives(open(offer, quiet_after))
    }
}

fn open(offer: Option<SessionDescription>, quiet_after: Duration) -> MediaCommand {
    let own = OwnAddress::direct(Ipv4Addr::new(192, 0, 2, 100).into());
    let policy = MediaPolicy::default();
    MediaCommand::Open { leg: LEG, room: ROOM, offer, own, policy, quiet_after }
}

fn name(command: &ShardCommand) -> &'static str {
    match command {
        ShardCommand::Open(_) => "open",
        ShardCommand::Settle { .. } => "settle",
        ShardCommand::Play { .. } => "play",
        ShardCommand::StopPlay { .. } => "stop",
        ShardCommand::Music { .. } => "music",
        ShardCommand::Route(_) => "route",
        ShardCommand::Tune { .. } => "tune",
        ShardCommand::Share { .. } => "share",
        ShardCommand::SendDigits { .. } => "digits",
        ShardCommand::Close { .. } => "close",
        ShardCommand::OpenText { .. } => "open text",
        ShardCommand::SettleText { .. } => "settle text",
        ShardCommand::Show { .. } => "show",
        ShardCommand::Announce { .. } => "announce",
    }
}

fn facts(yields: &[Yield]) -> Option<MediaFacts> {
    yields.iter().find_map(|yielded| match yielded {
        Yield::Event(MediaEvent::Ready { facts, .. }) => *facts,
        _ => None,
    })
}

fn description(yields: &[Yield]) -> Option<SessionDescription> {
    yields.iter().find_map(|yielded| match yielded {
        Yield::Event(MediaEvent::Ready { description, .. }) => description.clone(),
        _ => None,
    })
}

fn refused(reason: MediaRefusal) -> Vec<Yield> {
    vec![Yield::Event(MediaEvent::Refused { leg: LEG, reason })]
}

#[test]
fn an_offer_is_answered_and_settled_at_once() {
    let mut bench = Bench::new();
    let offer = bench.peer.make_offer();
    let yields = bench.opens(Some(offer));
    assert_eq!(yields[..2], [Yield::Shard("open"), Yield::Shard("settle")]);
    let facts = facts(&yields).expect("all is settled");
    assert_eq!((facts.direction, facts.telephone_events), (Direction::Both, true));
    let answer = description(&yields).expect("an answer");
    let agreed = bench.peer.accept_answer(&answer).expect("it serves");
    assert_eq!(agreed.remote, "192.0.2.100:20000".parse().expect("an address"));
    assert_eq!(agreed.format.payload_type, facts.codec);
}

#[test]
fn without_an_offer_ours_is_made_and_the_answer_settles_it() {
    let mut bench = Bench::new();
    let yields = bench.opens(None);
    assert_eq!((&yields[0], facts(&yields)), (&Yield::Shard("open"), None));
    let offer = description(&yields).expect("our offer");
    let (answer, _) = bench.peer.accept_offer(&offer).expect("it serves");
    let yields = bench.gives(MediaCommand::Answer { leg: LEG, answer });
    assert_eq!(yields[0], Yield::Shard("settle"));
    assert!(facts(&yields).is_some() && description(&yields).is_none());
}

#[test]
fn what_cannot_be_served_is_refused_and_opens_nothing() {
    let mut bench = Bench::new();
    let bad = |body: &str| Some(SessionDescription::new(body));
    assert_eq!(bench.opens(bad("v=0\r\nx")), refused(MediaRefusal::Malformed { line: 2 }));
    let savp = "v=0\r\no=- 0 9 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
                m=audio 4000 RTP/SAVP 0\r\n";
    assert_eq!(bench.opens(bad(savp)), refused(MediaRefusal::NothingInCommon));
    let quiet_after = Duration::from_secs(15);
    let open = open(None, quiet_after);
    assert_eq!(bench.gives_at(open, None), refused(MediaRefusal::NoPort));
    let offer = bench.peer.make_offer();
    assert_eq!(bench.opens(Some(offer)).len(), 3, "the leg can still be opened");
}

#[test]
fn late_and_unknown_commands_change_nothing() {
    let mut bench = Bench::new();
    let offer = bench.peer.make_offer();
    let play = || MediaCommand::Play { leg: LEG, play: PlayId(1), prompts: Vec::new() };
    let route = || MediaCommand::Route { room: ROOM, version: 1, routes: Vec::new() };
    assert!(bench.gives(play()).is_empty() && bench.gives(route()).is_empty());
    let answer = MediaCommand::Answer { leg: LEG, answer: offer.clone() };
    assert_eq!(bench.gives(answer.clone()), refused(MediaRefusal::OutOfOrder));
    bench.opens(Some(offer.clone()));
    assert_eq!(bench.opens(Some(offer)), refused(MediaRefusal::OutOfOrder));
    assert_eq!(bench.gives(play()), [Yield::Shard("play")]);
    assert_eq!(bench.gives(route()), [Yield::Shard("route")]);
    let close = MediaCommand::Close { leg: LEG };
    assert_eq!(bench.gives(close.clone()), [Yield::Shard("close")]);
    assert!(bench.gives(close).is_empty());
    assert!(bench.gives(play()).is_empty() && bench.gives(route()).is_empty());
}

#[test]
fn an_abandoned_offer_leaves_what_was_settled_and_the_next_one_is_served() {
    let mut bench = Bench::new();
    let offer = bench.peer.make_offer();
    let before = facts(&bench.opens(Some(offer)));
    let yields =
        bench.gives(MediaCommand::Reoffer { leg: LEG, offer: None, text: TextPolicy::Accepted });
    assert_eq!((yields.len(), facts(&yields)), (1, None), "the old media run on");
    let first = description(&yields).expect("our offer");
    assert!(bench.gives(MediaCommand::Abandon { leg: LEG }).is_empty());
    let yields =
        bench.gives(MediaCommand::Reoffer { leg: LEG, offer: None, text: TextPolicy::Accepted });
    let again = description(&yields).expect("our next offer");
    assert_ne!(first.bytes(), again.bytes(), "a version never stands for two descriptions");
    let (answer, _) = bench.peer.accept_offer(&again).expect("it serves");
    let yields = bench.gives(MediaCommand::Answer { leg: LEG, answer });
    assert_eq!((&yields[0], facts(&yields)), (&Yield::Shard("settle"), before));
}

#[test]
fn an_offer_that_crosses_ours_is_answered_and_ours_is_given_up() {
    let mut bench = Bench::new();
    let offer = bench.peer.make_offer();
    bench.opens(Some(offer));
    bench.gives(MediaCommand::Reoffer { leg: LEG, offer: None, text: TextPolicy::Accepted });
    let theirs = bench.peer.make_offer();
    let yields = bench.gives(MediaCommand::Reoffer {
        leg: LEG,
        offer: Some(theirs),
        text: TextPolicy::Accepted,
    });
    assert_eq!(yields[0], Yield::Shard("settle"));
    assert!(bench.gives(MediaCommand::Abandon { leg: LEG }).is_empty());
    assert!(description(&yields).is_some());
}

/// RFC 4028 §7.4: `sip` refreshes by saying our last description again.
#[test]
fn another_answer_to_a_refresh_is_served_though_the_peer_had_offered() {
    let mut bench = Bench::new();
    let offer = bench.peer.make_offer();
    let ours = description(&bench.opens(Some(offer))).expect("our answer");
    let (answer, _) = bench.peer.accept_offer(&ours).expect("it serves");
    let yields = bench.gives(MediaCommand::Answer { leg: LEG, answer });
    assert_eq!(yields[0], Yield::Shard("settle"));
    let bad = SessionDescription::new("v=0\r\nx");
    let yields = bench.gives(MediaCommand::Answer { leg: LEG, answer: bad });
    assert_eq!(yields, refused(MediaRefusal::Malformed { line: 2 }));
}

#[test]
fn d1_nothing_here_prints_an_address_or_a_digit() {
    let mut bench = Bench::new();
    let offer = bench.peer.make_offer();
    let quiet_after = Duration::from_secs(15);
    let open = open(Some(offer), quiet_after);
    bench.negotiator.handle_command(Instant::ZERO, open, Some(20_000));
    let digits = "739".chars().filter_map(model::Digit::from_char).collect();
    let send = MediaCommand::SendDigits { leg: LEG, digits };
    bench.negotiator.handle_command(Instant::ZERO, send, None);
    let mut shard = media::Shard::new(1);
    let mut printed = String::new();
    while let Some(output) = bench.negotiator.poll_output() {
        printed += &format!("{output:?}");
        if let Output::Shard { command, .. } = output {
            shard.handle_command(Instant::ZERO, command);
        }
    }
    shard.handle_timeout(Instant::ZERO + Duration::from_millis(25));
    printed += &format!("{:?} {shard:?} ", bench.negotiator);
    printed += &format!("{:?}", shard.poll_transmit());
    assert!(printed.contains("Leg"));
    for canary in ["192.0", "2.100", "20000", "4638", "'7'", "739"] {
        assert!(!printed.contains(canary), "{canary} in {printed}");
    }
}
