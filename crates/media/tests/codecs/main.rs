//! Legs of every codec.

mod editions;
mod every;
mod kit;
mod packets;
