//! Two endpoints, one call.

use std::time::Duration;

use model::{
    Digit, EndReason, LegCommand, LegEvent, LegId, Peer, Pii, SessionDescription, Target, TrunkId,
};
use sip::Transport;

use crate::link::{End, Link, Weather};

pub(crate) const OUT: LegId = LegId(2);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn sdp(text: &str) -> SessionDescription {
    SessionDescription::new(format!("v=0\r\ns={text}\r\n").into_bytes())
}

/// Whether a description was received whole, with where it came from.
pub(crate) fn is_received(description: Option<&SessionDescription>, text: &str) -> bool {
    let sent = sdp(text);
    description.is_some_and(|got| got.bytes() == sent.bytes() && got.source().is_some())
}

pub(crate) fn dial(offer: &str) -> LegCommand {
    let target = Target::Number { trunk: TrunkId(0), number: Pii::new("5550100".to_owned()) };
    LegCommand::Dial { leg: OUT, target, offer: sdp(offer), display: "Northline".to_owned() }
}

pub(crate) fn offered(event: &LegEvent) -> Option<LegId> {
    match event {
        LegEvent::Offered { leg, .. } => Some(*leg),
        _ => None,
    }
}

pub(crate) fn answered(event: &LegEvent) -> Option<Option<SessionDescription>> {
    match event {
        LegEvent::Answered { answer, .. } => Some(answer.clone()),
        _ => None,
    }
}

pub(crate) fn ended(event: &LegEvent) -> Option<EndReason> {
    match event {
        LegEvent::Ended { reason, .. } => Some(*reason),
        _ => None,
    }
}

/// A link with one established call; the far leg's name.
pub(crate) fn established(seed: u64, transport: Transport, weather: Weather) -> (Link, LegId) {
    let mut link = Link::new(seed, transport, weather);
    link.command(End::Near, dial("offer"));
    let leg = link.wait_for(End::Far, 30 * SECOND, offered).expect("the INVITE arrives");
    link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
    let answer = link.wait_for(End::Near, 30 * SECOND, answered).expect("the 200 arrives");
    assert!(is_received(answer.as_ref(), "answer"));
    let acked = link.wait_for(End::Far, 32 * SECOND, answered).expect("the ACK arrives");
    assert!(acked.is_none());
    (link, leg)
}

fn ends_without_a_trace(mut link: Link) {
    link.run_for(200 * SECOND);
    assert!(link.is_silent(), "something outlived the call");
    for end in [End::Near, End::Far] {
        assert!(!link.take_said(end).iter().any(|event| ended(event).is_some()), "ended twice");
    }
}

#[test]
fn a_call_is_offered_answered_and_ended_by_the_caller() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (mut link, _) = established(1, transport, Weather::FAIR);
        link.command(End::Near, LegCommand::End { leg: OUT });
        assert_eq!(link.wait_for(End::Near, SECOND, ended), Some(EndReason::Released));
        assert_eq!(link.wait_for(End::Far, SECOND, ended), Some(EndReason::HungUp));
        ends_without_a_trace(link);
    }
}

#[test]
fn a_call_is_ended_by_the_called() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (mut link, leg) = established(2, transport, Weather::FAIR);
        link.command(End::Far, LegCommand::End { leg });
        assert_eq!(link.wait_for(End::Far, SECOND, ended), Some(EndReason::Released));
        assert_eq!(link.wait_for(End::Near, SECOND, ended), Some(EndReason::HungUp));
        ends_without_a_trace(link);
    }
}

#[test]
fn the_offer_names_the_trunk_the_dialled_number_and_an_odd_leg() {
    let mut link = Link::new(3, Transport::Udp, Weather::FAIR);
    link.command(End::Near, dial("offer"));
    link.run_for(SECOND);
    let said = link.take_said(End::Far);
    let [LegEvent::Offered { leg, from, dialled, offer, .. }] = &said[..] else {
        panic!("one offer was expected");
    };
    assert_eq!((leg.0 % 2, *from), (1, Peer::Trunk(TrunkId(0))));
    assert!(dialled.reveal() == "5550100" && is_received(offer.as_ref(), "offer"));
}

#[test]
fn ringing_is_heard_once_and_a_refusal_says_why() {
    for (status, reason) in [
        (486, EndReason::Busy),
        (480, EndReason::NoAnswer),
        (603, EndReason::Declined),
        (404, EndReason::NotFound),
        (488, EndReason::Failed),
    ] {
        let mut link = Link::new(4, Transport::Udp, Weather::FAIR);
        link.command(End::Near, dial("offer"));
        let leg = link.wait_for(End::Far, SECOND, offered).expect("offered");
        link.command(End::Far, LegCommand::Ring { leg });
        link.command(End::Far, LegCommand::Ring { leg });
        link.run_for(SECOND);
        assert_eq!(link.take_said(End::Near), [LegEvent::Ringing { leg: OUT }]);
        link.command(End::Far, LegCommand::Refuse { leg, status, retry_after: None });
        assert_eq!(link.wait_for(End::Near, SECOND, ended), Some(reason), "{status}");
        assert_eq!(link.wait_for(End::Far, SECOND, ended), Some(EndReason::Released));
        ends_without_a_trace(link);
    }
}

#[test]
fn c11_a_caller_who_gives_up_while_it_rings_frees_both_legs() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let mut link = Link::new(5, transport, Weather::FAIR);
        link.command(End::Near, dial("offer"));
        let leg = link.wait_for(End::Far, SECOND, offered).expect("offered");
        link.command(End::Far, LegCommand::Ring { leg });
        link.run_for(SECOND);
        link.command(End::Near, LegCommand::End { leg: OUT });
        assert_eq!(link.wait_for(End::Near, SECOND, ended), Some(EndReason::Released));
        assert_eq!(link.wait_for(End::Far, SECOND, ended), Some(EndReason::HungUp));
        ends_without_a_trace(link);
    }
}

#[test]
fn a_cancel_that_crosses_the_200_still_ends_the_call() {
    let mut link = Link::new(6, Transport::Udp, Weather::FAIR);
    link.command(End::Near, dial("offer"));
    let leg = link.wait_for(End::Far, SECOND, offered).expect("offered");
    link.run_for(SECOND);
    link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
    link.command(End::Near, LegCommand::End { leg: OUT });
    assert_eq!(link.wait_for(End::Near, SECOND, ended), Some(EndReason::Released));
    assert_eq!(link.wait_for(End::Far, SECOND, ended), Some(EndReason::HungUp));
    ends_without_a_trace(link);
}

#[test]
fn a_call_given_up_before_any_response_is_cancelled_at_the_first_one() {
    let mut link = Link::new(7, Transport::Udp, Weather::FAIR);
    link.command(End::Near, dial("offer"));
    link.command(End::Near, LegCommand::End { leg: OUT });
    assert_eq!(link.wait_for(End::Near, SECOND, ended), Some(EndReason::Released));
    assert_eq!(link.wait_for(End::Far, SECOND, ended), Some(EndReason::HungUp));
    ends_without_a_trace(link);
}

#[test]
fn nobody_there_is_unreachable_after_thirty_two_seconds() {
    let mut link = Link::new(8, Transport::Udp, Weather { loss: 100, ..Weather::FAIR });
    link.command(End::Near, dial("offer"));
    link.run_for(31 * SECOND);
    assert_eq!(link.take_said(End::Near), []);
    assert_eq!(link.wait_for(End::Near, 2 * SECOND, ended), Some(EndReason::Unreachable));
    ends_without_a_trace(link);
}

#[test]
fn nothing_is_repeated_over_a_connection_but_a_200() {
    let lost = Weather { loss: 100, ..Weather::FAIR };
    let mut link = Link::new(17, Transport::Tcp, lost);
    link.command(End::Near, dial("offer"));
    link.run_for(31 * SECOND);
    assert_eq!(link.capture.len(), 1);
    let mut link = Link::new(18, Transport::Tcp, Weather::FAIR);
    link.command(End::Near, dial("offer"));
    let leg = link.wait_for(End::Far, SECOND, offered).expect("offered");
    link.set_weather(lost);
    let before = link.capture.len();
    link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
    link.run_for(4 * SECOND);
    // RFC 3261 §13.3.1.4: whatever the transport, at 0, 0.5, 1.5 and 3.5 s.
    assert_eq!(link.capture.len() - before, 4);
}

#[test]
fn r28_a_lost_ack_ends_the_leg_after_thirty_two_seconds() {
    let mut link = Link::new(9, Transport::Udp, Weather::FAIR);
    link.command(End::Near, dial("offer"));
    let leg = link.wait_for(End::Far, SECOND, offered).expect("offered");
    link.set_weather(Weather { loss: 100, ..Weather::FAIR });
    link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
    link.run_for(31 * SECOND);
    assert_eq!(link.take_said(End::Far), []);
    assert_eq!(link.wait_for(End::Far, 2 * SECOND, ended), Some(EndReason::Lost));
    link.wait_for(End::Near, 400 * SECOND, ended).expect("the caller's side gives up too");
    ends_without_a_trace(link);
}

#[test]
fn r28_a_lost_bye_leaves_no_leg_behind_it() {
    let (mut link, leg) = established(10, Transport::Udp, Weather::FAIR);
    link.set_weather(Weather { loss: 100, ..Weather::FAIR });
    link.command(End::Far, LegCommand::End { leg });
    link.run_for(40 * SECOND);
    assert_eq!(link.endpoint(End::Far).legs(), 0);
}

/// The peer repeats its 200, and each repetition gets the same ACK; the call is said once.
#[test]
fn r28_a_200_that_is_lost_comes_again_and_one_whose_ack_is_lost_is_acknowledged_again() {
    for lost_towards in [End::Near, End::Far] {
        let mut link = Link::new(12, Transport::Udp, Weather::FAIR);
        link.command(End::Near, dial("offer"));
        let leg = link.wait_for(End::Far, SECOND, offered).expect("offered");
        if lost_towards == End::Near {
            link.set_weather(Weather { loss: 100, ..Weather::FAIR });
        }
        link.command(End::Far, LegCommand::Answer { leg, answer: sdp("answer") });
        if lost_towards == End::Far {
            // The 200 arrives, its ACK does not.
            link.run_for(Duration::from_micros(500));
            link.set_weather(Weather { loss: 100, ..Weather::FAIR });
        }
        link.run_for(2 * SECOND);
        link.set_weather(Weather::FAIR);
        let up = |event: &LegEvent| matches!(event, LegEvent::Answered { .. }).then_some(());
        link.wait_for(End::Far, 4 * SECOND, up).expect("its ACK came after all");
        let answers = link.take_said(End::Near);
        assert_eq!(answers.iter().filter_map(up).count(), 1, "{lost_towards:?}: {answers:?}");
        link.run_for(60 * SECOND);
        assert_eq!([End::Near, End::Far].map(|end| link.endpoint(end).legs()), [1, 1]);
    }
}

#[test]
fn both_may_hang_up_at_once() {
    let (mut link, leg) = established(11, Transport::Udp, Weather::FAIR);
    link.command(End::Far, LegCommand::End { leg });
    link.command(End::Near, LegCommand::End { leg: OUT });
    for end in [End::Near, End::Far] {
        assert_eq!(link.wait_for(end, SECOND, ended), Some(EndReason::Released));
    }
    ends_without_a_trace(link);
}

#[test]
fn digits_travel_by_info_in_order() {
    let (mut link, leg) = established(12, Transport::Udp, Weather::FAIR);
    let keys = ['0', '5', '9', '*', '#', 'A'];
    for key in keys {
        let digit = Digit::from_char(key).expect("a key");
        link.command(End::Near, LegCommand::SendDigit { leg: OUT, digit });
        link.run_for(SECOND);
    }
    let heard = link.take_said(End::Far);
    let expected =
        keys.map(|key| LegEvent::Digit { leg, digit: Digit::from_char(key).expect("a key") });
    assert!(heard == expected);
}

#[test]
fn a_probe_tells_the_living_from_the_vanished() {
    let (mut link, leg) = established(13, Transport::Udp, Weather::FAIR);
    let probe = LegCommand::Probe { leg, within: 2 * SECOND };
    link.command(End::Far, probe.clone());
    link.run_for(3 * SECOND);
    assert_eq!(link.take_said(End::Far), [LegEvent::Probed { leg, alive: true }]);
    link.set_weather(Weather { loss: 100, ..Weather::FAIR });
    link.command(End::Far, probe);
    link.run_for(60 * SECOND);
    assert_eq!(link.take_said(End::Far), [LegEvent::Probed { leg, alive: false }]);
}

#[test]
fn a_question_asked_again_and_again_is_still_over_in_time() {
    let (mut link, leg) = established(17, Transport::Udp, Weather::FAIR);
    link.set_weather(Weather { loss: 100, ..Weather::FAIR });
    for _ in 0..4 {
        link.command(End::Far, LegCommand::Probe { leg, within: 32 * SECOND });
        link.run_for(10 * SECOND);
    }
    assert_eq!(link.take_said(End::Far), [LegEvent::Probed { leg, alive: false }]);
}

#[test]
fn a_living_peer_is_not_taken_for_dead_because_a_datagram_was_lost() {
    let (mut link, leg) = established(18, Transport::Udp, Weather::FAIR);
    link.set_weather(Weather { loss: 10, ..Weather::FAIR });
    for _ in 0..300 {
        link.command(End::Far, LegCommand::Probe { leg, within: SECOND });
        link.run_for(2 * SECOND);
        assert_eq!(link.take_said(End::Far), [LegEvent::Probed { leg, alive: true }]);
    }
}

#[test]
fn a_probe_finds_a_peer_that_lost_the_dialog() {
    let (mut link, leg) = established(14, Transport::Udp, Weather::FAIR);
    link.forget(End::Near, OUT);
    link.command(End::Far, LegCommand::Probe { leg, within: 2 * SECOND });
    link.run_for(SECOND);
    assert_eq!(link.take_said(End::Far), [LegEvent::Probed { leg, alive: false }]);
    assert_eq!(link.endpoint(End::Near).legs(), 0);
}

#[test]
fn late_and_unknown_commands_change_nothing() {
    let (mut link, leg) = established(15, Transport::Udp, Weather::FAIR);
    let before = link.capture.len();
    for leg in [leg, LegId(4)] {
        link.command(End::Far, LegCommand::Ring { leg });
        link.command(End::Far, LegCommand::Answer { leg, answer: sdp("late") });
        link.command(End::Far, LegCommand::Refuse { leg, status: 486, retry_after: None });
        link.command(End::Far, LegCommand::Accept { leg, answer: sdp("late") });
        link.command(End::Far, LegCommand::RefuseOffer { leg });
    }
    link.command(End::Far, LegCommand::End { leg: LegId(4) });
    link.run_for(SECOND);
    assert_eq!(link.capture.len(), before);
    assert_eq!(link.take_said(End::Far), []);
}

#[test]
fn a_draining_endpoint_refuses_new_calls_and_keeps_the_old() {
    let (mut link, leg) = established(16, Transport::Udp, Weather::FAIR);
    link.drain(End::Far);
    let LegCommand::Dial { target, offer, display, .. } = dial("second") else { unreachable!() };
    link.command(End::Near, LegCommand::Dial { leg: LegId(6), target, offer, display });
    assert_eq!(link.wait_for(End::Near, SECOND, ended), Some(EndReason::Failed));
    let refusal = link.capture.iter().any(|(end, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        *end == End::Far && text.starts_with("SIP/2.0 503") && text.contains("Retry-After: ")
    });
    assert!(refusal);
    link.command(End::Far, LegCommand::Probe { leg, within: SECOND });
    link.run_for(SECOND);
    assert_eq!(link.take_said(End::Far), [LegEvent::Probed { leg, alive: true }]);
}
