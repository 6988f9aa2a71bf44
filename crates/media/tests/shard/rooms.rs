//! Who hears whom, and how soon.

use std::time::Duration;

use model::{Gain, LegId, MediaCommand, MediaEvent, Route};

use crate::kit::{Bench, FRAME, ROOM};

#[test]
fn every_party_hears_exactly_whom_it_should_after_each_route() {
    let mut bench = Bench::new();
    for tone_hz in [503.0, 907.0, 1361.0] {
        bench.joins(tone_hz);
    }
    bench.expect_exactly(&[&[], &[], &[]]);
    bench.routes(&[(0, 1), (1, 0)]);
    bench.expect_exactly(&[&[1], &[0], &[]]);
    bench.routes(&[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
    bench.expect_exactly(&[&[1, 2], &[0, 2], &[0, 1]]);
    // Private talk of the second and the third.
    bench.routes(&[(1, 2), (2, 1)]);
    bench.expect_exactly(&[&[], &[2], &[1]]);
    // One way: the first is told, and heard by nobody.
    bench.routes(&[(1, 2), (2, 1), (0, 1)]);
    bench.expect_exactly(&[&[1], &[2], &[1]]);
    bench.routes(&[(0, 0)]);
    bench.expect_exactly(&[&[0], &[], &[]]);
    bench.routes(&[]);
    bench.expect_exactly(&[&[], &[], &[]]);
}

#[test]
fn a_route_is_confirmed_and_an_older_one_changes_nothing() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1)]);
    let routed = |bench: &Bench| {
        let routed = bench.events.iter().filter_map(|(_, event)| match event {
            MediaEvent::Routed { room: ROOM, version } => Some(*version),
            _ => None,
        });
        routed.collect::<Vec<_>>()
    };
    assert_eq!(routed(&bench), [1]);
    bench.command(MediaCommand::Route { room: ROOM, version: 1, routes: Vec::new() });
    assert_eq!(routed(&bench), [1]);
    bench.expect_exactly(&[&[1], &[]]);
}

#[test]
fn a_cell_of_a_leg_that_comes_later_waits_for_it() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    let routes = [(1, 3), (3, 1), (1, 99)]
        .map(|(listener, speaker)| Route::new(LegId(listener), LegId(speaker), Gain::UNITY));
    bench.command(MediaCommand::Route { room: ROOM, version: 1, routes: routes.to_vec() });
    bench.runs_ms(500);
    bench.joins(907.0);
    bench.expect_exactly(&[&[1], &[0]]);
}

#[test]
fn in_a_conference_everyone_hears_all_others_whenever_they_come() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.confers(Vec::new());
    bench.expect_exactly(&[&[1], &[0]]);
    bench.joins(1361.0);
    bench.expect_exactly(&[&[1, 2], &[0, 2], &[0, 1]]);
    let leg = |index: usize| bench.parties[index].leg;
    let deaf = Route::new(leg(0), leg(2), Gain::SILENT);
    let echo = Route::new(leg(1), leg(1), Gain::UNITY);
    bench.confers(vec![deaf, echo]);
    bench.expect_exactly(&[&[1], &[0, 1, 2], &[0, 1]]);
    bench.joins(1811.0);
    bench.expect_exactly(&[&[1, 3], &[0, 1, 2, 3], &[0, 1, 3], &[0, 1, 2]]);
    let closed = bench.parties[1].leg;
    bench.command(MediaCommand::Close { leg: closed });
    bench.expect_exactly(&[&[3], &[], &[0, 3], &[0, 2]]);
    bench.routes(&[(0, 2)]);
    bench.joins(2267.0);
    bench.expect_exactly(&[&[2], &[], &[], &[], &[]]);
    let routed =
        bench.events.iter().filter(|(_, event)| matches!(event, MediaEvent::Routed { .. }));
    assert_eq!(routed.count(), 3, "each command is answered once");
}

#[test]
fn a_gain_is_heard_as_such() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    let level = |bench: &mut Bench, gain, version| {
        let route = Route::new(LegId(1), LegId(3), gain);
        bench.command(MediaCommand::Route { room: ROOM, version, routes: vec![route] });
        bench.runs_ms(700);
        let samples = &bench.parties[0].samples;
        audio::tone::power_dbfs(&samples[samples.len() - 3200..], 907.0, 8000)
    };
    let difference = level(&mut bench, Gain::UNITY, 1) - level(&mut bench, Gain::BESIDE, 2);
    assert!((11.0..13.0).contains(&difference), "{difference} dB");
}

#[test]
fn two_parties_hear_each_other_without_a_wait_for_a_tick() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    bench.runs_ms(3000);
    for listener in [0, 1] {
        let speaker = &bench.parties[1 - listener];
        let phase = speaker.next_send.as_nanos() % 20_000_000;
        for packet in &bench.parties[listener].heard[bench.parties[listener].heard.len() - 50..] {
            let wait = (packet.at.as_nanos() + 20_000_000 - phase) % 20_000_000;
            assert!(wait < 1_000_000, "{wait} ns after the speaker's packet");
        }
    }
}

#[test]
fn a_word_in_a_conversation_leaves_as_its_packet_arrives() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    for second in 0..8 {
        bench.runs_ms(1000);
        bench.parties[1].is_speaking = false;
        bench.runs_ms(100);
        bench.parties[1].is_speaking = true;
        let (spoken, from) = (bench.parties[1].next_send, bench.parties[0].heard.len());
        bench.runs_ms(100);
        let party = &bench.parties[0];
        let frames = party.samples[from * FRAME..].chunks_exact(FRAME);
        let heard = frames.zip(&party.heard[from..]).find(|(frame, _)| frame[80].abs() > 300);
        let delay = heard.expect("the word is heard").1.at.since(spoken);
        assert!(delay <= Duration::from_millis(2), "{delay:?} in second {second}");
    }
}

#[test]
fn a_forgotten_leg_is_retired_and_the_others_talk_on() {
    let mut bench = Bench::new();
    for tone_hz in [503.0, 907.0, 1361.0] {
        bench.joins(tone_hz);
    }
    bench.routes(&[(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)]);
    bench.runs_ms(500);
    let forgotten = bench.parties[2].leg;
    bench.shard.forget(forgotten);
    bench.shard.forget(forgotten);
    bench.expect_exactly(&[&[1], &[0], &[]]);
    assert_eq!(bench.shard.legs(), 2);
    let lost = bench.of(2, |event| match event {
        MediaEvent::Lost { leg } => Some((*leg, ())),
        _ => None,
    });
    assert_eq!(lost.len(), 1, "it is said once");
    assert!(bench.shard.in_hand().is_some_and(|leg| leg != forgotten));
}

#[test]
fn three_talkers_wait_no_longer_than_the_shortest_arc() {
    let mut bench = Bench::new();
    for (index, tone_hz) in [403.0, 709.0, 1103.0, 1511.0].into_iter().enumerate() {
        bench.joins(tone_hz);
        let phase = Duration::from_millis([3, 9, 16, 12][index]);
        bench.parties[index].next_send = bench.now + phase;
    }
    let all = (0..4).flat_map(|l| (0..4).filter(move |&s| s != l).map(move |s| (l, s)));
    bench.routes(&all.collect::<Vec<_>>());
    bench.runs_ms(3000);
    bench.expect_exactly(&[&[1, 2, 3], &[0, 2, 3], &[0, 1, 3], &[0, 1, 2]]);
    // The fourth hears those of 3, 9 and 16 ms: the shortest arc is from 3 to 16.
    let last = bench.parties[3].heard.last().expect("it hears").at;
    let wait =
        (last.since(bench.parties[2].next_send - Duration::from_secs(1)).as_nanos()) % 20_000_000;
    assert!(wait < 1_000_000, "{wait} ns after the end of the arc");
}

#[test]
fn a_closed_leg_is_silent_and_retired_and_the_last_one_takes_its_room_along() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    bench.runs_ms(500);
    let (first, second) = (bench.parties[0].leg, bench.parties[1].leg);
    bench.command(MediaCommand::Close { leg: second });
    assert_eq!((bench.retired, bench.shard.legs()), (1, 1));
    let packets = bench.parties[1].heard.len();
    bench.expect_exactly(&[&[], &[]]);
    assert_eq!(bench.parties[1].heard.len(), packets);
    bench.command(MediaCommand::Close { leg: first });
    bench.command(MediaCommand::Close { leg: first });
    bench.command(MediaCommand::StopPlay { leg: first });
    bench.routes(&[(0, 1)]);
    assert_eq!((bench.retired, bench.shard.legs(), bench.shard.deadline()), (3, 0, None));
}

#[test]
fn robustness_37_loss_and_jitter_leave_the_conversation_whole() {
    let mut bench = Bench::new();
    bench.loss_percent = 5;
    bench.jitter = Duration::from_millis(30);
    for tone_hz in [503.0, 907.0, 1361.0] {
        bench.joins(tone_hz);
    }
    bench.routes(&[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
    bench.runs_ms(10_000);
    let from = bench.parties[0].samples.len();
    bench.runs_ms(60_000);
    // No drop-out over 60 ms: every stretch of 60 ms holds both tones.
    for stretch in bench.parties[0].samples[from..].chunks_exact(3 * FRAME) {
        for tone_hz in [907.0, 1361.0] {
            let level = audio::tone::power_dbfs(stretch, tone_hz, 8000);
            assert!(level > -45.0, "{tone_hz} Hz at {level:.0} dBFS");
        }
    }
}
