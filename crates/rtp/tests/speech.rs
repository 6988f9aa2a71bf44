//! The jitter buffer on real speech: no hole, no click, no dropped and no doubled word, whatever
//! the network did.

use std::collections::BTreeMap;
use std::path::Path;

use model::{Chance, Instant};
use rtp::Header;
use rtp::jitter::{Arrival, Effort, Playout, Reception};

/// Speech of several people, without longer pauses than between sentences.
fn speech() -> Vec<i16> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts/demo");
    let names = ["caller-1", "advocate-1", "caller-2", "advocate-2", "caller-3", "advocate-3"];
    let load = |name: &str| {
        let bytes = std::fs::read(root.join(name).with_extension("wav")).expect("a recording");
        audio::wav::load(&bytes, 8000).expect("a WAV file")
    };
    names.into_iter().flat_map(load).collect()
}

/// What the network does to packets of 20 ms.
#[derive(Clone, Copy)]
struct Weather {
    jitter_ms: u64,
    loss_percent: u64,
    /// From this packet on it does nothing any more.
    heals_at: usize,
}

/// The thread that takes the frames.
#[derive(Clone, Copy, Default)]
struct Thread {
    /// Whether it stands still for 60 ms every three seconds: what came meanwhile has waited for
    /// it, and three frames are never taken.
    stalls: bool,
    /// Whether it has no time to search for like sound.
    is_short_of_time: bool,
}

struct Heard {
    samples: Vec<i16>,
    /// Samples in hand beyond each frame.
    surplus: Vec<i64>,
}

/// Plays `said` through `weather` to a `thread` that takes a frame every 20 ms.
fn play(said: &[i16], weather: Weather, thread: Thread, seed: u64) -> Heard {
    let mut chance = Chance::from_number(seed);
    let mut network = BTreeMap::new();
    for (at, packet) in said.chunks_exact(FRAME).enumerate() {
        let is_fair = at >= weather.heals_at;
        let is_lost = chance.below(100) < weather.loss_percent && !is_fair;
        let jitter = chance.below(weather.jitter_ms * 1_000_000 + 1);
        let arrival = at as u64 * 20_000_000 + if is_fair { 0 } else { jitter };
        if !is_lost {
            network.insert((arrival, at), packet);
        }
    }
    let (mut reception, mut playout) = (Reception::new(8000), Playout::new(8000));
    let mut heard = Heard { samples: Vec::new(), surplus: Vec::new() };
    let mut skipped = 0;
    for frame in 0..said.len() / FRAME + 15 {
        let now = 3_000_000 + frame as u64 * 20_000_000;
        if thread.stalls && (1..=3).contains(&(frame % 150)) {
            skipped += 1;
            continue;
        }
        let later = network.split_off(&(now + 1, 0));
        for ((arrival, at), packet) in std::mem::replace(&mut network, later) {
            let (sequence, timestamp) = (at as u16, (at * FRAME) as u32);
            let header = Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 1 };
            let arrival = match skipped {
                0 => Instant::from_nanos(arrival).into(),
                _ => Arrival::waited(Instant::from_nanos(now)),
            };
            reception.insert(arrival, &header, 8000, packet);
        }
        playout.leap(std::mem::take(&mut skipped) * FRAME as i64);
        let (mut out, mut effort) = ([0; FRAME], Effort::default());
        if thread.is_short_of_time {
            effort.spend(Instant::from_nanos(now));
        }
        playout.frame(Instant::from_nanos(now), &reception, &mut effort, &mut out);
        heard.samples.extend(out);
        heard.surplus.push(playout.surplus(&reception, FRAME));
    }
    heard
}

fn power(samples: &[i16]) -> f64 {
    let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    energy / samples.len().max(1) as f64
}

fn likeness(one: &[i16], other: &[i16]) -> f64 {
    let product: f64 = one.iter().zip(other).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    product / (power(one) * power(other)).sqrt().max(1.0) / one.len() as f64
}

/// How alike the sound at `at` of `part` is to the likest within 75 ms of `expected` in `whole`,
/// and where that is. Of sounds as alike the nearest counts: a vowel repeats itself.
fn find(part: &[i16], at: usize, whole: &[i16], expected: usize) -> (f64, usize) {
    let window = &part[at..at + WINDOW];
    let places = expected.saturating_sub(600)..(expected + 600).min(whole.len() - WINDOW);
    let score = |place: usize| {
        likeness(window, &whole[place..place + WINDOW]) - place.abs_diff(expected) as f64 / 16_000.0
    };
    let best = places.max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap_or(expected);
    (likeness(window, &whole[best..best + WINDOW]), best)
}

/// Every word of `said` is in `heard` at its level, and every one heard was said, in order: of
/// windows of 40 ms that stand 20 ms apart, never more than `UNLIKE` in a row are not found, and
/// the places of those found move on as they do themselves, but for `most` samples.
fn assert_each_word_once(said: &[i16], heard: &[i16], most: usize, what: &str) {
    for (from, into, which) in [(said, heard, "dropped"), (heard, said, "doubled")] {
        let (mut expected, mut unlike, mut found) = (2400, 0, 0);
        for at in (2400..from.len() - 6400).step_by(STEP) {
            expected += STEP;
            if power(&from[at..at + WINDOW]) < LOUD {
                unlike = 0;
                continue;
            }
            let (alike, place) = find(from, at, into, expected);
            if alike < ALIKE {
                unlike += 1;
                assert!(unlike <= UNLIKE, "{what}: {which} at {} ms", at / 8);
                continue;
            }
            if alike < CERTAIN {
                unlike = 0; // beside a concealment another period of a vowel may be as near
                continue;
            }
            let moved = if found == 0 { 0 } else { place.abs_diff(expected) };
            assert!(moved <= most, "{what}: {which} at {} ms: {} ms", at / 8, moved / 8);
            let (one, other) = (power(&from[at..][..WINDOW]), power(&into[place..][..WINDOW]));
            let level = 10.0 * (other / one).log10();
            assert!(level.abs() < 4.0, "{what}: {which} at {} ms: {level:+.1} dB", at / 8);
            (expected, unlike, found) = (place, 0, found + 1);
        }
        assert!(found > 500, "{what}: only {found} windows of speech");
    }
}

#[test]
fn jitter_of_30_ms_and_2_percent_of_loss_drop_and_double_no_word() {
    let said = speech();
    let heals_at = said.len() / FRAME - 300;
    for seed in 0..2 {
        let weather = Weather { jitter_ms: 30, loss_percent: 2, heals_at };
        let heard = play(&said, weather, Thread::default(), seed);
        assert_each_word_once(&said, &heard.samples, MADE_UP_FOR, &format!("seed {seed}"));
        let most = heard.surplus.iter().max().copied().unwrap_or(0);
        assert!(most <= i64::from(Playout::MAX_DELAY_MS) * 8, "{most} samples in hand");
        let least = heard.surplus[heals_at + 250..].iter().max().copied().unwrap_or(0);
        assert!(least <= 160, "{least} samples are left 5 s after the network heals");
    }
}

#[test]
fn a_thread_that_stalls_drops_and_doubles_no_word_and_is_in_time_again_within_a_second() {
    let said = speech();
    let fair = Weather { jitter_ms: 0, loss_percent: 0, heals_at: 0 };
    for is_short_of_time in [false, true] {
        let heard = play(&said, fair, Thread { stalls: true, is_short_of_time }, 0);
        let what = format!("short of time: {is_short_of_time}");
        assert_each_word_once(&said, &heard.samples, SHED, &what);
        for after_stall in heard.surplus.chunks_exact(147).map(|frames| &frames[51..]) {
            let most = after_stall.iter().max().copied().unwrap_or(0);
            assert!(most < 160, "{what}: {most} samples a second after the stall");
        }
    }
}

#[test]
fn five_percent_of_loss_leaves_no_hole_and_no_click_in_speech() {
    let said = speech();
    let weather = Weather { jitter_ms: 0, loss_percent: 5, heals_at: usize::MAX };
    for seed in 0..6 {
        let heard = play(&said, weather, Thread::default(), seed);
        let (said, heard) = (&said[..], &heard.samples[..said.len()]);
        let hole = longest_hole(said, heard);
        let click = sharpest_click(said, heard);
        assert!(hole <= 80, "seed {seed}: a hole of {hole} samples");
        assert!(click < 3_277, "seed {seed}: a click of {click}");
    }
}

/// The longest run of silence within speech. The first sound after a pause cannot be made up: what
/// was heard before it must have been loud too.
fn longest_hole(said: &[i16], heard: &[i16]) -> usize {
    let is_loud = |samples: &[i16], at: usize| power(&samples[at - 80..at + 80]) > LOUD;
    let (mut longest, mut from) = (0, 160);
    for at in 161..said.len() - 80 {
        if heard[at].unsigned_abs() > 50 || !is_loud(said, at) {
            from = (at + 1).max(160);
        } else if power(&heard[from - 160..from]) > LOUD {
            longest = longest.max(at + 1 - from);
        }
    }
    longest
}

/// How much sharper a bend is than any that was said in the 70 ms before it, of which a concealment
/// is made.
fn sharpest_click(said: &[i16], heard: &[i16]) -> i32 {
    let bend = |samples: &[i16], at: usize| {
        let [a, b, c] = [at - 1, at, at + 1].map(|at| i32::from(samples[at]));
        (c - 2 * b + a).abs()
    };
    let mut sharpest = 0;
    for at in 561..said.len() - 81 {
        let here = bend(heard, at);
        if here > sharpest {
            let usual = (at - 560..at + 80).map(|at| bend(said, at)).max().unwrap_or(0);
            sharpest = sharpest.max(here - usual);
        }
    }
    sharpest
}

const FRAME: usize = 160;
/// 40 ms, every 20 ms.
const WINDOW: usize = 320;
const STEP: usize = 160;
const ALIKE: f64 = 0.7;
const CERTAIN: f64 = 0.97;
/// 60 ms: two packets lost in a row.
const UNLIKE: usize = 3;
/// -40 dBov.
const LOUD: f64 = 32_767.0 * 32_767.0 * 1e-4;
/// 30 ms: a late packet made up for at once.
const MADE_UP_FOR: usize = 240;
/// 60 ms: what a stall put in hand, shed while nothing certain is heard.
const SHED: usize = 480;
