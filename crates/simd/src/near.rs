//! Memory that is needed soon.

/// Asks the processor to bring `value` near, all lines of its cache that hold some of it, as far as
/// 1 KiB; changes nothing, and waits for nothing. Worth it where something long comes before
/// `value` is looked at.
#[inline]
pub fn bring_near<T: ?Sized>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start = std::ptr::from_ref(value).cast::<i8>();
        let before = start.addr() % LINE;
        let first = start.wrapping_sub(before);
        for offset in (0..before + size_of_val(value).min(MOST)).step_by(LINE) {
            // SAFETY: a hint: it reads nothing and cannot fail, whatever the address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(first.wrapping_add(offset)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// What the processor fetches at once, in bytes.
#[cfg(target_arch = "x86_64")]
const LINE: usize = 64;
#[cfg(target_arch = "x86_64")]
const MOST: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_any_size_are_as_they_were() {
        let long = vec![[7_u8; 5_000]; 3];
        long.iter().for_each(bring_near);
        bring_near(&());
        bring_near(&long[0][3..2_000]);
        bring_near::<[u8]>(&[]);
        bring_near(&long);
        assert!(long.iter().flatten().all(|&byte| byte == 7));
    }
}
