//! A shard that panics while it handles one of many packets that were received together: what is
//! lost is the leg that it served, and nothing else.

use super::bench::{Bench, Mixed, TALKERS};

/// The leg in any place of the batch is lost whenever it is served, and never anybody's packet.
fn check(first_port: u16, mixed: Mixed) {
    let places = [0, 1, mixed.parties() as usize - 1];
    for (nth, harmed) in (1..=8).flat_map(|nth| places.map(|harmed| (nth, harmed))) {
        let mut bench = Bench::new(first_port, mixed);
        bench.runs(SETTLED);
        for party in &mut bench.parties {
            party.said.clear();
            party.heard.clear();
            party.numbers.clear();
        }
        let leg = bench.parties[harmed].leg;
        let received = bench.tally.read().received;
        bench.harm(leg, nth);
        bench.runs(25);
        let what = format!("{mixed:?}, leg {harmed}, served for time {nth}");
        assert_eq!((bench.lost, bench.returned), (vec![leg], vec![leg]), "{what}");
        let tally = bench.tally.read();
        assert_eq!((tally.panicked, tally.legs), (1, mixed.parties() - 1), "{what}");
        let lost_with_it = 25 * mixed.parties() - (tally.received - received);
        assert!(lost_with_it <= 25, "{what}: {lost_with_it} packets were not received");
        let others = bench.parties.iter().filter(|party| party.leg != leg);
        for ear in others.clone() {
            assert_eq!(ear.numbers.len(), 25, "{what}");
            assert!(ear.numbers.is_sorted_by(|one, next| next - one == 1), "{what}");
            let talkers = others.clone().filter(|voice| voice.leg.0 <= TALKERS);
            for voice in talkers.filter(|voice| voice.leg != ear.leg) {
                let heard = ear.hears_at_least(voice);
                assert!(heard > 0.5, "{what}: {} hears {heard:.2} of {}", ear.leg, voice.leg);
            }
        }
    }
}

/// Frames until nothing is left in hand that the joins have put there: what sheds it moves the sound
/// by samples, and noise that was moved is like nothing else.
const SETTLED: usize = 100;

#[test]
fn r34_a_panic_at_any_packet_of_many_takes_one_leg_and_nobody_elses_sound() {
    check(34_000, Mixed::Pairwise);
}

#[test]
fn r34_the_same_in_a_room_that_is_mixed_all_at_once() {
    check(34_200, Mixed::AtOnce);
}
