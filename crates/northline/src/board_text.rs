//! The live board as plain text for a terminal: counts, waits, advocates' states and interpreter
//! searches, and never a row about one caller (O9). Nothing is said by colour.

use std::fmt::Write;
use std::time::Duration;

use console::Names;
use model::Instant;
use switchboard::{Capacity, InterpreterStep, Line, Snapshot, Sound};

use crate::media_text::media_text;

/// The board at `now`.
pub fn board_text(snapshot: &Snapshot, names: &Names, now: Instant) -> String {
    let mut text = heading(snapshot, now);
    queues(&mut text, snapshot, now);
    advocates(&mut text, snapshot, names, now);
    interpreters(&mut text, snapshot, names, now);
    text.push_str(&media_text(&snapshot.shards));
    text
}

fn heading(snapshot: &Snapshot, now: Instant) -> String {
    let waiting: usize = snapshot.queues.iter().map(|queue| queue.waiting).sum();
    let longest = snapshot.queues.iter().filter_map(|queue| queue.longest_since).min();
    let mut text = format!(
        "calls {}\nwaiting {waiting}\nlongest wait {}\nlegs {}\n",
        snapshot.calls.len(),
        time(longest.map(|since| now.since(since))),
        snapshot.legs
    );
    text.push_str(&audio(snapshot));
    let one_way = snapshot.calls.iter().filter(|call| call.is_one_way()).count();
    if one_way > 0 {
        let _ = writeln!(text, "one-way audio {one_way}");
    }
    if snapshot.draining {
        text.push_str("draining: new calls are refused\n");
    }
    text.push_str(match snapshot.capacity {
        Capacity::Free => "",
        Capacity::Tight => "loaded: new measurements are refused\n",
        Capacity::Full => "OVERLOADED: new callers are refused\n",
    });
    text
}

/// Of all legs together, so that no row is one caller's.
fn audio(snapshot: &Snapshot) -> String {
    let lines: Vec<&Line> = snapshot.calls.iter().flat_map(|call| &call.lines).collect();
    let secure = lines.iter().filter(|line| line.secure).count();
    let fares = lines.iter().flat_map(|line| [line.quality.received, line.quality.sent]).flatten();
    let worst = fares.map(|fare| fare.mos_tenths).min();
    let worst = worst.map_or_else(|| "-".to_owned(), |mos| format!("{}.{}", mos / 10, mos % 10));
    let speaking = lines.iter().filter(|line| line.sound == Sound::Speech);
    let levels: Vec<i8> = speaking.clone().filter_map(|line| line.level_dbov).collect();
    let loud = match levels.iter().min().zip(levels.iter().max()) {
        Some((softest, loudest)) => format!(", {softest} to {loudest} dBov"),
        None => String::new(),
    };
    let at_once = snapshot.calls.iter().filter(|call| call.has_overlap()).count();
    format!(
        "encrypted {secure} of {}\nworst audio {worst} of 4.5\n\
         speaking {}{loud}\nat once in calls {at_once}\n",
        lines.len(),
        speaking.count()
    )
}

fn queues(text: &mut String, snapshot: &Snapshot, now: Instant) {
    let _ = writeln!(
        text,
        "\n{:<20} {:>7} {:>7} {:>8} {:>7} {:>5} {:>8} {:>8}",
        "queue", "waiting", "by text", "longest", "talking", "ready", "on shift", "can read"
    );
    for queue in &snapshot.queues {
        let _ = writeln!(
            text,
            "{:<20} {:>7} {:>7} {:>8} {:>7} {:>5} {:>8} {:>8}",
            queue.queue.as_str(),
            queue.waiting,
            queue.by_text,
            time(queue.longest_since.map(|since| now.since(since))),
            queue.talking,
            queue.ready,
            queue.on_shift,
            queue.readers
        );
    }
}

fn advocates(text: &mut String, snapshot: &Snapshot, names: &Names, now: Instant) {
    if !snapshot.advocates.is_empty() {
        let _ = writeln!(text, "\n{:<20} {:<10} {:>8} {:>6}", "advocate", "is", "for", "phones");
    }
    for advocate in &snapshot.advocates {
        let _ = writeln!(
            text,
            "{:<20} {:<10} {:>8} {:>6}",
            names.advocate(advocate.advocate),
            console::standing(advocate.standing),
            time(advocate.since.map(|since| now.since(since))),
            advocate.phones
        );
    }
}

fn interpreters(text: &mut String, snapshot: &Snapshot, names: &Names, now: Instant) {
    let all: Vec<_> = snapshot.calls.iter().filter_map(|call| call.interpreter).collect();
    let joined = all.iter().filter(|one| one.step == InterpreterStep::Joined).count();
    let _ = writeln!(text, "\ninterpreters: {} sought, {joined} joined", all.len() - joined);
    for one in all {
        let vendor = one.vendor.map(|vendor| names.vendor(vendor)).unwrap_or_default();
        let (step, asked) = (console::step(one.step), time(Some(now.since(one.since))));
        let _ = writeln!(text, "  {:<8} {vendor:<20} {step:<16} {asked:>8}", one.language.as_str());
    }
}

/// Minutes and seconds, or a dash.
fn time(time: Option<Duration>) -> String {
    time.map_or_else(
        || "-".to_owned(),
        |time| format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60),
    )
}

#[cfg(test)]
mod tests {
    use model::{AdvocateId, Fare, Party, Quality, VendorId};
    use queue::Standing;
    use switchboard::{
        AdvocateState, Aside, CallStage, CallState, InterpreterState, Mode, QueueState,
    };

    use super::*;

    fn line(party: Party, secure: bool, mos_tenths: u8) -> Line {
        let fare = Fare { loss_permille: 0, jitter: Duration::ZERO, mos_tenths };
        let quality = Quality { received: Some(fare), ..Quality::default() };
        let sound = if secure { Sound::Speech } else { Sound::Nothing };
        Line { party, secure, text: false, quality, sound, level_dbov: Some(-24) }
    }

    /// A caller who talks with alice and waits for an interpreter, of whom nothing is heard.
    fn a_call(now: Instant) -> CallState {
        let ago = |seconds| now - Duration::from_secs(seconds);
        CallState {
            call: model::CallId(0xca11),
            stage: CallStage::Talking,
            since: ago(60),
            arrived: ago(200),
            language: "vi".parse().expect("a tag"),
            queue: Some("crisis".into()),
            advocate: Some(AdvocateId(0)),
            aside: Aside::None,
            interpreter: Some(InterpreterState {
                language: "vi".parse().expect("a tag"),
                vendor: Some(VendorId(0)),
                step: InterpreterStep::OnHold,
                mode: Mode::Consecutive,
                since: ago(42),
            }),
            supervisor: None,
            lines: vec![line(Party::Caller, false, 41), line(Party::Advocate, true, 38)],
        }
    }

    #[test]
    fn o09_the_board_shows_counts_waits_and_staff_and_no_call() {
        let now = Instant::ZERO + Duration::from_secs(1000);
        let ago = |seconds| now - Duration::from_secs(seconds);
        let queue = QueueState {
            queue: "crisis".into(),
            waiting: 2,
            by_text: 1,
            longest_since: Some(ago(95)),
            talking: 1,
            ready: 0,
            on_shift: 1,
            readers: 0,
        };
        let call = a_call(now);
        let alice = AdvocateState {
            advocate: AdvocateId(0),
            standing: Standing::Talking,
            since: Some(ago(61)),
            phones: 1,
            reads: false,
            call: Some(call.call),
        };
        let snapshot = Snapshot {
            at: now,
            legs: 5,
            calls: vec![call],
            queues: vec![queue],
            advocates: vec![alice],
            ..Snapshot::default()
        };
        let names =
            Names { advocates: vec!["alice".to_owned()], vendors: vec!["first".to_owned()] };
        let expected = "\
calls 1
waiting 2
longest wait 1:35
legs 5
encrypted 1 of 2
worst audio 3.8 of 4.5
speaking 1, -24 to -24 dBov
at once in calls 0
one-way audio 1

queue                waiting by text  longest talking ready on shift can read
crisis                     2       1     1:35       1     0        1        0

advocate             is              for phones
alice                talking        1:01      1

interpreters: 1 sought, 0 joined
  vi       first                on-hold              0:42
";
        assert_eq!(board_text(&snapshot, &names, now), expected);
    }
}
