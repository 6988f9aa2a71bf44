//! A shard as its peers experience it.

#[path = "../support/guard.rs"]
mod guard;

mod attacks;
mod behind;
mod comfort;
mod delays;
mod digits;
mod ducking;
mod encrypted;
mod kit;
mod large;
mod matrix;
mod party;
mod presses;
mod prompts;
mod quality;
mod reading;
mod recordings;
mod revival;
mod rooms;
mod streams;
mod text;
