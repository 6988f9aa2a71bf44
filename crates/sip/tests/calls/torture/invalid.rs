//! RFC 4475 §3.1.2: messages that break the grammar. Where the RFC leaves it open to forgive a
//! fault, a call comes before the grammar.

use sip::Transport;

use super::*;

#[test]
fn what_cannot_be_read_is_400() {
    check_all(UNREADABLE);
}

/// §3.1.2.2: in a datagram that is a fault; in a stream the rest may still come.
#[test]
fn clerr_is_400_in_a_datagram_and_waited_for_in_a_stream() {
    let clerr = case(
        "clerr",
        "INVITE sip:user@example.com SIP/2.0\nMax-Forwards: 80\nTo: sip:j.user@example.com\n\
         From: sip:caller@example.net;tag=93942939o2\nContact: <sip:caller@hungry.example.net>\n\
         Call-ID: clerr@h\nCSeq: 8 INVITE\nVia: SIP/2.0/UDP host5.example.com;branch=z9hG4bKcle\n\
         Content-Type: application/sdp\nContent-Length: 9999\n",
        SDP,
        Nothing,
    );
    clerr.check_over(Transport::Udp, Status(400));
    clerr.check_over(Transport::Tcp, Nothing);
}

#[test]
fn faulty_responses_are_dropped() {
    check_all(&[
        // §3.1.2.5: numbers larger than any field holds.
        case(
            "scalarlg",
            "SIP/2.0 503 Service Unavailable\nVia: SIP/2.0/TCP host129.example.com;branch=z9hG4bKsl\n\
             To: <sip:user@example.com>\nFrom: <sip:other@example.net>;tag=2\nCall-ID: scalarlg@h\n\
             CSeq: 9292394834772304023312 OPTIONS\nRetry-After: 949302838503028349304023988\n\
             Warning: 1812 overture \"In Progress\"\nContent-Length: LEN\n",
            "",
            Nothing,
        ),
        // §3.1.2.19: a status of ten digits.
        case(
            "bigcode",
            "SIP/2.0 4294967301 better not break the receiver\n\
             Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bKbig\nCall-ID: bigcode@h\nCSeq: 35 INVITE\n\
             From: <sip:user@example.com>;tag=39\nTo: <sip:user@example.edu>;tag=68\n\
             Content-Length: LEN\n",
            "",
            Nothing,
        ),
    ]);
}

#[test]
fn another_version_is_505() {
    // §3.1.2.16.
    case(
        "badvers",
        "OPTIONS sip:t.watson@example.org SIP/7.0\nVia: SIP/7.0/UDP c.example.com;branch=z9hG4bKver\n\
         Max-Forwards: 70\nFrom: A. Bell <sip:a.g.bell@example.com>;tag=qweoi\n\
         To: T. Watson <sip:t.watson@example.org>\nCall-ID: badvers@h\nCSeq: 31417 OPTIONS\nl: LEN\n",
        "",
        Status(505),
    )
    .check();
}

#[test]
fn faults_that_hide_nothing_are_forgiven() {
    check_all(FORGIVEN);
}

const UNREADABLE: &[Case] = &[
    // §3.1.2.1: separators without anything between them.
    case(
        "badinv01",
        "INVITE sip:user@example.com SIP/2.0\nTo: sip:j.user@example.com\n\
             From: sip:caller@example.net;tag=134161461246\nMax-Forwards: 7\nCall-ID: badinv01@h\n\
             CSeq: 8 INVITE\nVia: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKsep;;,;,,\n\
             Contact: \"Joe\" <sip:joe@example.org>;;;;\nContent-Length: LEN\n\
             Content-Type: application/sdp\n",
        SDP,
        Status(400),
    ),
    // §3.1.2.3: a negative length.
    case(
        "ncl",
        "INVITE sip:user@example.com SIP/2.0\nMax-Forwards: 254\nTo: sip:j.user@example.com\n\
             From: sip:caller@example.net;tag=3\nCall-ID: ncl@h\nCSeq: 0 INVITE\n\
             Via: SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKncl\nContact: <sip:caller@example53.net>\n\
             Content-Type: application/sdp\nContent-Length: -999\n",
        SDP,
        Status(400),
    ),
    // §3.1.2.4: numbers larger than any field holds.
    case(
        "scalar02",
        "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/TCP host129.example.com;branch=z9hG4bKsc\n\
             To: <sip:user@example.com>\nFrom: <sip:user@example.com>;tag=239\nCall-ID: scalar02@h\n\
             CSeq: 36893488147419103232 REGISTER\nMax-Forwards: 300\nExpires: 10000000000000000\n\
             Contact: <sip:user@host129.example.com>\n  ;expires=280297596632815\nContent-Length: LEN\n",
        "",
        Status(400),
    ),
    // §3.1.2.6: a quote that never ends.
    case(
        "quotbal",
        "INVITE sip:user@example.com SIP/2.0\nTo: \"Mr. J. User <sip:j.user@example.com>\n\
             From: sip:caller@example.net;tag=93334\nMax-Forwards: 10\nCall-ID: quotbal@h\n\
             Contact: <sip:caller@host59.example.net>\nCSeq: 8 INVITE\n\
             Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKquo\nContent-Type: application/sdp\n\
             Content-Length: LEN\n",
        SDP,
        Status(400),
    ),
    // §3.1.2.7: brackets around the Request-URI.
    case(
        "ltgtruri",
        "INVITE <sip:user@example.com> SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:caller@example.net;tag=39\nMax-Forwards: 23\nCall-ID: ltgtruri@h\n\
             CSeq: 8 INVITE\nVia: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKltg\n\
             Contact: <sip:caller@host5.example.net>\nContent-Type: application/sdp\n\
             Content-Length: LEN\n",
        SDP,
        Status(400),
    ),
    // §3.1.2.8: white space within it.
    case(
        "lwsruri",
        "INVITE sip:user@example.com; lr SIP/2.0\nTo: sip:user@example.com;tag=3\n\
             From: sip:caller@example.net;tag=39\nMax-Forwards: 70\nCall-ID: lwsruri@h\n\
             CSeq: 8 INVITE\nVia: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKlwr\n\
             Contact: <sip:caller@host1.example.net>\nContent-Type: application/sdp\n\
             Content-Length: LEN\n",
        SDP,
        Status(400),
    ),
    // §3.1.2.17: the method of CSeq is another one.
    case(
        "mismatch01",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:j.user@example.com\n\
             From: sip:caller@example.net;tag=34525\nMax-Forwards: 6\nCall-ID: mismatch01@h\n\
             CSeq: 8 INVITE\nVia: SIP/2.0/UDP host.example.com;branch=z9hG4bKmi1\nl: LEN\n",
        "",
        Status(400),
    ),
    // §3.1.2.18: the same with a method nobody defined.
    case(
        "mismatch02",
        "NEWMETHOD sip:user@example.com SIP/2.0\nTo: sip:j.user@example.com\n\
             From: sip:caller@example.net;tag=34525\nMax-Forwards: 6\nCall-ID: mismatch02@h\n\
             CSeq: 8 INVITE\nContact: <sip:caller@host.example.net>\n\
             Via: SIP/2.0/UDP host.example.net;branch=z9hG4bKmi2\nContent-Type: application/sdp\n\
             l: LEN\n",
        SDP,
        Status(400),
    ),
];

const FORGIVEN: &[Case] = &[
    // §3.1.2.9: more than one space in the start line.
    case(
        "lwsstart",
        "INVITE  sip:user@example.com  SIP/2.0\nMax-Forwards: 8\nTo: sip:user@example.com\n\
             From: sip:caller@example.net;tag=8814\nCall-ID: lwsstart@h\nCSeq: 1893884 INVITE\n\
             Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKlst\n\
             Contact: <sip:caller@host1.example.net>\nContent-Type: application/sdp\n\
             Content-Length: LEN\n",
        SDP,
        Offered,
    ),
    // §3.1.2.10: spaces at its end.
    case(
        "trws",
        "OPTIONS sip:remote-target@example.com SIP/2.0  \n\
             Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bKtrw\nTo: <sip:remote@example.com>\n\
             From: <sip:local@example.com>;tag=3\nCall-ID: trws@h\nCSeq: 8 OPTIONS\n\
             Max-Forwards: 70\nContent-Length: LEN\n",
        "",
        Status(200),
    ),
    // §3.1.2.11: header fields in the Request-URI, which are ignored.
    case(
        "escruri",
        "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0\n\
             To: sip:user@example.com\nFrom: sip:caller@example.net;tag=341518\nMax-Forwards: 7\n\
             Contact: <sip:caller@host39923.example.net>\nCall-ID: escruri@h\nCSeq: 149209342 INVITE\n\
             Via: SIP/2.0/UDP host-of-the-hour.example.com;branch=z9hG4bKuri\n\
             Content-Type: application/sdp\nContent-Length: LEN\n",
        SDP,
        Offered,
    ),
    // §3.1.2.12: a date that is not in GMT.
    case(
        "baddate",
        "INVITE sip:user@example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:caller@example.net;tag=2234923\nMax-Forwards: 70\nCall-ID: baddate@h\n\
             CSeq: 1392934 INVITE\nVia: SIP/2.0/UDP host.example.com;branch=z9hG4bKdat\n\
             Date: Fri, 01 Jan 2010 16:00:00 EST\nContact: <sip:caller@host5.example.net>\n\
             Content-Type: application/sdp\nContent-Length: LEN\n",
        SDP,
        Offered,
    ),
    // §3.1.2.14: spaces within brackets.
    case(
        "badaspec",
        "OPTIONS sip:user@example.org SIP/2.0\n\
             Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKasp\nMax-Forwards: 70\n\
             From: \"Bell, Alexander\" <sip:a.g.bell@example.com>;tag=433423\n\
             To: \"Watson, Thomas\" < sip:t.watson@example.org >\nCall-ID: badaspec@h\n\
             CSeq: 3923239 OPTIONS\nl: LEN\n",
        "",
        Status(200),
    ),
    // §3.1.2.15: a display name that asks for quotes.
    case(
        "baddn",
        "OPTIONS sip:t.watson@example.org SIP/2.0\n\
             Via: SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKbdn\nMax-Forwards: 70\n\
             From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43\n\
             To: Watson, Thomas <sip:t.watson@example.org>\nCall-ID: baddn@h\nCSeq: 31415 OPTIONS\n\
             l: LEN\n",
        "",
        Status(200),
    ),
    // §3.1.2.13: a Contact that asks for brackets; the registrar asks who it is first.
    case(
        "regbadct",
        "REGISTER sip:example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@example.com;tag=998332\nMax-Forwards: 70\nCall-ID: regbadct@h\n\
             CSeq: 1 REGISTER\nVia: SIP/2.0/UDP 192.0.2.253;branch=z9hG4bKrbc\n\
             Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\nl: LEN\n",
        "",
        Status(401),
    ),
];
