//! The HTTP API: what an advocate can do, how the hotline stands, what happens, and the few things an
//! operator does. It reads published snapshots and sends requests like everyone else; it decides
//! nothing about a call.
//!
//! It is plain HTTP/1.1, for loopback or behind a proxy that ends TLS. Every route needs a bearer
//! token of one of its roles (`routes`), except the three that tell nobody anything. No answer holds
//! caller data: our own random ids, languages, stages and seconds only (D1, O9). The one exception is
//! the live text of a call, for the advocate who is in it (C20, `text`).
//!
//! - [`Console`]: the listening sockets and their connections.
//! - [`ControlSocket`]: where the machine's own operator asks without a token, and [`Operator`], who
//!   does.
//! - [`Client`], [`Who`], [`Token`]: who may ask.
//! - [`Events`]: the bounded ring of what happened, by sequence number.
//! - [`Texts`]: who reads the live text of which call at this moment.
//! - [`Screens`]: who has a screen open.
//! - [`Request`]: what is asked of the engine.
//! - [`document`]: the OpenAPI description, made from the code.
//!
//! # Assumptions
//! Server-sent events are those of the WHATWG HTML standard; a `gap` event is our own.

mod activity;
mod acts;
mod attempts;
mod boards;
mod control;
mod document;
mod event;
mod events;
mod gate;
mod health;
mod held;
mod metrics;
mod names;
mod once;
mod operating;
mod operator;
mod pace;
mod patient;
mod ports;
mod refusal;
mod role;
mod routes;
mod screens;
mod server;
mod shards;
mod stream;
mod streams;
mod supervising;
mod text;
mod texts;
mod views;
mod waits;

pub use control::ControlSocket;
pub use document::document;
pub use events::Events;
pub use held::Held;
pub use names::Names;
pub use operating::Operated;
pub use operator::Operator;
pub use ports::{Acted, Ports, Reloaded, Request};
pub use role::{Client, Role, Token, Who};
pub use screens::{ScreenChanges, Screens};
pub use server::{Console, Proxy, Settings};
pub use shards::ShardRow;
pub use texts::Texts;
pub use views::{AdvocateRow, AudioRow, Board, InterpreterRow, QueueRow};
