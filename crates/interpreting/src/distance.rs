//! How far two words are apart.

/// The number of letters inserted, dropped, changed or swapped with a neighbour that turn one word
/// into the other, or `None` if it is more than `most`.
pub(crate) fn within(most: usize, one: &[char], other: &[char]) -> Option<usize> {
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, &letter) in (1..).zip(one) {
        let mut current = vec![row];
        for (column, &against) in (1..).zip(other) {
            let change = last[column - 1] + usize::from(letter != against);
            let mut best = change.min(last[column] + 1).min(current[column - 1] + 1);
            let swapped = row > 1 && column > 1 && one[row - 2] == against;
            if swapped && letter == other[column - 2] {
                best = best.min(before_last[column - 2] + 1);
            }
            current.push(best);
        }
        if current.iter().min() > Some(&most) {
            return None; // it can only grow from here
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().filter(|&distance| distance <= most)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn every_slip_counts_one() {
        let check = |one: &str, other: &str, expected| {
            let letters = |word: &str| word.chars().collect::<Vec<_>>();
            assert_eq!(within(2, &letters(one), &letters(other)), expected, "{one} {other}");
        };
        check("somali", "somali", Some(0));
        check("somaly", "somali", Some(1));
        check("smoali", "somali", Some(1));
        check("soomaalli", "somali", None);
        check("", "ga", Some(2));
        check("tagalo", "tagalog", Some(1));
    }
}
