//! Call flows over the whole endpoint: two of them joined by a lossy link on a virtual clock, and
//! one against a hand-driven peer that can be as odd as RFC 3261 allows.

mod addresses;
mod bodies;
mod challenges;
mod chaos;
mod closed_connections;
mod link;
mod names;
mod odd_callers;
mod overload;
mod peer;
mod refreshes;
mod refusals;
mod registrations;
mod reliable;
mod reoffers;
mod sessions;
mod torture;
mod transfers;
mod weather;
