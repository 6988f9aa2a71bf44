//! A shard that has more to do than time.

use std::time::Duration;

use crate::kit::Bench;

/// Three in a room, all talking.
fn room() -> Bench {
    let mut bench = Bench::new();
    for tone_hz in [500.0, 1_300.0, 2_100.0] {
        bench.joins(tone_hz);
    }
    bench.routes(&[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
    bench.runs_ms(2_000);
    bench
}

/// The shard takes `turn` for whatever it does: it takes in all that came meanwhile, and then does
/// what is due.
pub(crate) fn labours(bench: &mut Bench, turns: u64, turn: Duration) {
    for _ in 0..turns {
        bench.now += turn;
        bench.shard.look_behind(bench.now);
        for index in 0..bench.parties.len() {
            while bench.parties[index].next_send <= bench.now {
                bench.send(index);
            }
        }
        bench.deliver();
        bench.shard.handle_timeout(bench.now);
        bench.drain();
    }
}

#[test]
fn turns_of_any_length_give_each_listener_a_frame_and_the_first_good_second_all() {
    for turn_ms in [25, 45, 110, 700] {
        let mut bench = room();
        let before = bench.now;
        let turns = 7_000 / turn_ms;
        labours(&mut bench, turns, Duration::from_millis(turn_ms));
        let heard = |bench: &Bench, index: usize, from| {
            bench.parties[index].heard.iter().filter(|packet| packet.at > from).count() as u64
        };
        for index in 0..3 {
            let frames = heard(&bench, index, before);
            assert!(frames.abs_diff(turns) <= 1, "{frames} in {turns} turns");
        }
        // What is held beyond the greatest delay is leapt over, the rest stretched away.
        bench.runs_ms(300);
        let recovered = bench.now;
        bench.runs_ms(1_000);
        for index in 0..3 {
            assert!((49..=51).contains(&heard(&bench, index, recovered)));
            let newest = bench.parties[index].heard.last().expect("a packet").at;
            assert!(bench.now.since(newest) <= Duration::from_millis(40));
        }
        bench.expect_exactly(&[&[1, 2], &[0, 2], &[0, 1]]);
    }
}
