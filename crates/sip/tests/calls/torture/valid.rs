//! RFC 4475 §3.1.1, §3.2 and §3.4: messages that are valid, however odd they look.

use sip::Transport;

use super::*;

#[test]
fn the_syntactically_tortuous_are_understood() {
    check_all(TORTUOUS);
}

#[test]
fn methods_nobody_defined_are_501_and_those_we_lack_405() {
    check_all(&[
        // §3.1.1.2: every character a method and a display name may have.
        case(
            "intmeth",
            "!odd-Method0123456789_*+`.%indeed'~ \
             sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@h.com \
             SIP/2.0\nVia: SIP/2.0/UDP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\n\
             To: \"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7F\" \
             <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\n\
             From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>\
             ;fromParam''~+*_!.-%=\"\u{440}\u{430}\";tag=_token~1'+`*%!-.\n\
             Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\nMax-Forwards: 255\n\
             CSeq: 139122385 !odd-Method0123456789_*+`.%indeed'~\n\
             extensionHeader-!.%*+_`'~:\u{fffe}\nContent-Length: LEN\n",
            "",
            Status(501),
        ),
        // §3.1.1.5: an escape in a method is not undone.
        case(
            "esc02",
            "RE%47IST%45R sip:registrar.example.com SIP/2.0\nTo: \"%Z%45\" <sip:r@example.com>\n\
             From: \"%Z%45\" <sip:r@example.com>;tag=f2\nMax-Forwards: 70\nCall-ID: esc02@h\n\
             CSeq: 29344 RE%47IST%45R\nVia: SIP/2.0/TCP host9.example.com;branch=z9hG4bKesc2\n\
             Contact: <sip:alias1@host1.example.com>\nContact: <sip:alias3@host3.example.com>\n\
             l: LEN\n",
            "",
            Status(501),
        ),
        // §3.1.1.11: parts of which one has bytes of every value.
        case(
            "mpart01",
            "MESSAGE sip:kumiko@example.org SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKmp\n\
             Max-Forwards: 70\nRoute: <sip:127.0.0.1:5080>\nFrom: sip:fluffy@example.com;tag=2fb0dcc9\n\
             To: sip:kumiko@example.org\nCall-ID: mpart01@h\nCSeq: 1 MESSAGE\n\
             Content-Type: multipart/mixed;boundary=7a9cbec0\nContent-Length: LEN\n",
            "--7a9cbec0\nContent-Type: text/plain\n\nHello\n--7a9cbec0\n\
             Content-Type: application/octet-stream\nContent-Transfer-Encoding: binary\n\n\
             \x00\x01\x02\x7f\u{80}\u{ff}\n--7a9cbec0--\n",
            Status(405),
        ),
    ]);
}

#[test]
fn responses_to_nothing_of_ours_are_dropped_whatever_they_say() {
    check_all(&[
        // §3.1.1.12: a reason phrase in another script.
        case(
            "unreason",
            "SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}\n\
             Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKunr\nCall-ID: unreason@h\nCSeq: 35 INVITE\n\
             From: <sip:user@example.com>;tag=11\nTo: <sip:user@example.edu>;tag=22\n\
             Contact: <sip:user@host198.example.com>\nContent-Type: application/sdp\n\
             Content-Length: LEN\n",
            SDP,
            Nothing,
        ),
        // §3.1.1.13: no reason phrase.
        case(
            "noreason",
            "SIP/2.0 100 \nVia: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bKnor\nCall-ID: noreason@h\n\
             CSeq: 35 INVITE\nFrom: <sip:user@example.com>;tag=39\nTo: <sip:user@example.edu>;tag=9\n\
             Content-Length: LEN\n",
            "",
            Nothing,
        ),
    ]);
}

/// §3.1.1.7: values as long as they may be.
#[test]
fn r49_longreq_is_a_call_like_any_other() {
    let many = "longvalue".repeat(30);
    let vias: String = (0..20)
        .map(|n| format!("Via: SIP/2.0/TCP s{n}.example.com;branch=z9hG4bK{n}{many}\n"))
        .collect();
    let text = format!(
        "INVITE sip:user@example.com SIP/2.0\nTo: \"A user of {many}\"<sip:user@example.com:6000;\
         unknownparam1={many};longparam{many}=shortvalue>\nF: sip:amazinglylong{many}@example.net\
         ;tag=12{many};unknown{many}name=unknown{many}value;flag{many}\nCall-ID: longreq.one{many}\n\
         CSeq: 3882340 INVITE\nUnknown-{many}-Name: unknown-{many}-value\n\
         Via: SIP/2.0/TCP sip33.example.com\nv: SIP/2.0/TCP s32.example.com;branch=z9hG4bK{many}\n\
         {vias}Max-Forwards: 70\nContact: <sip:amazinglylong{many}@host5.example.net>\n\
         Content-Type: application/sdp\nl: {}\n\n{SDP}",
        SDP.replace('\n', "\r\n").len()
    );
    let mut bench = Bench::new();
    bench.hears_over(Transport::Tcp, CARRIER, &text);
    bench.offered();
}

/// §3.1.1.8: in a datagram, what follows the body is noise; in a stream, the next message.
#[test]
fn dblreq_is_one_request_in_a_datagram_and_two_in_a_stream() {
    let text = format!(
        "REGISTER sip:example.com SIP/2.0\nTo: sip:j.user@example.com\n\
         From: sip:j.user@example.com;tag=43251j3j324\nMax-Forwards: 8\nI: dblreq.0@h\n\
         Contact: sip:j.user@host.example.com\nCSeq: 8 REGISTER\n\
         Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKdbl1\nContent-Length: 0\n\n\n\
         INVITE sip:joe@example.com SIP/2.0\nt: sip:joe@example.com\nFrom: sip:caller@example.net;\
         tag=141334\nMax-Forwards: 8\nCall-ID: dblreq.1@h\nCSeq: 8 INVITE\n\
         Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKdbl2\nContact: <sip:caller@host5.example.net>\n\
         Content-Type: application/sdp\nContent-Length: {}\n\n{SDP}",
        SDP.replace('\n', "\r\n").len()
    );
    for (transport, offers) in [(Transport::Udp, 0), (Transport::Tcp, 1)] {
        let mut bench = Bench::new();
        for bytes in cut(transport, text.replace('\n', "\r\n").as_bytes()) {
            let bytes = bytes.into();
            bench.apply(Input::Message { flow: flow(transport, CARRIER), bytes });
        }
        assert_eq!(bench.response().status, 401);
        assert_eq!(bench.said().len(), offers);
    }
}

const TORTUOUS: &[Case] = &[
    // §3.1.1.1: folding, white space and case wherever they may be. Its To has a tag.
    case(
        "wsinv",
        "INVITE sip:ann@desk.example.com;strange SIP/2.0\nTO :\n sip:ann@desk.example.com ;   \
             tag    = 77n\nfrom   : \"A Caller \\\\\\\"\"       <sip:bob@example.com>\n  ;\n  tag = 98a\n\
             MaX-fOrWaRdS: 0068\nCall-ID: wsinv@192.0.2.30\nContent-Length   : LEN\ncseq: 0009\n  \
             INVITE\nVia  : SIP  /   2.0\n /UDP\n    192.0.2.2;branch=390sk\ns :\n\
             FreshHeader:   fresh value\n continued here\nHeaderNobodyDefined: ;;,,;;,;\n\
             Content-Type: application/sdp\nRoute:\n <sip:services.example.com;lr;odd=q;more>\n\
             v:  SIP  / 2.0  / TCP     one.example.com   ;\n  branch  =   z9hG4bK9ik8  ,\n SIP  /    \
             2.0   / UDP  192.168.9.9   ; branch=\n z9hG4bK30239\nm:\"Quoted \\\"\\\"\" \
             <sip:bob@example.com> ; newparam =\n      newvalue ;\n  second ; q = 0.33\n",
        SDP,
        Status(481),
    ),
    // §3.1.1.3: %-escapes, upper and lower case.
    case(
        "esc01",
        "INVITE sip:sips%3Aann%40example.com@example.net SIP/2.0\nTo: sip:%75se%72@example.com\n\
             From: <sip:I%20have%20spaces@example.net>;tag=93\nMax-Forwards: 87\ni: esc01@h\n\
             CSeq: 234 INVITE\nVia: SIP/2.0/UDP host5.example.net;branch=z9hG4bKesc\n\
             C: application/sdp\nContact:\n  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61l%25>\n\
             l: LEN\n",
        SDP,
        Offered,
    ),
    // §3.1.1.4: an escaped NUL in user parts. The registrar asks who it is.
    case(
        "escnull",
        "REGISTER sip:example.com SIP/2.0\nTo: sip:null-%00-null@example.com\n\
             From: sip:null-%00-null@example.com;tag=83\nMax-Forwards: 70\nCall-ID: escnull@h\n\
             CSeq: 14 REGISTER\nVia: SIP/2.0/UDP host5.example.com;branch=z9hG4bKnul\n\
             Contact: <sip:%00@host5.example.com>\nContact: <sip:%00%00@host5.example.com>\nL:LEN\n",
        "",
        Status(401),
    ),
    // §3.1.1.6: no white space between a display name and its bracket.
    case(
        "lwsdisp",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: caller<sip:caller@example.com>;tag=323\nMax-Forwards: 70\nCall-ID: lwsdisp@h\n\
             CSeq: 60 OPTIONS\nVia: SIP/2.0/UDP funky.example.com;branch=z9hG4bKlws\nl: LEN\n",
        "",
        Status(200),
    ),
    // §3.1.1.9: a semicolon in the user part is no parameter.
    case(
        "semiuri",
        "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\nTo: sip:j_user@example.com\n\
             From: sip:caller@example.org;tag=33\nMax-Forwards: 3\nCall-ID: semiuri@h\n\
             CSeq: 8 OPTIONS\nAccept: application/sdp, application/pkcs7-mime\n\
             Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKsemi\nl: LEN\n",
        "",
        Status(200),
    ),
    // §3.1.1.10: transports known and unknown.
    case(
        "transports",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: <sip:caller@example.com>;tag=323\nMax-Forwards: 70\nCall-ID: transports@h\n\
             CSeq: 60 OPTIONS\nVia: SIP/2.0/UDP t1.example.com;branch=z9hG4bKtr1\n\
             Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKtr2\n\
             Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bKtr3\n\
             Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKtr4\n\
             Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bKtr5\nl: LEN\n",
        "",
        Status(200),
    ),
    // §3.2.1: a branch that is the magic cookie and nothing else.
    case(
        "badbranch",
        "OPTIONS sip:user@example.com SIP/2.0\nTo: sip:user@example.com\n\
             From: sip:caller@example.org;tag=33\nMax-Forwards: 3\n\
             Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\nAccept: application/sdp\n\
             Call-ID: badbranch@h\nCSeq: 8 OPTIONS\nl: LEN\n",
        "",
        Status(200),
    ),
    // §3.4.1: RFC 2543, without branch, tag, Max-Forwards and Contact.
    case(
        "inv2543",
        "INVITE sip:UserB@example.com SIP/2.0\nVia: SIP/2.0/UDP gateway.example.com\n\
             From: <sip:+15550101@client.example.net;user=phone>\n\
             Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>\n\
             To: sip:+15550102@ss1.example.net;user=phone\nCall-ID: inv2543@h\nCSeq: 56 INVITE\n\
             Content-Type: application/sdp\nContent-Length: LEN\n",
        SDP,
        Offered,
    ),
];
