//! How like two stretches of a sound are: what the search for a pitch and the search for a place to
//! cross-fade have in common.

/// Of the stretches of `sound` as long as `window` that begin at `starts`, the start of the one that
/// is most like it; of equals the last. One that does not lie in `sound` counts for nothing. O(window)
/// each, no heap.
pub fn likest(window: &[i16], sound: &[i16], starts: impl Iterator<Item = usize>) -> Option<usize> {
    let stretch = |start: usize| sound.get(start..start + window.len());
    let found = starts.filter_map(|start| Some((likeness(window, stretch(start)?), start)));
    found.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, start)| start)
}

/// Moves every `stride`th sample from `first` on to the front; those. O(n), no heap.
pub fn thin(sound: &mut [i16], first: usize, stride: usize) -> &[i16] {
    let kept = sound.len().saturating_sub(first).div_ceil(stride);
    for at in 0..kept {
        sound[at] = sound[first + at * stride];
    }
    &sound[..kept]
}

/// Their correlation, by the second one's level: so that a loud one is not liker than a soft one.
fn likeness(one: &[i16], other: &[i16]) -> f64 {
    simd::dot(one, other) as f64 / (simd::energy(other) as f64 + 1.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_found_again_whatever_its_level() {
        let voice = |at: usize| (((at % 57) * (at % 57)) as i16 - 1_000) * (1 + at as i16 / 100);
        let sound: Vec<i16> = (0..400).map(voice).collect();
        let window = &sound[240..400];
        assert_eq!(likest(window, &sound, (240 - 80)..(240 - 20)), Some(240 - 57));
        assert_eq!(likest(window, &sound, 0..0), None);
        assert_eq!(likest(window, &sound, 241..300), None, "beyond the end");
    }

    #[test]
    fn every_third_sample_is_left() {
        let mut sound = [0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(thin(&mut sound, 1, 3), [1, 4, 7]);
        assert_eq!(thin(&mut [5, 6], 0, 1), [5, 6]);
        assert_eq!(thin(&mut [5], 2, 1), []);
    }
}
