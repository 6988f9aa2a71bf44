//! Whole calls: real signalling, decisions and media, with people who each speak a tone of their
//! own, over a seeded network on a virtual clock. What anyone hears is measured in the audio.

mod alike;
mod board;
mod crowd;
mod day;
mod ending;
mod losing;
mod quiet;
mod revival;
mod scenes;
mod seeds;
mod talking;
mod weather;
