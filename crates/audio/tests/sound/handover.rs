//! A decoder that follows one encoder and then another: what a room does with whoever begins or
//! ceases to hear just what all the others hear.

use audio::codec::{Decoder, Encoder};
use model::{Codec, OpusWishes, SampleRate};

use crate::material::recordings;

/// A stream of packets of `codec` with its end that hears.
struct Line {
    encoder: Encoder,
    decoder: Decoder,
}

impl Line {
    fn new(codec: Codec) -> Self {
        let encoder = Encoder::new(codec, SampleRate::Wide, OpusWishes::NONE);
        Self { encoder, decoder: Decoder::new(codec, SampleRate::Wide) }
    }

    fn encode(&mut self, frame: &[i16]) -> Vec<u8> {
        let mut payload = vec![0; 500];
        let length = self.encoder.encode(frame, &mut payload);
        payload.truncate(length);
        payload
    }

    fn decode(&mut self, payload: &[u8]) -> Vec<f64> {
        let mut samples = [0; FRAME];
        self.decoder.decode(payload, &mut samples).expect("a payload");
        samples.map(f64::from).to_vec()
    }
}

/// The frame of the change against what one hears there who never changed, in dB below it: one line
/// hears other talk first, then for `alike` frames the same, and then changes to the other's
/// encoder.
fn error_db(codec: Codec, alike: usize) -> f64 {
    let [same, other] = ["en", "es"].map(|of| recordings(of, SampleRate::Wide.hz()).concat());
    let frame = |of: &[i16], at: usize| of[at * FRAME..][..FRAME].to_vec();
    let (mut error, mut heard) = (0.0, 0.0);
    for start in (100..).step_by(37).take(8) {
        let (mut one, mut all) = (Line::new(codec), Line::new(codec));
        for at in start - 25..=start + alike {
            let said = if at < start { frame(&other, at) } else { frame(&same, at) };
            let own = one.encode(&said);
            let shared = all.encode(&frame(&same, at));
            let is_changed = at == start + alike;
            let ours = one.decode(if is_changed { &shared } else { &own });
            let theirs = all.decode(&shared);
            if is_changed {
                error += ours.iter().zip(&theirs).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                heard += theirs.iter().map(|sample| sample.powi(2)).sum::<f64>();
            }
        }
    }
    10.0 * (error / heard).log10()
}

#[test]
fn after_three_frames_alike_a_change_of_encoder_is_as_soft_as_the_codecs_noise() {
    for codec in [Codec::G722, Codec::Opus] {
        let [cold, three, long] = [0, 3, 15].map(|alike| error_db(codec, alike));
        assert!(cold > -6.0, "{codec:?}: no need to prepare at {cold:.1} dB");
        assert!(three < -14.0, "{codec:?}: {three:.1} dB");
        assert!(three < long + 4.0, "{codec:?}: {three:.1} dB, {long:.1} dB after 15");
    }
}

/// 20 ms of 16 kHz.
const FRAME: usize = SampleRate::Wide.frame();
