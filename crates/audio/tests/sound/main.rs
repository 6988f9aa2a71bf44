//! The kernels against whole recordings and against the limits of their recommendations.

mod material;

mod digits;
mod talk_off;
