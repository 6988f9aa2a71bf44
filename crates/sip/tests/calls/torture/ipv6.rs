//! RFC 5118: addresses of IPv6 wherever an address may stand.

use super::*;

const SDP6: &str = "v=0\no=a 1 1 IN IP6 2001:db8::20\ns=-\nc=IN IP6 2001:db8::20\nt=0 0\n\
                    m=audio 42000 RTP/AVP 0\n";
const SDP46: &str = "v=0\no=bob 1 1 IN IP6 2001:db8::9:1\ns=-\nt=0 0\n\
                     m=audio 30000 RTP/AVP 0\nc=IN IP6 2001:db8::9:1\n\
                     m=video 30002 RTP/AVP 31\nc=IN IP4 192.0.2.1\n";
const MAPPED: &str = "v=0\no=a 1 1 IN IP6 ::ffff:192.0.2.2\ns=-\nc=IN IP6 ::ffff:192.0.2.2\nt=0 0\n\
                      m=audio 42000 RTP/AVP 0\n";

#[test]
fn request_uris_need_brackets_and_may_have_a_port_behind_them() {
    check_all(&[
        // §4.1.
        case(
            "ipv6-good",
            "REGISTER sip:[2001:db8::10] SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@example.com;tag=81x2\nVia: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKa1\n\
             Call-ID: ipv6-good@[2001:db8::9:1]\nMax-Forwards: 70\n\
             Contact: \"Caller\" <sip:caller@[2001:db8::1]>\nCSeq: 98176 REGISTER\n\
             Content-Length: LEN\n",
            "",
            Status(401),
        ),
        // §4.2.
        case(
            "ipv6-bad",
            "REGISTER sip:2001:db8::10 SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@example.com;tag=81x2\nVia: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKa2\n\
             Call-ID: ipv6-bad@[2001:db8::9:1]\nMax-Forwards: 70\n\
             Contact: \"Caller\" <sip:caller@[2001:db8::1]>\nCSeq: 98176 REGISTER\n\
             Content-Length: LEN\n",
            "",
            Status(400),
        ),
        // §4.3: what looks like a port is the end of the address.
        case(
            "port-ambiguous",
            "REGISTER sip:[2001:db8::10:5070] SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@example.com;tag=81x2\nVia: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKa3\n\
             Call-ID: port-ambiguous@[2001:db8::9:1]\nMax-Forwards: 70\n\
             Contact: \"Caller\" <sip:caller@[2001:db8::1]>\nCSeq: 98176 REGISTER\n\
             Content-Length: LEN\n",
            "",
            Status(401),
        ),
        // §4.4.
        case(
            "port-unambiguous",
            "REGISTER sip:[2001:db8::10]:5070 SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@example.com;tag=81x2\nVia: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKa4\n\
             Call-ID: port-unambiguous@[2001:db8::9:1]\nMax-Forwards: 70\n\
             Contact: \"Caller\" <sip:caller@[2001:db8::1]>\nCSeq: 98176 REGISTER\n\
             Content-Length: LEN\n",
            "",
            Status(401),
        ),
        // §4.10: two colons, and the three that RFC 3261's grammar asked for by mistake.
        case(
            "ipv6-correct-abnf-2-colons",
            "OPTIONS sip:user@[2001:db8::192.0.2.1] SIP/2.0\nTo: sip:user@[2001:db8::192.0.2.1]\n\
             From: sip:user@example.com;tag=810x2\nVia: SIP/2.0/UDP lab1.east.example.com;\
             branch=z9hG4bKa5\nCall-ID: two@192.0.2.1\nCSeq: 689 OPTIONS\nMax-Forwards: 70\n\
             Content-Length: LEN\n",
            "",
            Status(200),
        ),
        case(
            "ipv6-bug-abnf-3-colons",
            "OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0\nTo: sip:user@[2001:db8:::192.0.2.1]\n\
             From: sip:user@example.com;tag=810x2\nVia: SIP/2.0/UDP lab1.east.example.com;\
             branch=z9hG4bKa6\nCall-ID: three@192.0.2.1\nCSeq: 689 OPTIONS\nMax-Forwards: 70\n\
             Content-Length: LEN\n",
            "",
            Status(200),
        ),
    ]);
}

#[test]
fn vias_may_name_both_families_and_received_with_or_without_brackets() {
    check_all(&[
        // §4.5.
        case(
            "via-received-param-with-delim",
            "BYE sip:[2001:db8::10] SIP/2.0\nTo: sip:user@example.com;tag=bd76ya\n\
             From: sip:user@example.com;tag=81x2\n\
             Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKb1\n\
             Call-ID: with@[2001:db8::9:1]\nMax-Forwards: 70\nCSeq: 321 BYE\nContent-Length: LEN\n",
            "",
            Status(481),
        ),
        case(
            "via-received-param-no-delim",
            "OPTIONS sip:[2001:db8::10] SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@example.com;tag=81x2\n\
             Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKb2\n\
             Call-ID: without@[2001:db8::9:1]\nMax-Forwards: 70\nCSeq: 321 OPTIONS\n\
             Content-Length: LEN\n",
            "",
            Status(200),
        ),
        // §4.7.
        case(
            "mult-ip-in-header",
            "BYE sip:user@host.example.net SIP/2.0\n\
             Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKb3\n\
             Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKb4\n\
             Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bKb5\nMax-Forwards: 68\n\
             To: <sip:user@example.com>;tag=e87a\nFrom: \"Caller\" <sip:caller@example.net>;tag=8\n\
             Call-ID: several@192.0.2.1\nCSeq: 2 BYE\nContent-Length: LEN\n",
            "",
            Status(481),
        ),
    ]);
}

#[test]
fn r49_calls_are_taken_whatever_family_their_descriptions_name() {
    check_all(&[
        // §4.6.
        case(
            "ipv6-in-sdp",
            "INVITE sip:user@[2001:db8::10] SIP/2.0\nTo: sip:user@[2001:db8::10]\n\
             From: sip:user@example.com;tag=81x2\nVia: SIP/2.0/UDP [2001:db8::20];branch=z9hG4bKc1\n\
             Call-ID: sdp6@[2001:db8::20]\nContact: \"Caller\" <sip:caller@[2001:db8::20]>\n\
             CSeq: 8612 INVITE\nMax-Forwards: 70\nContent-Type: application/sdp\n\
             Content-Length: LEN\n",
            SDP6,
            Offered,
        ),
        // §4.8.
        case(
            "mult-ip-in-sdp",
            "INVITE sip:user@[2001:db8::10] SIP/2.0\nTo: sip:user@[2001:db8::10]\n\
             From: sip:user@example.com;tag=81x2\nVia: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKc2\n\
             Call-ID: sdp46@[2001:db8::9:1]\nContact: \"Caller\" <sip:caller@[2001:db8::9:1]>\n\
             Max-Forwards: 70\nCSeq: 8912 INVITE\nContent-Type: application/sdp\n\
             Content-Length: LEN\n",
            SDP46,
            Offered,
        ),
        // §4.9.
        case(
            "ipv4-mapped-ipv6",
            "INVITE sip:user@example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@east.example.com;tag=81x2\n\
             Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKc3\n\
             Call-ID: mapped@[::ffff:192.0.2.10]\n\
             Contact: \"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>\nCSeq: 612 INVITE\n\
             Max-Forwards: 70\nContent-Type: application/sdp\nContent-Length: LEN\n",
            MAPPED,
            Offered,
        ),
    ]);
}
