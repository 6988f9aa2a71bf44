//! 16-bit samples in network byte order (RFC 3551 §4.5.11).

/// Decodes whole samples; `None` for half a sample, or more than `out` holds.
pub(super) fn decode(payload: &[u8], out: &mut [i16]) -> Option<usize> {
    let (pairs, rest) = payload.as_chunks();
    let samples = out.get_mut(..pairs.len()).filter(|_| rest.is_empty())?;
    for (sample, &pair) in samples.iter_mut().zip(pairs) {
        *sample = i16::from_be_bytes(pair);
    }
    Some(pairs.len())
}

/// Encodes as many samples as fit; how many bytes they take.
pub(super) fn encode(samples: &[i16], payload: &mut [u8]) -> usize {
    let (pairs, _) = payload.as_chunks_mut();
    for (pair, sample) in pairs.iter_mut().zip(samples) {
        *pair = sample.to_be_bytes();
    }
    2 * samples.len().min(pairs.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_travel_high_byte_first_and_only_whole() {
        let mut payload = [0; 7];
        assert_eq!(encode(&[0x1234, -2, 5, 6], &mut payload), 6);
        assert_eq!(payload, [0x12, 0x34, 0xff, 0xfe, 0, 5, 0]);
        let mut samples = [0; 3];
        assert_eq!(decode(&payload[..6], &mut samples), Some(3));
        assert_eq!(samples, [0x1234, -2, 5]);
        assert_eq!(decode(&payload, &mut samples), None);
        assert_eq!(decode(&payload[..6], &mut samples[..2]), None);
    }
}
