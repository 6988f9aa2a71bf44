//! Calls from the first ring to the last word, on a virtual clock. Each test proves the requirement
//! that its name begins with.

mod acts;
mod advocate;
mod early_media;
mod ending;
mod greeting;
mod interpreter;
mod lab;
mod overload;
mod readers;
mod reoffers;
mod star_codes;
mod supervisor;
mod taking_over;
mod text;
mod transfer;
mod typed_keys;
mod waiting;
