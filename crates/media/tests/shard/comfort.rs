//! A peer that describes its silence is heard as noise, and speaks again without a gap.

use audio::level_dbov;
use media::Channel;

use crate::kit::{Bench, FRAME, HEARD_DBFS};

fn level(bench: &Bench, millis: usize) -> i8 {
    let samples = &bench.parties[0].samples;
    level_dbov(&samples[samples.len() - millis * 8..])
}

#[test]
fn a_peer_that_sends_comfort_noise_sounds_so_until_it_speaks_again() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1)]);
    bench.runs_ms(1000);
    for (described, elapsed_ms) in [(45, 400), (45, 3000), (60, 1000)] {
        bench.describes_silence(1, described);
        bench.runs_ms(elapsed_ms);
        let heard = level(&bench, 200);
        let wanted = -(described as i8);
        assert!((heard - wanted).abs() <= 2, "{heard} dBov for {wanted}");
        let quietest = bench.parties[0].samples.rchunks(FRAME).take(10).map(level_dbov).min();
        assert!(quietest > Some(wanted - 4), "a gap in the noise: {quietest:?}");
    }
    bench.parties[1].is_silent = false;
    bench.runs_ms(300);
    let from = bench.parties[0].samples.len();
    bench.runs_ms(400);
    let tone = audio::tone::power_dbfs(&bench.parties[0].samples[from..], 907.0, 8000);
    assert!(tone > HEARD_DBFS, "{tone:.0} dBFS");
}

#[test]
fn a_strangers_description_and_an_empty_one_are_nothing() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1)]);
    bench.runs_ms(500);
    bench.parties[1].is_sending = false;
    let header = bench.parties[1].comfort_header();
    let (leg, source) = (bench.parties[1].leg, bench.parties[1].address);
    let stranger = "198.51.100.9:4000".parse().expect("an address");
    let packet = [&header.to_bytes()[..], &[40]].concat();
    bench.injects(leg, Channel::Rtp, stranger, &packet);
    bench.injects(leg, Channel::Rtp, source, &header.to_bytes());
    bench.runs_ms(500);
    assert_eq!(level(&bench, 100), -127);
}
