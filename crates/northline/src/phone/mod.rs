//! A simulated phone: real SIP and RTP on a real socket, with a voice and ears of its own.
//!
//! It plays the parties of `northline demo` and of the end-to-end tests. It is no softphone: no
//! microphone, no jitter buffer, one codec at a time, and its ears keep all they hear in memory.

mod fft;
pub mod listen;
