//! Comfort noise (RFC 3389): the sound of a line whose far end sends nothing while it is silent.
//!
//! A description is one octet of level and any number of reflection coefficients. Not the decision
//! when to be silent.
//!
//! # Assumptions
//! - Of more than [`Description::MAX_ORDER`] coefficients the first count; RFC 3389 §3 lets a
//!   receiver use fewer.
//! - Noise is never rendered louder than -30 dBov.
//! - The level is that of the noise after the filter (§3.1: "the overall noise level").

/// What a peer says its silence sounds like: a level in dBov, and the coefficients of an all-pole
/// filter that colours it (RFC 3389 §3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Description {
    /// 0 to -127.
    level_dbov: i8,
    reflections: [f32; Self::MAX_ORDER],
    order: usize,
}

impl Description {
    /// Coefficients that are used; further ones of a payload are left out.
    pub const MAX_ORDER: usize = 10;

    /// White noise at `level_dbov`, at most 0.
    pub const fn white(level_dbov: i8) -> Self {
        let level_dbov = if level_dbov > 0 { 0 } else { level_dbov };
        Self { level_dbov, reflections: [0.0; Self::MAX_ORDER], order: 0 }
    }

    /// Reads a payload; `None` if it is empty. The level's reserved bit is ignored, as §3.1 asks.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let (&level, coefficients) = payload.split_first()?;
        let mut description = Self::white(-((level & 0x7f) as i8));
        for (held, &coded) in description.reflections.iter_mut().zip(coefficients) {
            *held = reflection(coded);
            description.order += 1;
        }
        Some(description)
    }

    /// The level, 0 to -127 dBov.
    pub const fn level_dbov(&self) -> i8 {
        self.level_dbov
    }

    /// The shortest payload that says this level: white noise (§3.1).
    pub const fn payload(&self) -> [u8; 1] {
        [self.level_dbov.unsigned_abs()]
    }
}

/// Noise as described, continuing from frame to frame and gliding from one level to the next.
///
/// Real-time safe: no heap, O(n × order).
#[derive(Clone, Debug)]
pub struct ComfortNoise {
    seed: u32,
    description: Description,
    /// The backward errors of the lattice.
    held: [f32; Description::MAX_ORDER],
    /// The excitation's amplitude at the end of the last frame.
    amplitude: f32,
}

impl ComfortNoise {
    /// Noise of a seed, so that the noises of a room are not one. Fades in.
    pub const fn new(seed: u32, description: Description) -> Self {
        let held = [0.0; Description::MAX_ORDER];
        Self { seed: seed | 1, description, held, amplitude: 0.0 }
    }

    /// Goes on as `description` says.
    pub fn describe(&mut self, description: Description) {
        self.description = description;
    }

    /// Writes the next frame, of any length, full scale ±32 767.
    pub fn fill(&mut self, frame: &mut [i16]) {
        let target = self.description.excitation();
        let step = (target - self.amplitude) / frame.len().max(1) as f32;
        for sample in frame {
            self.amplitude += step;
            let excitation = self.amplitude * self.random();
            *sample = self.filter(excitation).round().clamp(-32_767.0, 32_767.0) as i16;
        }
        self.amplitude = target;
    }

    /// The all-pole lattice: stable for every reflection below 1.
    fn filter(&mut self, excitation: f32) -> f32 {
        let mut forward = excitation;
        for at in (0..self.description.order).rev() {
            let reflection = self.description.reflections[at];
            forward -= reflection * self.held[at];
            let backward = self.held[at] + reflection * forward;
            if let Some(next) = self.held.get_mut(at + 1) {
                *next = backward;
            }
        }
        self.held[0] = forward;
        forward
    }

    /// Even between ±√3, so that its power is 1.
    fn random(&mut self) -> f32 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 17;
        self.seed ^= self.seed << 5;
        (self.seed as i32) as f32 / 2_147_483_648.0 * 3_f32.sqrt()
    }
}

impl Description {
    /// The amplitude at which white noise leaves the filter at this level.
    fn excitation(&self) -> f32 {
        let loss: f32 = self.reflections[..self.order].iter().map(|k| 1.0 - k * k).product();
        let level_dbov = f32::from(self.level_dbov.min(LOUDEST_DBOV));
        32_767.0 * 10_f32.powf(level_dbov / 20.0) * loss.max(0.0).sqrt()
    }
}

/// Noise louder than this comforts nobody: whoever says so is misunderstood, or means harm.
const LOUDEST_DBOV: i8 = -30;

/// §3.2: 127 is 0, 0 and 254 nearly ±1; 255 is reserved.
fn reflection(coded: u8) -> f32 {
    258.0 * (f32::from(coded.min(254)) - 127.0) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level_dbov;
    use crate::tone::power_dbfs;

    fn noise(payload: &[u8], frames: usize) -> Vec<i16> {
        let description = Description::parse(payload).expect("a payload");
        let mut noise = ComfortNoise::new(9, description);
        let mut samples = vec![0; 160 * frames];
        samples.chunks_mut(160).for_each(|frame| noise.fill(frame));
        samples
    }

    #[test]
    fn noise_has_the_level_it_is_described_with() {
        for level in [10, 30, 40, 55, 70, 0x80 | 40] {
            for spectrum in [&[][..], &[100], &[40, 150], &[20, 180, 110, 130, 90, 127, 200]] {
                let samples = noise(&[&[level], spectrum].concat(), 200);
                let measured = i32::from(level_dbov(&samples[1600..]));
                let wanted = -i32::from(level & 0x7f).max(30);
                assert!((measured - wanted).abs() <= 1, "{wanted} {spectrum:?}: {measured}");
            }
        }
        assert!(noise(&[127], 10).iter().all(|&sample| sample == 0), "-127 dBov is silence");
    }

    #[test]
    fn noise_has_the_colour_it_is_described_with() {
        let power = |samples: &[i16], hz: f64| {
            let parts =
                samples.chunks(160).map(|part| 10_f64.powf(power_dbfs(part, hz, 8000) / 10.0));
            10.0 * (parts.sum::<f64>() / (samples.len() / 160) as f64).log10()
        };
        let tilt = |coded: u8| {
            let samples = noise(&[30, coded], 400);
            power(&samples, 400.0) - power(&samples, 3_600.0)
        };
        // A pole at -k: the spectrum falls for a negative reflection and rises for a positive one.
        assert!(tilt(40) > 10.0 && tilt(214) < -10.0 && tilt(127).abs() < 2.0);
    }

    #[test]
    fn a_change_of_level_glides_and_noise_fades_in() {
        let mut noise = ComfortNoise::new(1, Description::white(-30));
        let mut frame = [0; 160];
        noise.fill(&mut frame);
        assert!(frame[..8].iter().all(|sample| sample.unsigned_abs() < 150));
        noise.describe(Description::white(-80));
        noise.fill(&mut frame);
        assert!(level_dbov(&frame[..40]) > -36 && level_dbov(&frame[150..]) < -45);
    }

    #[test]
    fn a_description_is_read_and_written() {
        assert_eq!(Description::parse(&[]), None);
        let described = Description::parse(&[63]).expect("a level");
        assert_eq!((described.level_dbov(), described.payload()), (-63, [63]));
        assert_eq!(Description::white(5).level_dbov(), 0);
    }

    #[test]
    fn no_payload_makes_it_unstable() {
        for coded in [0, 1, 126, 127, 128, 254, 255] {
            let payload: Vec<u8> = [10].into_iter().chain([coded; 40]).collect();
            assert!(level_dbov(&noise(&payload, 500)) <= -5, "{coded}");
        }
    }
}
