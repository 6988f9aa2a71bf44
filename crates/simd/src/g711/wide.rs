//! The two laws in AVX2, sixteen samples at a time.
//!
//! A shift by a segment's number is a multiplication by a power of two out of a table of bytes;
//! the segment of a sample is the exponent of a float.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_packus_epi16, _mm_storeu_si128, _mm256_add_epi16,
    _mm256_and_si256, _mm256_blendv_epi8, _mm256_broadcastsi128_si256, _mm256_castps_si256,
    _mm256_castsi256_si128, _mm256_cmpgt_epi16, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi16,
    _mm256_extracti128_si256, _mm256_min_epi16, _mm256_mullo_epi16, _mm256_or_si256,
    _mm256_packus_epi32, _mm256_set1_epi16, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_sign_epi16, _mm256_slli_epi16, _mm256_srai_epi16, _mm256_srli_epi16, _mm256_srli_epi32,
    _mm256_sub_epi16, _mm256_unpackhi_epi16, _mm256_unpacklo_epi16, _mm256_xor_si256,
};

use super::{FLOAT_BIAS, Law};
use crate::words::{load, store};

/// Writes one law's coder over slices: `$word` for sixteen at a time, then one by one.
macro_rules! each {
    ($name:ident($from:ty => $to:ty), $load:path, $word:path, $store:path, $one:expr) => {
        #[inline]
        #[target_feature(enable = "avx2")]
        pub(super) fn $name(from: &[$from], to: &mut [$to]) {
            let length = from.len().min(to.len());
            let (words, rest) = from[..length].as_chunks();
            let (places, last) = to[..length].as_chunks_mut();
            for (word, place) in words.iter().zip(places) {
                $store(place, $word($load(word)));
            }
            for (&from, to) in rest.iter().zip(last) {
                *to = $one(from);
            }
        }
    };
}

each!(expand_mu(u8 => i16), load_codes, expanded_mu, store, |code| Law::Mu.expand(code));
each!(expand_a(u8 => i16), load_codes, expanded_a, store, |code| Law::A.expand(code));
each!(compress_mu(i16 => u8), load, compressed_mu, store_codes, |sample| Law::Mu.compress(sample));
each!(compress_a(i16 => u8), load, compressed_a, store_codes, |sample| Law::A.compress(sample));

#[inline]
#[target_feature(enable = "avx2")]
fn expanded_mu(codes: __m256i) -> __m256i {
    let codes = _mm256_xor_si256(codes, all(0xFF));
    let steps = _mm256_slli_epi16::<3>(_mm256_and_si256(codes, all(0x0F)));
    let leading = _mm256_or_si256(steps, all(33 << 2));
    let scaled = _mm256_mullo_epi16(leading, power(codes, [1, 2, 4, 8, 16, 32, 64, 128]));
    let values = _mm256_sub_epi16(scaled, all(33 << 2));
    // Where all bits are zero the value is zero too.
    _mm256_sign_epi16(values, _mm256_slli_epi16::<8>(codes))
}

#[inline]
#[target_feature(enable = "avx2")]
fn expanded_a(codes: __m256i) -> __m256i {
    let codes = _mm256_xor_si256(codes, all(0x55 ^ 0x80));
    let steps = _mm256_slli_epi16::<4>(_mm256_and_si256(codes, all(0x0F)));
    let has_leading = _mm256_cmpgt_epi16(_mm256_and_si256(codes, all(0x70)), all(0));
    let leading = _mm256_and_si256(has_leading, all(0x100));
    let values = _mm256_or_si256(_mm256_or_si256(steps, all(8)), leading);
    let scaled = _mm256_mullo_epi16(values, power(codes, [1, 1, 2, 4, 8, 16, 32, 64]));
    _mm256_sign_epi16(scaled, _mm256_or_si256(_mm256_slli_epi16::<8>(codes), all(1)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn compressed_mu(samples: __m256i) -> __m256i {
    let signs = _mm256_srai_epi16::<15>(samples);
    let magnitudes = _mm256_xor_si256(samples, signs);
    let biased = _mm256_add_epi16(_mm256_srli_epi16::<2>(magnitudes), all(33));
    let segmented = leading_bits(_mm256_min_epi16(biased, all(0x1FFF)));
    // Inverted, which turns the subtraction round.
    let inverted = _mm256_sub_epi16(all((FLOAT_BIAS + 5) as i16 * 16 + 0xFF), segmented);
    _mm256_xor_si256(inverted, _mm256_and_si256(signs, all(0x80)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn compressed_a(samples: __m256i) -> __m256i {
    let signs = _mm256_srai_epi16::<15>(samples);
    let levels = _mm256_srli_epi16::<4>(_mm256_xor_si256(samples, signs));
    let segmented = _mm256_sub_epi16(leading_bits(levels), all((FLOAT_BIAS + 3) as i16 * 16));
    let is_segmented = _mm256_cmpgt_epi16(levels, all(15));
    let codes = _mm256_blendv_epi8(levels, segmented, is_segmented);
    let signed = _mm256_xor_si256(codes, _mm256_and_si256(signs, all(0x80)));
    _mm256_xor_si256(signed, all(0x55 ^ 0x80))
}

/// The power of two that belongs to the segment of each code, bits 4 to 6.
#[inline]
#[target_feature(enable = "avx2")]
fn power(codes: __m256i, powers: [u8; 8]) -> __m256i {
    let mut table = [0; 16];
    table[..8].copy_from_slice(&powers);
    // SAFETY: the array is 16 readable bytes, and the load asks for no alignment.
    let table = _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) });
    let segments = _mm256_and_si256(_mm256_srli_epi16::<4>(codes), all(0x07));
    // The upper byte of each word asks for nothing, and gets it.
    _mm256_shuffle_epi8(table, _mm256_or_si256(segments, all(i16::MIN)))
}

/// Exponent and first four binary places of small whole numbers as floats.
#[inline]
#[target_feature(enable = "avx2")]
fn leading_bits(numbers: __m256i) -> __m256i {
    let zero = _mm256_setzero_si256();
    let (low, high) = (_mm256_unpacklo_epi16(numbers, zero), _mm256_unpackhi_epi16(numbers, zero));
    let (low, high) = (_mm256_cvtepi32_ps(low), _mm256_cvtepi32_ps(high));
    let low = _mm256_srli_epi32::<19>(_mm256_castps_si256(low));
    _mm256_packus_epi32(low, _mm256_srli_epi32::<19>(_mm256_castps_si256(high)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn all(value: i16) -> __m256i {
    _mm256_set1_epi16(value)
}

/// Sixteen codes, a word each.
#[inline]
#[target_feature(enable = "avx2")]
fn load_codes(codes: &[u8; 16]) -> __m256i {
    // SAFETY: the array is 16 readable bytes, and the load asks for no alignment.
    _mm256_cvtepu8_epi16(unsafe { _mm_loadu_si128(codes.as_ptr().cast()) })
}

/// Writes the lower bytes of sixteen words, the upper of which are zero.
#[inline]
#[target_feature(enable = "avx2")]
fn store_codes(codes: &mut [u8; 16], words: __m256i) {
    let (low, high) = (_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
    // SAFETY: the array is 16 writable bytes, and the store asks for no alignment.
    unsafe { _mm_storeu_si128(codes.as_mut_ptr().cast(), _mm_packus_epi16(low, high)) };
}
