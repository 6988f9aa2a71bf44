//! Real-time text between the legs of a room: who reads whom, and that nothing is lost or told to
//! the wrong one (C20, A4, I10).

use std::net::SocketAddr;

use media::Channel;
use model::{
    Chance, Codec, Gain, Instant, MediaCommand, MediaEvent, MediaPolicy, Party as Author, Route,
    SessionDescription, SrtpPolicy, TextFormat, TextPolicy,
};
use rtp::Packet;
use rtp::srtp::{OVERHEAD, Protector, Unprotector};
use rtp::text::{Queue, Receiver, Sender};
use sdp::Session;

use crate::kit::{Bench, ROOM};
use crate::party::Party;

/// What a party writes and reads with.
pub(crate) struct Pen {
    sender: Sender,
    receiver: Receiver,
    pub(crate) read: String,
    srtp: Option<(Protector, Unprotector)>,
    /// The last packets it sent, as they were on the wire.
    sent: Vec<Vec<u8>>,
    pub(crate) is_settled: bool,
}

impl Default for Pen {
    fn default() -> Self {
        let format = TextFormat { t140: 98, red: Some(100), repeats: 2 };
        Self {
            sender: Sender::new(format, 30, &mut Chance::from_number(5)),
            receiver: Receiver::new(format),
            read: String::new(),
            srtp: None,
            sent: Vec::new(),
            is_settled: false,
        }
    }
}

impl Pen {
    /// Takes what the party's session has settled.
    pub(crate) fn settle(&mut self, session: &Session) {
        self.is_settled = session.text().is_some();
        let Some((text, keys)) = session.text() else { return };
        self.sender.settle(text.sent, text.cps);
        self.receiver.set_format(text.received);
        self.srtp = keys.map(|keys| (Protector::new(&keys.ours), Unprotector::new(&keys.theirs)));
    }

    pub(crate) fn reads(&mut self, now: Instant, bytes: &[u8]) {
        assert!(self.is_settled, "whoever has no text gets none");
        let mut bytes = bytes.to_vec();
        if let Some((_, unprotector)) = &mut self.srtp {
            let length = unprotector.rtp(&mut bytes).expect("what we send is authentic");
            bytes.truncate(length);
        }
        let packet = Packet::parse(&bytes).expect("we send RTP");
        let mut queue = Queue::new(Receiver::MOST);
        let taken = self.receiver.packet(now, &packet.header, packet.payload, &mut queue);
        taken.expect("we send text");
        self.read.extend(std::iter::from_fn(|| queue.pop()));
    }

    /// The packet that is due now.
    fn packet(&mut self, now: Instant) -> Option<Vec<u8>> {
        let mut bytes = vec![0; Sender::MAX + OVERHEAD];
        let length = self.sender.write(now, &mut bytes);
        let length = match &mut self.srtp {
            Some((protector, _)) if length > 0 => {
                protector.rtp(&mut bytes, length).expect("there is room")
            }
            _ => length,
        };
        bytes.truncate(length);
        (length > 0).then_some(bytes)
    }
}

impl Bench {
    /// A party of its own tone joins, with text.
    pub(crate) fn joins_writing(&mut self, srtp: SrtpPolicy, author: Author) -> usize {
        let index = self.parties.len();
        let mut party =
            Party::new(index, 300.0 + 200.0 * index as f64, (srtp, Codec::Pcmu), &mut self.chance);
        party.session.add_text(5000, self.chance.split(), TextPolicy::Offered);
        self.enters(party, MediaPolicy { srtp, author, ..MediaPolicy::default() });
        index
    }

    /// A party joins that takes text, and was offered none.
    fn joins_able_to_write(&mut self, srtp: SrtpPolicy) -> usize {
        let index = self.joins_with(300.0 + 200.0 * self.parties.len() as f64, srtp);
        let chance = self.chance.split();
        self.parties[index].session.add_text(5000, chance, TextPolicy::Accepted);
        index
    }

    /// We offer a party another session that says `wish` of text; it answers as it can.
    fn reoffers_text(&mut self, index: usize, wish: TextPolicy) {
        let leg = self.parties[index].leg;
        self.command(MediaCommand::Reoffer { leg, offer: None, text: wish });
        let offered = self.events.pop();
        let Some((_, MediaEvent::Ready { description: Some(offer), .. })) = offered else {
            panic!("an offer was due: {offered:?}");
        };
        let party = &mut self.parties[index];
        let (answer, _) = party.session.accept_offer(&offer).expect("our offer serves");
        party.rekey();
        party.pen.settle(&party.session);
        let answer = SessionDescription::received(answer.bytes(), party.address.ip());
        self.command(MediaCommand::Answer { leg, answer });
    }

    pub(crate) fn types(&mut self, party: usize, text: &str) {
        text.chars().for_each(|character| self.parties[party].pen.sender.push(character));
    }

    /// Everybody sends the text that is due.
    pub(crate) fn write(&mut self) {
        for index in 0..self.parties.len() {
            let party = &mut self.parties[index];
            if let Some(packet) = party.pen.packet(self.now) {
                party.pen.sent.push(packet.clone());
                let (leg, source) = (party.leg, text_address(party));
                if self.chance.below(100) >= self.loss_percent {
                    self.injects(leg, Channel::Text, source, &packet);
                }
            }
        }
    }

    /// What a party has read since it was last asked.
    pub(crate) fn read_by(&mut self, party: usize) -> String {
        std::mem::take(&mut self.parties[party].pen.read)
    }

    /// What was reported of a party's text.
    pub(crate) fn reported(&self, party: usize) -> String {
        let typed = self.of(party, |event| match event {
            MediaEvent::Text { leg, text } => Some((*leg, text.reveal().to_owned())),
            _ => None,
        });
        typed.concat()
    }
}

fn text_address(party: &Party) -> SocketAddr {
    SocketAddr::new(party.address.ip(), 5000)
}

/// Three who write: a caller, an advocate, an interpreter.
fn three(srtp: SrtpPolicy) -> Bench {
    let mut bench = Bench::new();
    for author in [Author::Caller, Author::Advocate, Author::Interpreter] {
        bench.joins_writing(srtp, author);
    }
    bench
}

pub(crate) const CALLER: usize = 0;
pub(crate) const ADVOCATE: usize = 1;
const INTERPRETER: usize = 2;
const ALL: [(usize, usize); 6] = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)];

#[test]
fn c20_text_reaches_those_who_hear_its_author_and_is_reported_once() {
    for srtp in [SrtpPolicy::Off, SrtpPolicy::Optional, SrtpPolicy::Required] {
        let mut bench = three(srtp);
        bench.routes(&ALL);
        bench.types(CALLER, "añ€😀\u{8}!");
        bench.runs_ms(2000);
        for reader in [ADVOCATE, INTERPRETER] {
            assert_eq!(bench.read_by(reader), "añ€😀\u{8}!");
        }
        assert_eq!(
            (bench.read_by(CALLER).as_str(), bench.reported(CALLER).as_str()),
            ("", "añ€😀\u{8}!")
        );
    }
}

#[test]
fn a4_in_private_talk_the_caller_reads_nothing_and_is_not_read() {
    let mut bench = three(SrtpPolicy::Off);
    bench.routes(&[(1, 2), (2, 1)]);
    bench.types(ADVOCATE, "She sounds afraid.");
    bench.runs_ms(3000);
    bench.types(INTERPRETER, "Yes.");
    bench.types(CALLER, "hello?");
    bench.runs_ms(3000);
    assert_eq!(bench.read_by(CALLER), "");
    assert_eq!(bench.read_by(INTERPRETER), "She sounds afraid.");
    assert_eq!(bench.read_by(ADVOCATE), "Yes.");
    bench.routes(&ALL);
    bench.runs_ms(3000);
    assert_eq!(bench.read_by(CALLER), "", "nothing is made up for");
}

#[test]
fn a4_private_text_that_was_lost_is_not_repeated_to_others() {
    let mut bench = three(SrtpPolicy::Off);
    bench.routes(&ALL);
    bench.types(ADVOCATE, "a");
    bench.runs_ms(2000);
    bench.routes(&[(1, 2), (2, 1)]);
    bench.loss_percent = 100;
    bench.types(ADVOCATE, "private");
    bench.runs_ms(20);
    bench.loss_percent = 0;
    bench.routes(&ALL);
    bench.runs_ms(20);
    bench.types(ADVOCATE, "open");
    bench.runs_ms(3000);
    assert_eq!(bench.read_by(CALLER), "a\u{fffd}open");
}

#[test]
fn c22_text_is_read_one_way_where_sound_is_heard_one_way() {
    let mut bench = three(SrtpPolicy::Off);
    bench.routes(&[(CALLER, INTERPRETER), (ADVOCATE, CALLER)]);
    bench.types(CALLER, "c");
    bench.types(INTERPRETER, "i");
    bench.runs_ms(2000);
    let read = [CALLER, ADVOCATE, INTERPRETER].map(|party| bench.read_by(party));
    assert_eq!(read, ["i", "c", ""]);
    // A pair at gain nought is no pair.
    let (listener, speaker) = (bench.parties[CALLER].leg, bench.parties[ADVOCATE].leg);
    bench.route(vec![Route::new(listener, speaker, Gain::SILENT)]);
    bench.types(ADVOCATE, "x");
    bench.runs_ms(2000);
    assert_eq!(bench.read_by(CALLER), "");
}

#[test]
fn b1_over_a_thousand_changes_everybody_reads_exactly_whom_the_matrix_allows() {
    let mut bench = three(SrtpPolicy::Off);
    for change in 0..1000 {
        let pairs: Vec<_> = ALL.into_iter().filter(|_| bench.chance.below(2) == 0).collect();
        if change % 4 == 0 {
            let except = ALL.into_iter().filter(|pair| !pairs.contains(pair));
            let leg = |party: usize| bench.parties[party].leg;
            let silent =
                |(listener, speaker)| Route::new(leg(listener), leg(speaker), Gain::SILENT);
            let except = except.map(silent).collect();
            bench.confers(except);
        } else {
            bench.routes(&pairs);
        }
        let words = ["kilo.", "mike.", "oscar."];
        for (party, word) in words.iter().enumerate() {
            bench.types(party, word);
        }
        bench.runs_ms(2000);
        for reader in 0..3 {
            let read = bench.read_by(reader);
            for (writer, word) in words.iter().enumerate() {
                let may = pairs.contains(&(reader, writer));
                assert_eq!(
                    read.contains(word),
                    may,
                    "change {change}: {reader} of {writer}: {read}"
                );
            }
        }
        bench.events.clear();
        bench.forgets_what_was_heard();
    }
}

#[test]
fn whoever_reads_several_is_told_who_writes() {
    let mut bench = three(SrtpPolicy::Off);
    bench.routes(&ALL);
    bench.types(ADVOCATE, "Hello.");
    bench.runs_ms(1000);
    bench.types(INTERPRETER, "Hola.");
    bench.runs_ms(2000);
    assert_eq!(bench.read_by(CALLER), "Hello.\r\n[interpreter] Hola.");
    assert_eq!(bench.read_by(ADVOCATE), "Hola.", "there is but one to read");
}

#[test]
fn what_is_typed_at_a_desk_is_read_by_those_who_hear_its_phone() {
    let mut bench = Bench::new();
    bench.joins_writing(SrtpPolicy::Off, Author::Caller);
    let advocate = bench.joins(700.0);
    let leg = bench.parties[advocate].leg;
    let say = |text: &str| MediaCommand::SendText { leg, text: text.to_owned().into() };
    bench.command(say("unheard"));
    bench.routes(&[(0, 1), (1, 0)]);
    let text = "I am here, €20 or not. ".repeat(10);
    bench.command(say(&text));
    bench.runs_ms(9000);
    assert_eq!(bench.read_by(CALLER), text);
    assert_eq!(bench.reported(advocate), "", "the desk knows what it has said");
    assert!(bench.retired > 0, "its memory is freed elsewhere");
}

#[test]
fn lost_packets_lose_no_text_between_two_legs() {
    let mut bench = three(SrtpPolicy::Off);
    bench.routes(&ALL);
    bench.loss_percent = 5;
    let mut typed = String::new();
    for at in 0..300_u32 {
        let character = char::from(b'a' + (at % 26) as u8);
        typed.push(character);
        bench.types(CALLER, &character.to_string());
        bench.runs_ms(100);
    }
    bench.loss_percent = 0;
    bench.runs_ms(2000);
    assert_eq!(bench.read_by(ADVOCATE), typed);
}

#[test]
fn an_echo_echoes_text_and_a_crowd_reads_everyone() {
    let mut bench = Bench::new();
    bench.joins_writing(SrtpPolicy::Off, Author::Caller);
    bench.routes(&[(0, 0)]);
    bench.types(0, "echo");
    bench.runs_ms(2000);
    assert_eq!(bench.read_by(0), "echo");

    let mut bench = Bench::new();
    bench.confers(Vec::new());
    for _ in 0..12 {
        bench.joins_writing(SrtpPolicy::Off, Author::Caller);
    }
    bench.confers(Vec::new());
    bench.types(3, "crowd");
    bench.runs_ms(2000);
    let readers: Vec<usize> = (0..12).filter(|&party| bench.read_by(party) == "crowd").collect();
    assert_eq!(readers, (0..12).filter(|&party| party != 3).collect::<Vec<_>>());
}

#[test]
fn c14_whoever_only_types_is_not_quiet() {
    let mut bench = three(SrtpPolicy::Off);
    bench.runs_ms(1000);
    for party in &mut bench.parties {
        party.is_sending = false;
    }
    for _ in 0..60 {
        bench.types(CALLER, "x");
        bench.runs_ms(1000);
    }
    assert_eq!(bench.quiets_of(CALLER), []);
    assert_eq!(bench.quiets_of(ADVOCATE).len(), 4);
}

#[test]
fn robustness_6_a_strangers_text_is_never_shown_and_junk_is_dropped() {
    let mut bench = three(SrtpPolicy::Off);
    bench.routes(&ALL);
    bench.types(CALLER, "a");
    bench.runs_ms(1000);
    let packet = bench.parties[CALLER].pen.sent[0].clone();
    let (leg, own) = (bench.parties[CALLER].leg, text_address(&bench.parties[CALLER]));
    let dropped = bench.shard.dropped();
    for source in ["198.51.100.9:5000", "192.0.2.1:5001"] {
        let stranger = source.parse().expect("an address");
        for sequence in 0..50_u16 {
            let mut packet = packet.clone();
            packet[2..4].copy_from_slice(&sequence.to_be_bytes());
            bench.injects(leg, Channel::Text, stranger, &packet);
        }
    }
    assert_eq!(bench.shard.dropped() - dropped, 100);
    for seed in 0..5000_u32 {
        let length = bench.chance.below(80) as usize;
        let mut junk = vec![0; length];
        bench.chance.fill(&mut junk);
        // Half of it looks like RTP of the leg's own stream.
        if seed % 2 == 0 && length > 12 {
            junk[..2].copy_from_slice(&[0x80, 100]);
            junk[8..12].copy_from_slice(&packet[8..12]);
        }
        let channel = if seed % 5 == 0 { Channel::TextRtcp } else { Channel::Text };
        bench.injects(leg, channel, own, &junk);
        bench.runs_ms(u64::from(seed % 50 == 0) * 20);
    }
    assert!(bench.shard.dropped() - dropped > 2000);
}

#[test]
fn of_a_flood_of_text_in_the_peers_own_name_little_is_told() {
    let mut bench = three(SrtpPolicy::Off);
    bench.routes(&ALL);
    bench.types(CALLER, "a");
    bench.runs_ms(1000);
    let (leg, own) = (bench.parties[CALLER].leg, text_address(&bench.parties[CALLER]));
    let mut header = Packet::parse(&bench.parties[CALLER].pen.sent[0]).expect("ours").header;
    header.payload_type = 98;
    let reported = bench.reported(CALLER).len();
    for index in 0..10_000_u16 {
        header.sequence = index.wrapping_add(40_000);
        let packet = [&header.to_bytes()[..], &[b'x'; 1000]].concat();
        bench.injects(leg, Channel::Text, own, &packet);
        bench.runs_ms(u64::from(index % 10 == 0));
    }
    let told = bench.reported(CALLER).len() - reported;
    assert!((10_000..50_000).contains(&told), "{told} bytes of ten million in a second");
    bench.runs_ms(5000);
    for _ in 0..3 {
        header.sequence = header.sequence.wrapping_add(1);
        bench.injects(leg, Channel::Text, own, &[&header.to_bytes()[..], b"!"].concat());
    }
    bench.runs_ms(1000);
    assert!(bench.reported(CALLER).ends_with("!!!"), "and hers is told again");
}

#[test]
fn robustness_9_forged_text_of_an_encrypted_leg_is_counted_and_shown_to_nobody() {
    let mut bench = three(SrtpPolicy::Required);
    bench.routes(&ALL);
    bench.types(CALLER, "a");
    bench.runs_ms(1000);
    let (leg, own) = (bench.parties[CALLER].leg, text_address(&bench.parties[CALLER]));
    let mut packet = bench.parties[CALLER].pen.sent[0].clone();
    packet[3] = packet[3].wrapping_add(20);
    bench.injects(leg, Channel::Text, own, &packet);
    assert_eq!(bench.shard.forged(), 1);
    let plain = [0x80, 98, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, b'x'];
    bench.injects(leg, Channel::Text, own, &plain);
    bench.runs_ms(1000);
    assert_eq!((bench.shard.forged(), bench.read_by(ADVOCATE).as_str()), (2, "a"));
}

#[test]
fn a_leg_without_text_gets_none_and_one_whose_text_is_off_refuses_it() {
    let mut bench = Bench::new();
    bench.joins_writing(SrtpPolicy::Off, Author::Caller);
    let plain = bench.joins(700.0);
    let mut party = Party::new(2, 900.0, (SrtpPolicy::Off, Codec::Pcmu), &mut bench.chance);
    party.session.add_text(5000, Chance::from_number(3), TextPolicy::Offered);
    let policy = MediaPolicy { text: TextPolicy::Off, ..MediaPolicy::default() };
    bench.enters(party, policy);
    bench.routes(&ALL);
    bench.types(CALLER, "anybody?");
    bench.runs_ms(1000);
    let has_text = bench.of(plain, |event| match event {
        MediaEvent::Ready { leg, facts, .. } => Some((*leg, facts.is_some_and(|facts| facts.text))),
        _ => None,
    });
    assert!(has_text.iter().all(|has| !has));
    assert!(bench.parties[2].session.text().is_none());
    let closed = bench.retired;
    bench.command(MediaCommand::Close { leg: bench.parties[CALLER].leg });
    assert_eq!(bench.retired - closed, 1, "a leg's text goes with it, from {ROOM}");
}

#[test]
fn c20_text_is_added_in_mid_call_and_withdrawn_and_the_sound_goes_on() {
    for srtp in [SrtpPolicy::Off, SrtpPolicy::Required] {
        let mut bench = Bench::new();
        bench.joins_writing(srtp, Author::Caller);
        let phone = bench.joins_able_to_write(srtp);
        bench.routes(&[(CALLER, phone), (phone, CALLER)]);
        bench.types(CALLER, "unread.");
        bench.runs_ms(1000);
        for _ in 0..3 {
            bench.reoffers_text(phone, TextPolicy::Offered);
            bench.types(CALLER, "added.");
            bench.types(phone, "yes.");
            bench.expect_exactly(&[&[phone], &[CALLER]]);
            bench.runs_ms(1000);
            assert_eq!(bench.read_by(phone), "added.", "and nothing from before");
            assert_eq!(bench.read_by(CALLER), "yes.");
            // What has not been sent when it goes is sent to nobody.
            bench.types(CALLER, "left over.");
            bench.runs_ms(20);
            bench.reoffers_text(phone, TextPolicy::Off);
            bench.types(CALLER, "unread.");
            bench.expect_exactly(&[&[phone], &[CALLER]]);
            bench.runs_ms(20_000);
            bench.parties[phone].pen.read.clear();
        }
    }
}

#[test]
fn a_phone_that_answers_text_with_port_0_or_refuses_the_offer_keeps_its_sound() {
    let mut bench = Bench::new();
    bench.joins_writing(SrtpPolicy::Off, Author::Caller);
    let phone = bench.joins(700.0);
    bench.routes(&[(CALLER, phone), (phone, CALLER)]);
    bench.reoffers_text(phone, TextPolicy::Offered);
    bench.expect_exactly(&[&[phone], &[CALLER]]);
    let leg = bench.parties[phone].leg;
    bench.command(MediaCommand::Reoffer { leg, offer: None, text: TextPolicy::Offered });
    bench.command(MediaCommand::Abandon { leg });
    bench.types(CALLER, "for nobody");
    bench.expect_exactly(&[&[phone], &[CALLER]]);
    assert_eq!(bench.read_by(phone), "");
    bench.reoffers_text(phone, TextPolicy::Accepted);
    bench.expect_exactly(&[&[phone], &[CALLER]]);
}
