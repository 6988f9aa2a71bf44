//! How a leg fares, as its reports tell: loss, jitter, the way there and back, and a score.

use std::time::Duration;

use media::Channel;
use model::{MediaEvent, Quality};
use rtp::rtcp::{Item, MAX_REPORT, Report, ReportBlock};

use crate::kit::Bench;

fn last_of(bench: &Bench, index: usize) -> Quality {
    let all = bench.of(index, |event| match event {
        MediaEvent::Quality { leg, quality } => Some((*leg, *quality)),
        _ => None,
    });
    *all.last().expect("every leg is told of")
}

fn call() -> Bench {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    bench
}

/// The peer's RR: it heard our stream `lost` of 256, and answers our last report after `held`.
fn tells(bench: &mut Bench, index: usize, lost: u8, held: Duration) {
    let party = &bench.parties[index];
    let sent = party.reports.iter().rev().find_map(|item| match item {
        Item::Sender { ssrc, info, .. } => Some((*ssrc, info.ntp)),
        _ => None,
    });
    let (ssrc, ntp) = sent.expect("we report");
    let heard = ReportBlock {
        ssrc,
        fraction_lost: lost,
        jitter: 40,
        last_sender_report: (ntp >> 16) as u32,
        delay_since_last: (held.as_millis() * 65_536 / 1000) as u32,
        ..ReportBlock::default()
    };
    let report =
        Report { ssrc: party.ssrc, sender: None, heard: Some(heard), cname: b"n", bye: false };
    let mut bytes = [0; MAX_REPORT];
    let length = report.write(&mut bytes);
    let (leg, mut from) = (party.leg, party.address);
    from.set_port(from.port() + 1);
    bench.injects(leg, Channel::Rtcp, from, &bytes[..length]);
}

#[test]
fn a_good_line_scores_high_and_a_bad_one_low_in_the_direction_that_is_bad() {
    let mut bench = call();
    bench.runs_ms(8000);
    let good = last_of(&bench, 0).received.expect("it was heard");
    assert_eq!((good.loss_permille, good.mos_tenths), (0, 44));
    assert_eq!(last_of(&bench, 0).sent, None, "the peer said nothing");
    (bench.loss_percent, bench.jitter) = (10, Duration::from_millis(30));
    bench.runs_ms(20_000);
    let bad = last_of(&bench, 0).received.expect("it was heard");
    assert!((50..200).contains(&bad.loss_permille), "{bad:?}");
    assert!((5..20).contains(&bad.jitter.as_millis()) && bad.mos_tenths < 38, "{bad:?}");
}

#[test]
fn what_the_peer_hears_and_the_way_there_and_back_are_taken_from_its_reports() {
    let mut bench = call();
    bench.runs_ms(8000);
    let sent_at = |bench: &Bench| bench.parties[0].reports.len();
    let reports = sent_at(&bench);
    while sent_at(&bench) == reports {
        bench.runs_ms(1);
    }
    bench.runs_ms(180);
    // 180 ms later it says that it had our report for 100 ms.
    tells(&mut bench, 0, 26, Duration::from_millis(100));
    bench.runs_ms(8000);
    let quality = last_of(&bench, 0);
    let trip = quality.round_trip.expect("it answered our report").as_millis();
    assert!((79..=82).contains(&trip), "{trip} ms");
    let sent = quality.sent.expect("it reported");
    assert_eq!((sent.loss_permille, sent.jitter.as_millis()), (102, 5));
    assert!(sent.mos_tenths < quality.received.expect("it was heard").mos_tenths);
}

#[test]
fn a_report_of_somebody_elses_stream_is_not_ours() {
    let mut bench = call();
    bench.runs_ms(8000);
    tells(&mut bench, 0, 255, Duration::ZERO);
    let (leg, mut from) = (bench.parties[0].leg, bench.parties[0].address);
    from.set_port(from.port() + 1);
    let heard = Some(ReportBlock { ssrc: 0x1234_5678, ..ReportBlock::default() });
    let report = Report { ssrc: 1, sender: None, heard, cname: b"n", bye: false };
    let mut bytes = [0; MAX_REPORT];
    let length = report.write(&mut bytes);
    bench.injects(leg, Channel::Rtcp, from, &bytes[..length]);
    bench.runs_ms(8000);
    assert_eq!(last_of(&bench, 0).sent, None);
}

#[test]
fn a_peer_that_restarts_its_stream_in_any_way_is_heard_and_has_lost_nothing() {
    let mut bench = call();
    bench.runs_ms(8000);
    for (ssrc, sequence, timestamp) in [(1, 0, 0), (0, 40_000, 0), (0, 5_000, 1 << 31), (9, 9, 9)] {
        let party = &mut bench.parties[0];
        party.ssrc = party.ssrc.wrapping_add(ssrc);
        party.sequence = party.sequence.wrapping_add(sequence);
        party.timestamp = party.timestamp.wrapping_add(timestamp);
        bench.expect_exactly(&[&[1], &[0]]);
        bench.runs_ms(8000);
        let received = last_of(&bench, 0).received.expect("it was heard");
        assert!(received.loss_permille <= 8 && received.mos_tenths >= 42, "{received:?}");
    }
}

#[test]
fn how_loud_a_party_is_is_told_when_that_changes_and_only_then() {
    let mut bench = call();
    bench.runs_ms(5_000);
    let levels = |bench: &Bench| {
        bench.of(0, |event| match event {
            MediaEvent::Level { leg, dbov } => Some((*leg, *dbov)),
            _ => None,
        })
    };
    assert_eq!(levels(&bench), [-18], "a sine of -16 dBFS is -19 dBov");
    bench.parties[0].speaks_at(-40.0);
    bench.runs_ms(3_000);
    bench.parties[0].is_speaking = false;
    bench.runs_ms(3_000);
    assert_eq!(levels(&bench), [-18, -42, -72]);
}
