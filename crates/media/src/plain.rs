//! The last frame of a room of few legs that became G.711 as it is, in each law: who hears the same is
//! sent the same bytes.
//!
//! G.711 has no memory, so it does not matter who was sent that frame, or when.

use audio::g711::{self, Law};
use model::SampleRate;

use crate::outlet::Workbench;

/// The last frame in each law.
pub(crate) struct Plain([Frame; 2]);

struct Frame {
    samples: [i16; NARROW],
    codes: [u8; NARROW],
    /// Of both; 0 before the first one.
    length: usize,
}

impl Plain {
    /// None yet. Allocates; nothing later does.
    pub(crate) fn new() -> Box<Self> {
        let none = || Frame { samples: [0; NARROW], codes: [0; NARROW], length: 0 };
        Box::new(Self([none(), none()]))
    }

    /// Writes a frame of the room to the beginning of `payload`; how many bytes it takes.
    pub(crate) fn write(
        &mut self,
        law: Law,
        frame: &[i16],
        workbench: &mut Workbench,
        payload: &mut [u8],
    ) -> usize {
        let last = &mut self.0[usize::from(law == Law::A)];
        let frame = &frame[..frame.len().min(NARROW)];
        let length = frame.len();
        if last.samples[..last.length] != *frame {
            workbench.encoded += 1;
            g711::encode(law, frame, &mut last.codes[..length]);
            last.samples[..length].copy_from_slice(frame);
            last.length = length;
        }
        payload[..length].copy_from_slice(&last.codes[..length]);
        length
    }
}

/// Hides what is heard.
impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Plain(..)")
    }
}

const NARROW: usize = SampleRate::Narrow.frame();
