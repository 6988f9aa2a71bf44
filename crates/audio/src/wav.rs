//! WAV files in memory: prompts and music in, what a test heard out.
//!
//! The reading of the format is `hound`'s. A file may come from anybody's sound editor, so it is
//! checked like outside bytes; it is read once, at load time, never by a shard.

use std::io::Cursor;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use crate::resample::convert;

/// Why a file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// Not a WAV file, or a truncated one.
    #[error("not a complete WAV file")]
    Malformed,
    /// Compressed, or a rate, depth or number of channels that is not read.
    #[error("not 1 to 8 channels of 8 to 32-bit PCM or float at 4 to 192 kHz")]
    Unsupported,
    /// More than half an hour.
    #[error("longer than 30 minutes")]
    TooLong,
}

/// Reads a file as mono at `rate_hz`, full scale ±32 767: 8, 16, 24 and 32-bit integers or 32-bit
/// float, up to eight channels (their mean is taken), at 4 to 192 kHz. Allocates.
///
/// # Errors
/// When the file is no such WAV, ends early, or lasts over 30 minutes.
pub fn load(bytes: &[u8], rate_hz: u32) -> Result<Vec<i16>, WavError> {
    let reader = WavReader::new(Cursor::new(bytes))?;
    let spec = reader.spec();
    check(spec)?;
    if reader.duration() / spec.sample_rate >= MAX_SECONDS {
        return Err(WavError::TooLong);
    }
    let samples = samples(reader, spec)?;
    let channels = usize::from(spec.channels);
    let mean = |frame: &[f32]| frame.iter().sum::<f32>() / channels as f32;
    let mono: Vec<f32> = samples.chunks_exact(channels).map(mean).collect();
    Ok(convert(&mono, spec.sample_rate, rate_hz))
}

/// A mono 16-bit file at `rate_hz` of samples of full scale ±32 767. Allocates; O(n).
pub fn save(samples: &[i16], rate_hz: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::with_capacity(samples.len() * 2 + 44));
    write(&mut file, samples, rate_hz).expect("memory takes every write, up to the 4 GB of a WAV");
    file.into_inner()
}

fn write(file: &mut Cursor<Vec<u8>>, samples: &[i16], rate_hz: u32) -> Result<(), hound::Error> {
    let (channels, bits_per_sample) = (1, 16);
    let spec = WavSpec {
        channels,
        sample_rate: rate_hz,
        bits_per_sample,
        sample_format: SampleFormat::Int,
    };
    let mut writer = WavWriter::new(file, spec)?;
    for &sample in samples {
        writer.write_sample(sample)?;
    }
    writer.finalize()
}

fn check(spec: WavSpec) -> Result<(), WavError> {
    let depth = match spec.sample_format {
        SampleFormat::Int => matches!(spec.bits_per_sample, 8 | 16 | 24 | 32),
        SampleFormat::Float => spec.bits_per_sample == 32,
    };
    let supported =
        depth && CHANNELS.contains(&spec.channels) && RATES_HZ.contains(&spec.sample_rate);
    if supported { Ok(()) } else { Err(WavError::Unsupported) }
}

/// All samples, channel by channel within a frame, in units of one `i16` step.
fn samples(reader: WavReader<Cursor<&[u8]>>, spec: WavSpec) -> Result<Vec<f32>, WavError> {
    match spec.sample_format {
        SampleFormat::Int => {
            let scale = 2_f32.powi(16 - i32::from(spec.bits_per_sample));
            let scaled = |sample: Result<i32, hound::Error>| Ok(sample? as f32 * scale);
            reader.into_samples().map(scaled).collect()
        }
        SampleFormat::Float => reader.into_samples().map(finite).collect(),
    }
}

fn finite(sample: Result<f32, hound::Error>) -> Result<f32, WavError> {
    let sample = sample?;
    if sample.is_finite() { Ok(sample * f32::from(i16::MAX)) } else { Err(WavError::Malformed) }
}

impl From<hound::Error> for WavError {
    fn from(error: hound::Error) -> Self {
        match error {
            hound::Error::Unsupported
            | hound::Error::InvalidSampleFormat
            | hound::Error::TooWide => Self::Unsupported,
            _ => Self::Malformed,
        }
    }
}

const MAX_SECONDS: u32 = 1800;
const CHANNELS: std::ops::RangeInclusive<u16> = 1..=8;
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tone::{Sine, power_dbfs};

    const TONE_HZ: f64 = 440.0;

    /// Half a second of a tone at -6 dBFS in a file of this shape, a second channel silent.
    fn file(spec: WavSpec) -> Vec<u8> {
        let mut tone = vec![0_i16; spec.sample_rate as usize / 2];
        Sine::new(TONE_HZ, -6.0, spec.sample_rate).fill(&mut tone);
        let mut file = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut file, spec).expect("a valid shape");
        for sample in tone {
            for channel in 0..spec.channels {
                let sample = if channel == 0 { i32::from(sample) } else { 0 };
                let written = match spec.sample_format {
                    SampleFormat::Int => {
                        let wide = i64::from(sample) << 16 >> (32 - spec.bits_per_sample);
                        writer.write_sample(wide as i32)
                    }
                    SampleFormat::Float => writer.write_sample(sample as f32 / 32_767.0),
                };
                written.expect("memory");
            }
        }
        writer.finalize().expect("memory");
        file.into_inner()
    }

    fn spec(sample_rate: u32, channels: u16, bits_per_sample: u16) -> WavSpec {
        WavSpec { channels, sample_rate, bits_per_sample, sample_format: SampleFormat::Int }
    }

    #[test]
    fn any_usual_file_becomes_mono_at_our_rate() {
        let float = WavSpec { sample_format: SampleFormat::Float, ..spec(48_000, 1, 32) };
        let mut shapes = vec![float, WavSpec { channels: 2, ..float }];
        for rate_hz in [8000, 11_025, 16_000, 22_050, 44_100, 48_000] {
            for bits in [8, 16, 24, 32] {
                shapes.extend([spec(rate_hz, 1, bits), spec(rate_hz, 2, bits)]);
            }
        }
        for shape in shapes {
            let samples = load(&file(shape), 8000).expect("a usual file");
            assert!(samples.len().abs_diff(4_000) <= 1, "{shape:?}");
            let wanted = if shape.channels == 1 { -6.0 } else { -12.0 };
            let level = power_dbfs(&samples[200..3800], TONE_HZ, 8000);
            assert!((level - wanted).abs() < 0.3, "{shape:?} {level}");
        }
    }

    #[test]
    fn what_is_saved_is_loaded_again() {
        let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        for rate_hz in [8000, 16_000] {
            assert_eq!(load(&save(&samples, rate_hz), rate_hz).as_deref(), Ok(&samples[..]));
        }
        assert_eq!(load(&save(&[], 8000), 8000), Ok(Vec::new()));
    }

    #[test]
    fn a_truncated_file_is_an_error_at_every_length() {
        let whole = save(&[1; 50], 8000);
        for length in 0..whole.len() {
            assert_eq!(load(&whole[..length], 8000), Err(WavError::Malformed), "{length}");
        }
    }

    #[test]
    fn what_is_not_read_says_so() {
        let with = |at: usize, bytes: &[u8]| {
            let mut changed = save(&[1; 50], 8000);
            changed[at..at + bytes.len()].copy_from_slice(bytes);
            load(&changed, 8000).err()
        };
        assert_eq!(load(&save(&[1; 50], 1000), 8000), Err(WavError::Unsupported));
        assert_eq!(with(20, &85_u16.to_le_bytes()), Some(WavError::Unsupported), "MP3 in WAV");
        assert!(with(22, &0_u16.to_le_bytes()).is_some(), "no channels");
        assert!(with(34, &0_u16.to_le_bytes()).is_some(), "no bits");
        assert!(load(b"RIFF....WAVE", 8000).is_err());
        let hour = save(&vec![0; 4000 * 1800], 4000);
        assert_eq!(load(&hour, 8000), Err(WavError::TooLong));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn hostile_files_never_panic(
            changes in proptest::collection::vec((0_usize..60, any::<u8>()), 0..6),
            stereo in any::<bool>(),
        ) {
            let mut bytes = save(&[300; 40], 16_000);
            if stereo {
                bytes[22] = 2;
                bytes[32] = 4;
            }
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            if let Ok(samples) = load(&bytes, 8000) {
                prop_assert!(samples.len() < 300);
            }
        }
    }
}
