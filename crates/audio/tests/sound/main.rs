//! The kernels against whole recordings and against the limits of their recommendations.

mod material;

mod auto_level;
mod digits;
mod handover;
mod noise;
mod talk_off;
