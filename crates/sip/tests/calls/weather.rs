//! Calls through a link that loses, repeats and reorders.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use model::{Chance, LegCommand, LegEvent};
use sip::Transport;
use sip::wire::{Headers, Message, Method};

use crate::link::{End, Link, Weather};
use crate::sessions::{OUT, SECOND, answered, dial, ended, offered, sdp};

/// One call with everything in it; says how it went for each end.
fn play(seed: u64) -> (bool, Link) {
    let mut link = Link::new(seed, Transport::Udp, Weather::FOUL);
    link.command(End::Near, dial("offer"));
    let Some(leg) = link.wait_for(End::Far, 32 * SECOND, offered) else { return (false, link) };
    link.command(End::Far, LegCommand::Ring { leg });
    link.run_for(2 * SECOND);
    link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
    let up = link.wait_for(End::Near, 32 * SECOND, answered).is_some()
        && link.wait_for(End::Far, 32 * SECOND, answered).is_some();
    let hangs_up = if seed.is_multiple_of(2) { End::Near } else { End::Far };
    let leg = if hangs_up == End::Near { OUT } else { leg };
    link.command(hangs_up, LegCommand::End { leg });
    (up, link)
}

#[test]
fn calls_come_up_in_foul_weather_and_leave_nothing_behind() {
    let mut up = 0;
    for seed in 0..200 {
        let (came_up, mut link) = play(seed);
        up += u32::from(came_up);
        link.run_for(400 * SECOND);
        assert!(link.is_silent(), "seed {seed} left something behind");
    }
    assert!(up >= 195, "only {up} of 200 calls came up");
}

#[test]
fn the_same_seed_plays_the_same_call() {
    let wire = |seed| {
        let (_, link) = play(seed);
        link.capture.into_iter().map(|(_, bytes)| bytes).collect::<Vec<_>>()
    };
    assert!(wire(7) == wire(7));
    assert!(wire(7) != wire(8));
}

#[test]
fn every_leg_ends_exactly_once_whenever_it_is_ended() {
    for seed in 0..150 {
        let mut link = Link::new(seed, Transport::Udp, Weather::FOUL);
        link.command(End::Near, dial("offer"));
        if let Some(leg) = link.wait_for(End::Far, 5 * SECOND, offered) {
            link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
            // The caller gives up somewhere around the answer.
            link.run_for(SECOND * u32::try_from(seed % 20).expect("small") / 10);
            link.command(End::Near, LegCommand::End { leg: OUT });
            link.run_for(400 * SECOND);
            let far = link.take_said(End::Far);
            assert_eq!(far.iter().filter(|event| ended(event).is_some()).count(), 1, "{seed}");
            assert!(
                matches!(far.last(), Some(LegEvent::Ended { .. })),
                "{seed}: not the last word"
            );
        } else {
            link.command(End::Near, LegCommand::End { leg: OUT });
            link.run_for(400 * SECOND);
        }
        let near = link.take_said(End::Near);
        assert_eq!(near.iter().filter(|event| ended(event).is_some()).count(), 1, "{seed}");
        assert!(link.is_silent(), "seed {seed} left something behind");
    }
}

/// One call that both ends want to end at about the same time, somewhere between INVITE and talk.
fn race(seed: u64, weather: Weather) -> Link {
    let mut chance = Chance::from_number(seed);
    let mut link = Link::new(seed, Transport::Udp, weather);
    link.command(End::Near, dial("offer"));
    let offered = link.wait_for(End::Far, 5 * SECOND, offered);
    let moment = |chance: &mut Chance| Duration::from_millis(chance.below(400));
    if let Some(leg) = offered {
        if chance.below(3) > 0 {
            link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
        }
        link.run_for(moment(&mut chance));
        let ends = [(End::Near, OUT), (End::Far, leg)];
        let first = usize::from(chance.below(2) == 0);
        for (end, leg) in [ends[first], ends[1 - first]] {
            link.command(end, LegCommand::End { leg });
            link.run_for(moment(&mut chance) / 10);
        }
    } else {
        link.command(End::Near, LegCommand::End { leg: OUT });
    }
    link.run_for(150 * SECOND);
    link
}

#[test]
fn r29_a_thousand_races_of_cancel_answer_and_bye_leave_no_call_and_no_request_unanswered() {
    for seed in 0..1000 {
        let weather = if seed % 2 == 0 { Weather::FAIR } else { Weather::FOUL };
        let mut link = race(seed, weather);
        if seed % 2 == 0 {
            assert_eq!(unanswered(&link.capture), Vec::<String>::new(), "seed {seed}");
        }
        assert!(link.is_silent(), "seed {seed} left something behind");
        let near = link.take_said(End::Near);
        assert_eq!(near.iter().filter(|event| ended(event).is_some()).count(), 1, "{seed}");
    }
}

/// The requests of a capture without a final response: ACK has none.
fn unanswered(capture: &[(End, Bytes)]) -> Vec<String> {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (from, bytes) in capture {
        match Message::parse(bytes).expect("we write what we can read") {
            Message::Request(request) if request.method == Method::Ack => {}
            Message::Request(request) => {
                asked.extend(key(*from, &request.headers));
            }
            Message::Response(response) if response.status >= 200 => {
                answered.extend(key(from.other(), &response.headers));
            }
            Message::Response(_) => {}
        }
    }
    asked.difference(&answered).cloned().collect()
}

/// What a request and its responses have in common: who asked, the branch and the method.
fn key(asker: End, headers: &Headers) -> Option<String> {
    let via = headers.get("Via")?;
    let branch = via.split("branch=").nth(1)?.split(';').next()?;
    let method = headers.cseq().ok()?.method;
    Some(format!("{asker:?} {branch} {}", method.as_str()))
}
