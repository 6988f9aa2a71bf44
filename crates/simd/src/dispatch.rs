//! The choice between the two builds of a kernel.

/// Every kernel as it is where the processor has no AVX2, to be compared with: `cargo bench -p simd`.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

/// Writes a public kernel whose body `$wide` is compiled for AVX2 and, where the processor has
/// none, `$plain` for the target's own instructions. Both must be `#[inline(always)]`, so that
/// their loops become part of the function that is allowed to use the instructions.
macro_rules! kernel {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?
        = $wide:path, $plain:path) => {
        $(#[$doc])*
        #[inline]
        pub fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn with_avx2($($argument: $type),*) $(-> $result)? {
                    $wide($($argument),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has just been found to have AVX2.
                    return unsafe { with_avx2($($argument),*) };
                }
            }
            $plain($($argument),*)
        }

        impl crate::Portable {
            $(#[$doc])*
            #[inline]
            pub fn $name($($argument: $type),*) $(-> $result)? {
                $plain($($argument),*)
            }
        }
    };
}

pub(crate) use kernel;
