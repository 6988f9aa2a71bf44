//! The real binary, `northline run`, against telephones and test tools that others have written:
//! SIPp and baresip, over UDP and TCP, on loopback.
//!
//! Every test has loopback addresses of its own, so that all of them run at once; every wait has a
//! limit; every process is ended by the test that started it. Not here: call flows on a virtual
//! clock (`tests/calls`).

mod baresip;
mod caller;
mod canaries;
mod desk;
mod ear;
mod early;
mod encrypted;
mod engine;
mod ground;
mod lab;
mod nat;
mod network;
mod office;
mod operator;
mod phones;
mod privacy;
mod program;
mod refusals;
mod sessions;
mod shards;
mod sipp;
mod soak;
mod speech;
mod staff;
mod telephone;
mod text;
mod transfer;
mod trunk;
mod wide;
mod wire;
