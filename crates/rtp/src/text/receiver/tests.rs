//! The receiving side, packet by packet.

use proptest::prelude::*;

use super::*;

const FORMAT: TextFormat = TextFormat { t140: 98, red: Some(100), repeats: 2 };

struct Bench {
    receiver: Receiver,
    queue: Queue,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let queue = Queue::new(Receiver::MOST);
        Self { receiver: Receiver::new(FORMAT), queue, now: Instant::ZERO + Duration::from_secs(9) }
    }

    /// A packet with redundancy: the texts of its blocks, the oldest first, 300 ms apart.
    fn red(&mut self, sequence: u16, texts: &[&str]) -> String {
        self.red_of(1, sequence, texts)
    }

    fn red_of(&mut self, ssrc: u32, sequence: u16, texts: &[&str]) -> String {
        let ages = (0..texts.len() as u16).rev().map(|back| back * 300);
        let blocks: Vec<_> =
            ages.zip(texts).map(|(age_ms, text)| Block { age_ms, text: text.as_bytes() }).collect();
        let mut payload = [0; 1500];
        let length = Blocks::write(&blocks, FORMAT.t140, &mut payload);
        self.gets(100, ssrc, sequence, &payload[..length])
    }

    /// A packet without.
    fn plain(&mut self, sequence: u16, text: &str) -> String {
        self.gets(98, 1, sequence, text.as_bytes())
    }

    fn gets(&mut self, payload_type: u8, ssrc: u32, sequence: u16, payload: &[u8]) -> String {
        let header = Header { marker: false, payload_type, sequence, timestamp: 0, ssrc };
        let taken = self.receiver.packet(self.now, &header, payload, &mut self.queue);
        taken.expect("it is text");
        self.told()
    }

    fn waits_ms(&mut self, millis: u64) -> String {
        self.now += Duration::from_millis(millis);
        self.receiver.handle_timeout(self.now, &mut self.queue);
        self.told()
    }

    fn told(&mut self) -> String {
        std::iter::from_fn(|| self.queue.pop()).collect()
    }
}

#[test]
fn text_comes_once_however_often_it_is_repeated() {
    let mut bench = Bench::new();
    assert_eq!(bench.red(10, &["", "", "He"]), "He");
    assert_eq!(bench.red(11, &["", "He", "l"]), "l");
    assert_eq!(bench.red(11, &["", "He", "l"]), "", "a duplicate");
    assert_eq!(bench.red(12, &["He", "l", "lo"]), "lo");
    assert_eq!(bench.red(10, &["", "", "He"]), "", "a late duplicate");
    assert_eq!(bench.red(13, &["l", "lo", ""]), "");
    assert_eq!(bench.receiver.deadline(), None);
}

#[test]
fn up_to_two_lost_packets_are_taken_from_the_next_one_at_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.red(65_534, &["", "", "a"]), "a");
    assert_eq!(bench.red(1, &["b", "c", "d"]), "bcd", "around the end of the numbers");
    assert_eq!(bench.red(3, &["d", "e", "f"]), "ef");
    assert_eq!(bench.receiver.deadline(), None);
}

#[test]
fn rfc_4103_5_4_what_is_lost_for_good_is_marked_once_after_half_a_second() {
    let mut bench = Bench::new();
    bench.red(10, &["", "", "a"]);
    assert_eq!(bench.red(14, &["c", "d", "e"]), "", "11 may still come");
    assert_eq!(bench.waits_ms(499), "");
    assert_eq!(bench.waits_ms(1), "\u{fffd}cde");
    assert_eq!(bench.red(11, &["", "a", "b"]), "", "too late");
    assert_eq!(bench.red(40, &["x", "y", "z"]), "\u{fffd}xyz", "a long gap is not waited for");
    assert_eq!(bench.red(60, &["", "", ""]), "\u{fffd}");
    assert_eq!(bench.red(80, &["", "", ""]), "", "one mark for losses that follow each other");
}

#[test]
fn an_overtaken_packet_finds_its_place() {
    let mut bench = Bench::new();
    bench.plain(10, "a");
    assert_eq!(bench.plain(12, "c"), "");
    assert_eq!(bench.plain(13, "d"), "");
    assert_eq!(bench.plain(11, "b"), "bcd");
    assert_eq!(bench.plain(17, "h"), "");
    assert_eq!(bench.plain(15, "f"), "");
    assert_eq!(bench.plain(14, "e"), "ef");
    assert_eq!(bench.waits_ms(500), "\u{fffd}h");
}

#[test]
fn a_leap_tells_what_was_held_and_nothing_twice() {
    let mut bench = Bench::new();
    bench.plain(10, "a");
    assert_eq!(bench.plain(12, "c"), "");
    assert_eq!(bench.plain(18, "i"), "");
    assert_eq!(bench.red(19, &["h", "i", "j"]), "\u{fffd}c\u{fffd}ij");
    assert_eq!(bench.red(20, &["i", "j", "k"]), "k");
}

#[test]
fn what_the_first_packet_of_a_stream_repeats_is_told() {
    let mut bench = Bench::new();
    assert_eq!(bench.red(500, &["a", "b", "c"]), "abc");
    assert_eq!(bench.red_of(2, 7, &["x", "y", "z"]), "xyz", "another stream");
    assert_eq!(bench.red_of(2, 8, &["y", "z", "!"]), "!");
}

#[test]
fn a_stream_that_begins_anew_under_its_name_is_known_by_its_second_packet() {
    let mut bench = Bench::new();
    bench.red(30_000, &["", "", "a"]);
    assert_eq!(bench.red(5, &["", "", "b"]), "");
    assert_eq!(bench.red(6, &["", "b", "c"]), "bc");
    assert_eq!(bench.red(29_999, &["x", "y", "z"]), "\u{fffd}xyz");
}

#[test]
fn a_character_split_between_packets_is_whole_and_one_half_lost_is_marked() {
    let mut bench = Bench::new();
    let send = |bench: &mut Bench, sequence, bytes: &[u8]| bench.gets(98, 1, sequence, bytes);
    assert_eq!(send(&mut bench, 1, b"\xe2\x82"), "");
    assert_eq!(send(&mut bench, 2, b"\xac and \xc3"), "€ and ");
    assert_eq!(send(&mut bench, 4, b"x"), "");
    assert_eq!(bench.waits_ms(500), "\u{fffd}x");
}

#[test]
fn a4_what_was_sent_before_others_listen_is_never_told_to_them() {
    let mut bench = Bench::new();
    bench.red(10, &["", "", "a"]);
    // 11 and 12 are lost, and repeated after the cut by a packet that is not.
    bench.waits_ms(700);
    bench.receiver.cut(bench.now, &mut bench.queue);
    assert_eq!(bench.told(), "");
    bench.waits_ms(100);
    assert_eq!(bench.red(13, &["secret", "secret", "open"]), "\u{fffd}open");
    assert_eq!(bench.red(14, &["secret", "open", "!"]), "!");
    // What is sent after it is recovered as ever.
    bench.waits_ms(600);
    assert_eq!(bench.red(16, &["!", "?", "."]), "?.");
    // What was held for something lost goes to those who listened.
    assert_eq!(bench.plain(19, "held"), "");
    bench.receiver.cut(bench.now, &mut bench.queue);
    assert_eq!(bench.told(), "\u{fffd}held");
}

#[test]
fn what_is_no_text_is_refused() {
    let mut bench = Bench::new();
    let mut refused = |payload_type, payload: &[u8]| {
        let header = Header { marker: false, payload_type, sequence: 1, timestamp: 0, ssrc: 1 };
        bench.receiver.packet(bench.now, &header, payload, &mut bench.queue).is_err()
    };
    assert!(refused(99, b"a") && refused(100, b"\xe2\x00") && refused(100, b""));
    assert!(refused(98, &[b'a'; LONGEST + 1]) && !refused(98, b""));
}

proptest! {
    #[test]
    fn no_packets_panic_or_tell_more_than_they_hold(
        packets in prop::collection::vec(
            (any::<u16>(), 0_u16..20, prop::collection::vec(any::<u8>(), 0..40), 0_u8..4), 1..60
        )
    ) {
        let mut bench = Bench::new();
        let mut sequence = 0_u16;
        for (far, near, payload, how) in packets {
            sequence = if how == 0 { far } else { sequence.wrapping_add(near).wrapping_sub(4) };
            let payload_type = if how % 2 == 0 { 100 } else { 98 };
            let ssrc = u32::from(how == 3);
            let header = Header { marker: false, payload_type, sequence, timestamp: 0, ssrc };
            let _ = bench.receiver.packet(bench.now, &header, &payload, &mut bench.queue);
            prop_assert!(bench.told().chars().count() <= 60 * 48);
            bench.waits_ms(u64::from(far % 400));
        }
        bench.waits_ms(600);
        prop_assert_eq!(bench.receiver.deadline(), None);
    }
}
