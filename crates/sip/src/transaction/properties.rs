//! Property tests of the four machines: whatever arrives whenever, they end in time, say one final
//! thing, and are silent afterwards.

use std::time::Duration;

use model::Instant;
use proptest::prelude::*;

use super::client::{self, Client};
use super::client_invite::ClientInvite;
use super::server::{self, Server};
use super::server_invite::ServerInvite;
use super::timers::{LIFETIME, T1, T4, TIMER_C};

/// Inputs with the time before each.
fn script<T: std::fmt::Debug + Clone + 'static>(
    input: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Vec<(Duration, T)>> {
    let gap = prop_oneof![Just(0), 0..600_u64, 0..40_000_u64].prop_map(Duration::from_millis);
    prop::collection::vec((gap, input), 0..40)
}

fn status() -> impl Strategy<Value = u16> {
    prop_oneof![Just(100), Just(180), Just(183), Just(200), Just(202), Just(302), 400..700_u16]
}

/// What a machine wanted, when, and at which input (`None` for its own deadline).
type Wanted<I, O> = Vec<(Instant, Option<I>, O)>;

/// Plays a script and the machine's own deadlines in the order of time, and records what it wants
/// and when. A deadline that is not moved by its timeout would loop for ever: it panics.
fn play<I, O>(
    script: &[(Duration, I)],
    machine: &mut impl FnMut(Instant, Option<I>) -> (Option<O>, Option<Instant>),
    mut deadline: Option<Instant>,
) -> (Wanted<I, O>, Instant)
where
    I: Copy,
{
    let mut now = Instant::ZERO;
    let mut wanted = Vec::new();
    let mut step = |at, input, deadline: &mut Option<Instant>| {
        let (output, next) = machine(at, input);
        *deadline = next;
        wanted.extend(output.map(|output| (at, input, output)));
    };
    for (gap, input) in script {
        let arrival = now + *gap;
        while let Some(at) = deadline.filter(|at| *at <= arrival) {
            step(at, None, &mut deadline);
            assert!(deadline != Some(at), "a timeout that changes nothing");
        }
        now = arrival;
        step(now, Some(*input), &mut deadline);
    }
    let mut last = now;
    while let Some(at) = deadline {
        step(at, None, &mut deadline);
        assert!(deadline != Some(at), "a timeout that changes nothing");
        last = at;
    }
    (wanted, last)
}

/// Both client machines behind one face.
fn play_client(
    script: &[(Duration, u16)],
    reliable: bool,
    invite: bool,
) -> (Wanted<u16, client::Output>, Instant, bool) {
    let mut calling = ClientInvite::new(Instant::ZERO, reliable);
    let mut waiting = Client::new(Instant::ZERO, reliable);
    let first = if invite { calling.deadline() } else { waiting.deadline() };
    let mut machine = |now, status: Option<u16>| {
        let input = status.map_or(client::Input::Timeout, client::Input::Response);
        if invite {
            (calling.handle_input(now, reliable, input), calling.deadline())
        } else {
            (waiting.handle_input(now, reliable, input), waiting.deadline())
        }
    };
    let (wanted, last) = play(script, &mut machine, first);
    let over =
        if invite { calling == ClientInvite::Terminated } else { waiting == Client::Terminated };
    (wanted, last, over)
}

proptest! {
    #[test]
    fn a_client_transaction_says_one_final_thing_and_then_nothing(
        script in script(status()),
        reliable: bool,
        invite: bool,
    ) {
        use client::Output::{Acknowledge, Deliver, DeliverAndAcknowledge, Retransmit, TimedOut};
        let (wanted, _, over) = play_client(&script, reliable, invite);
        prop_assert!(over);
        let is_final = |(_, status, output): &(Instant, Option<u16>, client::Output)| match output {
            TimedOut => true,
            Deliver | DeliverAndAcknowledge => status.is_some_and(|status| status >= 200),
            Retransmit | Acknowledge => false,
        };
        let finals: Vec<_> = wanted.iter().filter(|one| is_final(one)).collect();
        // Repetitions of a 2xx go to the dialog (RFC 6026 §7.2); nothing else is said twice.
        let accepted = finals.first().is_some_and(|(_, status, _)| {
            invite && status.is_some_and(|status| status < 300)
        });
        prop_assert!(finals.len() == 1 || accepted);
        prop_assert!(finals.iter().skip(1).all(|(_, status, _)| status.is_some_and(|s| s < 300)));
        let Some(end) = wanted.iter().position(is_final) else { unreachable!("checked above") };
        for (at, _, output) in &wanted[end + 1..] {
            prop_assert!(*output != Retransmit && *output != TimedOut);
            prop_assert!(at.since(wanted[end].0) <= LIFETIME);
        }
        for (at, _, output) in &wanted {
            if *output == Retransmit {
                prop_assert!(!reliable && *at < Instant::ZERO + LIFETIME);
            }
            if matches!(output, Acknowledge | DeliverAndAcknowledge) {
                prop_assert!(invite);
            }
        }
    }

    #[test]
    fn a_client_transaction_is_over_in_time(
        script in script(status()),
        reliable: bool,
        invite: bool,
    ) {
        // Only a provisional response to an INVITE prolongs anything, and only to Timer C.
        let mut now = Instant::ZERO;
        let mut limit = Instant::ZERO + LIFETIME + LIFETIME.max(T4);
        for (gap, status) in &script {
            now += *gap;
            if invite && *status < 200 && now <= limit {
                limit = limit.max(now + TIMER_C + LIFETIME + LIFETIME);
            }
        }
        let (wanted, last, over) = play_client(&script, reliable, invite);
        prop_assert!(over);
        prop_assert!(last <= limit.max(now));
        prop_assert!(wanted.iter().all(|(at, ..)| *at <= limit));
    }

    #[test]
    fn a_refused_invite_is_repeated_until_its_ack_and_is_over_in_time(
        script in script(prop_oneof![
            Just(server::Input::Request),
            Just(server::Input::Ack),
            status().prop_map(server::Input::Respond),
        ]),
        reliable: bool,
    ) {
        use server::Input::{Ack, Request, Respond, Timeout};
        let mut state = ServerInvite::Proceeding;
        let mut refused = None;
        let mut acked = None;
        let mut machine = |now, input: Option<server::Input>| {
            let was_refused = matches!(state, ServerInvite::Completed { .. });
            let output = state.handle_input(now, reliable, input.unwrap_or(Timeout));
            if refused.is_none() && matches!(state, ServerInvite::Completed { .. }) {
                refused = Some(now);
            }
            if was_refused && input == Some(Ack) {
                acked = Some(now);
            }
            (output, state.deadline())
        };
        let (wanted, _) = play(&script, &mut machine, None);
        let finals = wanted.iter().filter(|(_, input, _)| {
            matches!(input, Some(Respond(300..)))
        });
        prop_assert!(finals.count() <= 1, "one refusal only");
        prop_assert!(wanted.iter().all(|(_, input, _)| *input != Some(Ack)), "ACKs are absorbed");
        for (at, input, _) in &wanted {
            if let Some(acked) = acked {
                prop_assert!(*at <= acked, "silent after the ACK");
            }
            if let Some(refused) = refused {
                prop_assert!(at.since(refused) < LIFETIME);
            }
            if input.is_none() {
                prop_assert!(!reliable && refused.is_some(), "only Timer G repeats");
            }
        }
        let answered = script.iter().any(|(_, input)| matches!(input, Respond(200..)));
        prop_assert_eq!(answered, state == ServerInvite::Terminated);
        let asked_again = wanted.iter().any(|(_, input, _)| *input == Some(Request));
        prop_assert!(!asked_again || !script.is_empty());
    }

    #[test]
    fn a_server_transaction_answers_once_and_repeats_only_that(
        script in script(prop_oneof![
            Just(server::Input::Request),
            Just(server::Input::Ack),
            status().prop_map(server::Input::Respond),
        ]),
        reliable: bool,
    ) {
        use server::Input::{Respond, Timeout};
        let mut state = Server::Proceeding;
        let mut machine = |now, input: Option<server::Input>| {
            (state.handle_input(now, reliable, input.unwrap_or(Timeout)), state.deadline())
        };
        let (wanted, _) = play(&script, &mut machine, None);
        let sent = |input: &Option<server::Input>| matches!(input, Some(Respond(200..)));
        let finals: Vec<_> = wanted.iter().filter(|(_, input, _)| sent(input)).collect();
        prop_assert!(finals.len() <= 1);
        prop_assert!(wanted.iter().all(|(_, input, _)| input.is_some()), "no timer sends anything");
        if let Some((answered, ..)) = finals.first() {
            prop_assert_eq!(state, Server::Terminated);
            prop_assert!(wanted.iter().all(|(at, ..)| at.since(*answered) <= LIFETIME));
        }
    }
}

#[test]
fn an_unanswered_invite_is_sent_seven_times_and_another_request_eleven() {
    // RFC 3261 §17.1.1.2 and §17.1.2.1 name the times.
    let times = |invite| {
        let (wanted, last, _) = play_client(&[], false, invite);
        let sent = wanted.iter().filter(|(.., output)| *output == client::Output::Retransmit);
        assert_eq!(last, Instant::ZERO + T1 * 64);
        sent.count() + 1
    };
    assert_eq!((times(true), times(false)), (7, 11));
}
