//! RFC 4475 §3.3: sound messages that ask for what nobody can do.

use super::*;

#[test]
fn what_is_missing_or_given_twice_is_400() {
    check_all(&[
        // §3.3.1: no Call-ID, From and To.
        case(
            "insuf",
            "INVITE sip:user@example.com SIP/2.0\nCSeq: 193942 INVITE\n\
             Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKins\nContent-Type: application/sdp\nl: LEN\n",
            SDP,
            Status(400),
        ),
        // §3.3.8: header fields of one value with several.
        case(
            "multi01",
            "INVITE sip:user@company.com SIP/2.0\nContact: <sip:caller@host25.example.net>\n\
             Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKmul\nMax-Forwards: 70\nCSeq: 5 INVITE\n\
             Call-ID: multi01.1@h\nCSeq: 59 INVITE\nCall-ID: multi01.2@h\n\
             From: sip:caller@example.com;tag=3413415\nTo: sip:user@example.com\n\
             To: sip:other@example.net\nFrom: sip:caller@example.net;tag=2923420123\n\
             Content-Type: application/sdp\nl: LEN\nContact: <sip:caller@host36.example.net>\n\
             Max-Forwards: 5\n",
            SDP,
            Status(400),
        ),
        // §3.3.9: two lengths.
        case(
            "mcl01",
            "OPTIONS sip:user@example.com SIP/2.0\nVia: SIP/2.0/UDP host5.example.net;branch=z9hG4bKmcl\n\
             To: sip:user@example.com\nFrom: sip:other@example.net;tag=3923942\nCall-ID: mcl01@h\n\
             CSeq: 15932 OPTIONS\nMax-Forwards: 70\nContent-Length: 13\nContent-Length: 5\n\
             Content-Type: text/plain\n",
            "There's no way to know how many octets are supposed to be here.\n",
            Status(400),
        ),
    ]);
}

#[test]
fn schemes_and_extensions_nobody_knows_are_named_by_their_status() {
    check_all(&[
        // §3.3.2.
        case(
            "unkscm",
            "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:caller@example.net;tag=384\nMax-Forwards: 3\nCall-ID: unkscm@h\n\
             CSeq: 3923423 OPTIONS\nVia: SIP/2.0/TCP host9.example.com;branch=z9hG4bKusc\n\
             Content-Length: LEN\n",
            "",
            Status(416),
        ),
        // §3.3.3: a scheme that looks like another URI.
        case(
            "novelsc",
            "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:caller@example.net;tag=384\nMax-Forwards: 3\nCall-ID: novelsc@h\n\
             CSeq: 3923423 OPTIONS\nVia: SIP/2.0/TCP host9.example.com;branch=z9hG4bKnov\n\
             Content-Length: LEN\n",
            "",
            Status(416),
        ),
        // §3.3.5.
        case(
            "bext01",
            "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:j_user@example.com\n\
             From: sip:caller@example.net;tag=242etr\nMax-Forwards: 6\nCall-ID: bext01@h\n\
             Require: nothingSupportsThis, nothingSupportsThisEither\n\
             Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis\nCSeq: 8 OPTIONS\n\
             Via: SIP/2.0/TLS fold-and-staple.example.com;branch=z9hG4bKbex\nContent-Length: LEN\n",
            "",
            Status(420),
        ),
        // §3.3.6: a body of a kind nobody knows.
        case(
            "invut",
            "INVITE sip:user@example.com SIP/2.0\nContact: <sip:caller@host5.example.net>\n\
             To: sip:j.user@example.com\nFrom: sip:caller@example.net;tag=8392034\nMax-Forwards: 70\n\
             Call-ID: invut@h\nCSeq: 235448 INVITE\nVia: SIP/2.0/UDP somehost.example.com;\
             branch=z9hG4bKiut\nContent-Type: application/unknownformat\nContent-Length: LEN\n",
            "<audio>\n <pcmu port=\"443\"/>\n</audio>\n",
            Status(415),
        ),
    ]);
}

#[test]
fn every_strange_registration_is_asked_who_it_is() {
    check_all(&[
        // §3.3.4: other schemes in To, From and Contact.
        case(
            "unksm2",
            "REGISTER sip:example.com SIP/2.0\nTo: isbn:2983792873\nFrom: <http://www.example.com>;tag=3\n\
             Call-ID: unksm2@h\nCSeq: 234902 REGISTER\nMax-Forwards: 70\n\
             Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKus2\nContact: <name:John_Smith>\nl: LEN\n",
            "",
            Status(401),
        ),
        // §3.3.7: a way to prove who one is that nobody knows.
        case(
            "regaut01",
            "REGISTER sip:example.com SIP/2.0\nTo: sip:j.user@example.com\n\
             From: sip:j.user@example.com;tag=87321hj23128\nMax-Forwards: 8\nCall-ID: regaut01@h\n\
             CSeq: 9338 REGISTER\nVia: SIP/2.0/TCP 192.0.2.253;branch=z9hG4bKaut\n\
             Authorization: NoOneKnowsThisScheme opaque-data=here\nContent-Length:LEN\n",
            "",
            Status(401),
        ),
        // §3.3.12: an unknown parameter of a Contact.
        case(
            "cparam01",
            "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKcp1\n\
             Max-Forwards: 70\nFrom: sip:watson@example.com;tag=DkfVgjkrtMwaerKKpe\n\
             To: sip:watson@example.com\nCall-ID: cparam01@h\nCSeq: 2 REGISTER\n\
             Contact: sip:+19725552222@gw1.example.net;unknownparam\nl: LEN\n",
            "",
            Status(401),
        ),
        // §3.3.13: the same within its URI.
        case(
            "cparam02",
            "REGISTER sip:example.com SIP/2.0\nVia: SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKcp2\n\
             Max-Forwards: 70\nFrom: sip:watson@example.com;tag=838293\nTo: sip:watson@example.com\n\
             Call-ID: cparam02@h\nCSeq: 3 REGISTER\n\
             Contact: <sip:+19725552222@gw1.example.net;unknownparam>\nl: LEN\n",
            "",
            Status(401),
        ),
        // §3.3.14: header fields within it.
        case(
            "regescrt",
            "REGISTER sip:example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:user@example.com;tag=8\nMax-Forwards: 70\nCall-ID: regescrt@h\n\
             CSeq: 14398234 REGISTER\nVia: SIP/2.0/UDP host5.example.com;branch=z9hG4bKesr\n\
             M: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\nL:LEN\n",
            "",
            Status(401),
        ),
    ]);
}

#[test]
fn the_rest_is_served_or_dropped() {
    check_all(&[
        // §3.3.10: a response whose second hop is everybody.
        case(
            "bcast",
            "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bKbc1\n\
             Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKbc2\nCall-ID: bcast@h\nCSeq: 35 INVITE\n\
             From: <sip:user@example.com>;tag=11\nTo: <sip:user@example.edu>;tag=22\n\
             Content-Type: application/sdp\nContent-Length: LEN\n\
             Contact: <sip:user@host28.example.com>\n",
            SDP,
            Nothing,
        ),
        // §3.3.11: no hops left, and none needed.
        case(
            "zeromf",
            "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:caller@example.net;tag=3ghsd41\nCall-ID: zeromf@h\nCSeq: 39234321 OPTIONS\n\
             Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKzmf\nMax-Forwards: 0\n\
             Content-Length: LEN\n",
            "",
            Status(200),
        ),
        // §3.3.15: an Accept without application/sdp, which does not cost anybody a call.
        case(
            "sdp01",
            "INVITE sip:user@example.com SIP/2.0\nTo: sip:j_user@example.com\n\
             Contact: <sip:caller@host15.example.net>\nFrom: sip:caller@example.net;tag=234\n\
             Max-Forwards: 5\nCall-ID: sdp01@h\nAccept: text/nobodyKnowsThis\nCSeq: 8 INVITE\n\
             Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKsd1\nContent-Length: LEN\n\
             Content-Type: application/sdp\n",
            SDP,
            Offered,
        ),
    ]);
}
