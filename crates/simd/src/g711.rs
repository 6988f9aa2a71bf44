//! G.711 companding (ITU-T G.711; the bit-exact mapping is that of ITU-T G.191): computed sixteen
//! samples at a time with AVX2, else looked up.
//!
//! Not a packetiser: a code is one byte, whatever frame it travels in (RFC 3551 §4.5.14).

use crate::dispatch::kernel;

#[cfg(target_arch = "x86_64")]
mod wide;

/// A companding law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// µ-law (PCMU).
    Mu,
    /// A-law (PCMA).
    A,
}

impl Law {
    /// The code of silence.
    pub const fn silence(self) -> u8 {
        match self {
            Self::Mu => 0xFF,
            Self::A => 0xD5,
        }
    }

    /// The value of one code.
    pub const fn expand(self, code: u8) -> i16 {
        match self {
            Self::Mu => MU_EXPANDED[code as usize],
            Self::A => A_EXPANDED[code as usize],
        }
    }

    /// The code of the interval that `sample` lies in.
    pub const fn compress(self, sample: i16) -> u8 {
        match self {
            Self::Mu => MU_COMPRESSED[sample as u16 as usize],
            Self::A => A_COMPRESSED[sample as u16 as usize],
        }
    }
}

/// Decodes `codes` into `samples`, of equal length. O(n), no heap.
pub fn decode(law: Law, codes: &[u8], samples: &mut [i16]) {
    match law {
        Law::Mu => decode_mu(codes, samples),
        Law::A => decode_a(codes, samples),
    }
}

/// Encodes `samples` into `codes`, of equal length. O(n), no heap.
pub fn encode(law: Law, samples: &[i16], codes: &mut [u8]) {
    match law {
        Law::Mu => encode_mu(samples, codes),
        Law::A => encode_a(samples, codes),
    }
}

kernel! {
    /// µ-law to samples.
    fn decode_mu(codes: &[u8], samples: &mut [i16]) = wide::expand_mu, mu_look_up_each
}
kernel! {
    /// A-law to samples.
    fn decode_a(codes: &[u8], samples: &mut [i16]) = wide::expand_a, a_look_up_each
}
kernel! {
    /// Samples to µ-law.
    fn encode_mu(samples: &[i16], codes: &mut [u8]) = wide::compress_mu, mu_find_each
}
kernel! {
    /// Samples to A-law.
    fn encode_a(samples: &[i16], codes: &mut [u8]) = wide::compress_a, a_find_each
}

#[inline(always)]
fn mu_look_up_each(codes: &[u8], samples: &mut [i16]) {
    look_up(&MU_EXPANDED, codes, samples);
}

#[inline(always)]
fn a_look_up_each(codes: &[u8], samples: &mut [i16]) {
    look_up(&A_EXPANDED, codes, samples);
}

#[inline(always)]
fn mu_find_each(samples: &[i16], codes: &mut [u8]) {
    find(&MU_COMPRESSED, samples, codes);
}

#[inline(always)]
fn a_find_each(samples: &[i16], codes: &mut [u8]) {
    find(&A_COMPRESSED, samples, codes);
}

#[inline(always)]
fn look_up(table: &[i16; 256], codes: &[u8], samples: &mut [i16]) {
    for (sample, &code) in samples.iter_mut().zip(codes) {
        *sample = table[usize::from(code)];
    }
}

#[inline(always)]
fn find(table: &[u8; 65_536], samples: &[i16], codes: &mut [u8]) {
    for (code, &sample) in codes.iter_mut().zip(samples) {
        *code = table[usize::from(sample.cast_unsigned())];
    }
}

/// µ-law of a 16-bit sample: 14 bits, bias 33, inverted (G.711 table 2).
const fn mu_compress(sample: i16) -> u8 {
    let biased = (magnitude(sample) >> 2) + 33;
    let biased = if biased > 0x1FFF { 0x1FFF } else { biased };
    let segment = 26 - biased.leading_zeros(); // 0 for 33..64, 7 for 4096..8192
    let code = (segment << 4) | ((biased >> (segment + 1)) & 0x0F);
    !(code as u8 | sign(sample))
}

const fn mu_expand(code: u8) -> i16 {
    let code = !code;
    let segment = (code >> 4) & 0x07;
    let step = (code & 0x0F) as i16;
    let value = ((((step << 1) | 33) << segment) - 33) << 2;
    if code & 0x80 == 0 { value } else { -value }
}

/// A-law of a 16-bit sample: 12 bits of magnitude, even bits inverted (G.711 table 1).
const fn a_compress(sample: i16) -> u8 {
    let level = magnitude(sample) >> 4;
    let code = if level < 32 {
        level // the first two segments have the same step
    } else {
        let segment = 28 - level.leading_zeros(); // 2 for 32..64, 7 for 1024..2048
        (segment << 4) | ((level >> (segment - 1)) & 0x0F)
    };
    (code as u8 | (sign(sample) ^ 0x80)) ^ 0x55
}

const fn a_expand(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 0x07;
    let step = ((code & 0x0F) as i16) << 4;
    let value = match segment {
        0 => step + 8,
        _ => (step + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 { -value } else { value }
}

const fn magnitude(sample: i16) -> u32 {
    ones_complement(sample) as u32
}

/// The magnitude in ones' complement, as G.191 takes it: -1 and 0 are the two zeros.
#[inline(always)]
const fn ones_complement(sample: i16) -> i16 {
    sample ^ (sample >> 15)
}

#[inline(always)]
const fn sign(sample: i16) -> u8 {
    if sample < 0 { 0x80 } else { 0 }
}

/// Of a 32-bit float's exponent.
#[cfg(target_arch = "x86_64")]
const FLOAT_BIAS: i32 = 127;

static MU_EXPANDED: [i16; 256] = expanded(Law::Mu);
static A_EXPANDED: [i16; 256] = expanded(Law::A);
static MU_COMPRESSED: [u8; 65_536] = compressed(Law::Mu);
static A_COMPRESSED: [u8; 65_536] = compressed(Law::A);

const fn expanded(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < table.len() {
        table[code] = match law {
            Law::Mu => mu_expand(code as u8),
            Law::A => a_expand(code as u8),
        };
        code += 1;
    }
    table
}

const fn compressed(law: Law) -> [u8; 65_536] {
    let mut table = [0; 65_536];
    let mut sample = 0;
    while sample < table.len() {
        table[sample] = match law {
            Law::Mu => mu_compress(sample as u16 as i16),
            Law::A => a_compress(sample as u16 as i16),
        };
        sample += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The positive values of a law as G.711 lists them: eight segments of sixteen equal steps,
    /// the first of `first` and each step `step(segment)` apart.
    fn listed(law: Law) -> Vec<i32> {
        let mut values = Vec::new();
        for segment in 0..8_u32 {
            for step in 0..16 {
                values.push(match law {
                    // Table 2/G.711, column 7 (times 4): 0, 2, 4 .. 30, 33, 37 .. 8031.
                    Law::Mu => ((33 + 2 * step) * 2_i32.pow(segment) - 33) * 4,
                    // Table 1/G.711, column 7 (times 8): 1, 3 .. 63, 66, 70 .. 4032.
                    Law::A if segment == 0 => (2 * step + 1) * 8,
                    Law::A => (33 + 2 * step) * 2_i32.pow(segment - 1) * 8,
                });
            }
        }
        values
    }

    fn check_values(law: Law, code_of: impl Fn(u8) -> u8) {
        for (number, value) in (0_u8..).zip(listed(law)) {
            let positive = code_of(0x80 | number);
            let negative = code_of(number);
            assert_eq!(i32::from(law.expand(positive)), value, "{law:?} code {number}");
            assert_eq!(i32::from(law.expand(negative)), -value, "{law:?} code -{number}");
        }
    }

    #[test]
    fn all_256_codes_have_the_values_of_the_itu_tables() {
        check_values(Law::Mu, |signed| signed ^ 0x7F);
        check_values(Law::A, |signed| signed ^ 0x55);
    }

    /// The decision values, by the same tables: each output lies in the middle of its interval
    /// (but the first of µ-law, which is half as wide).
    fn listed_code(law: Law, sample: i16) -> usize {
        let (values, unit) = (listed(law), if law == Law::Mu { 4 } else { 16 });
        let size = i32::from(if sample < 0 { !sample } else { sample }) / unit * unit;
        let starts = values.iter().enumerate().map(|(number, value)| match law {
            Law::Mu if number == 0 => 0,
            Law::Mu => value - 4 * 2_i32.pow(number as u32 / 16),
            Law::A => value - 8 * 2_i32.pow((number as u32 / 16).saturating_sub(1)),
        });
        starts.take_while(|&start| start <= size).count() - 1
    }

    #[test]
    fn all_65_536_samples_fall_into_the_intervals_of_the_itu_tables() {
        for (law, inverted) in [(Law::Mu, 0x7F), (Law::A, 0x55)] {
            for sample in i16::MIN..=i16::MAX {
                let sign = if sample < 0 { 0 } else { 0x80 };
                let signed = usize::from(law.compress(sample) ^ inverted);
                assert_eq!(signed, listed_code(law, sample) | sign, "{law:?} {sample}");
            }
        }
    }

    #[test]
    fn a_code_survives_decoding_and_encoding() {
        for code in 0..=255 {
            assert_eq!(Law::A.compress(Law::A.expand(code)), code);
            let negative_zero = if code == 0x7F { 0xFF } else { code };
            assert_eq!(Law::Mu.compress(Law::Mu.expand(code)), negative_zero);
        }
    }

    fn check_builds(law: Law, codes: &[u8], samples: &[i16]) {
        let (mut computed, mut found) = (vec![0; samples.len()], vec![0; samples.len()]);
        encode(law, samples, &mut computed);
        found.iter_mut().zip(samples).for_each(|(code, &sample)| *code = law.compress(sample));
        assert_eq!(computed, found, "{law:?}");
        let (mut computed, mut found) = (vec![0; codes.len()], vec![0; codes.len()]);
        decode(law, codes, &mut computed);
        found.iter_mut().zip(codes).for_each(|(sample, &code)| *sample = law.expand(code));
        assert_eq!(computed, found, "{law:?}");
    }

    #[test]
    fn all_inputs_and_all_lengths_are_computed_as_they_are_looked_up() {
        let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let codes: Vec<u8> = (0..=255).collect();
        for law in [Law::Mu, Law::A] {
            check_builds(law, &codes, &samples);
            for length in 0..100 {
                check_builds(law, &codes[length..], &samples[length * 600..][..length]);
            }
            assert!(law.expand(law.silence()).abs() <= 8);
        }
    }

    #[test]
    fn the_tables_serve_where_there_is_no_avx2() {
        let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let (mut computed, mut found) = (vec![0; samples.len()], vec![0; samples.len()]);
        for (law, find) in [(Law::Mu, mu_find_each as fn(&[i16], &mut [u8])), (Law::A, a_find_each)]
        {
            encode(law, &samples, &mut computed);
            find(&samples, &mut found);
            assert_eq!(computed, found);
        }
        let codes: Vec<u8> = (0..=255).collect();
        let (mut computed, mut found) = ([0; 256], [1; 256]);
        for (law, find) in
            [(Law::Mu, mu_look_up_each as fn(&[u8], &mut [i16])), (Law::A, a_look_up_each)]
        {
            decode(law, &codes, &mut computed);
            find(&codes, &mut found);
            assert_eq!(computed, found);
        }
    }
}
