//! Where responses go whose connection is closed (RFC 3261 §18.2.2).

use model::{LegCommand, LegEvent};
use sip::wire::Message;
use sip::{Flow, Input, Transport};

use crate::peer::{Bench, STRANGER, Script, flow};
use crate::sessions::{SECOND, sdp};

/// The carrier's end of its connection.
const CONNECTION: &str = "203.0.113.5:40001";

/// An INVITE by TCP of a caller who says that she listens at `via`.
fn invite(via: &str, lines: &[&str]) -> (Script, String) {
    let mut script = Script::new("closed");
    via.clone_into(&mut script.via);
    let text = script.invite(lines).replace("SIP/2.0/UDP", "SIP/2.0/TCP");
    (script, text)
}

/// What was answered and where, not counting 100.
fn answers(bench: &mut Bench) -> Vec<(Flow, u16)> {
    let all = bench.sent().into_iter().filter_map(|(flow, message)| match message {
        Message::Response(response) if response.status > 100 => Some((flow, response.status)),
        _ => None,
    });
    all.collect()
}

#[test]
fn a_caller_whose_connection_closed_is_answered_where_she_listens() {
    for (via, listens) in [
        ("203.0.113.5:5070", "203.0.113.5:5070"),
        ("203.0.113.5:5070;rport", "203.0.113.5:5070"),
        ("203.0.113.5", "203.0.113.5:5060"),
        // Whatever host she names, she is where she called from.
        ("198.51.100.9:5070", "203.0.113.5:5070"),
        ("198.51.100.9:5070;received=198.51.100.9", "203.0.113.5:5070"),
        ("somebody.example:5070", "203.0.113.5:5070"),
    ] {
        let (mut bench, connection) = (Bench::new(), flow(Transport::Tcp, CONNECTION));
        let (mut script, text) = invite(via, &[]);
        bench.hears_over(Transport::Tcp, CONNECTION, &text);
        let leg = bench.offered();
        bench.command(LegCommand::Ring { leg });
        assert_eq!(answers(&mut bench), [(connection, 180)]);
        bench.apply(Input::FlowClosed { flow: connection });
        bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
        bench.pass(SECOND / 2);
        let sent = bench.sent();
        let [(first, Message::Response(answer)), (again, _)] = &sent[..] else { panic!("{via}") };
        let expected = flow(Transport::Tcp, listens);
        assert!(answer.status == 200 && *first == expected && *again == expected, "{via}");
        script.learn(answer);
        bench.hears_over(Transport::Tcp, listens, &script.request("ACK", &[], ""));
        assert!(matches!(bench.said()[..], [LegEvent::Answered { .. }]), "{via}");
    }
}

#[test]
fn ringing_and_a_refusal_find_the_caller_too() {
    let (mut bench, listens) = (Bench::new(), flow(Transport::Tcp, "203.0.113.5:5070"));
    let (_, text) = invite("203.0.113.5:5070", &["Require: 100rel"]);
    bench.hears_over(Transport::Tcp, CONNECTION, &text);
    let leg = bench.offered();
    bench.apply(Input::FlowClosed { flow: flow(Transport::Tcp, CONNECTION) });
    bench.command(LegCommand::Ring { leg });
    bench.pass(SECOND / 2);
    assert_eq!(answers(&mut bench), [(listens, 180); 2], "repeated until its PRACK");
    bench.command(LegCommand::Refuse { leg, status: 486, retry_after: None });
    assert_eq!(answers(&mut bench), [(listens, 486)]);
}

#[test]
fn a_stranger_who_hangs_up_before_the_answer_is_not_called_back() {
    let mut bench = Bench::new();
    bench.apply(Input::FlowClosed { flow: flow(Transport::Tcp, STRANGER) });
    for method in ["OPTIONS", "REGISTER", "INVITE", "BYE", "CANCEL", "NOTIFY"] {
        let mut script = Script::new(method);
        bench.hears_over(Transport::Tcp, STRANGER, &script.request(method, &[], ""));
        bench.hears_over(Transport::Tcp, STRANGER, &script.request(method, &["Broken"], ""));
    }
    bench.pass(SECOND * 40);
    assert!(bench.sent().is_empty() && bench.endpoint.transactions() == 0);
}
