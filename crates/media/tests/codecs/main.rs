//! Legs of every codec.

#[path = "../support/guard.rs"]
mod guard;

mod editions;
mod every;
mod few;
mod kit;
mod noise;
mod packets;
mod silence;
