//! The wiring of Northline: configuration, one engine loop, command line, demonstration.

pub mod advocate_card;
pub mod assets;
pub mod boards;
pub mod cli;
pub mod commands;
pub mod configuration;
pub mod demo;
pub mod doctor;
pub mod engine;
mod folder;
pub mod hotline;
pub mod journal;
pub mod lab;
pub mod ledger;
pub mod logging;
pub mod phone;
pub mod plans;
pub mod run;
pub mod status;
pub mod text_file;
pub mod top;
mod web;
