//! "Did you mean": the name nearest to a mistyped one.

/// The candidate that differs from `typed` by few enough letters to be a slip.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let slips = |length: usize| 1 + length / 4;
    candidates
        .into_iter()
        .map(|candidate| (distance(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= slips(candidate.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A help text: the nearest candidate, or all of them when none is near.
pub fn help<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(typed, candidates.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    match candidates.split_at(candidates.len().min(SHOWN)) {
        ([], _) => "there is none".to_owned(),
        (shown, []) => format!("there is {}", listed(shown.iter().copied())),
        (shown, rest) => {
            format!("there is {} and {} more", listed(shown.iter().copied()), rest.len())
        }
    }
}

/// `a`, `b`, `c`.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Letters to add, drop, change or swap with their neighbour (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(LONGEST).collect();
    let right: Vec<char> = right.chars().take(LONGEST).collect();
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    rows[0] = (0..=right.len()).collect();
    for i in 1..=left.len() {
        rows[i][0] = i;
        for j in 1..=right.len() {
            let changed = usize::from(left[i - 1] != right[j - 1]);
            let mut best =
                (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + changed);
            let swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if swapped {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[left.len()][right.len()]
}

/// Names in a help text before "and more".
const SHOWN: usize = 8;
/// Letters compared; a longer name is no slip of a shorter one.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_strange_word_finds_none() {
        let steps = ["greeting", "wait", "backup-centre"];
        assert_eq!(nearest("wiat", steps), Some("wait"));
        assert_eq!(nearest("backup-center", steps), Some("backup-centre"));
        assert_eq!(nearest("voicemail", steps), None);
        assert_eq!(help("voicemail", steps), "there is `greeting`, `wait`, `backup-centre`");
        assert_eq!(help("voicemail", []), "there is none");
    }
}
