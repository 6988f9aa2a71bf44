//! How a running engine stands, as plain text for a terminal: counts, waits, advocates' states,
//! interpreter searches, media threads, and never a row about one caller (O9). All of it is what the
//! API says. Nothing is said by colour.

use std::fmt;
use std::io;

use console::{AdvocateRow, AudioRow, Board, Held, InterpreterRow, Operator, QueueRow, ShardRow};

/// What the API says of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    board: Board,
    advocates: Vec<AdvocateRow>,
    interpreters: Vec<InterpreterRow>,
    shards: Vec<ShardRow>,
    held: Held,
}

impl Status {
    /// Asks for it.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn ask(operator: &mut Operator) -> io::Result<Self> {
        Ok(Self {
            board: operator.board().await?,
            advocates: operator.advocates().await?,
            interpreters: operator.interpreters().await?,
            shards: operator.shards().await?,
            held: operator.held().await?,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        heading(f, &self.board)?;
        queues(f, &self.board.queues)?;
        advocates(f, &self.advocates)?;
        interpreters(f, &self.board, &self.interpreters)?;
        shards(f, &self.shards)?;
        held(f, &self.held)
    }
}

fn heading(f: &mut fmt::Formatter<'_>, board: &Board) -> fmt::Result {
    let waiting: usize = board.queues.iter().map(|queue| queue.waiting).sum();
    let longest = board.queues.iter().filter_map(|queue| queue.longest_wait_seconds).max();
    writeln!(f, "calls {}\nwaiting {waiting}\nlongest wait {}", board.calls, time(longest))?;
    writeln!(f, "legs {}", board.legs)?;
    audio(f, &board.audio)?;
    if board.draining {
        writeln!(f, "draining: new calls are refused")?;
    }
    match &*board.capacity {
        "tight" => writeln!(f, "loaded: new measurements are refused"),
        "full" => writeln!(f, "OVERLOADED: new callers are refused"),
        _ => Ok(()),
    }
}

fn audio(f: &mut fmt::Formatter<'_>, audio: &AudioRow) -> fmt::Result {
    let worst = audio.worst_mos_tenths;
    let worst = worst.map_or_else(|| "-".to_owned(), |mos| format!("{}.{}", mos / 10, mos % 10));
    writeln!(f, "encrypted {} of {}\nworst audio {worst} of 4.5", audio.secure, audio.legs)?;
    write!(f, "speaking {}", audio.speaking)?;
    if let Some((softest, loudest)) = audio.softest_dbov.zip(audio.loudest_dbov) {
        write!(f, ", {softest} to {loudest} dBov")?;
    }
    writeln!(f, "\nat once in calls {}", audio.overlapping_calls)?;
    if audio.one_way_calls > 0 {
        writeln!(f, "one-way audio {}", audio.one_way_calls)?;
    }
    Ok(())
}

fn queues(f: &mut fmt::Formatter<'_>, queues: &[QueueRow]) -> fmt::Result {
    writeln!(
        f,
        "\n{:<20} {:>7} {:>7} {:>8} {:>7} {:>5} {:>8} {:>8}",
        "queue", "waiting", "by text", "longest", "talking", "ready", "on shift", "can read"
    )?;
    for queue in queues {
        writeln!(
            f,
            "{:<20} {:>7} {:>7} {:>8} {:>7} {:>5} {:>8} {:>8}",
            queue.queue,
            queue.waiting,
            queue.waiting_by_text,
            time(queue.longest_wait_seconds),
            queue.talking,
            queue.ready,
            queue.on_shift,
            queue.readers
        )?;
    }
    Ok(())
}

fn advocates(f: &mut fmt::Formatter<'_>, advocates: &[AdvocateRow]) -> fmt::Result {
    if !advocates.is_empty() {
        writeln!(f, "\n{:<20} {:<10} {:>8} {:>6}", "advocate", "is", "for", "phones")?;
    }
    for AdvocateRow { advocate, standing, seconds, phones, .. } in advocates {
        writeln!(f, "{advocate:<20} {standing:<10} {:>8} {phones:>6}", time(*seconds))?;
    }
    Ok(())
}

fn interpreters(f: &mut fmt::Formatter<'_>, board: &Board, rows: &[InterpreterRow]) -> fmt::Result {
    let Board { interpreters_sought: sought, interpreters_joined: joined, .. } = board;
    writeln!(f, "\ninterpreters: {sought} sought, {joined} joined")?;
    for InterpreterRow { language, vendor, step, seconds, .. } in rows {
        let (vendor, asked) = (vendor.as_deref().unwrap_or_default(), time(Some(*seconds)));
        writeln!(f, "  {language:<8} {vendor:<20} {step:<16} {asked:>8}")?;
    }
    Ok(())
}

/// One row for each; nothing before the first has said how it stands.
fn shards(f: &mut fmt::Formatter<'_>, shards: &[ShardRow]) -> fmt::Result {
    if !shards.is_empty() {
        f.write_str(MEDIA)?;
    }
    for row in shards {
        let granted = row.scheduling.as_deref().unwrap_or_default();
        writeln!(
            f,
            "shard {:<2} {:>4}% {:>5} {:>5} {:>6} {:>7} {:>9} {:>9} {:>6} {:>8} {:>8} {}",
            row.shard,
            row.load_percent,
            row.legs,
            row.rooms,
            row.late,
            row.skipped,
            row.strangers,
            row.malformed,
            row.forged,
            row.panicked,
            row.replaced,
            if row.stuck { "STUCK: no sound" } else { granted }
        )?;
    }
    Ok(())
}

fn held(f: &mut fmt::Formatter<'_>, held: &Held) -> fmt::Result {
    let Held { signalling_legs, transactions, media_legs, tasks, healed, .. } = held;
    writeln!(
        f,
        "\nheld: signalling {signalling_legs}, transactions {transactions}, media {media_legs}, \
         tasks {tasks}, healed {healed}"
    )
}

/// Minutes and seconds, or a dash.
fn time(seconds: Option<u64>) -> String {
    seconds.map_or_else(|| "-".to_owned(), |all| format!("{}:{:02}", all / 60, all % 60))
}

const MEDIA: &str =
    "\nmedia     load  legs rooms   late skipped strangers malformed forged panicked replaced\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn a_night() -> Status {
        let queue = QueueRow {
            queue: "crisis".to_owned(),
            waiting: 2,
            waiting_by_text: 1,
            longest_wait_seconds: Some(95),
            talking: 1,
            on_shift: 1,
            ..QueueRow::default()
        };
        let audio = AudioRow {
            legs: 2,
            secure: 1,
            worst_mos_tenths: Some(38),
            speaking: 1,
            softest_dbov: Some(-24),
            loudest_dbov: Some(-24),
            overlapping_calls: 0,
            one_way_calls: 1,
        };
        let board = Board {
            calls: 1,
            legs: 5,
            capacity: "free".into(),
            queues: vec![queue],
            audio,
            interpreters_sought: 1,
            ..Board::default()
        };
        let alice = AdvocateRow {
            advocate: "alice".to_owned(),
            standing: "talking".into(),
            seconds: Some(61),
            phones: 1,
            ..AdvocateRow::default()
        };
        let search = InterpreterRow {
            language: "vi".to_owned(),
            vendor: Some("first".to_owned()),
            step: "on-hold".into(),
            seconds: 42,
            ..InterpreterRow::default()
        };
        let held = Held { signalling_legs: 5, transactions: 9, media_legs: 5, ..Held::default() };
        let (advocates, interpreters) = (vec![alice], vec![search]);
        Status { board, advocates, interpreters, shards: vec![a_shard()], held }
    }

    fn a_shard() -> ShardRow {
        ShardRow {
            load_percent: 12,
            scheduling: Some("nice".into()),
            legs: 5,
            rooms: 1,
            late: 7,
            skipped: 8,
            strangers: 9,
            malformed: 2,
            forged: 3,
            panicked: 6,
            replaced: 4,
            ..ShardRow::default()
        }
    }

    #[test]
    fn o09_the_board_shows_counts_waits_and_staff_and_no_call() {
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

media     load  legs rooms   late skipped strangers malformed forged panicked replaced
shard 0    12%     5     1      7       8         9         2      3        6        4 nice

held: signalling 5, transactions 9, media 5, tasks 0, healed 0
";
        assert_eq!(a_night().to_string(), expected);
    }

    #[test]
    fn what_keeps_callers_out_or_unheard_is_said() {
        let mut status = a_night();
        status.shards = vec![ShardRow { stuck: true, ..a_shard() }];
        status.board.draining = true;
        status.board.capacity = "full".into();
        let said = status.to_string();
        for words in ["STUCK: no sound\n", "draining: new", "OVERLOADED: new callers"] {
            assert!(said.contains(words), "{words} in {said}");
        }
        status.board.capacity = "tight".into();
        assert!(status.to_string().contains("loaded: new measurements"), "{status}");
    }
}
