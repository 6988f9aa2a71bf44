//! How the media threads stand, as plain text for a terminal. Nothing is said by colour.

use std::fmt::Write;

use model::ShardState;

/// One row for each; nothing before the first has said how it stands.
pub(crate) fn media_text(shards: &[ShardState]) -> String {
    let mut text = String::new();
    if !shards.is_empty() {
        text.push_str(HEADING);
    }
    for (index, shard) in shards.iter().enumerate() {
        let granted = shard.scheduling.map(|granted| granted.to_string()).unwrap_or_default();
        let _ = writeln!(
            text,
            "shard {index:<2} {:>4}% {:>5} {:>5} {:>6} {:>7} {:>9} {:>9} {:>6} {:>8} {:>8} {}",
            shard.load_percent,
            shard.legs,
            shard.rooms,
            shard.late,
            shard.skipped,
            shard.strangers(),
            shard.malformed,
            shard.forged,
            shard.panicked,
            shard.replaced,
            if shard.is_stuck { "STUCK: no sound" } else { &granted }
        );
    }
    text
}

const HEADING: &str =
    "\nmedia     load  legs rooms   late skipped strangers malformed forged panicked replaced\n";

#[cfg(test)]
mod tests {
    use model::Scheduling;

    use super::*;

    #[test]
    fn each_shard_has_a_row_of_what_it_does_misses_and_drops() {
        let shard = ShardState {
            load_percent: 12,
            scheduling: Some(Scheduling::Nice),
            legs: 5,
            rooms: 1,
            late: 7,
            skipped: 8,
            dropped: 9,
            malformed: 2,
            forged: 3,
            panicked: 6,
            replaced: 4,
            ..ShardState::default()
        };
        let expected = "
media     load  legs rooms   late skipped strangers malformed forged panicked replaced
shard 0    12%     5     1      7       8         4         2      3        6        4 nice -15
";
        assert_eq!(media_text(&[shard]), expected);
        let stuck = media_text(&[ShardState { is_stuck: true, ..shard }]);
        assert!(stuck.ends_with("STUCK: no sound\n"), "{stuck}");
        assert_eq!(media_text(&[]), "");
    }
}
