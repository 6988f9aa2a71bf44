//! Time-stretch by one step: a frame fades over into the same sound a little later or earlier, at
//! the place where the two are most alike, so that pitch stays and nothing clicks.

use super::Reception;

/// The step, in samples, by which the frame at `next` best leaps ahead (a surplus `wanted` away)
/// or back (a lack, negative); `None` if the sound in hand does not allow one.
pub(super) fn best_step(from: &Reception, next: i64, length: i64, wanted: i64) -> Option<i64> {
    let shortest = shortest(length);
    // A lack is made up for even if the nearest like sound is further back; of a surplus nothing
    // is taken that is not there.
    let longest = if wanted < 0 { length / 2 - wanted } else { wanted }.min(length);
    if wanted == 0 || longest < shortest {
        return None;
    }
    let direction = wanted.signum();
    let (first, last) =
        (next.min(next + direction * longest), next.max(next + direction * longest));
    if !from.is_whole(first..last + length) {
        return None;
    }
    let mut sound = [0; 2 * MAX_FRAME];
    let sound = sound.get_mut(..(last - first + length) as usize)?;
    from.copy(first, sound);
    let origin = (next - first) as usize;
    if audio::peak(sound) < QUIET {
        return Some(direction * longest);
    }
    // Likeness is judged at 8 kHz, whatever the rate.
    let stride = (length as usize / COARSE_FRAME).max(1);
    // Of plenty half a frame goes at least: there is like sound there too, since whatever repeats
    // within a frame does so in its second half.
    let shortest = if wanted >= length { length / 2 } else { shortest };
    let [length, shortest, longest] = [length, shortest, longest].map(|of| of as usize / stride);
    let sound = audio::thin(sound, origin % stride, stride);
    let origin = origin / stride;
    let starts = (shortest..=longest).map(|step| match direction {
        1 => origin + step,
        _ => origin - step,
    });
    let likest = audio::likest(&sound[origin..origin + length], sound, starts)?;
    Some(direction * (likest.abs_diff(origin) * stride) as i64)
}

/// An eighth of a millisecond of a surplus that is too little to search for: a step so short that
/// fading over is no more than reading the same sound a little faster, by 0.2 % where every third
/// frame does it. What steps between like sounds leave over is shed so in a little more than a
/// second at most, and is no delay for the rest of the call.
pub(super) fn trickle(from: &Reception, next: i64, length: i64, wanted: i64) -> Option<i64> {
    let step = wanted.min(length / COARSE_FRAME as i64);
    let is_possible = step > 0 && from.is_whole(next..next + length + step);
    is_possible.then_some(step)
}

/// The least leap worth its while, in a frame of `length`.
pub(super) const fn shortest(length: i64) -> i64 {
    length / 8
}

/// Writes the frame at `next`, fading over into the one `step` later.
pub(super) fn cross_fade(from: &Reception, next: i64, step: i64, out: &mut [i16]) {
    let mut later = [0; MAX_FRAME];
    let length = out.len().min(MAX_FRAME);
    let later = &mut later[..length];
    from.copy(next, out);
    from.copy(next + step, later);
    for (at, (out, &later)) in out.iter_mut().zip(later.iter()).enumerate() {
        let weight = (at as i64 + 1) * 1024 / length as i64;
        let mixed = i64::from(*out) * (1024 - weight) + i64::from(later) * weight;
        *out = (mixed / 1024) as i16;
    }
}

/// 20 ms at 48 kHz.
const MAX_FRAME: usize = 960;
/// 20 ms at 8 kHz.
const COARSE_FRAME: usize = 160;
/// About −60 dBFS: no cross-fade of such sounds is heard.
const QUIET: u16 = 32;
